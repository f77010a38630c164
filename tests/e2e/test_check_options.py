#!/usr/bin/env python3
"""What `faultline check` can be told: of which model, from where, by how many threads,
within how much memory and time; and what it writes down as a proof."""
import json
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

MODELS = "tests/golden/models/"
EDN = """{:process 0, :type :invoke, :f :read, :value nil}
{:process 0, :type :ok, :f :read, :value %s}
"""


class Checked:
    def __init__(self, binary, args):
        got = subprocess.run([binary, "check"] + args, capture_output=True, text=True, timeout=300)
        self.code, self.out, self.err = got.returncode, got.stdout, got.stderr
        self.args = args

    def expect(self, code, *words):
        drill.expect(self.code == code, f"check {' '.join(self.args)}: exit code {self.code}, not {code}",
                     self.out, self.err)
        plain = " ".join((self.out + self.err).split())
        for text in words:
            drill.expect(text in plain, f"check {' '.join(self.args)}: '{text}' is not there", self.out, self.err)
        return self


def registers(path, count, keys, values=0, stale=None):
    """Lines of `count` operations of 8 clients; each takes effect at its call. `values`: how
    many differ, 0: all; `stale`: a key on which nothing is read where much was written."""
    rng, rows, held = random.Random(count + keys), [], {}
    free = [(i, i) for i in range(8)]
    for op in range(1, count + 1):
        at, client = min(free)
        free.remove((at, client))
        key, over = rng.randrange(keys), at + 1 + rng.randrange(1000)
        row = {"op": op, "process": client, "table": "t", "kind": "read", "key": key, "invoked_at": at}
        ret = {"ret": op, "returned_at": over}
        if rng.random() < 0.5:
            held[key] = rng.randrange(values) if values else op
            row.update(kind="write", argument=held[key])
        elif key == stale and op > count // 2:
            stale = None
        elif key in held:
            ret["result"] = held[key]
        rows += [(at, 0, row), (over, 1, ret)]
        free.append((over + 1 + rng.randrange(10), client))
    rows.sort(key=lambda r: r[:2])
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"promise":"t","type":"register","checks":"linearizable"}\n')
        out.writelines(json.dumps(row) + "\n" for _, _, row in rows)


def models(binary):
    queue = MODELS + "queue/holds-overlapping-enqueues/history.jsonl"
    Checked(binary, [queue]).expect(0, "5 operations on one object can be put in an order")
    Checked(binary, [queue, "--model", "queue"]).expect(0, "that the model queue allows")
    Checked(binary, [queue, "--model", "stack"]).expect(
        2, "operation 1 is 'enqueue', which a stack does not know; it knows push, pop and peek")
    semaphore = MODELS + "semaphore/violated-more-than-there-were/history.jsonl"
    Checked(binary, [semaphore, "--model", "semaphore"]).expect(1, "violated")
    Checked(binary, [semaphore, "--model", "semaphore", "--initial", "1"]).expect(0)


def formats(binary, scratch):
    path = scratch.sub("history")
    with open(path, "w", encoding="utf-8") as out:
        out.write(EDN % "0")
    Checked(binary, [path]).expect(0)  # as Knossos has it, a register holds 0 at first
    Checked(binary, [path, "--initial", "7"]).expect(1, "read 0")
    Checked(binary, [path, "--initial", "nil"]).expect(1)
    Checked(binary, [path, "--format", "edn"]).expect(0)
    Checked(binary, [path, "--format", "limo"]).expect(64, path)
    with open(path, "a", encoding="utf-8") as out:
        out.write("{:process 0, :type\n")
    Checked(binary, [path]).expect(64, path + ":")


def levels(binary):
    stale = "tests/golden/linearizable/violated-stale-read/history.jsonl"
    Checked(binary, [stale]).expect(1, "no order explains that operation 3 returned at 12.320s",
                                    "missed 1 newer write, the first of which was known 260ms before it")
    Checked(binary, [stale, "--level", "sequential"]).expect(0, "keeps the order of each process")
    Checked(binary, [stale, "--level", "regular"]).expect(1, "regular of t")
    Checked(binary, [stale, "--level", "bounded-staleness"]).expect(
        0, "one of the 2 latest writes", "missed 1 newer write")


