#!/usr/bin/env python3
"""Wrong input gets one sentence that names the place, the value and what is allowed,
and the exit code for wrong usage; nothing is left behind."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

CUT = "scenarios/leader-region-cut.yaml"

MODELS = "tests/golden/models/"
QUEUE = MODELS + "queue/holds-overlapping-enqueues/history.jsonl"
KV = MODELS + "kv/holds-appends-in-the-order-that-was-seen/history.jsonl"
STACK = "tests/golden/models/stack/holds-last-in-first-out/history.jsonl"

# arguments, exit code, what the message must hold
CASES = [
    ([], 64, "Usage"),
    (["fly"], 64, "'fly' is no command"),
    (["run"], 64, "which scenario?"),
    (["run", "no-such.yaml"], 64, "no-such.yaml"),
    (["run", CUT, "--on", "mars"], 64, "allowed: sim, local or auto"),
    (["run", CUT, "--seed", "many"], 64, "'many' is not a number"),
    (["run", CUT, "--seed", "-1"], 64, "'-1' is not a number"),
    (["run", CUT, "--set", "nonsense"], 64, "PATH=VALUE"),
    (["run", CUT, "--on", "sim", "--set", "system.bugs=woodworm"], 64, "ack-before-quorum"),
    (["run", CUT, "--on", "sim", "--set", "system.bgus=woodworm"], 64, "bgus"),
    (["run", CUT, "--on", "sim", "--set", "duration=30"], 64, "no unit"),
    (["run", CUT, "--on", "sim", "--set", "faults[0].partition.isolate=atlantis"], 64, "atlantis"),
    (["run", CUT, "--on", "sim", "--targets", "no-such-run"], 64, "no-such-run"),
    (["run", CUT, CUT], 64, "one scenario at a time"),
    (["run", CUT, "--on", "sim", "--out", "scenarios"], 64, "not an empty folder"),
    (["check"], 64, "which history?"),
    (["check", "no-such-run"], 64, "no-such-run"),
    (["check", "README.md"], 64, "README.md: no history in a form that is known"),
    (["check", "README.md", "--format", "jsonl"], 64, "README.md:1"),
    (["check", "README.md", "--format", "poem"], 64, "poem"),
    (["check", QUEUE, "--model", "heap"], 64, "--model: 'heap' is no model; allowed: register, "),
    (["check", QUEUE, "--initial", "much"], 64, "--initial: 'much' is not a whole number or nil"),
    (["check", QUEUE, "--level", "perfect"], 64, "--level: 'perfect' is no check; allowed: linearizable"),
    (["check", QUEUE, "--jobs", "0"], 64, "--jobs: '0' is outside 1 to 64"),
    (["check", QUEUE, "--jobs", "two"], 64, "--jobs: 'two' is not a whole number"),
    (["check", QUEUE, "--memory", "64"], 64, "--memory: '64' has no unit; write 64M"),
    (["check", QUEUE, "--memory", "1M"], 64, "--memory: '1M' is outside 16M"),
    (["check", QUEUE, "--time", "5"], 64, "--time: '5' has no unit; write 5"),
    (["check", QUEUE, "--witness", "no-such-folder/w.json"], 5, "no-such-folder/w.json"),
    (["check", KV, "--model", "kv", "--initial", "5"], 64, "a kv always begins empty"),
    (["check", KV, "--model", "stack", "--initial", "5"], 64, "--initial: '5', but a stack always begins empty"),
    (["check", KV, "--model", "set", "--initial", "nil"], 64, "but a set always begins empty"),
    (["check", KV, "--model", "log", "--initial", "5"], 64, "but a log always begins empty"),
    (["check", KV, "--model", "unique-ids", "--initial", "5"], 64, "but a unique-ids always begins empty"),
    (["check", KV, "--model", "mutex", "--initial", "2"], 64, "but a mutex begins with 0 to 1"),
    (["check", KV, "--model", "semaphore", "--initial", "-1"], 64, "but a semaphore begins with 0 or more"),
    (["check", QUEUE, "--level", "set", "--initial", "5"], 64, "but the check set does not ask for it"),
    (["check", STACK, "--initial", "5"], 64, "but a stack always begins empty"),
    (["check", "scenarios", "--format", "edn"], 64, "--format is for files of text"),
    (["report", "no-such-run"], 64, "no-such-run"),
    (["report", "x", "--format", "poem"], 64, "'poem' is no format"),
    (["export", "no-such-run"], 64, "no-such-run"),
    (["list", "wishes"], 64, "allowed: faults"),
    (["store"], 64, "what?"),
    (["store", "get", "accounts", "1"], 64, "--config"),
    (["store", "get", "--config", "no-such.json", "accounts", "1"], 64, "no-such.json"),
    (["store", "sing", "--config", "x"], 64, "'sing' is nothing to do"),
]

HELP = ["run", "check", "report", "export", "list", "doctor", "heal", "store"]


def main():
    binary = os.path.abspath(sys.argv[1])
    before = sorted(os.listdir("."))
    bad = 0
    for args, code, words in CASES:
        got = subprocess.run([binary] + args, capture_output=True, text=True, timeout=60)
        text = got.stderr + got.stdout
        ok = got.returncode == code and words in text
        bad += not ok
        print("ok    " if ok else "FAILED", " ".join(args), "->", got.returncode, text.strip()[:300])
    for command in HELP:
        got = subprocess.run([binary, command, "--help"], capture_output=True, text=True, timeout=60)
        ok = got.returncode == 0 and "Usage: faultline " + command in got.stdout
        bad += not ok
        print("ok    " if ok else "FAILED", command, "--help")
    drill.expect(sorted(os.listdir(".")) == before, "something was left behind")
    drill.expect(bad == 0, f"{bad} cases")


main()
