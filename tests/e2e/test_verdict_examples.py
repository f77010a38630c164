#!/usr/bin/env python3
"""docs/verdicts.md is true: every example that it says a model or a level accepts holds,
every one that it says is rejected is violated, every model begins as it says, and every
field of the documents for machines is named. The examples are below under the very words
of the page, so neither can be changed without the other."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

DOCS = "docs/verdicts.md"


class Op:
    """An operation of a process of its own; `parts` are those of a txn."""

    def __init__(self, kind, argument=None, result=None, expected=None, key="k", parts=()):
        self.row = {"kind": kind, "key": key, "argument": argument, "expected": expected}
        self.result, self.parts = result, parts


def read(result, **more):
    return Op("read", result=result, **more)


def write(value):
    return Op("write", value)


def cas(expected, new):
    return Op("cas", new, expected=expected)


def rmw(new, found):
    return Op("rmw", new, found)


def txn(*parts):
    """Parts are (kind, key, value)."""
    return Op("txn", key=None, parts=parts)


def bare(kind, argument=None, result=None):
    """Of the only object of a table."""
    return Op(kind, argument, result, key=None)


# A list of steps, one after the other; operations in a tuple overlap.
APPENDS = (Op("append", "a"), Op("append", "b"))
BOTH = txn(("write", "x", 1), ("write", "y", 1))
TWO_IN = [bare("enqueue", 1), bare("enqueue", 2)]
TWO_ON = [bare("push", 1), bare("push", 2)]
TWO_OF = [bare("insert", 1), bare("insert", 2)]
FENCED = [bare("acquire", result=4), bare("release", 4)]

# Model: what it accepts and what it rejects, in the words of the table, and as steps.
EXAMPLES = {
    "register": (
        "write 1 and read → nothing, overlapping", [(write(1), read(None))],
        "write 1 returned, then read → nothing", [write(1), read(None)]),
    "cas-register": (
        "write 1, then cas 1→2, then read → 2", [write(1), cas(1, 2), read(2)],
        "write 1, then cas 1→2 and cas 1→3, both answered ok", [write(1), (cas(1, 2), cas(1, 3))]),
    "multi-register": (
        "{write x 1, write y 1}, then {read x 1, read y 1}",
        [BOTH, txn(("read", "x", 1), ("read", "y", 1))],
        "the same, then {read x 1, read y nothing}",
        [BOTH, txn(("read", "x", 1), ("read", "y", None))]),
    "rmw": (
        "rmw 2 → 0, then rmw 3 → 2", [rmw(2, 0), rmw(3, 2)],
        "rmw 2 → 0 and rmw 3 → 0", [(rmw(2, 0), rmw(3, 0))]),
    "kv": (
        'append "a", append "b" overlapping, get → "ba"', [APPENDS, read("ba")],
        'append "a", then append "b", then get → "ba"', [*APPENDS, read("ba")]),
    "counter": (
        "+3 → 3, then read → 3", [Op("increment", 3, 3), read(3)],
        "read → 3 before any increment was called", [read(3), Op("increment", 3)]),
    "set": (
        "add 7 → 1, then add 7 → 0", [Op("add", 7, 1), Op("add", 7, 0)],
        "contains 7 → 1 of an empty set", [Op("contains", 7, 1)]),
    "queue": (
        "enqueue 1, then enqueue 2, then dequeue → 1", [*TWO_IN, bare("dequeue", result=1)],
        "the same, then dequeue → 2", [*TWO_IN, bare("dequeue", result=2)]),
    "stack": (
        "push 1, then push 2, then pop → 2", [*TWO_ON, bare("pop", result=2)],
        "the same, then pop → 1", [*TWO_ON, bare("pop", result=1)]),
    "priority-queue": (
        "insert 1, insert 2, then poll → 2", [*TWO_OF, bare("poll", result=2)],
        "the same, then poll → 1", [*TWO_OF, bare("poll", result=1)]),
    "mutex": (
        "acquire, release, acquire", [bare("acquire"), bare("release"), bare("acquire")],
        "acquire, acquire", [bare("acquire"), bare("acquire")]),
    "fenced-mutex": (
        "acquire → 4, release 4, acquire → 9", [*FENCED, bare("acquire", result=9)],
        "acquire → 4, release, acquire → 3",
        [bare("acquire", result=4), bare("release"), bare("acquire", result=3)]),
    "semaphore": (
        "release, then acquire → 1", [bare("release"), bare("acquire", result=1)],
        "release, then acquire → 0", [bare("release"), bare("acquire", result=0)]),
    "log": (
        "append 4 → 0, then read 0 → 4", [Op("append", 4, 0), read(4, argument=0)],
        "append 4, then read 0 → nothing", [Op("append", 4), read(None, argument=0)]),
    "unique-ids": (
        "7, then 8", [bare("generate", result=7), bare("generate", result=8)],
        "7, then 7", [bare("generate", result=7), bare("generate", result=7)]),
}

# Model: what the table says of the start; what holds at the model's own, and no more once
# --initial is the value that follows; what holds then.
STARTS = {
    "register": ("nothing; a value", [read(None)], 5, [read(5)]),
    "cas-register": ("nothing; a value", [read(None)], 5, [cas(5, 6)]),
    "multi-register": ("nothing; what each holds", [txn(("read", "x", None))], 5,
                       [txn(("read", "x", 5), ("read", "y", 5))]),
    "rmw": ("0; a value", [rmw(2, 0)], 5, [rmw(2, 5)]),
    "kv": ('"", always', [read("")], None, None),
    "counter": ("0; the sum", [read(0)], 5, [read(5)]),
    "set": ("empty, always", [Op("contains", 7, 0)], None, None),
    "queue": ("empty; one element", [bare("dequeue")], 5, [bare("dequeue", result=5)]),
    "stack": ("empty, always", [bare("pop")], None, None),
    "priority-queue": ("empty; one element", [bare("poll")], 5, [bare("poll", result=5)]),
    "mutex": ("free; 1: held", [bare("acquire")], 1, [bare("release")]),
    "fenced-mutex": ("no token; the last one", [bare("acquire", result=0)], 5,
                     [bare("acquire", result=6)]),
    "semaphore": ("0; the permits", [bare("acquire", result=0)], 1, [bare("acquire", result=1)]),
    "log": ("empty, always", [read(None, argument=0)], None, None),
    "unique-ids": ("none given, always", [bare("generate", result=0)], None, None),
}

# Level: the words of the page; operations as (process, kind, key, value, called,
# returned); the exit code, and what is said.
LEVELS = [
    ("sequential", "process 0 writes 1, then process 1 reads nothing",
     [(0, "write", "x", 1, 0, 1), (1, "read", "x", None, 2, 3)], 0, "can be put in an order"),
    ("sequential", "two processes that each write their own register and then miss the other's write",
     [(0, "write", "x", 1, 0, 1), (1, "write", "y", 1, 0, 1),
      (0, "read", "y", None, 2, 3), (1, "read", "x", None, 2, 3)], 1, "no order of 4 operations"),
    ("regular", "w(1)[0,1] w(2)[2,9] r=2[3,4] r=1[5,6]",
     [(0, "write", "k", 1, 0, 1), (0, "write", "k", 2, 2, 9),
      (1, "read", "k", 2, 3, 4), (1, "read", "k", 1, 5, 6)], 0, ""),
    ("linearizable", "which is not linearizable",
     [(0, "write", "k", 1, 0, 1), (0, "write", "k", 2, 2, 9),
      (1, "read", "k", 2, 3, 4), (1, "read", "k", 1, 5, 6)], 1,
     "missed 1 newer write, the first of which was known 1ns before it"),
    ("regular", "w(1)[0,1] w(2)[2,3] r=1[4,5]",
     [(0, "write", "k", 1, 0, 1), (0, "write", "k", 2, 2, 3), (1, "read", "k", 1, 4, 5)], 1, ""),
    ("bounded-staleness", "w(1)[0,1] w(2)[2,3] r=1[4,5]: one version and one instant late; k is 2; Δ is 1",
     [(0, "write", "k", 1, 0, 1), (0, "write", "k", 2, 2, 3), (1, "read", "k", 1, 4, 5)], 0,
     "one of the 2 latest writes, and what was right 1ns before it"),
    ("bounded-staleness", "the stalest read, operation 3, missed 1 newer write",
     [(0, "write", "k", 1, 0, 1), (0, "write", "k", 2, 2, 3), (1, "read", "k", 1, 4, 5)], 0,
     "the stalest read, operation 3, missed 1 newer write, the first of which was known 1ns before it"),
    ("bounded-staleness", "a read of what was never written, or not yet",
     [(0, "write", "k", 1, 0, 1), (1, "read", "k", 3, 2, 3)], 1, "no bound helps"),
    ("bounded-staleness", "a read of what was never written, or not yet",
     [(1, "read", "k", 1, 0, 1), (0, "write", "k", 1, 2, 3)], 1, "no bound helps"),
]

# Histories whose documents have all the fields.
DOCUMENTED = ["tests/golden/reports/leader-region-cut", "tests/golden/linearizable/violated-stale-read",
              "tests/golden/linearizable/holds-cas-chain"]


def without_nothing(row):
    return json.dumps({name: value for name, value in row.items() if value is not None}) + "\n"


def lines_of(steps):
    """JSON lines, an instant after the other."""
    rows, op, at = ['{"table": "t"}\n'], 0, 0
    for step in steps:
        together = step if isinstance(step, tuple) else (step,)
        at += 1
        for i, o in enumerate(together):
            rows.append(without_nothing({"op": op + 1 + i, "process": op + i, "table": "t",
                                         **o.row, "invoked_at": at}))
        at += 1
        for i, o in enumerate(together):
            for n, (kind, key, value) in enumerate(o.parts):
                rows.append(without_nothing({
                    "micro": n, "op": op + 1 + i, "kind": kind, "key": key,
                    "argument" if kind == "write" else "result": value}))
            rows.append(without_nothing({"ret": op + 1 + i, "returned_at": at, "result": o.result}))
        op += len(together)
    return "".join(rows)


def timed_lines_of(ops):
    """JSON lines of the operations of LEVELS; called before returned at one instant."""
    rows, ids = ['{"table": "t"}\n'], {}
    moments = [(o[4], 0, i) for i, o in enumerate(ops)] + [(o[5], 1, i) for i, o in enumerate(ops)]
    for at, is_return, i in sorted(moments):
        process, kind, key, value, _, _ = ops[i]
        ids.setdefault(i, len(ids) + 1)
        rows.append(without_nothing(
            {"ret": ids[i], "returned_at": at, "result": value if kind == "read" else None}
            if is_return else
            {"op": ids[i], "process": process, "table": "t", "kind": kind, "key": key,
             "argument": value if kind == "write" else None, "invoked_at": at}))
    return "".join(rows)


class Judge:
    def __init__(self, binary, path):
        self.binary, self.path, self.wrong, self.count = binary, path, [], 0

    def expect(self, what, model, lines, code, *options, said=""):
        with open(self.path, "w", encoding="utf-8") as out:
            out.write(lines)
        got = subprocess.run([self.binary, "check", self.path, "--model", model, *options],
                             capture_output=True, text=True, timeout=60)
        self.count += 1
        if got.returncode != code or said not in " ".join(got.stdout.split()):
            self.wrong.append(f"{model}: {what}: exit code {got.returncode}, not {code}\n"
                              f"{got.stdout}{got.stderr}")


def rows_of_table(page):
    """Model: its cells, as they stand."""
    section = page.split("\n### Models\n")[1].split("\n### ")[0]
    rows = re.findall(r"^\| ([a-z-]+) \|(.*)\|$", section, re.MULTILINE)
    return {model: [cell.strip() for cell in cells.split("|")] for model, cells in rows}


def fields_of(value):
    if isinstance(value, list):
        return set().union(*map(fields_of, value))
    if isinstance(value, dict):
        # What a fault was aimed at and what it did is in the backend's own words.
        inside = [value[name] for name in value if name not in ("resolved", "measured")]
        return set(value).union(*map(fields_of, inside))
    return set()


def fields(binary, page, scratch):
    """All that is in verdicts.json and in what --witness writes is on the page."""
    witness, found = scratch.sub("witness.json"), set()
    for folder in DOCUMENTED:
        got = subprocess.run([binary, "check", folder + "/history.jsonl", "--json", "--witness", witness],
                             capture_output=True, text=True, timeout=60)
        found |= fields_of(json.loads(got.stdout))
        with open(witness, encoding="utf-8") as written:
            found |= fields_of(json.load(written))
    named = set(re.findall(r'"([a-z_0-9]+)"', page))
    drill.expect(len(found) > 60, f"only {len(found)} fields", sorted(found))
    drill.expect(found <= named, f"{DOCS} does not name", sorted(found - named))


def levels(judge, page):
    plain = " ".join(page.split())
    for level, words, ops, code, said in LEVELS:
        drill.expect(words in plain, f"{DOCS} does not say: {words}")
        judge.expect(words, "register", timed_lines_of(ops), code, "--level", level, said=said)


def models(judge, page):
    rows = rows_of_table(page)
    drill.expect(sorted(rows) == sorted(EXAMPLES) == sorted(STARTS), "the models differ", sorted(rows))
    for model, (_, start, accepts, rejects) in rows.items():
        accepted, fine, rejected, wrong = EXAMPLES[model]
        begins, own, initial, given = STARTS[model]
        drill.expect([start, accepts, rejects] == [begins, accepted, rejected],
                     f"{DOCS}, {model}: its words are not those of this test")
        judge.expect(accepts, model, lines_of(fine), 0)
        judge.expect(rejects, model, lines_of(wrong), 1)
        judge.expect("what it begins with", model, lines_of(own), 0)
        if initial is not None:
            judge.expect("--initial", model, lines_of(given), 0, "--initial", str(initial))
            judge.expect("--initial, not this", model, lines_of(own), 1, "--initial", str(initial))


def main():
    binary = os.path.abspath(sys.argv[1])
    with open(DOCS, encoding="utf-8") as docs:
        page = docs.read()
    with drill.Scratch() as scratch:
        judge = Judge(binary, scratch.sub("history.jsonl"))
        models(judge, page)
        levels(judge, page)
        drill.expect(not judge.wrong, "\n".join(judge.wrong))
        fields(binary, page, scratch)
    print(f"{judge.count} examples are as {DOCS} says")


main()
