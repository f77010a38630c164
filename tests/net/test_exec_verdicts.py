#!/usr/bin/env python3
"""A program that is not ours, in `local`: the one that keeps its word is found to hold,
the one that loses acknowledged writes is found out, by the same scenario."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

LOSES = "system.node=python3 examples/exec/register.py node {name} {peers} --lose"


def main():
    drill.need_local()
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        for name, args, wanted in (("keeps", [], 0), ("loses", ["--set", LOSES], 1)):
            log = scratch.sub(name + ".log")
            run = drill.Run(binary, ["scenarios/exec-register.yaml", "--on", "local", "--out",
                                     scratch.sub(name)] + args, log)
            code = run.wait()
            drill.expect(code == wanted, f"{name}: exit {code} instead of {wanted}", drill.tail(log, 80))
            print(f"{name}: exit {code}")


main()
