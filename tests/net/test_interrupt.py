#!/usr/bin/env python3
"""Ctrl-C while a fault is on: everything is healed, what was seen is reported, exit 4."""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill


def main():
    drill.need_local()
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        folder, log = scratch.sub("run"), scratch.sub("log")
        run = drill.Run(binary, ["scenarios/leader-region-cut.yaml", "--on", "local", "--log",
                                 "--out", folder], log)
        drill.expect(drill.wait_until(lambda: "state=on" in drill.tail(log, 1000), 60),
                     "no fault began", drill.tail(log))
        run.process.send_signal(signal.SIGINT)
        code = run.wait(60)
        drill.expect(code == 4, f"exit code {code} instead of 4", drill.tail(log, 80))
        drill.expect(drill.wait_until(lambda: not run.pids(), 2), f"left {run.pids()}")
        report = open(os.path.join(folder, "report.txt")).read()
        drill.expect("aborted" in report, "the report does not say that it was aborted", report)
        rows = subprocess.run([binary, "export", folder], capture_output=True, text=True).stdout
        states = [(r["fault"], r["state"]) for r in map(json.loads, rows.splitlines()) if "fault" in r]
        on = {fault for fault, state in states if state == "on"}
        off = {fault for fault, state in states if state == "off"}
        drill.expect(on and on == off, f"on: {on}, healed: {off}", report)
        print("exit 4, healed, reported")


main()
