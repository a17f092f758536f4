#!/usr/bin/python3
"""cmonha-ui status --cluster of 16 nodes of which five are off: two accept and say nothing, two have no machine behind their
address, and to one there is no route. Usage, in a network namespace of its own: off.py PATH-TO-cmonha-ui"""
import http.server
import json
import socket
import subprocess
import sys
import threading
import time

NODES = [f"192.0.2.{number}" for number in range(1, 14)] + ["198.51.100.2", "198.51.100.3", "203.0.113.1"]
ANSWERING = 11
QUERY_S = 2  # the deadline of the query, QUERY_MS in src/ui/status.c; one after the other they would take five times that
STATUS = json.dumps({"role": "follower", "reason": "follower", "shown": False, "version": "0.2.0", "checksum": "a"}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(STATUS)))
        self.end_headers()
        self.wfile.write(STATUS)

    def log_message(self, *_):
        pass


def verdict(good, words):
    print("ok   " if good else "FAIL ", words, flush=True)


def ip(words):
    subprocess.run(["ip", *words.split()], check=True)


ip("link set lo up")
ip("link add far type veth peer name away")
ip("address add 198.51.100.1/24 dev far")
ip("link set far up")
ip("link set away up")
silent = []
for index, address in enumerate(NODES[:13]):
    ip(f"address add {address}/32 dev lo")
    if index < ANSWERING:
        server = http.server.ThreadingHTTPServer((address, 9201), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    else:
        silent.append(socket.create_server((address, 9201)))
with open("off.conf", "w", encoding="ascii") as config:
    config.write("[cluster]\nvip = 192.0.2.200/24\n")
    for index, address in enumerate(NODES, 1):
        config.write(f"[node n{index}]\naddress = {address}\n")
# On a busy machine these servers may be late themselves: then it is run again.
for _ in range(10):
    begin = time.monotonic()
    done = subprocess.run([sys.argv[1], "status", "--cluster", "--json", "--config", "off.conf"], capture_output=True,
                          text=True, timeout=60, check=False)
    seconds = time.monotonic() - begin
    nodes = json.loads(done.stdout)["nodes"]
    answered = [node["status"] is not None for node in nodes]
    if any(answered[ANSWERING:]) or all(answered[:ANSWERING]):
        break
verdict(done.returncode == 1, f"exit status 1, not {done.returncode}: {done.stderr}")
verdict(answered == [True] * ANSWERING + [False] * 5, f"the nodes that answer: {answered}")
verdict(all(node["fault"] for node in nodes[ANSWERING:]), f"why the others do not: {[node['fault'] for node in nodes[ANSWERING:]]}")
verdict(seconds < 4 * QUERY_S, f"all within one deadline: {seconds:.1f} s")
verdict(True, "all is checked")
