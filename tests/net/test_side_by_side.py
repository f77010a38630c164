#!/usr/bin/env python3
"""Two runs at once on one machine do not meet: both finish with exit 0."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

SHORT = ["--set", "duration=8s"]


def main():
    drill.need_local()
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        runs = [drill.Run(binary, ["scenarios/steady-state.yaml", "--on", "local", "--seed",
                                   str(i), "--out", scratch.sub(i)] +
                          ([] if drill.LONG else SHORT), scratch.sub(f"{i}.log"))
                for i in range(2)]
        for i, run in enumerate(runs):
            code = run.wait()
            drill.expect(code == 0, f"run {i} gave {code}", drill.tail(scratch.sub(f"{i}.log")))
        print("both gave 0")


main()
