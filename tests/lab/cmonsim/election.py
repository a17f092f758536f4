"""Who leads: terms, votes and heartbeats between the nodes, after Raft without its log.

At most one leader per term: a node votes once in a term and keeps its vote on disk (losing
the state directory is only dangerous in the instant between a vote and the next term).
Before a real canvass a node asks whether it would be elected at all, so that one that
comes back from isolation joins the leader there is and does not disturb it.

Messages are JSON datagrams: `kind`, `term` (the sender's) and
    heartbeat  online: the addresses the leader hears
    ack        answers a heartbeat
    ask        trial: only asking; vote: false for a trial
    vote       trial, granted
"""

import asyncio
import json
import pathlib
from collections.abc import Callable, Sequence
from random import uniform
from typing import Any, cast

from .settings import Timers

Message = dict[str, Any]
Send = Callable[[str, Message], None]  # address, message; may be lost


class VoteFile:
    """The term and the vote in it, which must survive a restart."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path

    def load(self) -> tuple[int, str] | None:
        """None before the first save."""
        try:
            saved = json.loads(self._path.read_text())
            return int(saved["term"]), str(saved["voted_for"])
        except FileNotFoundError:
            return None

    def save(self, term: int, voted_for: str) -> None:
        """Whole or not at all."""
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps({"term": term, "voted_for": voted_for}))
        temporary.replace(self._path)


class Elector(asyncio.DatagramProtocol):
    """This node's part in the election. Roles: leader, candidate, follower."""

    def __init__(
        self,
        me: str,
        peers: Sequence[str],
        timers: Timers,
        stepdown: float | None,
        vote_file: VoteFile,
        record: Callable[..., None],
    ) -> None:
        self.me = me
        self.timers = timers
        self.stepdown = stepdown
        self.role = "follower"
        self.leader: str | None = None
        self.term = 0
        self.send: Send = self._send_datagram
        self._peers = tuple(peers)
        self._others = tuple(peer for peer in peers if peer != me)
        self._majority = len(self._peers) // 2 + 1
        self._vote_file = vote_file
        self._record = record
        self._voted_for = ""
        self._trial = False
        self._votes: set[str] = set()
        self._heard: dict[str, float] = {}  # any message, or the leader's word for it
        self._acked: dict[str, float] = {}
        self._heard_leader = 0.0
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._elected: asyncio.Future[None] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0

    # What others may ask and do

    @property
    def is_leader(self) -> bool:
        """Whether this node believes that it leads."""
        return self.role == "leader"

    @property
    def online(self) -> set[str]:
        """The addresses of the controllers that show signs of life, this one included."""
        since = self._now() - self.timers.timeout
        return {self.me} | {peer for peer, when in self._heard.items() if when >= since}

    def start(self, port: int, starts_as_leader: bool | None) -> None:
        """Join: with the saved vote, else as instructed, else wait for an election."""
        saved = self._vote_file.load()
        if saved:
            self.term, self._voted_for = saved
        elif starts_as_leader is not None:
            self._enter_term(1, self.me if starts_as_leader else "the first leader")
        self._port = port
        self._restart_election_timer()
        if starts_as_leader and not saved:
            self._become_leader("named at the start")

    def stop(self) -> None:
        """Fall silent, as a dead node does."""
        for alarm in self._alarms.values():
            alarm.cancel()
        if self._transport:
            self._transport.close()

    async def lead(self) -> bool:
        """Take over now, by a canvass that voters grant although they have a leader.

        The old leader steps down as it votes, one datagram before this node leads.
        """
        if self.is_leader:
            return True
        self._elected = asyncio.get_running_loop().create_future()
        self._canvass()
        try:
            async with asyncio.timeout(self.timers.timeout):
                await self._elected
        except TimeoutError:
            return False
        finally:
            self._elected = None
        return True

    def step_down(self, why: str) -> None:
        """Stop leading without naming anybody; the others notice by the silence."""
        self.leader = None
        self._become("follower", why)

    # Roles

    def _become(self, role: str, why: str) -> None:
        if role == self.role:
            return
        was, self.role = self.role, role
        self._record("role", role=role, was=was, term=self.term, why=why)
        for name in ("beat", "majority"):
            self._cancel(name)
        self._restart_election_timer()

    def _become_leader(self, why: str) -> None:
        self.leader = self.me
        self._become("leader", why)
        self._cancel("election")
        self._acked = dict.fromkeys(self._others, self._now())  # the benefit of the doubt
        self._beat()
        if self._elected and not self._elected.done():
            self._elected.set_result(None)

    def _enter_term(self, term: int, voted_for: str = "") -> None:
        self.term, self._voted_for = term, voted_for
        self._vote_file.save(term, voted_for)

    def _follow(self, leader: str) -> None:
        self._heard_leader = self._now()
        if self.leader != leader:
            self.leader = leader
            self._record("leader", leader=leader, term=self.term)
        self._become("follower", f"{leader} leads")
        self._restart_election_timer()

    # Leading

    def _beat(self) -> None:
        online = sorted(self.online)
        self._tell_others({"kind": "heartbeat", "online": online})
        self._later("beat", self.timers.heartbeat, self._beat)
        self._watch_majority()

    def _watch_majority(self) -> None:
        """Step down stepdown seconds after the last moment a majority was in touch."""
        needed = self._majority - 1
        if self.stepdown is None or needed == 0:
            return
        contact = sorted(self._acked.values(), reverse=True)[needed - 1]
        left = contact + self.stepdown - self._now()
        if left <= 0:
            self.step_down("no majority")
        elif left < self.timers.heartbeat:
            self._later("majority", left, self._watch_majority)

    # Canvassing

    def _on_election_timer(self) -> None:
        if self.leader is not None:
            self._record("leader", leader=None, term=self.term)
            self.leader = None
        self._become("candidate", "no heartbeat")
        self._trial = True
        self._ask()

    def _canvass(self) -> None:
        self._become("candidate", "canvass")
        self.leader = None
        self._trial = False
        self._enter_term(self.term + 1, voted_for=self.me)
        self._ask()

    def _ask(self) -> None:
        self._votes = {self.me}
        self._restart_election_timer()
        self._tell_others({"kind": "ask", "trial": self._trial})
        self._count_votes()

    def _count_votes(self) -> None:
        if len(self._votes) < self._majority:
            return
        if self._trial:
            self._canvass()
        else:
            self._become_leader(f"{len(self._votes)} of {len(self._peers)} votes")

    def _has_fresh_leader(self) -> bool:
        silence = self._now() - self._heard_leader
        return self.is_leader or bool(self.leader and silence < self.timers.timeout)

    # Messages

    def receive(self, sender: str, message: Message) -> None:
        """Take a message; one that no other controller would send is ignored."""
        kind, term = message.get("kind"), message.get("term")
        handler = {
            "heartbeat": self._on_heartbeat,
            "ack": self._on_ack,
            "ask": self._on_ask,
            "vote": self._on_vote,
        }.get(str(kind))
        if sender not in self._others or handler is None or not isinstance(term, int):
            return
        self._heard[sender] = self._now()
        if term > self.term:
            self._enter_term(term)
            self.leader = None
            self._become("follower", f"{sender} is in term {term}")
        handler(sender, message)

    def _on_heartbeat(self, sender: str, message: Message) -> None:
        if message["term"] == self.term:
            if self.is_leader:
                self._record("two-leaders-in-one-term", other=sender, term=self.term)
                return
            now = self._now()
            self._heard.update((peer, now) for peer in message["online"])
            self._follow(sender)
        self._tell(sender, {"kind": "ack"})  # to an old leader: its time is over

    def _on_ack(self, sender: str, message: Message) -> None:
        if self.is_leader and message["term"] == self.term:
            self._acked[sender] = self._now()

    def _on_ask(self, sender: str, message: Message) -> None:
        current = message["term"] == self.term
        if message["trial"]:
            granted = current and not self._has_fresh_leader()
        else:
            granted = current and self._voted_for in ("", sender)
            if granted:
                self._enter_term(self.term, voted_for=sender)
                self._restart_election_timer()
        vote = {"kind": "vote", "trial": message["trial"], "granted": granted}
        self._tell(sender, vote)

    def _on_vote(self, sender: str, message: Message) -> None:
        expected = self.role == "candidate" and message["term"] == self.term
        if expected and message["granted"] and message["trial"] == self._trial:
            self._votes.add(sender)
            self._count_votes()

    def _tell(self, peer: str, message: Message) -> None:
        self.send(peer, message | {"term": self.term})

    def _tell_others(self, message: Message) -> None:
        for peer in self._others:
            self._tell(peer, message)

    # Sockets and clocks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ready."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        """The sender's address is the proof of who it is: the lab is a closed network."""
        try:
            message = json.loads(data)
        except ValueError:
            return
        if isinstance(message, dict):
            self.receive(source[0], message)

    def error_received(self, error: Exception) -> None:
        """A dead or unreachable peer is what elections are for: not worth a word."""

    def _send_datagram(self, peer: str, message: Message) -> None:
        if self._transport:
            self._transport.sendto(json.dumps(message).encode(), (peer, self._port))

    def _restart_election_timer(self) -> None:
        wait = self.timers.timeout + uniform(0, self.timers.random)
        self._later("election", wait, self._on_election_timer)

    def _later(self, name: str, wait: float, action: Callable[[], None]) -> None:
        self._cancel(name)
        loop = asyncio.get_running_loop()
        self._alarms[name] = loop.call_later(wait, action)

    def _cancel(self, name: str) -> None:
        alarm = self._alarms.pop(name, None)
        if alarm:
            alarm.cancel()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
