#!/usr/bin/env python3
"""A plain user runs the same as root where user namespaces are allowed; where they
are not, faultline says what is missing and offers the simulation."""
import ctypes
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

CLONE_NEWUSER = 0x10000000


def forbid_namespaces():
    """Enter a user namespace that has everybody in it and may hold no further one."""
    libc = ctypes.CDLL(None, use_errno=True)
    entered, mapped = os.pipe(), os.pipe()
    me = os.getpid()
    if os.fork() == 0:  # stays outside: only there the maps may be written
        os.read(entered[0], 1)
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{me}/{name}", "w") as f:
                f.write("0 0 65536")
        os.write(mapped[1], b"x")
        os._exit(0)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    os.write(entered[1], b"x")
    os.read(mapped[0], 1)
    with open("/proc/sys/user/max_user_namespaces", "w") as f:
        f.write("0")


SCENARIO = "steady-state.yaml"


def prepare(scratch, binary):
    """A copy that a plain user can reach."""
    os.chmod(scratch.path, 0o755)
    shutil.copy(binary, scratch.sub("faultline"))
    shutil.copy("scenarios/" + SCENARIO, scratch.sub(SCENARIO))
    os.mkdir(scratch.sub("home"))
    os.chown(scratch.sub("home"), 65534, 65534)


def run(scratch, args, before=None):
    command = NOBODY + [scratch.sub("faultline"), "run", scratch.sub(SCENARIO), "--set", "duration=8s"]
    return subprocess.run(command + args, cwd=scratch.sub("home"), capture_output=True, text=True,
                          timeout=300, preexec_fn=before)


def main():
    if os.geteuid() != 0:
        drill.skip("only root can become somebody else")
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        prepare(scratch, binary)
        if subprocess.run(NOBODY + ["unshare", "-Urn", "true"], capture_output=True).returncode == 0:
            got = run(scratch, ["--on", "local", "--out", "allowed"])
            drill.expect(got.returncode == 0, f"plain user: exit {got.returncode}", got.stdout, got.stderr)
            print("with user namespaces: exit 0")
        else:
            print("this machine gives plain users no user namespaces: that half is skipped")
        got = run(scratch, ["--on", "local", "--out", "forbidden"], forbid_namespaces)
        drill.expect(got.returncode == 5 and "--on sim" in got.stderr,
                     f"without: exit {got.returncode}", got.stdout, got.stderr)
        print("without user namespaces: exit 5:", got.stderr.strip())
        got = run(scratch, ["--out", "auto"], forbid_namespaces)
        drill.expect(got.returncode == 0, f"auto: exit {got.returncode}", got.stdout, got.stderr)
        print("without, --on auto: simulated, exit 0")


main()
