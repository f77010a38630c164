#!/usr/bin/env python3
"""The store by itself, as a person runs it: three nodes on loopback ports, asked by the
commands; one is killed; a folder is guarded; a damaged log is refused."""
import json
import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import drill


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, scratch
        self.addresses = [f"127.0.0.1:{port}" for port in free_ports(3)]
        self.nodes = {}
        self.config = self.write("store.json", 7)
        self.foreign = self.write("foreign.json", 8)
        for node in range(3):
            self.start(node)

    def write(self, name, cluster):
        path = self.scratch.sub(name)
        tables = [{"name": "accounts", "type": "register", "mode": "consensus"},
                  {"name": "carts", "type": "or-set", "mode": "consensus"}]
        with open(path, "w") as f:
            json.dump({"cluster": cluster, "nodes": self.addresses, "tables": tables}, f)
        return path

    def data(self, node):
        return self.scratch.sub(f"data-{node}")

    def log(self, node):
        return self.scratch.sub(f"log-{node}")

    def serve(self, node, data, config=None):
        return [self.binary, "store", "serve", "--config", config or self.config, "--node",
                str(node), "--data", data]

    def start(self, node):
        with open(self.log(node), "ab") as log:
            self.nodes[node] = subprocess.Popen(self.serve(node, self.data(node)), stderr=log)

    def kill(self, node):
        self.nodes[node].kill()
        self.nodes.pop(node).wait()

    def ask(self, words, config=None):
        got = subprocess.run([self.binary, "store"] + words + ["--config", config or self.config],
                             capture_output=True, text=True, timeout=60)
        return got.returncode, (got.stdout + got.stderr).strip()

    def expect(self, words, code, text, config=None):
        got = self.ask(words, config)
        print(" ".join(words), "->", *got)
        drill.expect(got[0] == code and re.search(text, got[1]), f"{words}: {got}, not {code} {text}")

    def refuse(self, node, data, code, text, config=None):
        got = subprocess.run(self.serve(node, data, config), capture_output=True, text=True,
                             timeout=60)
        print("serve ->", got.returncode, got.stderr.strip()[-300:])
        drill.expect(got.returncode == code and text in got.stderr, f"serve: not {code} {text}",
                     got.stderr)

    def await_leader(self):
        until = time.monotonic() + 60
        while self.ask(["get", "accounts", "0"])[0] != 0:
            drill.expect(time.monotonic() < until, "no leader")


def ask_around(c):
    c.expect(["get", "accounts", "1"], 0, "^nil$")
    c.expect(["put", "accounts", "1", "-57"], 0, "^ok$")
    c.expect(["get", "accounts", "1"], 0, "^-57$")
    c.expect(["cas", "accounts", "1", "-57", "-5"], 0, "^ok$")
    c.expect(["cas", "accounts", "1", "3", "4"], 1, "did not happen: the value is -5$")
    c.expect(["put", "accounts", "-1", "2"], 0, "^ok$")
    c.expect(["get-local", "accounts", "-1"], 0, "")
    c.expect(["add", "carts", "1", "9"], 0, "^ok$")
    c.expect(["add", "carts", "1", "-9"], 0, "^ok$")
    c.expect(["members", "carts", "1"], 0, "^-9 9$")
    c.expect(["remove", "carts", "1", "9"], 0, "^ok$")
    c.expect(["get", "carts", "1"], 64, "'carts' is an or-set; use members")
    c.expect(["members", "accounts", "1"], 64, "'accounts' is a register; use get")
    c.expect(["put", "accounts", "1", "-5x"], 64, "'-5x' is not a whole number")
    c.expect(["get", "nothing", "1"], 64, "no table")
    c.expect(["get", "accounts", "1"], 5, "nothing was read: .*another cluster than 8", c.foreign)


def guard_folders(c):
    made = c.scratch.sub("made")
    c.refuse(0, made, 5, "address already in use")
    drill.expect(not os.path.exists(made), "a refused node left its folder behind")
    c.refuse(1, c.data(0), 5, "is in use")
    c.kill(2)
    c.refuse(1, c.data(2), 64, "holds the logs of node 2 of cluster 7")
    c.refuse(2, c.data(2), 64, "this is node 2 of cluster 8", c.foreign)


def read_log(c):
    with open(c.log(0)) as f:
        first = f.readline()
    drill.expect(re.match(r"t=0\.\d+s started node=0 at=20\d\d-\d\d-\d\dT[0-9:.]{12}Z$", first),
                 "the log does not begin with its start", first)
    zero = str(time.time_ns() - 3600 * 10**9)
    got = subprocess.run(c.serve(0, c.scratch.sub("zero")) + ["--log-zero", zero],
                         capture_output=True, text=True, timeout=60)
    drill.expect(re.match(r"t=36\d\d\.\d+s started", got.stderr), "--log-zero", got.stderr)


def lose_nodes(c):
    c.expect(["put", "accounts", "2", "3"], 0, "^ok$")  # node 2 is down
    c.start(2)
    c.kill(0)
    c.await_leader()
    c.expect(["get", "accounts", "2"], 0, "^3$")
    c.kill(1)
    c.kill(2)
    c.expect(["put", "accounts", "2", "4"], 5, "did not happen: could not connect .*" +
             ", ".join(c.addresses))
    c.expect(["get", "accounts", "2"], 5, "nothing was read: could not connect")


def damage(c):
    path = os.path.join(c.data(0), "node.consensus.log")
    size = os.path.getsize(path)
    with open(path, "r+b") as f:
        f.seek(20)
        f.write(b"\xde\xad\xbe\xef")
    c.refuse(0, c.data(0), 5, "damaged at byte 18, and ")
    drill.expect(os.path.getsize(path) == size, "the damaged log was cut")
    path = os.path.join(c.data(1), "node.consensus.log")
    os.truncate(path, os.path.getsize(path) - 3)
    c.start(1)
    until = time.monotonic() + 60
    while "torn_tail" not in open(c.log(1)).read():
        drill.expect(time.monotonic() < until, "a cut tail is not told")
        time.sleep(0.05)


def main():
    binary = os.path.abspath(sys.argv[1])
    with drill.Scratch() as scratch:
        c = Cluster(binary, scratch)
        try:
            c.await_leader()
            ask_around(c)
            read_log(c)
            guard_folders(c)
            lose_nodes(c)
            damage(c)
        finally:
            for node in list(c.nodes):
                c.kill(node)


main()
