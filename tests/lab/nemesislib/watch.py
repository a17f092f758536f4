"""what the nodes report: who has the VIP, who leads, which processes there are, what they log."""

import asyncio
import json
import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from . import lab, netns
from .history import NODES, VIP, Event, History, Holding, Line, now

INTERVAL = 0.05  # seconds between two samples at events and namespaces
CENSUS = 1.0  # seconds between two samples at all processes


class VipWatch:
    """One node's addresses, reported by its kernel at the moment of each change."""

    def __init__(self, node: str, history: History) -> None:
        self.node = node
        self.has = False
        self._history = history
        self._socket: socket.socket | None = None
        self._network = 0

    def sample(self) -> None:
        """A node that boots has a new network."""
        network = netns.identity(self.node)
        if self._socket is None or network != self._network:
            self._close()
            self._open(network)
        if self.has and not lab.init(self.node):  # the address outlives the node's processes
            self._set(False)

    def _open(self, network: int) -> None:
        try:
            self._socket = netns.address_socket(self.node)
        except OSError:
            return
        self._network = network
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def _close(self) -> None:
        if self._socket:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        self._set(False)

    def _read(self) -> None:
        assert self._socket
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:  # more changes than fit: begin again
            self._close()
            return
        for address, has in netns.address_changes(data):
            if address == VIP:
                self._set(has)

    def _set(self, has: bool) -> None:
        if has != self.has:
            self.has = has
            self._history.holdings.append(Holding(now(), self.node, has))


class EventTail:
    """One node's simulator's log. The file stays readable through the open descriptor when the node dies."""

    def __init__(self, node: str, history: History) -> None:
        self._node = node
        self._history = history
        self._file: IO[str] | None = None
        self._identity = (0, 0)
        self._partial = ""

    def sample(self) -> None:
        """Takes what is new."""
        self._read()
        try:
            path = lab.inside(self._node, "/run/cmon-sim/events.jsonl")
            status = path.stat()
            if (status.st_dev, status.st_ino) == self._identity:
                return
            self._file = path.open()
            self._identity = (status.st_dev, status.st_ino)
            self._partial = ""
            self._read()
        except OSError:
            pass

    def _read(self) -> None:
        text = self._partial + (self._file.read() if self._file else "")
        *lines, self._partial = text.split("\n")
        for line in lines:
            fields = json.loads(line)
            at, name = float(fields.pop("monotonic_ms")), str(fields.pop("event"))
            fields.pop("wall_ms"), fields.pop("node")
            self._history.events.append(Event(at, self._node, name, fields))


@dataclass
class Life:
    """A process as it was seen from census to census."""

    node: str
    part: str
    process: lab.Process
    first: float
    last: float
    calm: list[tuple[float, int, int]] = field(default_factory=list)  # when, descriptors, KiB
    samples: int = 1
    superseded: bool = False  # by a younger one next to it: the old HAProxy of a reload, which ends with its sessions


class Census:
    """The processes of ours: when they came, when they were gone, and how big they were in calm times."""

    def __init__(self) -> None:
        self.lives: dict[tuple[str, int, int], Life] = {}
        self.all: list[Life] = []
        self.gone: list[tuple[float, Life]] = []

    def sample(self) -> None:
        """Counts all of them."""
        at = now()
        for node in NODES:
            seen = set()
            for part in lab.COMMS:
                for process in lab.processes(node, part):
                    seen.add(self._note(at, node, part, process))
            self._miss(at, node, seen)
            self._supersede(node)

    def _note(self, at: float, node: str, part: str, process: lab.Process) -> tuple[str, int, int]:
        key = node, process.pid, process.since
        life = self.lives.get(key)
        if life:
            life.last, life.process = at, process
            life.samples += 1
        else:
            life = self.lives[key] = Life(node, part, process, at, at)
            self.all.append(life)
        return key

    def _miss(self, at: float, node: str, seen: set[tuple[str, int, int]]) -> None:
        """What was seen once only is a helper between fork and exec, or a reload's test."""
        for key in [key for key in self.lives if key[0] == node and key not in seen]:
            life = self.lives.pop(key)
            if life.samples > 1:
                self.gone.append((at, life))

    def _supersede(self, node: str) -> None:
        """HAProxy's master has one worker that serves; an older one next to it is on its way out."""
        workers = [life for life in self.of("haproxy") if life.node == node and life.samples > 1]
        for life in workers:
            siblings = (other for other in workers if other.process.parent == life.process.parent)
            life.superseded |= any(other.process.since > life.process.since for other in siblings)

    def weigh(self) -> None:
        """A moment of calm: notes descriptors and memory."""
        self.sample()
        for life in self.lives.values():
            life.calm.append((now(), lab.descriptors(life.process.pid), life.process.rss))

    def of(self, part: str) -> Iterator[Life]:
        """Those alive."""
        return (life for life in self.lives.values() if life.part == part)


