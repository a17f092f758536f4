#!/usr/bin/python3
"""Tests of the simulator itself: loopback only, free ports, short timers.

The last line is `N passed, M failed[, K skipped]`, the exit code 0 if M is 0. With
CMON_SIM_RECORDINGS=DIR the table of recorded replies below is compared with the
recordings it was made from.
"""

import asyncio
import base64
import contextlib
import functools
import http.client
import io
import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from typing import Any, NamedTuple

sys.dont_write_bytecode = True
LAB = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(LAB))

from cmonsim import faults, settings as settings_module  # noqa: E402
from cmonsim.accounts import Accounts  # noqa: E402
from cmonsim.controller import Call, Controller  # noqa: E402
from cmonsim.election import Elector, VoteFile  # noqa: E402
from cmonsim.settings import Timers  # noqa: E402

Json = dict[str, Any]

HEARTBEAT_MS, TIMEOUT_MS, RANDOM_MS = 50, 300, 150
PATIENCE = 8.0  # seconds, for a loaded machine; nothing waits so long when all is well
PING = {"operation": "ping", "request_created": "2026-11-22T20:21:12.538Z", "request_id": 1}
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def wait_until(what: str, condition: Callable[[], Any]) -> Any:
    """Poll; the value once it is true."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.005)
    raise AssertionError(f"never came: {what}")


# The recorded replies: what the public client printed of a controller's answers.

RECORDED_AT = ("10.0.0.101", "10.0.0.102", "10.0.0.103")
NAMES = ("cc1.example.net", "cc2.example.net", "cc3.example.net")
STAMPS = {"reply_received", "request_created", "request_processed"}
#                     host names   asked  leader  offline
LISTS = {
    "three-by-address": (RECORDED_AT, 0, 0, ()),
    "asked-on-follower": (RECORDED_AT, 0, 0, ()),  # where the redirect leads
    "leader-alone": (RECORDED_AT, 0, 0, (1, 2)),
    "leader-offline": (RECORDED_AT, 0, 0, (0,)),
    "three-by-hostname": (NAMES, 1, 1, ()),
    "no-leader": (RECORDED_AT, 2, None, ()),
}


def recorded_entry(name: str, address: str, leads: bool, online: bool) -> Json:
    return {
        "class_name": "CmonController",
        "owner_user_name": "system",
        "owner_group_name": "admins",
        "hostname": name,
        "hoststatus": "CmonHostOnline" if online else "CmonHostOffLine",
        "ip": address,
        "message": "Acting as leader." if leads else "Accepting heartbeats.",
        "port": 9501,
        "role": "leader" if leads else "follower",
        "version": "1.9.8.6000",
    }


def recorded(scenario: str) -> Json:
    """The recorded reply without its time stamps."""
    if scenario == "ha-not-enabled":
        return {"request_id": 3, "request_status": "Ok", "total": 0, "controllers": []}
    names, _, leader, offline = LISTS[scenario]
    entries = [
        recorded_entry(names[i], RECORDED_AT[i], i == leader, i not in offline)
        for i in range(3)
    ]
    if leader is not None:
        return {
            "request_id": 3, "request_status": "Ok", "total": 3, "controllers": entries
        }
    return {
        "error_string": "Redirect notification.",
        "request_id": 3,
        "request_status": "Redirect",
        "status": "CmonControllerFollower",
        "controllers": {f"{entry['ip']}:9501": entry for entry in entries},
    }


class StillElector:
    """An election in which nothing moves."""

    def __init__(self, leader: str | None, me: str, online: set[str]) -> None:
        self.leader = leader
        self.is_leader = leader == me
        self.online = online


class RecordedReplies(unittest.IsolatedAsyncioTestCase):
    """The controller says what was recorded, key for key."""

    def controller(self, scenario: str) -> Controller:
        names, asked, leader, offline = LISTS.get(scenario, (RECORDED_AT, 0, None, ()))
        me = RECORDED_AT[asked]
        told = settings_module.parse([
            "--name", "cc", "--address", me, "--peers", ",".join(RECORDED_AT),
            "--names", ",".join(names), "--user", "dba=secret",
        ])
        leads = None if leader is None else RECORDED_AT[leader]
        online = {RECORDED_AT[i] for i in range(3) if i not in offline}
        elector = None if scenario == "ha-not-enabled" else StillElector(leads, me, online)
        nowhere = pathlib.Path("/nonexistent")
        self.accounts = Accounts(told.passwords, {}, "cluster", nowhere)
        return Controller(told, elector, self.accounts)  # type: ignore[arg-type]

    async def ask(self, scenario: str) -> Json:
        controller = self.controller(scenario)
        cookie = self.accounts.password("dba", "secret")
        call = Call("getControllers", {"request_id": 3}, str(cookie))
        reply = await controller.reply("/v2/host/", call)
        self.assertLessEqual(STAMPS, reply.keys())
        for stamp in STAMPS:
            self.assertRegex(reply[stamp], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        return {key: value for key, value in reply.items() if key not in STAMPS}

    async def test_scenarios(self) -> None:
        for scenario in (*LISTS, "ha-not-enabled"):
            with self.subTest(scenario):
                self.assertEqual(await self.ask(scenario), recorded(scenario))

    async def test_a_redirect_names_the_leader(self) -> None:
        controller = self.controller("no-leader")
        controller._elector.leader = RECORDED_AT[1]  # type: ignore[union-attr]
        reply = controller.redirect(Call("ping", {}))
        roles = [entry["role"] for entry in reply["controllers"].values()]
        self.assertEqual(roles, ["follower", "leader", "follower"])

    async def test_ping_without_ha_has_no_status(self) -> None:
        reply = await self.controller("ha-not-enabled").reply(
            "/v2/controller/", Call("ping", {})
        )
        self.assertEqual(reply["request_status"], "Ok")
        self.assertNotIn("controller_status", reply)

    @unittest.skipUnless("CMON_SIM_RECORDINGS" in os.environ, "no recordings given")
    def test_the_table_above_is_the_recordings(self) -> None:
        directory = pathlib.Path(os.environ["CMON_SIM_RECORDINGS"])
        for scenario in (*LISTS, "ha-not-enabled"):
            with self.subTest(scenario):
                reply = json.loads((directory / f"{scenario}.json").read_text())
                self.assertLessEqual(STAMPS, reply.keys())
                for stamp in STAMPS:
                    del reply[stamp]
                self.assertEqual(reply, recorded(scenario))


def sees(elector: Elector, nodes: set[str]) -> bool:
    return elector.online == nodes


class Elections(unittest.IsolatedAsyncioTestCase):
    """Electors on a network in memory, which can be cut."""

    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.events: list[Json] = []
        self.cut: set[str] = set()
        self.electors: dict[str, Elector] = {}

    def start(self, count: int, stepdown: float | None = 0.1, leader: str = "") -> None:
        peers = [f"n{number}" for number in range(1, count + 1)]
        for peer in peers:
            self.electors[peer] = self.elector(peer, peers, stepdown)
        for peer, elector in self.electors.items():
            elector.start(0, peer == leader if leader else None)
            self.addCleanup(elector.stop)

    def elector(self, me: str, peers: list[str], stepdown: float | None) -> Elector:
        def record(event: str, **fields: Any) -> None:
            self.events.append({"node": me, "event": event} | fields)

        def send(peer: str, message: Json) -> None:
            if not self.cut & {me, peer}:
                copy = json.loads(json.dumps(message))
                asyncio.get_running_loop().call_soon(
                    lambda: self.electors[peer].receive(me, copy)
                )

        votes = VoteFile(pathlib.Path(self.directory.name) / f"{me}.json")
        timers = Timers(heartbeat=0.02, timeout=0.1, random=0.08)
        elector = Elector(me, peers, timers, stepdown, votes, record)
        elector.send = send
        return elector

    def leaders(self) -> list[str]:
        return [me for me, elector in self.electors.items() if elector.is_leader]

    async def until(self, what: str, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline, what)
            await asyncio.sleep(0.005)
        return value

    async def one_leader(self, among: set[str] | None = None) -> str:
        """The leader whom all nodes that are not cut off follow."""
        def agreed() -> str | None:
            told = {self.electors[n].leader for n in among or set(self.electors)}
            leader = told.pop()
            return leader if not told and leader in self.leaders() else None

        return str(await self.until("one leader", agreed))

    def tearDown(self) -> None:
        led: dict[int, str] = {}
        for event in self.events:
            self.assertNotEqual(event["event"], "two-leaders-in-one-term")
            if event.get("role") == "leader":
                first = led.setdefault(event["term"], event["node"])
                self.assertEqual(first, event["node"])

    async def test_three_elect_one_and_keep_it(self) -> None:
        self.start(3)
        leader = await self.one_leader()
        await asyncio.sleep(0.4)
        self.assertEqual(self.leaders(), [leader])

    async def test_one_node_elects_itself(self) -> None:
        self.start(1)
        self.assertEqual(await self.one_leader(), "n1")

    async def test_two_of_five_elect_nobody(self) -> None:
        self.cut = {"n1", "n2", "n3"}
        self.start(5)
        await asyncio.sleep(0.4)
        self.assertEqual(self.leaders(), [])

    async def test_named_leader_leads_at_once(self) -> None:
        self.start(3, leader="n2")
        self.assertEqual(self.leaders(), ["n2"])
        self.assertEqual(await self.one_leader(), "n2")
        self.assertEqual(self.electors["n1"].term, 1)

    async def test_isolated_leader_steps_down_and_comes_back_as_follower(self) -> None:
        self.start(3, leader="n1")
        await self.one_leader()
        self.cut = {"n1"}
        await self.until("step-down", lambda: not self.electors["n1"].is_leader)
        second = await self.one_leader(among={"n2", "n3"})
        await asyncio.sleep(0.3)  # long enough to ask in vain a few times
        term = self.electors[second].term
        self.cut = set()
        self.assertEqual(await self.one_leader(), second)
        self.assertEqual(self.electors[second].term, term, "undisturbed")

    async def test_leader_that_never_steps_down_makes_two(self) -> None:
        self.start(3, stepdown=None, leader="n1")
        await self.one_leader()
        self.cut = {"n1"}
        await self.until("a second leader", lambda: len(self.leaders()) == 2)
        self.cut = set()
        self.assertNotEqual(await self.one_leader(), "n1")
        self.assertEqual(len(self.leaders()), 1)

    async def test_transfer(self) -> None:
        self.start(3, leader="n1")
        await self.one_leader()
        self.assertTrue(await self.electors["n3"].lead())
        self.assertEqual(await self.one_leader(), "n3")
        order = [(e["node"], e["role"]) for e in self.events if e["event"] == "role"][-3:]
        expected = [("n3", "candidate"), ("n1", "follower"), ("n3", "leader")]
        self.assertEqual(order, expected)

    async def test_transfer_without_majority_fails(self) -> None:
        self.start(3, leader="n1")
        await self.one_leader()
        self.cut = {"n3"}
        self.assertFalse(await self.electors["n3"].lead())
        self.assertEqual(self.leaders(), ["n1"])

    async def test_step_down_leaves_a_gap_and_then_a_leader(self) -> None:
        self.start(3, leader="n1")
        await self.one_leader()
        self.electors["n1"].step_down("test")
        self.assertEqual(self.leaders(), [])
        await self.one_leader()

    async def test_online_follows_the_silence(self) -> None:
        self.start(3, leader="n1")
        everybody = {"n1", "n2", "n3"}
        for elector in self.electors.values():
            await self.until("all seen", functools.partial(sees, elector, everybody))
        self.cut = {"n3"}
        await self.until("n3 gone", lambda: self.electors["n2"].online == {"n1", "n2"})

    async def test_one_vote_per_term(self) -> None:
        self.start(3)
        voter, votes = self.electors["n1"], []
        voter.send = lambda peer, message: votes.append((peer, message["granted"]))
        for candidate in ("n2", "n3", "n2"):
            voter.receive(candidate, {"kind": "ask", "trial": False, "term": 1})
        self.assertEqual(votes, [("n2", True), ("n3", False), ("n2", True)])

    async def test_vote_survives_a_restart(self) -> None:
        self.start(3, leader="n1")
        again = self.elector("n1", list(self.electors), None)
        again.start(0, True)
        self.addCleanup(again.stop)
        self.assertEqual((again.term, again.is_leader), (1, False))

    async def test_never_two_leaders_in_a_term_whatever_is_cut(self) -> None:
        self.start(5)
        dice = random.Random(9)
        nodes = list(self.electors)
        for _ in range(30):
            self.cut = set(dice.sample(nodes, dice.randrange(4)))
            if dice.random() < 0.3:
                asyncio.get_running_loop().create_task(
                    self.electors[dice.choice(nodes)].lead()
                )
            await asyncio.sleep(dice.uniform(0.01, 0.08))
        self.cut = set()
        await self.one_leader()  # tearDown looks through all that happened


# The whole program: three processes on three loopback addresses.


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


CLUSTER: Cluster | None = None


def setUpModule() -> None:
    global CLUSTER
    CLUSTER = Cluster()


def tearDownModule() -> None:
    assert CLUSTER
    CLUSTER.close()


class WithCluster(unittest.TestCase):
    """Each test starts from: cc1 leads, nothing is wrong."""

    def setUp(self) -> None:
        assert CLUSTER
        self.cluster = CLUSTER
        self.sims = CLUSTER.sims
        self.cc1, self.cc2, self.cc3 = CLUSTER.sims
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


class Rpc(WithCluster):
    """The controller's ports."""

    def test_ping(self) -> None:
        for sim, status in (self.cc1, "CmonControllerLeader"), (
            self.cc2, "CmonControllerFollower"
        ):
            reply = sim.ping()
            self.assertEqual(reply["controller_status"], status)
            self.assertEqual(reply["request_status"], "Ok")
            self.assertEqual(reply["request_id"], PING["request_id"])
            self.assertEqual(reply["request_created"], PING["request_created"])
            self.assertLessEqual(STAMPS | {"controller_id", "rpc_version"}, reply.keys())

    def test_status_text_can_be_changed(self) -> None:
        self.cc1.do("status-text", "leader", "LEADER")
        self.assertEqual(self.cc1.ping()["controller_status"], "LEADER")
        self.cc1.do("status-text", "leader", "-")
        self.assertNotIn("controller_status", self.cc1.ping())
        self.cc1.do("status-text", "leader", "CmonControllerLeader")

    def test_plain_port_on_loopback(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.cc2.plain_port)
        with contextlib.closing(connection):
            for _ in range(2):
                connection.request("POST", "/v2/controller", json.dumps(PING))
                reply = json.load(connection.getresponse())
                self.assertEqual(reply["controller_status"], "CmonControllerFollower")

    def test_keep_alive_and_session_tickets(self) -> None:
        self.cc1.do("reset-counters")
        request = post("/v2/controller/", json.dumps(PING)).replace(b"close", b"keep-alive")
        session = None
        for _ in range(2):
            with self.cc1.connect(session) as connection:
                for _ in range(50):
                    connection.sendall(request)
                    self.assertIn(b"CmonControllerLeader", connection.recv(4096))
                session = connection.session
        counters = self.cc1.do("status")["counters"]
        expected = {"connections": 2, "tls_handshakes": 2, "tls_resumed": 1,
                    "tls_failed": 0, "requests": 100, "pings": 100, "own_pings": 100}
        self.assertEqual(counters | expected, counters)
        self.assertTrue(0 < counters["own_ping_gap_ms"] < 1000)

    def key_login(self, sim: Sim, key: pathlib.Path) -> tuple[Json, str]:
        asked = {"operation": "authenticate", "username": "ops"}
        reply, cookie = sim.rpc("/v2/auth", asked)
        challenge = reply["challenge"].encode()
        signed = openssl("dgst", "-sha256", "-sign", key, stdin=challenge)
        answer = {"operation": "authenticateResponse",
                  "signature": base64.b64encode(signed).decode()}
        return sim.rpc("/v2/auth", answer, cookie)

    def test_key_login_then_redirect_to_the_leader(self) -> None:
        reply, cookie = self.key_login(self.cc2, self.cluster.key)
        self.assertEqual(reply["request_status"], "Ok")
        asked = {"operation": "getControllers", "request_id": 3}
        redirect, _ = self.cc2.rpc("/v2/host/", asked, cookie)
        self.assertEqual(redirect["request_status"], "Redirect")
        self.assertEqual(redirect["status"], "CmonControllerFollower")
        key = f"{self.cc1.address}:{self.cluster.rpc_port}"
        self.assertEqual(redirect["controllers"][key]["role"], "leader")
        reply, _ = self.cc1.rpc("/v2/host/", asked, cookie)
        self.assertEqual((reply["request_status"], reply["total"]), ("Ok", 3))
        self.assertEqual([row["role"] for row in reply["controllers"]],
                         ["leader", "follower", "follower"])

    def test_login_with_the_wrong_key_or_none(self) -> None:
        wrong = self.cluster.directory / "wrong.key"
        openssl("genrsa", "-out", wrong, "2048")
        reply, cookie = self.key_login(self.cc1, wrong)
        self.assertEqual(reply["request_status"], "AccessDenied")
        for body in ({"operation": "authenticateResponse", "signature": "!"},
                     {"operation": "authenticate", "username": "nobody"}):
            reply, _ = self.cc1.rpc("/v2/auth", body, cookie)
            self.assertEqual(reply["request_status"], "AccessDenied")

    def test_password_login(self) -> None:
        body = {"operation": "authenticateWithPassword", "user_name": "dba"}
        reply, _ = self.cc1.rpc("/v2/auth", body | {"password": "wrong"})
        self.assertEqual(reply["request_status"], "AccessDenied")
        reply, cookie = self.cc1.rpc("/v2/auth", body | {"password": "secret"})
        self.assertEqual(reply["request_status"], "Ok")
        reply, _ = self.cc1.rpc("/v2/host/", {"operation": "getControllers"}, cookie)
        self.assertEqual(reply["total"], 3)

    def test_list_needs_a_login(self) -> None:
        for sim in (self.cc1, self.cc2):
            for cookie in ("", "cmon-sid=646261.9999999999.00", "cmon-sid=x"):
                reply, _ = sim.rpc("/v2/host/", {"operation": "getControllers"}, cookie)
                self.assertEqual(reply["request_status"], "AuthRequired")

    def test_follower_that_redirects_the_login_too(self) -> None:
        self.cc2.do("login", "redirect")
        reply, _ = self.cc2.rpc("/v2/auth", {"operation": "authenticate"})
        self.assertEqual(reply["request_status"], "Redirect")

    def test_host_status(self) -> None:
        body = {"operation": "authenticateWithPassword", "user_name": "dba",
                "password": "secret"}
        _, cookie = self.cc1.rpc("/v2/auth", body)
        for status in ("CmonHostOffLine", "auto"):
            self.cc1.do("host-status", self.cc1.address, status)
            reply, _ = self.cc1.rpc("/v2/host/", {"operation": "getControllers"}, cookie)
            expected = "CmonHostOnline" if status == "auto" else status
            self.assertEqual(reply["controllers"][0]["hoststatus"], expected)

    def test_http_errors(self) -> None:
        huge = b"POST /v2/controller/ HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n"
        cases = {
            post("/v2/nowhere", "{}"): 404,
            b"GET /v2/controller/ HTTP/1.1\r\nConnection: close\r\n\r\n": 405,
            b"HEAD /v2/controller/ HTTP/1.0\r\n\r\n": 405,
            post("/v2/controller/", "not json"): 400,
            post("/v2/controller/", "[1]"): 400,
            post("/v2/controller/", "{}"): 400,
            post("/v2/controller/", "[" * 100000): 400,
            b"nonsense\r\n\r\n": 400,
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n": 400,
            huge: 413,
            huge + b"x" * 1000000: 413,
            b"POST / HTTP/1.1\r\nX: " + b"x" * 20000 + b"\r\n\r\n": 431,
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n": 501,
            b"POST / HTTP/2.0\r\n\r\n": 505,
        }
        for request, status in cases.items():
            with self.subTest(request=request[:60], status=status):
                with self.cc1.connect() as connection:
                    connection.sendall(request)
                    head = connection.recv(4096)
                self.assertTrue(head.startswith(b"HTTP/1.1 %d " % status), head)
        reply, _ = self.cc1.rpc("/v2/host/", {"operation": "frobnicate"})
        self.assertEqual(reply["request_status"], "InvalidRequest")


