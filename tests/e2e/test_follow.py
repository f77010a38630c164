#!/usr/bin/env python3
"""A history is judged while it is written: the first operation that no order allows is
told before its writer goes on, and an end, an interrupt or silence is told as what was
seen until then."""
import os
import signal
import subprocess
import sys
import tempfile
import time

FINE = """\
{"promise":"t","type":"register","checks":"linearizable"}
{"op":1,"process":1,"table":"t","kind":"write","key":3,"argument":1,"invoked_at":"1ms"}
{"ret":1,"outcome":"ok","returned_at":"2ms"}
{"op":2,"process":2,"table":"t","kind":"read","key":3,"invoked_at":"3ms"}
{"ret":2,"outcome":"ok","returned_at":"4ms","result":1}
"""
STALE = """\
{"op":3,"process":2,"table":"t","kind":"read","key":3,"invoked_at":"5ms"}
{"ret":3,"outcome":"ok","returned_at":"6ms","result":2}
{"sample":"lag","at":"7ms","value":1}
"""
# Whoever is called at the instant of a return is concurrent with it.
JUST_IN_TIME = """\
{"op":3,"process":2,"table":"t","kind":"read","key":3,"invoked_at":"5ms"}
{"ret":3,"outcome":"ok","returned_at":"6ms","result":2}
{"op":4,"process":1,"table":"t","kind":"write","key":3,"argument":2,"invoked_at":"6ms"}
{"sample":"lag","at":"7ms","value":1}
"""
UNFINISHED = '{"op":5,"process":7,"table":"t","ki'


def start(binary, *words, **more):
    command = [binary, "check", "--follow", *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **more)


def write(p, lines):
    p.stdin.write(lines)
    p.stdin.flush()


def violated_in_a_pipe(binary):
    p = start(binary, "-")
    write(p, FINE + STALE)
    code = p.wait(timeout=60)  # its input is still open
    out = p.stdout.read()
    p.stdin.close()
    return code == 1 and "process 2 read 2 in key 3 of t (operation 3" in out, out


def violated_in_a_file(binary):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(FINE)
        file.flush()
        p = start(binary, file.name)
        file.write(STALE)
        file.flush()
        code = p.wait(timeout=60)
        out = p.stdout.read()
        return code == 1 and out.startswith("violated: process 2"), out


def holds_to_the_end(binary):
    p = start(binary, "-")
    out, _ = p.communicate(FINE + JUST_IN_TIME, timeout=60)
    return p.returncode == 0 and out.startswith("holds so far: 4 operations on 1 object"), out


def waits_for_signals(p):
    """It blocks them between its waits, once it has begun."""
    bit = 1 << (signal.SIGINT - 1)
    while p.poll() is None:
        with open(f"/proc/{p.pid}/status", encoding="ascii") as status:
            masks = [int(line.split()[1], 16) for line in status if line.startswith("SigCgt")]
        if masks and masks[0] & bit:
            return
        time.sleep(0.01)


def interrupted(binary):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(FINE + UNFINISHED)
        file.flush()
        p = start(binary, file.name)
        waits_for_signals(p)
        p.send_signal(signal.SIGINT)
        code = p.wait(timeout=60)
        out = p.stdout.read()
        # How far it came before the signal is chance.
        return code in (0, 2) and "so far" in out, out


def idle(binary):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(FINE + UNFINISHED)
        file.flush()
        p = start(binary, "--until-idle", "50ms", file.name)
        out, _ = p.communicate(timeout=60)
        return p.returncode == 0 and "holds so far: 2 operations" in out, out


def refused(binary):
    for words, said in (
        (("--model", "kv", "-"), "a kv cannot be followed"),
        (("--format", "tsv", "-"), "so it cannot be followed"),
        (("--model", "nonsense", "-"), "'nonsense' is no model"),
        (("--initial", "x", "-"), "'x' is not a whole number"),
    ):
        p = start(binary, *words)
        _, err = p.communicate(FINE, timeout=60)
        if p.returncode != 64 or said not in err:
            return False, f"{words}: {p.returncode} {err}"
    return True, ""


def main():
    binary = os.path.abspath(sys.argv[1])
    bad = 0
    for case in (violated_in_a_pipe, violated_in_a_file, holds_to_the_end, interrupted, idle, refused):
        ok, told = case(binary)
        bad += not ok
        print("ok    " if ok else "FAILED", case.__name__, told.strip())
    sys.exit(1 if bad else 0)


main()
