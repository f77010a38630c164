#!/usr/bin/env python3
"""Real processes, real packets: a store with a planted bug is found out, the same
store without it is not."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

SCENARIO = "scenarios/leader-region-cut.yaml"


def run(binary, scratch, name, seed, args):
    folder = scratch.sub(f"{name}-{seed}")
    r = drill.Run(binary, [SCENARIO, "--on", "local", "--seed", str(seed), "--out", folder] + args,
                  folder + ".log")
    code = r.wait()
    with open(os.path.join(folder, "verdicts.json")) as f:
        return code, json.load(f), folder + ".log", r.command


def main():
    drill.need_local()
    binary = os.path.abspath(sys.argv[1])
    seeds = range(1, 4 if drill.LONG else 2)
    with drill.Scratch() as scratch:
        for seed in seeds:
            code, _, log, command = run(binary, scratch, "clean", seed, [])
            drill.expect(code == 0, f"clean, seed {seed}: exit {code}: {' '.join(command)}",
                         drill.tail(log, 80))
        print(f"clean: {len(seeds)} of {len(seeds)} hold")
        for bug in ("ack-before-quorum", "stale-leader-reads"):
            for seed in seeds:
                code, judged, log, command = run(binary, scratch, bug, seed,
                                                 ["--set", f"system.bugs={bug}"])
                drill.expect(code == 1, f"{bug}, seed {seed}: exit {code}: {' '.join(command)}",
                             drill.tail(log, 80))
                found = [v for v in judged["verdicts"]
                         if v["check"] == "linearizable" and v["verdict"] == "violated"]
                drill.expect(found and len(found[0]["witness"]) <= 8, f"{bug}: no short witness",
                             json.dumps(judged["verdicts"], indent=1))
            print(f"{bug}: {len(seeds)} of {len(seeds)} found")


main()