class Faults(WithCluster):
    """Each fault does what its row says, on a keep-alive client's terms too."""

    def answer(self, *fault: str) -> bytes:
        self.cc1.do("fault", *fault)
        return self.cc1.raw(post("/v2/controller/", json.dumps(PING)))

    def test_replies(self) -> None:
        leader = "CmonControllerLeader"
        for fault, status, word in (
            (("none",), "Ok", leader),
            (("wrong-status", "No Such"), "Ok", "No Such"),
            (("null-status",), "Ok", None),
            (("number-status",), "Ok", 1),
            (("missing-status",), "Ok", "missing"),
            (("redirect",), "Redirect", "missing"),
            (("authrequired",), "AuthRequired", "missing"),
            (("tryagain",), "TryAgain", "missing"),
            (("no-ha",), "Ok", "missing"),
            (("empty-list",), "Ok", leader),
        ):
            with self.subTest(fault):
                reply = json.loads(self.answer(*fault).partition(b"\r\n\r\n")[2])
                self.assertEqual(reply["request_status"], status)
                self.assertEqual(reply.get("controller_status", "missing"), word)

    def test_lists(self) -> None:
        body = {"operation": "authenticateWithPassword", "user_name": "dba",
                "password": "secret"}
        _, cookie = self.cc1.rpc("/v2/auth", body)
        for fault in ("empty-list", "no-ha"):
            self.cc1.do("fault", fault)
            reply, _ = self.cc1.rpc("/v2/host/", {"operation": "getControllers"}, cookie)
            self.assertEqual((reply["total"], reply["controllers"]), (0, []))

    def test_two_that_claim_to_lead(self) -> None:
        self.cc2.do("fault", "claim-leader")
        said = [sim.ping()["controller_status"] for sim in (self.cc1, self.cc2)]
        self.assertEqual(said, ["CmonControllerLeader"] * 2)
        self.assertEqual(self.cc2.ui("GET", "/").headers["X-Sim-Role"], "follower")

    def test_statuses(self) -> None:
        for fault, status in ("http500", b"500"), ("http404", b"404"), ("none", b"200"):
            head, _, body = self.answer(fault).partition(b"\r\n\r\n")
            self.assertEqual(head.split()[1], status)
            self.assertEqual(json.loads(body)["controller_status"], "CmonControllerLeader")

    def test_framing(self) -> None:
        head, _, body = self.answer("chunked").partition(b"\r\n\r\n")
        self.assertIn(b"Transfer-Encoding: chunked", head)
        self.assertNotIn(b"Content-Length", head)
        self.assertTrue(body.endswith(b"\r\n0\r\n\r\n"))
        head, _, body = self.answer("no-length").partition(b"\r\n\r\n")
        self.assertNotIn(b"Content-Length", head)
        self.assertEqual(json.loads(body)["request_status"], "Ok")
        head, _, body = self.answer("truncated").partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d\r\n" % (len(body) + 1), head + b"\r\n")

    def test_bodies(self) -> None:
        self.assertFalse(self.answer("garbage").startswith(b"HTTP"))
        body = self.answer("not-json").partition(b"\r\n\r\n")[2]
        self.assertRaises(ValueError, json.loads, body)
        body = self.answer("invalid-utf8").partition(b"\r\n\r\n")[2]
        self.assertRaises(UnicodeDecodeError, body.decode)
        body = self.answer("deep").partition(b"\r\n\r\n")[2]
        self.assertGreater(body.count(b"["), 50_000)
        body = self.answer("huge").partition(b"\r\n\r\n")[2]
        self.assertGreater(len(body), 10_000_000)
        self.assertEqual(json.loads(body)["controller_status"], "CmonControllerLeader")

    def test_pace(self) -> None:
        began = time.monotonic()
        self.answer("slow", "150")
        self.assertGreater(time.monotonic() - began, 0.15)
        for fault, least, most in ("hang", 0, 0), ("drip", 1, 10):
            self.cc1.do("fault", fault)
            with self.cc1.connect() as connection:
                connection.sendall(post("/v2/controller/", json.dumps(PING)))
                time.sleep(0.25)
                connection.settimeout(0.01)
                self.assertTrue(least <= received(connection) <= most, fault)

    def test_ports(self) -> None:
        for fault, error in (
            ("refuse", ConnectionRefusedError), ("tls-fail", ssl.SSLError),
            ("hang-tls", TimeoutError),
        ):
            with self.subTest(fault), self.cc1.connect() as before:
                before.settimeout(PATIENCE)
                self.cc1.do("fault", fault)
                try:
                    self.assertEqual(before.recv(1), b"", "open connections are cut")
                except OSError:
                    pass
                with self.assertRaises(error):
                    self.shake_hands()
                self.cc1.do("fault", "none")
                self.assertEqual(self.cc1.ping()["request_status"], "Ok")

    def shake_hands(self) -> None:
        port = self.cluster.rpc_port
        with socket.create_connection((self.cc1.address, port), 0.3) as plain:
            self.cluster.tls.wrap_socket(plain).close()

    def test_every_fault_has_a_test(self) -> None:
        source = pathlib.Path(__file__).read_text()
        untested = [name for name in faults.KINDS if f'"{name}"' not in source]
        self.assertEqual(untested, [])


