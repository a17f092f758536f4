"""Faults: the name of each stands in a test of this file."""

import json
import pathlib
import socket
import ssl
import time

from cmonsim import faults

from .cluster import WithCluster, post
from .common import PATIENCE, PING


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
