"""Electors on a network in memory, without a process or a port."""

import asyncio
import functools
import json
import pathlib
import random
import tempfile
import time
import unittest
from collections.abc import Callable
from typing import Any

from cmonsim.election import Elector, VoteFile
from cmonsim.settings import Timers

from .common import PATIENCE, Json


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
            leaders = {self.electors[n].leader for n in among or set(self.electors)}
            leader = leaders.pop()
            return leader if not leaders and leader in self.leaders() else None

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