def received(connection: ssl.SSLSocket) -> int:
    """How many bytes there are to read now."""
    count = 0
    try:
        while data := connection.recv(1):
            count += len(data)
    except TimeoutError:
        pass
    return count


class Ui(WithCluster):
    """The web UI's ports."""

    def test_page(self) -> None:
        for sim, role in (self.cc1, "leader"), (self.cc2, "follower"):
            for tls in (False, True):
                page = sim.ui("GET", "/any/path?x", tls)
                facts = {"node": sim.name, "role": role,
                         "term": str(sim.do("status")["term"])}
                for name, text in facts.items():
                    self.assertEqual(page.headers[f"X-Sim-{name}"], text)
                    self.assertIn(f"<p>{name}: {text}</p>\n", page.body)

    def test_methods(self) -> None:
        page = self.cc1.ui("HEAD", "/")
        self.assertEqual((page.status, page.body), (200, ""))
        page = self.cc1.ui("POST", "/")
        self.assertEqual((page.status, page.headers["Allow"]), (405, "GET, HEAD"))

    def test_stream_goes_on_until_cut(self) -> None:
        connection = http.client.HTTPConnection(self.cc1.address, self.cluster.ui_port)
        with contextlib.closing(connection):
            connection.request("GET", "/stream")
            answer = connection.getresponse()
            first, second = answer.readline(), answer.readline()
            self.assertRegex(first, rb"^node=cc1 role=leader term=\d+ line=1\n$")
            self.assertRegex(second, rb" line=2\n$")
            self.cc1.do("ui", "down")
            with self.assertRaises((http.client.IncompleteRead, OSError)):
                answer.read()

    def test_down_and_up(self) -> None:
        self.cc1.do("ui", "down")
        self.assertRaises(ConnectionRefusedError, self.cc1.ui, "GET", "/")
        self.cc1.do("ui", "up")
        self.assertEqual(self.cc1.ui("GET", "/").status, 200)

    def test_redirect_loses_the_port(self) -> None:
        self.cc1.do("ui", "redirect")
        page = self.cc1.ui("GET", "/")
        self.assertEqual(page.status, 301)
        self.assertEqual(page.headers["Location"], f"https://{self.cc1.address}/")
        self.assertEqual(self.cc1.ui("GET", "/", tls=True).status, 200)