def witnesses(binary, scratch):
    path, file = scratch.sub("history"), scratch.sub("witness.json")
    registers(path, 400, 3)
    Checked(binary, [path, "--witness", file]).expect(0)
    with open(file, encoding="utf-8") as text:
        proof = json.load(text)["verdicts"][0]
    drill.expect(proof["verdict"] == "holds" and proof["violation"] is None, "no proof of what holds", proof)
    drill.expect(sorted(i for o in proof["orders"] for i in o["order"]) == list(range(1, 401)),
                 "an order of all operations", proof)
    Checked(binary, [path, "--level", "sequential", "--witness", file]).expect(0)
    with open(file, encoding="utf-8") as text:
        orders = json.load(text)["verdicts"][0]["orders"]
    drill.expect(len(orders) == 1 and orders[0]["key"] is None and sorted(orders[0]["order"]) == list(range(1, 401)),
                 "one order of all keys", orders)
    registers(path, 400, 3, stale=1)
    Checked(binary, [path, "--witness", file]).expect(1)
    with open(file, encoding="utf-8") as text:
        proof = json.load(text)["verdicts"][0]
    drill.expect(proof["violation"]["key"] == 1 and len(proof["violation"]["operations"]) <= 4, "a short proof", proof)
    drill.expect(proof["prefix"]["exact"] and proof["prefix"]["broken_by"] in proof["violation"]["operations"],
                 "where it broke", proof)
    drill.expect(len(proof["orders"]) == 2, "orders of the others", proof)
    drill.expect(os.listdir(scratch.path) and not os.path.exists(file + ".part"), "nothing beside it")


def threads(binary, scratch):
    path = scratch.sub("history")
    for stale, code in ((None, 0), (11, 1)):
        registers(path, 40000, 50, values=0 if stale else 4, stale=stale)
        told = [Checked(binary, [path, "--json", "--jobs", n]).expect(code).out for n in ("1", "2", "8")]
        drill.expect(told[0] == told[1] == told[2], "the number of threads is told by the verdict")
    Checked(binary, [path, "--fail-fast"]).expect(1, "the first; what comes after it was not looked at", "in key 11")
    one = Checked(binary, [path, "--fail-fast", "--json", "--jobs", "1"]).expect(1).out
    eight = Checked(binary, [path, "--fail-fast", "--json", "--jobs", "8"]).expect(1).out
    drill.expect(one == eight, "the number of threads is told by a verdict that came early")


# A process inherits the peak of whoever started it, so somebody small must.
STARTER = """import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status))"""


def peak_bytes(binary, args):
    """How much the command held at a time, and its exit code."""
    got = subprocess.run([sys.executable, "-c", STARTER, binary, "check"] + args, capture_output=True,
                         text=True, timeout=300, check=True)
    held, code = got.stdout.split()
    return int(held), int(code)


def limits(binary, scratch):
    path = scratch.sub("history")
    sanitized = "asan" in binary or "tsan" in binary
    registers(path, 300000, 1)
    for size, why in (("64M", "memory"), ("32M", "memory"), ("1G", None)):
        Checked(binary, [path, "--memory", size]).expect(2 if why else 0, why or "holds")
        held, code = peak_bytes(binary, [path, "--memory", size])
        print(f"--memory {size}: {held / 2**20:.1f} MiB at most, exit code {code}")
        cap = int(size[:-1]) * (2**20 if size[-1] == "M" else 2**30)
        drill.expect(sanitized or held <= cap * 1.2, f"{held} bytes with --memory {size}")
    for args, check in (([], "all"), (["--level", "sequential"], "sequential"), (["--model", "register"], "linearizable")):
        Checked(binary, [path, "--memory", "16M"] + args).expect(2, check + " of all the history alone does not fit")
    hard = scratch.sub("hard")
    crowd(hard, 40)
    file = scratch.sub("witness.json")
    Checked(binary, [hard, "--time", "200ms", "--witness", file]).expect(2)
    with open(file, encoding="utf-8") as text:
        proof = json.load(text)["verdicts"][0]
    drill.expect(proof["undecided"] == [1] and not proof["orders"], "which key is undecided", proof)
    for args in (["--time", "200ms"], ["--time", "2s", "--memory", "24M"]):
        Checked(binary, [hard] + args).expect(2, "not decided", "was used up")
    held, code = peak_bytes(binary, [hard, "--time", "2s", "--memory", "24M"])
    print(f"a hard one, --memory 24M: {held / 2**20:.1f} MiB at most, exit code {code}")
    drill.expect(sanitized or held <= 24 * 2**20 * 1.2, f"{held} bytes with --memory 24M")


