#!/usr/bin/env python3
"""A register for Faultline's `exec` system: the first node by name holds the only copy,
the others pass on what clients ask of them. With --lose the others acknowledge writes
while they are only in memory and pass them on eight at a time.

    register.py node NAME PEERS [--lose]         register.py client PEERS
"""
import json, socket, socketserver, sys, threading

registers, unsent, lock = {}, [], threading.Lock()


def address(peer):
    host, port = peer.rsplit(":", 1)
    return host.strip("[]"), int(port)


def ask(peer, request):
    """What was never sent did not happen; what was sent and not answered may have."""
    try:
        connection = socket.create_connection(address(peer), timeout=0.8)
    except OSError:
        return {"outcome": "fail", "error": "could not connect"}
    try:
        with connection, connection.makefile("rw") as stream:
            print(json.dumps(request), file=stream, flush=True)
            return json.loads(stream.readline())
    except (OSError, ValueError):
        return {"outcome": "unknown", "error": "no answer"}


def apply(request):
    key, found = request["key"], registers.get(request["key"])
    if request["op"] == "read":
        return {"outcome": "ok", "result": found}
    if request["op"] == "cas" and found != request["expected"]:
        return {"outcome": "fail", "error": "another value was found"}
    registers[key] = request["argument"]
    return {"outcome": "ok", "result": None}


def serve(name, peers, lose):
    primary = min(peers)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            line = self.rfile.readline()
            if line:
                self.wfile.write(json.dumps(self.answer(json.loads(line))).encode() + b"\n")

        def answer(self, request):
            if name == primary:
                with lock:
                    return apply(request)
            if not lose or request["op"] != "write":
                return ask(peers[primary], request)
            unsent.append(request)
            while len(unsent) >= 8:
                ask(peers[primary], unsent.pop(0))
            return {"outcome": "ok", "result": None}

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    socketserver.ThreadingTCPServer(address(peers[name]), Handler).serve_forever()


def be_client(peers):
    nearest = next(iter(peers.values()))
    for line in sys.stdin:
        request = json.loads(line)
        final = {"outcome": "fail", "error": "one copy has nothing to compare"}
        reply = final if request["op"] == "final" else ask(nearest, request)
        print(json.dumps({**reply, "id": request["id"]}), flush=True)


role, *words = sys.argv[1:]
peers = dict(peer.split("=") for peer in words[1 if role == "node" else 0].split(","))
serve(words[0], peers, "--lose" in words) if role == "node" else be_client(peers)