class Watches:
    """All of the nodes."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.vips = {node: VipWatch(node, history) for node in NODES}
        self.tails = {node: EventTail(node, history) for node in NODES}
        self.census = Census()
        self.lag = 0.0  # the longest time in ms by which this program was late

    async def run(self) -> None:
        """Forever."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        census_due = due
        while True:
            self.sample()
            if loop.time() >= census_due:
                self.census.sample()
                census_due = loop.time() + CENSUS
            due = max(due + INTERVAL, loop.time())
            await asyncio.sleep(due - loop.time())
            self.lag = max(self.lag, (loop.time() - due) * 1000)

    def sample(self) -> None:
        """Now."""
        for node in NODES:
            self.vips[node].sample()
            self.tails[node].sample()

    def leader(self) -> str:
        """Who leads by the latest term; "" when nobody does."""
        self.sample()
        roles: dict[str, tuple[int, str]] = {}
        for event in self.history.events:
            if event.name == "role" and event.fields["role"] == "leader":
                roles[event.node] = int(event.fields["term"]), event.node
            elif event.name in ("role", "start", "stop"):
                roles.pop(event.node, None)
        return max((role for role in roles.values() if lab.init(role[1])), default=(0, ""))[1]

    def holder(self) -> str:
        """Who has the VIP."""
        return next((node for node, watch in self.vips.items() if watch.has), "")


JOURNAL_FIELDS = "MESSAGE,_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER,_PID"
OUR_UNITS = re.compile(r"cmonha-ui.*|xinetd\.service|cmon\.service")


class Journal:
    """The nodes' journals, read from their disks: so it makes no difference whether they run."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._since = history.began

    async def read(self) -> None:
        """Takes what is new."""
        for node in NODES:
            self._history.lines.extend(await self._of(node))

    async def _of(self, node: str) -> list[Line]:
        directory = lab.RUN / "nodes" / node / "disk" / "upper" / "var" / "log" / "journal"
        cursor = lab.RUN / f"journal-{node}"
        words = ["journalctl", "--quiet", "--no-pager", f"--directory={directory}", f"--cursor-file={cursor}"]
        outcome = await lab.run(*words, "--output=json", f"--output-fields={JOURNAL_FIELDS}", limit=60)
        rows = (json.loads(line) for line in outcome.output.splitlines() if line.startswith("{"))
        lines = (_line(node, row) for row in rows)
        return [line for line in lines if line and line.at >= self._since]


def _line(node: str, row: dict[str, Any]) -> Line | None:
    """None: of a unit that does not matter here."""
    unit = str(row.get("UNIT") or row.get("_SYSTEMD_UNIT") or "")
    name = str(row.get("SYSLOG_IDENTIFIER") or "")
    if not OUR_UNITS.fullmatch(unit) and not name.startswith("cmonha"):
        return None
    message = row.get("MESSAGE") or ""
    text = message if isinstance(message, str) else bytes(message).decode(errors="replace")
    at = int(row["__MONOTONIC_TIMESTAMP"]) / 1000
    whose = name if name.startswith("cmonha") else unit.removesuffix(".service")
    return Line(at, node, whose, f"{name}[{row.get('_PID', '')}] {text}")


CRASH = re.compile(r"\b(cmonhachk|cmonha-ui|haproxy|keepalived)\b.*(segfault|trap|general protection|oom)", re.I)


class KernelLog:
    """What the machine's kernel says of processes that crashed."""

    def __init__(self) -> None:
        self._file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._file, 0, os.SEEK_END)

    def crashes(self) -> list[str]:
        """Since the last sample."""
        found: list[str] = []
        while True:
            try:
                text = os.read(self._file, 8192).decode(errors="replace").partition(";")[2].splitlines()[0]
            except BlockingIOError:
                return found
            except (BrokenPipeError, IndexError):  # overwritten before we came, or an empty record
                continue
            if CRASH.search(text):
                found.append(text)