class Life(WithCluster):
    """Elections between processes, restarts, the control socket."""

    def role_events(self, sims: list[Sim]) -> list[Json]:
        events = [event for sim in sims for event in sim.events()]
        roles = [event for event in events if event["event"] == "role"]
        return sorted(roles, key=lambda event: float(event["monotonic_ms"]))

    def test_transfer_is_immediate(self) -> None:
        self.cc2.do("lead")
        down, up = (e for e in self.role_events(self.sims)[-2:])
        self.assertEqual((down["node"], down["role"]), ("cc1", "follower"))
        self.assertEqual((up["node"], up["role"]), ("cc2", "leader"))
        self.assertLess(up["monotonic_ms"] - down["monotonic_ms"], 100)

    def test_death_of_the_leader(self) -> None:
        died = time.monotonic() * 1000
        self.cc1.stop(signal.SIGKILL)
        survivors = [self.cc2, self.cc3]
        wait_until("a new leader", lambda: any(
            sim.control("status")["role"] == "leader" for sim in survivors
        ))
        took = self.role_events(survivors)[-1]["monotonic_ms"] - died
        self.assertGreater(took, TIMEOUT_MS - HEARTBEAT_MS - 20)
        self.assertLess(took, 2 * (TIMEOUT_MS + RANDOM_MS) + 500)
        self.cc1.start()
        status = wait_until("the leader is known", lambda: [
            status for status in [self.cc1.control("status")] if status["leader"]
        ])[0]
        self.assertEqual(status["role"], "follower")

    def test_lonely_leader_gives_up_or_not(self) -> None:
        for sim in (self.cc2, self.cc3):
            sim.stop(signal.SIGKILL)
        self.cc1.do("stepdown-after", "never")
        time.sleep(TIMEOUT_MS / 1000 + 0.2)
        self.assertEqual(self.cc1.do("status")["role"], "leader")
        self.assertEqual(self.cc1.do("status")["online"], [self.cc1.address])
        self.cc1.do("stepdown-after", f"{TIMEOUT_MS}ms")
        wait_until("step-down", lambda: self.cc1.control("status")["role"] != "leader")
        self.assertFalse(self.cc1.control("step-down")["ok"])
        for sim in (self.cc2, self.cc3):
            sim.start()

    def test_end_and_second_start(self) -> None:
        second = subprocess.run([LAB / "cmon-sim", *self.cc3.arguments()],
                                capture_output=True, timeout=PATIENCE, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn("already running", second.stderr)
        self.assertEqual(self.cc3.stop(), 0)
        self.assertFalse((self.cc3.state_dir / "control").exists())
        self.assertEqual(self.cc3.events()[-1]["event"], "stop")
        self.cc3.start()

    def test_control_socket(self) -> None:
        mode = (self.cc1.state_dir / "control").stat().st_mode & 0o777
        self.assertEqual(mode, 0o600)
        for line in ("bogus", "fault", "fault bogus", "fault slow", "fault slow x",
                     "fault hang x", "ui", "ui sideways", "status x", "stepdown-after soon",
                     "host-status nobody x", "status-text king x", "login there", ""):
            with self.subTest(line):
                answer = self.cc1.control(*line.split())
                self.assertFalse(answer["ok"])
                self.assertTrue(answer["error"])

    def test_control_client(self) -> None:
        client = [str(LAB / "cmon-simctl"), "--state-dir", str(self.cc2.state_dir)]
        for line, code in ("status", 0), ("step-down", 1), ("help", 0), ("", 2):
            command = [*client, *line.split()]
            run = subprocess.run(command, capture_output=True, check=False)
            self.assertEqual(run.returncode, code)
            if code < 2:
                self.assertEqual(json.loads(run.stdout)["ok"], code == 0)

    def test_word_commands(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(self.cc1.state_dir / "control"))
            lines = connection.makefile("rw")
            for line, ok in ("fault wrong-status 'two words'", True), ("fault '", False):
                print(line, file=lines, flush=True)
                self.assertEqual(json.loads(lines.readline())["ok"], ok)
        self.assertEqual(self.cc1.ping()["controller_status"], "two words")

    def test_wrong_command_lines(self) -> None:
        good = ["--name=x", "--address=127.0.0.1"]
        for words in (["--peers=127.0.0.2"], ["--names=a,b"], ["--rpc-port=0"],
                      ["--heartbeat=1s"], ["--stepdown=soon"], ["--user=x"], ["--bogus"]):
            with contextlib.redirect_stderr(io.StringIO()) as said:
                with self.assertRaises(SystemExit) as end:
                    settings_module.parse([*good, *words])
            self.assertEqual(end.exception.code, 2, words)
            self.assertIn("error: ", said.getvalue())


def main() -> int:
    result = unittest.main(exit=False).result
    bad = {getattr(test, "test_case", test).id()
           for test, _ in result.failures + result.errors}  # a test, not its subtests
    skipped = len(result.skipped)
    passed = max(result.testsRun - len(bad) - skipped, 0)
    counts = f"{passed} passed, {len(bad)} failed"
    print(counts + (f", {skipped} skipped" if skipped else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
