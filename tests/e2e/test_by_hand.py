#!/usr/bin/env python3
"""Histories written by hand are checked as docs/history-format.md says, and one that
promises nothing, or holds nothing, is told so with the remedy."""
import os
import subprocess
import sys
import tempfile

with open("docs/history-format.md", encoding="utf-8") as page:
    EXAMPLE = page.read().split("```\n")[-2]
WITHOUT_PROMISE = "".join(line + "\n" for line in EXAMPLE.splitlines() if '"promise"' not in line)
STALE = EXAMPLE + """\
{"op":3,"process":1,"table":"accounts","kind":"read","key":"alice","invoked_at":"2s"}
{"ret":3,"returned_at":"2.1s"}
"""
SPACED = EXAMPLE.replace('"checks":"linearizable"', '"checks":"linearizable, convergence"')

CUT = EXAMPLE + """\
{"fault":1,"name":"partition","state":"on","at":"2s"}
{"fault":1,"name":"partition","state":"off","at":"3s"}
"""
CUT_AND_LOST = CUT + """\
{"op":3,"process":1,"table":"accounts","kind":"read","key":"alice","invoked_at":"4s"}
{"ret":3,"outcome":"fail","returned_at":"4.1s","error":"no leader"}
"""

# what it is, lines, exit code, what the report must hold
CASES = [
    ("the example", EXAMPLE, 0, "the check holds"),
    ("with a stale read", STALE, 1, "1 of 1 check is violated"),
    ("two checks", SPACED, 2, "not exercised  convergence of accounts"),
    ("no promise", WITHOUT_PROMISE, 2, "nothing was checked (exit code 2)"),
    ("no promise: remedy", WITHOUT_PROMISE, 2,
     'no table promises anything: add a line {"promise": "accounts", "checks": "linearizable"}'),
    ("no promise: heading", WITHOUT_PROMISE, 2, "\nchecks: none\n"),
    ("nobody called after the fault", CUT, 0, "every region served again: not before the run ended\n"),
    ("nobody was served after the fault", CUT_AND_LOST, 0,
     "every region served again: not before the run ended\n"
     "     not       default was not served in accounts after it\n"),
    ("empty", "", 2, "the history is empty (exit code 2)"),
    ("blank", "\n\n", 2, "the history is empty (exit code 2)"),
]


def check(binary, lines):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(lines)
        file.flush()
        return subprocess.run([binary, "check", file.name], capture_output=True, text=True, timeout=60)


def main():
    binary = os.path.abspath(sys.argv[1])
    bad = 0
    for name, lines, code, words in CASES:
        got = check(binary, lines)
        ok = got.returncode == code and words in got.stdout
        bad += not ok
        print("ok    " if ok else "FAILED", name, "->", got.returncode, got.stdout[:400], got.stderr[:400])
    sys.exit(1 if bad else 0)


main()
