#!/usr/bin/env python3
"""kill -9 of a run at random moments: nothing of it is left within two seconds, and
its history opens, is whole and can be checked."""
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

SCENARIO = "scenarios/leader-region-cut.yaml"


def nothing_left(run, namespaces):
    return not run.pids() and not (drill.all_namespaces() & namespaces)


def check_history(binary, folder):
    db = os.path.join(folder, "history.db")
    if not os.path.exists(db):
        return "no history yet"
    # The writer makes its tables in one transaction: a kill before that leaves none.
    integrity = subprocess.run(["sqlite3", db, "PRAGMA integrity_check"], capture_output=True,
                               text=True)
    drill.expect(integrity.stdout.strip() == "ok", f"integrity of {db}: {integrity.stdout}")
    checked = subprocess.run([binary, "check", folder], capture_output=True, text=True)
    drill.expect(checked.returncode in (2, 3, 5), f"check gave {checked.returncode}",
                 checked.stdout, checked.stderr)
    drill.expect("violated" not in checked.stdout.split("Fault")[0], "a killed run is violated",
                 checked.stdout)
    rows = subprocess.run(["sqlite3", db, "SELECT count(*) FROM op"], capture_output=True,
                          text=True)
    return f"{rows.stdout.strip()} operations"


def kill_once(binary, scratch, number, luck, before):
    folder = scratch.sub(number)
    run = drill.Run(binary, [SCENARIO, "--on", "local", "--out", folder], scratch.sub(f"{number}.log"))
    moment = luck.uniform(0, 8 if not drill.LONG else 25)
    try:
        run.process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        pass
    namespaces = set().union(*[drill.namespaces_of(p) for p in run.pids()] or [set()])
    namespaces -= drill.namespaces_of("self")
    run.process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    run.wait()
    gone = drill.wait_until(lambda: nothing_left(run, namespaces), 2)
    took = time.monotonic() - killed
    drill.expect(gone, f"kill at {moment:.2f} s: left {run.pids()} and {namespaces}")
    drill.expect(drill.machine() == before, f"kill at {moment:.2f} s: the machine changed",
                 before, drill.machine())
    print(f"kill at {moment:5.2f} s: {len(namespaces)} namespaces gone after {took * 1000:.0f} ms, "
          f"{check_history(binary, folder)}", flush=True)


def main():
    drill.need_local()
    binary = os.path.abspath(sys.argv[1])
    luck = random.Random(int(os.environ.get("FAULTLINE_SEED", "1")))
    before = drill.machine()
    with drill.Scratch() as scratch:
        for number in range(50 if drill.LONG else 6):
            kill_once(binary, scratch, number, luck, before)


main()
