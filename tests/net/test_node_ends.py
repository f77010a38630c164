#!/usr/bin/env python3
"""A node that ends though nobody told it to: at the start that ends the run at once, with
the node's last words; later it is written into the history, and the run goes on."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

NODE = "system.node=sh -c '%s' {name} {peers}"
AT_ONCE = NODE % "echo starting; echo no luck today >&2; exit 2"
LATER = NODE % (
    "[ $0 = ap-south-1 ] || exec python3 examples/exec/register.py node $0 $1; "
    "timeout 3 python3 examples/exec/register.py node $0 $1; echo out of luck; exit 3")


def play(binary, scratch, name, node, more):
    log = scratch.sub(name + ".log")
    began = time.monotonic()
    run = drill.Run(binary, ["scenarios/exec-register.yaml", "--on", "local", "--out",
                             scratch.sub(name), "--set", node] + more, log)
    code = run.wait()
    return code, time.monotonic() - began, drill.tail(log, 80)


def main():
    drill.need_local()
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        code, seconds, text = play(binary, scratch, "at-once", AT_ONCE, [])
        drill.expect(code == 5, f"exit {code} instead of 5", text)
        # Whichever of them is met first.
        drill.expect("-1 ended with status 2: no luck today" in text, "not told why", text)
        drill.expect(seconds < 20, f"it took {seconds:.0f} s", text)  # not the 30 s of patience
        print(f"at once: exit {code} after {seconds:.1f} s")

        code, seconds, text = play(binary, scratch, "later", LATER,
                                   ["--set", "duration=6s", "--set", "faults=[]"])
        history = subprocess.run([binary, "export", scratch.sub("later")], capture_output=True,
                                 text=True, timeout=60).stdout
        ends = [line for line in history.splitlines() if "node ended" in line]
        drill.expect(len(ends) == 1, f"{len(ends)} events", text)
        drill.expect("ended with status 3: out of luck" in ends[0], "not told why", ends[0])
        print(ends[0])


main()
