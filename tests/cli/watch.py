#!/usr/bin/python3
"""cmonha-ui status --cluster --watch on a pseudo terminal; three nodes that are made up answer at /status.

Usage, in a network namespace of its own: watch.py PATH-TO-cmonha-ui. Prints "ok" or "FAIL" lines. tests/lab/record-watch
uses its class Watch.
"""
import fcntl
import http.server
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

LIMIT = 20  # seconds, of every wait
LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
SEQUENCE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")

WATCH = [*sys.argv[1:2], "status", "--cluster", "--watch", "--config", "watch.conf"]

CONFIG = """[cluster]
vip = 192.0.2.200/24
[node cc1]
address = 192.0.2.1
[node cc2]
address = 192.0.2.2
[node cc3]
address = 192.0.2.3
"""


def verdict(good, words):
    print("ok   " if good else "FAIL ", words, flush=True)


class Nodes:
    """Three nodes, of which one is the leader and one has the virtual IP."""

    def __init__(self):
        self.leader, self.holder = "cc1", "cc1"
        self.since = {}
        self.transitions = {"cc1": [], "cc2": [], "cc3": []}
        for number in (1, 2, 3):
            subprocess.run(["ip", "address", "add", f"192.0.2.{number}/32", "dev", "lo"], check=True)
            server = http.server.ThreadingHTTPServer((f"192.0.2.{number}", 9201), self.handler(f"cc{number}"))
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def lead(self, name, holder):
        now = time.time()
        for node, role in ((self.leader, "follower"), (name, "leader")):
            self.transitions[node].insert(0, (now, role))
        self.leader, self.holder = name, holder
        self.since[holder] = now

    def status(self, name):
        now = time.time()
        role = "leader" if name == self.leader else "follower"
        since = self.since.get(name)
        return {
            "role": role, "reason": role, "shown": role == "leader", "version": "0.2.0", "checksum": "a",
            "vips": [{"address": "192.0.2.200", "here": name == self.holder}],
            "haproxy": {"servers": [{"name": self.leader, "state": "up"}]},
            "vrrp": {"state": "master" if name == self.holder else "backup", "since": since and int(since),
                     "since_ms": since and int((now - since) * 1000)},
            "transitions": [{"at": int(at), "ago_ms": int((now - at) * 1000), "role": role, "reason": role}
                            for at, role in self.transitions[name]],
            "problems": [],
        }

    def handler(self, name):
        nodes = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(nodes.status(name)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


class Watch:
    """The program on a terminal of that size."""

    def __init__(self, command=None, columns=100, rows=30, **environment):
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        self.output = ""
        variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        variables.update({"TERM": "xterm"}, **environment)
        # A session of its own with this controlling terminal.
        self.process = subprocess.Popen(
            command or WATCH, stdin=self.slave, stdout=self.slave, stderr=subprocess.PIPE, env=variables, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """All that is there, after so many seconds at most."""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                self.output += os.read(self.master, 65536).decode()
            except OSError:
                return
            seconds = 0

    def frames(self):
        """The complete screens so far, each a list of lines."""
        whole = [part for part in self.output.split("\x1b[H")[1:] if "\x1b[J" in part]
        return [SEQUENCE.sub("", part.split("\x1b[J")[0]).replace("\r", "").split("\n") for part in whole]

    def see(self, wanted):
        """Waits for a screen with a line that begins so; the screen, or None."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            frames = self.frames()
            if frames and any(re.match(wanted, line) for line in frames[-1]):
                return frames[-1]
            if self.process.poll() is not None:
                return None
            self.read(0.2)
        return None

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """The exit status, when it has ended; what it wrote is read meanwhile."""
        end = time.monotonic() + LIMIT
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        self.read(0)
        if self.process.poll() is None:
            self.process.kill()
        return self.process.wait()

    def restored(self):
        return termios.tcgetattr(self.slave) == self.before and self.output.endswith(LEAVE)


def failover(nodes):
    watch = Watch()
    before = watch.see(r"  cc1 +leader +leader +192.0.2.200 +cc1 +0.2.0")
    verdict(before, "the leader is shown")
    verdict(before and not any(line.startswith("*") for line in before), "at first nothing is marked")
    nodes.lead("cc2", "cc3")
    after = watch.see(r"\* cc2 +leader")
    verdict(after and any(line.startswith("* cc3 ") and "192.0.2.200" in line for line in after), "changes are marked")
    verdict(after and any(re.match(r"\* \d\d:\d\d:\d\d  cc2 +leader$", line) for line in after), "transitions are below")
    verdict("\x1b[1m* cc2" in watch.output, "with colours a change is bold")
    verdict("\x1b[32m  status: OK" in watch.output, "with colours OK is green")
    watch.type("q")
    verdict(watch.end() == 0, "q ends it")
    verdict(watch.restored(), "the terminal is restored after q")


def endings():
    watch = Watch()
    watch.see("  cc2")
    watch.type("\x03")
    verdict(watch.end() == 0 and watch.restored(), "Ctrl-C ends it, the terminal is restored")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        watch = Watch()
        watch.see("  cc2")
        watch.process.send_signal(number)
        verdict(watch.end() == -number, f"{number.name} ends it")
        verdict(watch.restored(), f"the terminal is restored after {number.name}")
    watch = Watch()
    watch.see("  cc2")
    watch.process.stderr.close()
    os.close(watch.slave)
    os.close(watch.master)
    try:
        watch.process.wait(LIMIT)
        verdict(True, "it ends when the terminal is closed")
    except subprocess.TimeoutExpired:
        watch.process.kill()
        verdict(False, "it goes on though the terminal is closed")


def suspended():
    watch = Watch()
    watch.see("  cc2")
    watch.type("\x1a")
    end = time.monotonic() + LIMIT
    state = ""
    while state != "T" and time.monotonic() < end:
        watch.read(0.1)
        with open(f"/proc/{watch.process.pid}/stat", encoding="ascii") as file:
            state = file.read().rpartition(")")[2].split()[0]
    watch.read(0)
    verdict(state == "T" and watch.restored(), "Ctrl-Z stops it, the terminal is restored")
    watch.output = ""
    watch.process.send_signal(signal.SIGCONT)
    verdict(watch.see("  cc2"), "it is drawn again after that")
    watch.type("q")
    verdict(watch.end() == 0 and watch.restored(), "and q ends it")


def small():
    watch = Watch(columns=20, rows=5, NO_COLOR="1")
    frame = watch.see(r"  \(\d+ more lines\)")
    verdict(frame and len(frame) == 5, f"a small terminal: {frame}")
    verdict(frame and max(map(len, frame)) <= 20, "no line is longer than the terminal is wide")
    verdict("m" not in "".join(SEQUENCE.findall(watch.output)), "NO_COLOR: no colours")
    watch.resize(100, 30)
    os.kill(watch.process.pid, signal.SIGWINCH)
    verdict(watch.see("  LAST TRANSITIONS"), "it is drawn again when the terminal grows")
    watch.resize(1, 1)
    os.kill(watch.process.pid, signal.SIGWINCH)
    end = time.monotonic() + LIMIT
    while len(watch.frames()[-1]) != 1 and time.monotonic() < end:
        watch.read(0.2)
    verdict(len(watch.frames()[-1]) == 1, "a terminal of one cell")
    watch.type("q")
    verdict(watch.end() == 0, "q ends it there")


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with open("watch.conf", "w", encoding="ascii") as config:
        config.write(CONFIG)
    verdict(subprocess.run(WATCH, stdin=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False).returncode == 64, "no terminal: an error of usage")
    dumb = Watch(TERM="dumb")
    verdict(dumb.end() == 64 and b"see TERM" in dumb.process.stderr.read(), "TERM=dumb: an error of usage")
    failover(Nodes())
    endings()
    suspended()
    small()
    verdict(True, "all is checked")


if __name__ == "__main__":
    main()
