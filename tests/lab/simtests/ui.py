"""The web UI's ports."""

import contextlib
import http.client

from .cluster import WithCluster


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
