#!/usr/bin/env python3
"""A damaged history is refused with one sentence that names it once, and exit code 5."""
import os
import sqlite3
import subprocess
import sys
import tempfile

# what is done to the file, what the message must hold
CASES = [
    ("UPDATE op SET id = -id", "operations, but the last has number -1; they are numbered from 1 without gaps"),
    ("UPDATE op SET kind = 99 WHERE id = 2", "operation 2 makes no sense"),
    ("UPDATE ret SET outcome = 99 WHERE op = 2", "the return of operation 2 makes no sense"),
]


def main():
    binary = os.path.abspath(sys.argv[1])
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        subprocess.run([binary, "run", "scenarios/steady-state.yaml", "--on", "sim", "--set", "duration=2s",
                        "--out", run], capture_output=True, timeout=60)
        with open(os.path.join(run, "history.db"), "rb") as file:
            whole = file.read()
        for number, (damage, words) in enumerate(CASES):
            path = os.path.join(folder, f"{number}.db")
            with open(path, "wb") as file:
                file.write(whole)
            db = sqlite3.connect(path)
            db.execute(damage)
            db.commit()
            db.close()
            got = subprocess.run([binary, "check", path], capture_output=True, text=True, timeout=60)
            ok = (got.returncode == 5 and words in got.stderr and got.stderr.count(path) == 1
                  and got.stderr.count("\n") == 1)
            bad += not ok
            print("ok    " if ok else "FAILED", damage, "->", got.returncode, got.stderr.strip())
    sys.exit(1 if bad else 0)


main()
