#!/usr/bin/env python3
"""What `faultline check` does at the edges: an output that takes nothing, a proof that
would overwrite what it proves, histories in pipes, promises without a meaning."""
import os
import stat
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

FINE = """\
{"promise":"t","type":"register","checks":"linearizable"}
{"op":1,"process":1,"table":"t","kind":"write","key":3,"argument":1,"invoked_at":"1ms"}
{"ret":1,"returned_at":"2ms"}
{"op":2,"process":2,"table":"t","kind":"read","key":3,"invoked_at":"3ms"}
{"ret":2,"returned_at":"4ms","result":1}
"""
FULL = "/dev/full"


def check(binary, args, code, *words, command="check", **more):
    """Run it and look at its exit code and at what it says."""
    more = {"stdout": subprocess.PIPE, **more}
    got = subprocess.run([binary, command] + args, stderr=subprocess.PIPE, text=True, timeout=60, **more)
    told = " ".join(((got.stdout or "") + got.stderr).split())
    drill.expect(got.returncode == code, f"{command} {' '.join(args)}: exit code {got.returncode}, not {code}", told)
    for text in words:
        drill.expect(text in told, f"{command} {' '.join(args)}: '{text}' is not there", told)
    return got


def outputs(binary, fine):
    """What does not arrive is told, once; /dev/full must be what it is everywhere."""
    if not os.path.exists(FULL) or not stat.S_ISCHR(os.stat(FULL).st_mode):
        return
    with open(FULL, "w", encoding="utf-8") as full:
        for args in ([fine], [fine, "--json"]):
            got = check(binary, args, 5, "No space left on device", stdout=full)
            drill.expect(got.stderr.count("\n") == 1, "one sentence", got.stderr)
        check(binary, [], 5, "cannot write to standard output", command="list", stdout=full)
    closed = subprocess.run(["sh", "-c", '"$0" check "$1" >&-', binary, fine], stderr=subprocess.PIPE, text=True)
    drill.expect(closed.returncode == 5 and closed.stderr.count("\n") == 1 and "Success" not in closed.stderr,
                 "one sentence of a closed output", closed.stderr)


def proofs(binary, scratch, fine):
    check(binary, [fine, "--witness", fine], 64, "is the history itself")
    with open(fine, encoding="utf-8") as text:
        drill.expect(text.read() == FINE, "the history is what it was")
    alias = scratch.sub("alias")
    os.link(fine, alias)
    check(binary, [fine, "--witness", alias], 64, "is the history itself")
    if os.path.exists(FULL) and stat.S_ISCHR(os.stat(FULL).st_mode):
        link = scratch.sub("full")
        os.symlink(FULL, link)
        check(binary, [fine, "--witness", link], 5, "No space left on device")
        drill.expect(os.path.islink(link) and stat.S_ISCHR(os.stat(link).st_mode), "a device stays a device")
    pipe, came = scratch.sub("proof"), []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: came.append(open(pipe, encoding="utf-8").read()), daemon=True)
    reader.start()
    check(binary, [fine, "--witness", pipe], 0)
    reader.join(timeout=30)
    drill.expect(came and '"orders"' in came[0] and stat.S_ISFIFO(os.stat(pipe).st_mode), "a proof in a pipe", came)


def inputs(binary, scratch, fine):
    got = subprocess.run(["bash", "-c", '"$0" check <(cat "$1")', binary, fine], capture_output=True, text=True,
                         timeout=60)
    drill.expect(got.returncode == 0 and "2 operations on" in got.stdout, "a pipe is read", got.stdout + got.stderr)
    folder = scratch.sub("folder")
    os.makedirs(os.path.join(folder, "history.db"))
    check(binary, [folder], 64, "its history.db is a folder")


def written(scratch, text):
    path = scratch.sub("written.jsonl")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def promises(binary, scratch):
    without = FINE.replace(',"checks":"linearizable"', "")
    check(binary, [written(scratch, without)], 2, "the promise of 't' names no checks")
    level = FINE.replace('"checks"', '"level":"perfect","checks"')
    check(binary, [written(scratch, level)], 64, "level: 'perfect' is no level; allowed: ")
    queue = FINE.replace('"write"', '"enqueue"').replace('"read"', '"dequeue"')
    check(binary, [written(scratch, queue)], 2, "which a cas-register does not know", "say which model with --model")
    twice = FINE + '{"op":3,"op":3}\n'
    check(binary, [written(scratch, twice)], 64, ":6:9: not JSON: 'op' is given twice")


def options(binary, fine):
    for words in (["--json"], ["--jobs", "2"], ["--time", "1s"], ["--level", "regular"], ["--witness", "x"],
                  ["--fail-fast"]):
        check(binary, ["--follow", fine] + words, 64, "--follow cannot heed " + words[0])
        check(binary, words + [fine, "--follow"], 64, "--follow cannot heed " + words[0])
    check(binary, [fine, "--time", "60"], 64, "write 60s")
    check(binary, [fine, "--format", "foo"], 64, "check: --format: 'foo' is none of")
    check(binary, ["xx"], 64, "checks, models, systems", command="list")
    check(binary, ["--help"], 0, "1 to 64", "16M to 1024T", "1ms to 720h")


