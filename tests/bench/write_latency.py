#!/usr/bin/env python3
"""Median write latency per region beside its computed bound.

usage: write_latency.py FAULTLINE RUN

The bound is what no consensus store can beat: client to leader and back, plus leader
to its nearest majority and back. What is above it is fsync, jitter and our own work.
Only runs without leader changes make sense; writes are those called while no fault
was on, latency is from the call (not the intended time)."""
import json
import re
import statistics
import subprocess
import sys


def nanoseconds(text):
    number, unit = re.fullmatch(r"([0-9.]+)(ns|us|ms|s)", text).groups()
    return float(number) * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[unit]


def one_way_delays(scenario):
    delays = {}
    for name, link in scenario["topology"]["links"].items():
        a, arrow, b = name.split()
        delay = nanoseconds(link["one_way"]) if "one_way" in link else nanoseconds(link["rtt"]) / 2
        delays[a, b] = delay
        if arrow == "<->":
            delays[b, a] = delay
    return delays


def load(binary, run):
    rows = subprocess.run([binary, "export", run], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in rows.stdout.splitlines()]


def main():
    rows = load(*sys.argv[1:3])
    scenario = json.loads(next(r["value"] for r in rows if r.get("meta") == "source"))
    delays = one_way_delays(scenario)
    home = {r["node"]: r["region"] for r in rows if "node" in r and "event" not in r and "region" in r}
    leaders = [r["node"] for r in rows if r.get("event") == "leader"]
    if len(set(leaders)) != 1:
        sys.exit(f"the leader changed during this run: {leaders}")
    leader = home[leaders[0]]

    def round_trip(a, b):
        return 0 if a == b else delays[a, b] + delays[b, a]

    others = sorted(round_trip(leader, region) for node, region in home.items() if node != leaders[0])
    majority = len(home) // 2 + 1
    quorum = others[majority - 2]
    faults = [r["at"] for r in rows if "fault" in r]
    calm_until = min(faults, default=float("inf"))
    ops = {r["op"]: r for r in rows if "op" in r and r.get("kind") == "write" and "attempt" not in r}
    took = {}
    for r in rows:
        op = ops.get(r.get("ret"))
        if op and r["outcome"] == "ok" and r["returned_at"] < calm_until:
            took.setdefault(op["region"], []).append(r["returned_at"] - op["invoked_at"])
    print(f"leader in {leader}; its nearest majority is {quorum / 1e6:.0f} ms away and back")
    print(f"{'region':<12}{'writes':>8}{'median':>12}{'bound':>12}{'above':>10}")
    for region in scenario["topology"]["regions"]:
        bound = round_trip(region, leader) + quorum
        median = statistics.median(took[region])
        print(f"{region:<12}{len(took[region]):>8}{median / 1e6:>9.2f} ms{bound / 1e6:>9.2f} ms"
              f"{(median - bound) / 1e6:>7.2f} ms")


main()
