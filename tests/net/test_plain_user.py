#!/usr/bin/env python3
"""A plain user runs the same as root where user namespaces are allowed; where they
are not, faultline says what is missing and offers the simulation."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
# A user namespace in which nobody is somebody, and no further one may be made.
WITHOUT = ["unshare", "--user", "--map-users=0,0,65536", "--map-groups=0,0,65536", "--setuid", "0",
           "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', "sh"]
SCENARIO = "steady-state.yaml"


def prepare(scratch, binary):
    """A copy that a plain user can reach."""
    os.chmod(scratch.path, 0o755)
    shutil.copy(binary, scratch.sub("faultline"))
    shutil.copy("scenarios/" + SCENARIO, scratch.sub(SCENARIO))
    os.mkdir(scratch.sub("home"))
    os.chown(scratch.sub("home"), 65534, 65534)


def run(scratch, wrap, args):
    command = wrap + [scratch.sub("faultline"), "run", scratch.sub(SCENARIO), "--set", "duration=8s"]
    return subprocess.run(command + args, cwd=scratch.sub("home"), capture_output=True, text=True,
                          timeout=300)


def main():
    if os.geteuid() != 0:
        drill.skip("only root can become somebody else")
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        prepare(scratch, binary)
        if subprocess.run(NOBODY + ["unshare", "-Urn", "true"], capture_output=True).returncode == 0:
            got = run(scratch, NOBODY, ["--on", "local", "--out", "allowed"])
            drill.expect(got.returncode == 0, f"plain user: exit {got.returncode}", got.stdout, got.stderr)
            print("with user namespaces: exit 0")
        else:
            print("this machine gives plain users no user namespaces: that half is skipped")
        if subprocess.run(WITHOUT + NOBODY + ["true"], capture_output=True).returncode != 0:
            drill.skip("cannot make a user namespace that forbids user namespaces")
        got = run(scratch, WITHOUT + NOBODY, ["--on", "local", "--out", "forbidden"])
        drill.expect(got.returncode == 5 and "--on sim" in got.stderr,
                     f"without: exit {got.returncode}", got.stdout, got.stderr)
        print("without user namespaces: exit 5:", got.stderr.strip())
        got = run(scratch, WITHOUT + NOBODY, ["--out", "auto"])
        drill.expect(got.returncode == 0, f"auto: exit {got.returncode}", got.stdout, got.stderr)
        print("without, --on auto: simulated, exit 0")


main()