def small_keys(path, keys):
    """One write and one read of each key, of hardly any work but that there are many."""
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"promise":"t","type":"register","checks":"linearizable"}\n')
        for i in range(keys):
            for op, row in ((2 * i + 1, {"kind": "write", "argument": 7}), (2 * i + 2, {"kind": "read"})):
                row.update(op=op, process=op % 2, table="t", key=i, invoked_at=10 * op)
                ret = {"ret": op, "returned_at": 10 * op + 5}
                if row["kind"] == "read":
                    ret["result"] = 7
                out.write(json.dumps(row) + "\n" + json.dumps(ret) + "\n")


def times(binary, scratch):
    """Whoever limits the time gets an answer by then, but for reading and telling."""
    many, hard = scratch.sub("many"), scratch.sub("hard-one")
    small_keys(many, 60000)
    crowd(hard, 40)
    began = time.monotonic()
    Checked(binary, [many, "--jobs", "1"]).expect(0)
    whole = time.monotonic() - began
    for path, limit, slack in ((many, 0.001, whole + 5), (hard, 0.2, 10)):
        began = time.monotonic()
        Checked(binary, [path, "--jobs", "1", "--time", f"{int(limit * 1000)}ms"]).expect(2, "undecided", "was used up")
        took = time.monotonic() - began
        print(f"--time {limit:g}s: {took:.2f} s")
        drill.expect(took <= limit + slack, f"{took:.2f} s with --time {limit:g}s")


def crowd(path, clients):
    """Increments that all overlap and never told their sums, then sums that no subset makes,
    which only trying can tell."""
    rows = []
    for i in range(clients):
        rows.append({"op": i + 1, "process": i, "table": "t", "kind": "increment", "key": 1,
                     "argument": 3 ** (i % 20) + 7 * i, "invoked_at": i})
    at = 1000
    for i in range(3):
        rows.append({"op": clients + i + 1, "process": 900, "table": "t", "kind": "read", "key": 1, "invoked_at": at})
        rows.append({"ret": clients + i + 1, "returned_at": at + 1, "result": 2222222222 + i})
        at += 10
    for i in range(clients):
        rows.append({"ret": i + 1, "returned_at": at + i})
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"promise":"t","type":"counter","checks":"linearizable"}\n')
        out.writelines(json.dumps(row) + "\n" for row in rows)


def helps(binary):
    """Who asks what an option does is told which checks know it."""
    got = subprocess.run([binary, "check", "--help"], capture_output=True, text=True, timeout=60)
    plain = " ".join(got.stdout.split())
    for text in ("of 'linearizable' (default: one per processor); the other checks take one",
                 "of all together ('sequential')", "only 'linearizable' does, the other checks look at all"):
        drill.expect(text in plain, f"'{text}' is not in the help", plain)


def lists(binary):
    for what, words in (("models", ["cas-register", "priority-queue", "unique-ids"]),
                        ("formats", ["junit", "edn", "jepsen-log", "tsv"]),
                        ("checks", ["linearizable", "sequential", "bounded-staleness"])):
        got = subprocess.run([binary, "list", what], capture_output=True, text=True, timeout=60)
        drill.expect(got.returncode == 0 and all(w in got.stdout for w in words), "list " + what, got.stdout)


def main():
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        models(binary)
        formats(binary, scratch)
        levels(binary)
        witnesses(binary, scratch)
        threads(binary, scratch)
        limits(binary, scratch)
        times(binary, scratch)
        lists(binary)
        helps(binary)


main()
