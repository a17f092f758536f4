"""The whole program: three processes on three loopback addresses."""

import atexit
import contextlib
import functools
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable
from typing import Any, NamedTuple

from .common import LAB, PATIENCE, PING, Json

HEARTBEAT_MS, TIMEOUT_MS, RANDOM_MS = 50, 300, 150
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def wait_until(what: str, condition: Callable[[], Any]) -> Any:
    """Poll; the value once it is true."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.005)
    raise AssertionError(f"never came: {what}")


def free_port(addresses: tuple[str, ...] = ADDRESSES) -> int:
    """A port that nobody uses on any of the addresses, over TCP and UDP."""
    while True:
        port = random.randrange(20000, 32000)
        try:
            for address in addresses:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(socket.AF_INET, kind) as probe:
                        probe.bind((address, port))
            return port
        except OSError:
            continue


class Sim:
    """One running cmon-sim."""

    def __init__(self, cluster: "Cluster", number: int) -> None:
        self.cluster = cluster
        self.name = f"cc{number}"
        self.address = ADDRESSES[number - 1]
        self.state_dir = cluster.directory / self.name
        self.ready = cluster.directory / f"{self.name}.notify"
        self.plain_port = free_port(("127.0.0.1",))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait for the word to systemd."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """The first half of start()."""
        self.ready.unlink(missing_ok=True)
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.channel.bind(str(self.ready))
        self.process = subprocess.Popen(
            [LAB / "cmon-sim", *self.arguments()],
            env=os.environ | {"NOTIFY_SOCKET": str(self.ready)},
        )

    def wait_ready(self) -> None:
        """The second half of start()."""
        with self.channel as channel:
            channel.settimeout(PATIENCE)
            assert channel.recv(100) == b"READY=1"

    def arguments(self) -> list[str]:
        cluster = self.cluster
        words = {
            "name": self.name, "address": self.address, "peers": ",".join(ADDRESSES),
            "state-dir": self.state_dir, "rpc-bind": self.address,
            "rpc-port": cluster.rpc_port, "plain-port": self.plain_port,
            "ui-bind": self.address, "ui-port": cluster.ui_port,
            "ui-tls-port": cluster.ui_tls_port, "ha-port": cluster.ha_port,
            "heartbeat": f"{HEARTBEAT_MS}ms", "election-timeout": TIMEOUT_MS,
            "election-random": f"{RANDOM_MS}ms", "leader": "cc1",
            "user": "dba=secret", "user-key": f"ops={cluster.directory}/ops.pub",
        }
        return [f"--{name}={value}" for name, value in words.items()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal this process and return its exit code."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def control(self, *words: str) -> Json:
        """The answer on the control socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.state_dir / "control"))
            connection.sendall(json.dumps(words).encode() + b"\n")
            answer: Json = json.loads(connection.makefile().readline())
            return answer

    def do(self, *words: str) -> Json:
        """As control(), and it must be done."""
        answer = self.control(*words)
        assert answer["ok"], answer
        return answer

    def events(self) -> list[Json]:
        lines = (self.state_dir / "events.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def connect(self, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        """A TLS connection to the RPC port, not verified, as the client does it."""
        plain = socket.create_connection((self.address, self.cluster.rpc_port), PATIENCE)
        return self.cluster.tls.wrap_socket(plain, session=session)

    def raw(self, request: bytes) -> bytes:
        """All bytes that come back, to the end of the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(1 << 20), b""))

    def rpc(self, path: str, body: Json, cookie: str = "") -> tuple[Json, str]:
        """Ask in the manner of the client: HTTP/1.0. The reply and a new cookie."""
        text = json.dumps(body)
        raw = self.raw(post(path, text, "1.0", cookie))
        head, _, answer = raw.partition(b"\r\n\r\n")
        cookies = [line[12:] for line in head.decode().split("\r\n")
                   if line.startswith("Set-Cookie: ")]
        return json.loads(answer), (cookies[0].split(";")[0] if cookies else cookie)

    def ping(self) -> Json:
        return self.rpc("/v2/controller/", PING)[0]

    def ui(self, method: str, path: str, tls: bool = False) -> "Page":
        """What the web UI answers."""
        cluster = self.cluster
        connection: http.client.HTTPConnection
        if tls:
            connection = http.client.HTTPSConnection(
                self.address, cluster.ui_tls_port, timeout=PATIENCE, context=cluster.tls
            )
        else:
            connection = http.client.HTTPConnection(
                self.address, cluster.ui_port, timeout=PATIENCE
            )
        with contextlib.closing(connection):
            connection.request(method, path)
            answer = connection.getresponse()
            return Page(answer.status, answer.headers, answer.read().decode())


class Page(NamedTuple):
    """An answer of the web UI."""

    status: int
    headers: http.client.HTTPMessage
    body: str


class Cluster:
    """Three of them, and an RSA key for the user ops."""

    def __init__(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.directory = pathlib.Path(self.temporary.name)
        self.rpc_port, self.ha_port = free_port(), free_port()
        self.ui_port, self.ui_tls_port = free_port(), free_port()
        self.tls = ssl._create_unverified_context()
        self.key = self.directory / "ops.key"
        public = self.directory / "ops.pub"
        openssl("genrsa", "-out", self.key, "2048")
        openssl("rsa", "-in", self.key, "-RSAPublicKey_out", "-out", public)
        self.sims = [Sim(self, number) for number in (1, 2, 3)]
        for sim in self.sims:
            sim.launch()
        for sim in self.sims:
            sim.wait_ready()

    def close(self) -> None:
        for sim in self.sims:
            if sim.process and sim.process.poll() is None:
                sim.stop(signal.SIGKILL)
        self.temporary.cleanup()


def openssl(*words: str | pathlib.Path, stdin: bytes = b"") -> bytes:
    """What the command writes."""
    command = ["openssl", *words]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


def post(path: str, body: str, version: str = "1.1", cookie: str = "") -> bytes:
    lines = [
        f"POST {path} HTTP/{version}", "Host: cmon", "Connection: close",
        "Transfer-Encoding: identity", *([f"Cookie: {cookie}"] if cookie else []),
        "Content-Type: application/json", f"Content-Length: {len(body)}", "", body,
    ]
    return "\r\n".join(lines).encode()


@functools.cache
def the_cluster() -> Cluster:
    """One for all tests: from the first that needs it to the end of the program."""
    cluster = Cluster()
    atexit.register(cluster.close)
    return cluster


class WithCluster(unittest.TestCase):
    """Each test starts from: cc1 leads, nothing is wrong."""

    cluster: Cluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = the_cluster()

    def setUp(self) -> None:
        self.sims = self.cluster.sims
        self.cc1, self.cc2, self.cc3 = self.sims
        self.calm()
        self.addCleanup(self.calm)

    def calm(self) -> None:
        for sim in self.sims:
            sim.do("fault", "none")
            sim.do("ui", "up")
            sim.do("login", "here")
        self.cc1.do("lead")
        wait_until("cc1 is known to lead", lambda: all(
            sim.control("status")["leader"] == self.cc1.address for sim in self.sims
        ))
