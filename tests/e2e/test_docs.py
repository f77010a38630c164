#!/usr/bin/env python3
"""The whole scenario in docs/scenarios.md is played as it stands, and all of it holds; and
the manual knows every option of 'check' and everything that can be listed."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill


def manual(binary):
    with open("docs/faultline.1") as f:
        page = f.read().replace("\\-", "-")
    told = subprocess.run([binary, "check", "--help"], capture_output=True, text=True, timeout=60)
    options = set(re.findall(r"--[a-z-]+", told.stdout)) - {"--help", "--usage"}
    drill.expect(len(options) > 10, "check has no options", told.stdout)
    listed = subprocess.run([binary, "list"], capture_output=True, text=True, timeout=60)
    kinds = set(re.findall(r"^([a-z]+):$", listed.stdout, re.MULTILINE))
    drill.expect(len(kinds) > 5, "list lists nothing", listed.stdout)
    kinds_told = re.search(r"^\[(faults\|.*)\]$", page, re.MULTILINE).group(1).split("|")
    missing = [option for option in options if option not in page] + list(kinds - set(kinds_told))
    drill.expect(not missing, "docs/faultline.1 does not know", sorted(missing))


def main():
    binary = os.path.abspath(sys.argv[1])
    manual(binary)
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