REGISTER = '{"promise":"t","type":"register","checks":"linearizable"}\n'


def history(scratch, promise, *rows):
    """Of rows (process, called, returned, fields, fields of the return)."""
    lines = [promise]
    for number, (process, called, returned, fields, answer) in enumerate(rows, 1):
        lines.append(f'{{"op":{number},"process":{process},"table":"t","invoked_at":{called},{fields}}}\n')
        lines.append(f'{{"ret":{number},"returned_at":{returned}{answer}}}\n')
    return written(scratch, "".join(lines))


def instants(binary, scratch):
    """As many digits as it takes to tell operations apart."""
    for unit, instant in ((1000, "1.000003s"), (1, "1.000000003s"), (1000000, "1.003s")):
        rows = [(i, 10**9 + i * unit, 10**9 + i * unit + unit, '"kind":"read","key":1', ',"result":4') for i in (1, 3)]
        check(binary, [history(scratch, REGISTER, *rows[1:])], 1, f"read 4 in key 1 at {instant}")


def sentences(binary, scratch):
    write = (1, 1, 2, '"kind":"write","key":"x","argument":4', "")
    path = history(scratch, REGISTER, write, (2, 3, 4, '"kind":"read","key":"y"', ',"result":4'))
    got = check(binary, [path], 1, "process 2 read 4 in key y at 3ns, but nobody ever wrote 4 to key y")
    for word in ("default", "faults", "while a fault", "RPO", "unavailable"):
        drill.expect(word not in got.stdout, f"'{word}' says nothing here", got.stdout)
    path = history(scratch, REGISTER, (1, 1, 2, '"kind":"read","key":"x"', ""))
    check(binary, [path, "--initial", "7"], 1, "read nothing in key x at 1ns, but 7 was there at the start")
    mutex = '{"promise":"t","type":"mutex","checks":"linearizable"}\n'
    path = history(scratch, mutex, (1, 1, 2, '"kind":"acquire"', ""), (2, 3, 4, '"kind":"acquire"', ""))
    check(binary, [path], 1, "though it was held, and nobody had released it")
    path = history(scratch, mutex, (1, 1, 2, '"kind":"release"', ""))
    check(binary, [path], 1, "though it was free, and nobody had acquired it")
    rmw = '{"promise":"t","type":"rmw","checks":"linearizable"}\n'
    path = history(scratch, rmw, (1, 1, 2, '"kind":"rmw","key":1,"argument":4', ',"result":0'),
                   (2, 3, 4, '"kind":"rmw","key":1,"argument":5', ',"result":4'))
    check(binary, [path], 0, "that the model rmw allows")


# What is told of is operation 6, but 4 came before it.
TWO_CULPRITS = REGISTER + """\
{"op":1,"process":5,"table":"t","kind":"write","key":1,"invoked_at":0,"argument":3}
{"op":2,"process":1,"table":"t","kind":"write","key":1,"invoked_at":4,"argument":1}
{"ret":2,"returned_at":9}
{"ret":1,"returned_at":12}
{"op":3,"process":3,"table":"t","kind":"write","key":1,"invoked_at":13,"argument":2}
{"ret":3,"returned_at":15}
{"op":4,"process":4,"table":"t","kind":"read","key":1,"invoked_at":24}
{"op":5,"process":2,"table":"t","kind":"read","key":1,"invoked_at":28}
{"ret":4,"returned_at":31,"result":3}
{"op":6,"process":0,"table":"t","kind":"read","key":1,"invoked_at":36}
{"ret":5,"returned_at":36,"result":1}
{"ret":6,"returned_at":50,"result":3}
"""


def culprits(binary, scratch):
    check(binary, [written(scratch, TWO_CULPRITS)], 1, "process 0 read 3 in key 1 at 36ns",
          "4 4 - 24ns 31ns read key 1: 3",
          "the first return that no order explains is that of operation 4 at 31ns")


def transactions(binary, scratch):
    promise = '{"promise":"t","type":"multi-register","checks":"linearizable"}\n'
    rows = (
        '{"op":1,"process":1,"table":"t","kind":"txn","invoked_at":1}\n'
        '{"micro":0,"op":1,"kind":"write","key":"x","argument":1}\n'
        '{"micro":1,"op":1,"kind":"write","key":"y","argument":2}\n'
        '{"ret":1,"returned_at":2}\n'
        '{"op":2,"process":2,"table":"t","kind":"txn","invoked_at":3}\n'
        '{"micro":0,"op":2,"kind":"read","key":"x","result":3}\n'
        '{"ret":2,"returned_at":4}\n')
    check(binary, [written(scratch, promise + rows)], 1, "txn: write x 1, write y 2", "txn: read x 3")


def main():
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        fine = scratch.sub("fine.jsonl")
        with open(fine, "w", encoding="utf-8") as out:
            out.write(FINE)
        outputs(binary, fine)
        proofs(binary, scratch, fine)
        inputs(binary, scratch, fine)
        promises(binary, scratch)
        options(binary, fine)
        instants(binary, scratch)
        sentences(binary, scratch)
        culprits(binary, scratch)
        transactions(binary, scratch)


main()
