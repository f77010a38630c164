#!/usr/bin/env python3
"""The whole scenario in docs/scenarios.md is played as it stands, and all of it holds."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill


def main():
    binary = os.path.abspath(sys.argv[1])
    with open("docs/scenarios.md") as f:
        example = re.search(r"^```yaml\n(.*?)^```$", f.read(), re.MULTILINE | re.DOTALL)
    drill.expect(example, "docs/scenarios.md has no example")
    with drill.Scratch() as scratch:
        path = scratch.path + "/example.yaml"
        with open(path, "w") as f:
            f.write(example.group(1))
        got = subprocess.run([binary, "run", path, "--on", "sim", "--out", scratch.sub("run")],
                             capture_output=True, text=True, timeout=300)
    print(got.stdout[:400])
    drill.expect(got.returncode == 0, f"the example answers {got.returncode}", got.stderr)


main()
