#!/usr/bin/env python3
"""The store keeps its promises whatever is asked of it: every seed draws a scenario of its
own (topology, settings, tables, workloads, faults). Every end that is a store's or our own
fault is told with the command that repeats it, its scenario kept; some seeds are played
twice and must leave the same history.

By hand: test_variety.py BINARY [FIRST [COUNT [BUG]]]; with BUG it counts how many of the
scenarios find that planted bug."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from drill import LONG, Scratch

SEEDS = 3000 if LONG else 40
WALL_SECONDS_MAX = 300
TWICE_EVERY = 8
REGIONS = ["us", "eu", "ap", "sa"]
CLEAN, VIOLATED, UNDECIDED, COULD_NOT = 0, 1, 2, 5


class Drawn:
    """One scenario, from one seed."""

    def __init__(self, seed, bug=None):
        self.random = random.Random(seed)
        self.bug = bug
        self.duration = self.random.choice([8, 12, 20, 30])

    def one(self, *values):
        return self.random.choice(values)

    def happens(self, share):
        return self.random.random() < share

    # --- the parts, each as lines of YAML ---

    def topology(self):
        region_count = self.one(1, 2, 3, 3, 4)
        node_count = max(region_count, self.one(1, 3, 3, 3, 5, 5, 7))
        nodes = [1] * region_count
        for _ in range(node_count - region_count):
            nodes[self.random.randrange(region_count)] += 1
        self.regions = REGIONS[:region_count]
        self.nodes = [f"{r}-{i + 1}" for r, n in zip(self.regions, nodes) for i in range(n)]
        lines = ["topology:", "  regions:"]
        lines += [f"    {r}: {{nodes: {n}}}" for r, n in zip(self.regions, nodes)]
        links, self.farthest = [], 1
        for i, a in enumerate(self.regions):
            for b in self.regions[i + 1:]:
                delay = self.one(1, 5, 20, 40, 90, 150)
                self.farthest = max(self.farthest, delay)
                jitter = self.one(0, 0, delay // 10, delay // 2)
                loss = self.one("0%", "0%", "0%", "0.5%", "5%")
                links.append(f"    {a} <-> {b}: {{one_way: {delay}ms, jitter: {jitter}ms, "
                             f"loss: {loss}}}")
        return lines + (["  links:"] + links if links else [])

    def table(self, name, kind):
        mode = self.one("consensus", "consensus", "consensus", "async")
        if self.bug or len(self.nodes) == 1:
            mode = "consensus"
        checks = {"set": ["set"], "register": ["linearizable"] * (mode == "consensus")}[kind]
        # One replica cannot differ from itself.
        checks += ["convergence"] * (len(self.nodes) > 1)
        return (f"    {name}: {{type: {'or-set' if kind == 'set' else kind}, mode: {mode}, "
                f"checks: [{', '.join(checks)}]}}")

    def tables(self):
        self.kinds = {"accounts": "register"}
        if self.happens(0.3):
            self.kinds["carts"] = "set"
        if self.happens(0.15):
            self.kinds["more"] = "register"
        if self.happens(0.1):
            del self.kinds["accounts"]
            self.kinds["only"] = "set"
        return [self.table(name, kind) for name, kind in self.kinds.items()]

    def system(self):
        # Below a few round trips and one retransmission a store is never at rest.
        floor = 5 * self.farthest + 250 if len(self.regions) > 1 else 50
        election = max(self.one(50, 100, 300, 600, 1000, 1000, 2500), floor)
        heartbeat = self.one(election // 3, election // 6, max(5, election // 20))
        timeout = self.one("100ms", "300ms", "1s", "2s", "2s", "5s", "20s")
        lines = ["system:", "  kind: store",
                 f"  election_timeout: {election}ms", f"  heartbeat: {heartbeat}ms",
                 f"  snapshot_every: {self.one(10, 50, 50, 300, 10000)}",
                 f"  operation_timeout: {timeout}"]
        lines += [f"  bugs: {self.bug}"] if self.bug else []
        return lines + ["  tables:"] + self.tables()

    def workload(self, table, kind):
        rate = self.one(10, 40, 40, 100)
        pacing = self.one("poisson", "poisson", "constant", *["closed"] * (kind != "set"))
        # Closed pacing beside the leader is as fast as the simulation, and what reads of
        # sets return grows with every add.
        clients = self.one(1, 2) if pacing == "closed" else self.one(1, 4, 16, 32)
        share = ("cas" if kind == "register" else "removes", self.one(0, 20, 50, 90))
        return (f"  - {{kind: {kind}, table: {table}, clients: {clients} per region, "
                f"rate: {rate}/s per region, pacing: {pacing}, "
                f"keys: {self.one(1, 3, 20, 20, 200)}, chooser: {self.one('uniform', 'zipfian')}, "
                f"reads: {self.one(10, 50, 50, 80)}%, {share[0]}: {share[1]}%}}")

    def side(self):
        table = self.one(*self.kinds)
        sides = [f"clients of {r}" for r in self.regions]
        if len(self.nodes) > 1:
            sides += self.nodes
            sides += [f"leader of {table}", f"any-follower of {table}"] * 3
        if len(self.nodes) > 2:
            sides += ["minority", f"leader + 1 follower of {table}"]
        if len(self.regions) > 1:
            sides += self.regions + [f"leader-region of {table}"]
        return self.one(*sides)

    def links(self):
        places = self.nodes + self.regions
        a, b = self.one(*places), self.one(*places)
        apart = a != b and (a.split("-")[0] != b.split("-")[0] or ("-" in a and "-" in b))
        if len(self.nodes) == 1 or not apart or self.happens(0.6):
            return f'isolate: "{self.side()}"'
        return self.one(f'between: "{a}", and: "{b}"', f'from: "{a}", to: "{b}"')

    def victims(self):
        table = self.one(*self.kinds)
        roles = [f"leader of {table}", f"any-follower of {table}"] * (len(self.nodes) > 1)
        return self.one("majority", *self.nodes, *roles, *roles)

    def on_links(self, kind):
        what = {"latency": f", delay: {self.one(20, 200, 900)}ms, jitter: {self.one(0, 20)}ms",
                "loss": f", rate: {self.one(1, 10, 30, 60)}%",
                "duplicate": f", rate: {self.one(1, 10, 50, 100)}%",
                "reorder": f", rate: {self.one(1, 10, 50)}%", "partition": ""}[kind]
        return f"{kind}: {{{self.links()}{what}}}"

    def faults(self):
        """The same is never done twice: the loader takes that for a slip of the pen."""
        drawn = {}
        for _ in range(self.random.randint(1, 8)):
            length = self.random.randint(100, self.duration * 400)
            at = self.random.randint(500, self.duration * 900 - length - 200)
            kind = self.one("latency", "loss", "duplicate", "reorder", "partition", "partition",
                            "kill", "kill", "pause")
            lasts = "for"
            if kind in ("kill", "pause"):
                what = f'{kind}: {{node: "{self.victims()}"}}'
                lasts = "restart_after" if kind == "kill" else "for"
            else:
                what = self.on_links(kind)
            drawn[what] = f"  - {{at: {at}ms, {lasts}: {length}ms, {what}}}"
        return list(drawn.values())

    def yaml(self):
        lines = ["name: variety"] + self.topology() + self.system() + ["workloads:"]
        lines += [self.workload(*item) for item in self.kinds.items()]
        lines += [f"duration: {self.duration}s", "settle: 30s"]
        if self.happens(0.5):
            lines += ["faults:"] + self.faults()
        if self.happens(0.6):
            lines += [f"random_faults: {{min: 1, max: {self.one(1, 2, 4, 8)}}}"]
        return "\n".join(lines) + "\n"


class Play:
    """One run: how it ended, and why."""

    def __init__(self, binary, folder, seed, bug=None):
        self.scenario = os.path.join(folder, f"variety-{seed}.yaml")
        with open(self.scenario, "w") as f:
            f.write(Drawn(seed, bug).yaml())
        out = os.path.join(folder, f"run-{seed}")
        self.command = [binary, "run", self.scenario, "--on", "sim", "--seed", str(seed)]
        try:
            done = subprocess.run(self.command + ["--json", "--out", out], capture_output=True,
                                  text=True, timeout=WALL_SECONDS_MAX)
            self.code, self.log = done.returncode, done.stderr.strip()
            self.told = json.loads(done.stdout) if done.stdout else {}
        except subprocess.TimeoutExpired:
            self.code, self.log, self.told = None, "it hangs", {}
        exported = subprocess.run([binary, "export", out], capture_output=True).stdout
        self.history = hashlib.sha256(exported).hexdigest()
        self.unready = b'"event":"not ready"' in exported
        shutil.rmtree(out, ignore_errors=True)

    def verdicts(self, value):
        return [f"{v['check']} of {v['table']}: {v['sentence']}"
                for v in self.told.get("verdicts", []) if v["verdict"] == value]

    def idle_faults(self):
        """A role that nobody has, links that nobody uses: drawn faults may do nothing."""
        return [f["asked"] for f in self.told.get("measures", {}).get("faults", [])
                if not f["applied"] or not f["effective"]]

    def complaints(self):
        """What a sound store and a sound tool never do; empty for a clean end."""
        found = self.verdicts("violated") + self.verdicts("undecided")
        found += ["after heal the system did not come up in time"] * self.unready
        if self.told.get("trouble"):
            found.append(self.told["trouble"])
        excused = (self.code == CLEAN or self.code == UNDECIDED and self.verdicts("not exercised")
                   or self.code == COULD_NOT and self.idle_faults())
        return found if found or excused else [f"exit code {self.code}: {self.log[-300:]}"]

    def tell(self, complaints):
        """The scenario is kept beyond the drill's own folder, for whoever looks into it."""
        kept = os.path.join(tempfile.gettempdir(), os.path.basename(self.scenario))
        shutil.copy(self.scenario, kept)
        print(" ".join(self.command).replace(self.scenario, kept))
        for complaint in complaints:
            print("   ", complaint, flush=True)


def hunt(binary, folder, seeds):
    """How many seeds ended badly."""
    bad, ends = 0, {}
    for seed in seeds:
        play = Play(binary, folder, seed)
        complaints = play.complaints()
        if seed % TWICE_EVERY == 0 and Play(binary, folder, seed).history != play.history:
            complaints.append("the same seed left another history")
        if complaints:
            play.tell(complaints)
        bad += bool(complaints)
        ends[play.code] = ends.get(play.code, 0) + 1
    print(f"{len(seeds)} scenarios from seed {seeds[0]} on, by exit code {ends}, {bad} bad")
    return bad


def find(binary, folder, seeds, bug):
    plays = [Play(binary, folder, seed, bug) for seed in seeds]
    found = [seed for seed, p in zip(seeds, plays) if p.code == VIOLATED]
    print(f"{bug}: found by {len(found)} of {len(seeds)} scenarios: {found}")


def main():
    binary = os.path.abspath(sys.argv[1])
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else SEEDS
    seeds = range(first, first + count)
    with Scratch() as scratch:
        if len(sys.argv) > 4:
            find(binary, scratch.path, seeds, sys.argv[4])
            return 0
        return 1 if hunt(binary, scratch.path, seeds) else 0


sys.exit(main())
