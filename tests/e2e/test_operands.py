#!/usr/bin/env python3
"""What operations may hold: large integers are themselves where a model counts, texts are
none, and what a model can make nothing of is refused instead of judged."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

BIG, BIGGER, MOST = 5 * 10**18, 9 * 10**18, 2**63 - 1

# model, operations one after the other (kind, argument, what came back), arguments, exit
# code, words. Nothing came back: None; it failed: ("fail", result).
CASES = [
    ("register", [("read", None, BIGGER)], ["--initial", str(BIGGER)], 64,
     "is out of range; a whole number from -4611686018427387903 to 4611686018427387903, or nil"),
    ("register", [("read", None, "foo")], ["--initial", str(2**62)], 64, "out of range"),
    ("register", [("read", None, 1)], ["--initial", str(2**63)], 64, "'9223372036854775808' is out of range"),
    ("register", [("read", None, 1)], ["--initial", "one"], 64, "'one' is not a whole number or nil (nothing)"),
    ("register", [("read", None, 2**62 - 1)], ["--initial", str(2**62 - 1)], 0, "holds"),
    ("register", [("read", None, 1 - 2**62)], ["--initial", str(1 - 2**62)], 0, "holds"),
    ("register", [("write", 1, None), ("read", None, BIGGER)], [], 1, f"read {BIGGER}"),
    ("register", [("write", -2**63, None)], [], 64, "integers begin at -9223372036854775807"),
    ("register", [("write", 1, None), ("read", None, [1, 2])], [], 2,
     "operation 2: the result of 'read' is a list; a register allows a single value"),
    ("priority-queue", [("insert", BIGGER, None), ("insert", BIG, None), ("poll", None, BIGGER)], [], 0, "holds"),
    ("priority-queue", [("insert", BIG, None), ("insert", BIGGER, None), ("poll", None, BIG)], [], 1, "violated"),
    ("priority-queue", [("insert", MOST, None), ("insert", 1, None), ("poll", None, MOST)], [], 0, "holds"),
    ("priority-queue", [("insert", "a", None)], [], 2,
     "operation 1: the argument of 'insert' is the text 'a'; a priority-queue allows an integer"),
    ("fenced-mutex", [("acquire", None, BIG), ("release", None, None), ("acquire", None, BIGGER)], [], 0, "holds"),
    ("fenced-mutex", [("acquire", None, BIGGER), ("release", None, None), ("acquire", None, BIG)], [], 1, "violated"),
    ("fenced-mutex", [("acquire", None, "b")], [], 2,
     "the result of 'acquire' is the text 'b'; a fenced-mutex allows an integer or nothing"),
    ("counter", [("increment", BIGGER, None), ("read", None, BIGGER)], [], 0, "holds"),
    ("counter", [("increment", 2**61, None), ("increment", 2**61, None), ("read", None, 2**62)], [], 0, "holds"),
    ("counter", [("increment", BIG, None), ("increment", -BIG, None), ("read", None, 0)], [], 0, "holds"),
    ("counter", [("increment", BIG, None), ("increment", BIG, None)], [], 2,
     "operation 2: with it the sum may leave the integers of 64 bits"),
    ("counter", [("increment", MOST, None)], ["--initial", "1"], 2, "operation 1: with it the sum may leave"),
    ("counter", [("increment", "abc", None)], [], 2,
     "the argument of 'increment' is the text 'abc'; a counter allows an integer"),
    ("counter", [("increment", 1, None), ("read", None, None)], [], 2,
     "operation 2: the result of 'read' is nothing; a counter allows an integer"),
    ("semaphore", [("release", None, None), ("acquire", None, 2)], [], 2,
     "the result of 'acquire' is 2; a semaphore allows 1, 0 or nothing"),
    ("set", [("contains", 7, None)], [], 2, "the result of 'contains' is nothing; a set allows 1 or 0"),
    ("set", [("contains", 7, 2)], [], 2, "the result of 'contains' is 2; a set allows 1 or 0"),
    ("set", [("add", 7, 3)], [], 2, "the result of 'add' is 3; a set allows 1, 0 or nothing"),
    ("set", [("members", None, None)], [], 2, "the result of 'members' is nothing; a set allows a list"),
    ("set", [("members", None, 1)], [], 2, "the result of 'members' is 1; a set allows a list"),
    ("set", [("add", "x", 1), ("members", None, ["x"])], [], 0, "holds"),
    ("log", [("read", None, 4)], [], 2, "the argument of 'read' is nothing; a log allows an offset, from 0"),
    ("log", [("read", -1, None)], [], 2, "the argument of 'read' is -1; a log allows"),
    ("log", [("read", "a", None)], [], 2, "the argument of 'read' is the text 'a'; a log allows"),
    ("log", [("append", 4, -1)], [], 2, "the result of 'append' is -1; a log allows an offset, from 0, or nothing"),
    ("log", [("append", "a", 0), ("read", 0, "a"), ("read", BIGGER, None)], [], 0, "holds"),
    ("unique-ids", [("generate", None, None)], [], 2,
     "the result of 'generate' is nothing; a unique-ids allows an integer or a text"),
    ("cas-register", [("write", 1, None), ("cas", (1, 2), ("fail", 1))], [], 2,
     "operation 2: 'cas' failed, but its result is what it expected"),
    ("cas-register", [("write", 1, None), ("cas", (3, 2), ("fail", 1))], [], 0, "holds"),
    ("queue", [("enqueue", BIG, None), ("enqueue", BIGGER, None), ("dequeue", None, BIGGER)], [], 1,
     f"dequeued {BIGGER}"),
]


def lines(ops):
    yield {"promise": "t", "checks": "linearizable"}
    for number, (kind, argument, result) in enumerate(ops, 1):
        op = {"op": number, "process": number, "table": "t", "kind": kind, "key": "x", "invoked_at": 2 * number}
        ret = {"ret": number, "returned_at": 2 * number + 1}
        if isinstance(argument, tuple):
            op["expected"], argument = argument
        if isinstance(result, tuple):
            ret["outcome"], result = result
        if argument is not None:
            op["argument"] = argument
        if result is not None:
            ret["result"] = result
        yield op
        yield ret


def main():
    binary = os.path.abspath(sys.argv[1])
    bad = 0
    with drill.Scratch() as scratch:
        for model, ops, args, code, words in CASES:
            path = scratch.sub("history.jsonl")
            with open(path, "w", encoding="utf-8") as out:
                out.writelines(json.dumps(line) + "\n" for line in lines(ops))
            for more in [], ["--follow", "--until-idle", "1ms"]:
                got = subprocess.run([binary, "check", path, "--model", model] + args + more,
                                     capture_output=True, text=True, timeout=60)
                said = " ".join((got.stdout + got.stderr).split())
                want = code if code != 2 or not more else 64
                ok = got.returncode == want and words in said
                bad += not ok
                print("ok    " if ok else "FAILED", model, ops, args + more, "->", got.returncode, "" if ok else said)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
