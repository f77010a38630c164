"""What the drills share: running the binary, and looking for what a run left behind.

A drill marks the runs it starts with an environment variable, which every process
inside inherits; so it finds its own and no other's."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

LONG = os.environ.get("FAULTLINE_LONG") == "1"
SKIPPED = 77


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def need_local():
    """Root, or user namespaces: else there is nothing to drill here."""
    if os.geteuid() == 0:
        return
    probe = subprocess.run(["unshare", "-Urn", "true"], capture_output=True)
    if probe.returncode != 0:
        skip("neither root nor user namespaces")


class Scratch:
    """A folder that lives as long as the drill."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="faultline-drill-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def sub(self, name):
        return os.path.join(self.path, str(name))


class Run:
    """One `faultline run`, marked."""

    def __init__(self, binary, args, log=None):
        self.mark = "FAULTLINE_DRILL=" + uuid.uuid4().hex
        name, value = self.mark.split("=")
        self.command = [binary, "run"] + args
        out = open(log, "wb") if log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, env=dict(os.environ, **{name: value}), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT)

    def wait(self, seconds=600):
        return self.process.wait(timeout=seconds)

    def pids(self):
        """Living processes of this run; zombies hold nothing and do not count."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    marked = self.mark.encode() in f.read().split(b"\0")
                with open(f"/proc/{pid}/stat") as f:
                    state = f.read().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if marked and state not in "ZX":
                found.append(int(pid))
        return found


def namespaces_of(pid):
    """Network namespaces a process lives in or holds by a descriptor."""
    found = set()
    paths = [f"/proc/{pid}/ns/net"]
    try:
        paths += [f"/proc/{pid}/fd/{fd}" for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        pass
    for path in paths:
        try:
            to = os.readlink(path)
        except OSError:
            continue
        if to.startswith("net:["):
            found.add(to)
    return found


def all_namespaces():
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        found |= namespaces_of(pid)
    return found


def machine():
    """What a run must leave as it was: devices and nft tables of this namespace."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True).stdout
    names = sorted(line.split(":")[1].strip() for line in links.splitlines())
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout
    return names, tables


def wait_until(ready, seconds):
    """Poll for something the kernel does not announce; False when it never came."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def expect(ok, words, *more):
    if ok:
        return
    print("FAILED:", words)
    for text in more:
        print(text)
    sys.exit(1)


def tail(path, lines=40):
    try:
        with open(path, errors="replace") as f:
            return "".join(f.readlines()[-lines:])
    except OSError as e:
        return str(e)
