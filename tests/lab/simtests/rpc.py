"""The controller's ports."""

import base64
import contextlib
import http.client
import json
import pathlib

from .cluster import Sim, WithCluster, openssl, post
from .common import PING, STAMPS, Json


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
