"""All that happened, in the order in which it was noticed; and the text of a part of it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NODES = ("cc1", "cc2", "cc3")
CLIENT = "client"
HOSTS = (*NODES, CLIENT)
ADDRESSES = {f"10.0.0.{100 + number}": name for number, name in enumerate(NODES, 1)}
VIP = "10.0.0.200"

# What daemons say at every start.
NOISE = re.compile(r"Reading included configuration file|NOTICE: setting config option|Command line:|'--use-file|is deprecated")

# Faults during which frames between some hosts are lost.
BLOCKING = ("cut", "block", "partition", "address", "replug")

Pairs = frozenset[tuple[str, str]]
NO_PAIRS: Pairs = frozenset()


def now() -> float:
    """CLOCK_MONOTONIC in ms."""
    return time.monotonic_ns() / 1e6


class Reply(NamedTuple):
    """One question and what came of it."""

    client: str  # "vip", "session", "cc1:81", "cc1:9201"
    start: float
    end: float
    outcome: str  # a status, or what went wrong
    node: str = ""  # whose page it was
    word: str = ""  # what it said of itself: role, reason

    def __str__(self) -> str:
        return " ".join(part for part in (self.outcome, self.node, self.word) if part)


@dataclass(frozen=True)
class Holding:
    """A node has got or lost the VIP."""

    at: float
    node: str
    has: bool


@dataclass(frozen=True)
class Event:
    """A line of a simulated controller."""

    at: float
    node: str
    name: str
    fields: dict[str, Any]

    def __str__(self) -> str:
        words = " ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.name} {words}".strip()


@dataclass(frozen=True)
class Line:
    """A line of a node's journal."""

    at: float
    node: str
    unit: str
    text: str


@dataclass
class Fault:
    """Something broken on purpose, from the command's begin until healed."""

    kind: str
    node: str  # "" for those between nodes
    argument: str
    begun: float  # it may have taken effect from here on
    done: float = float("inf")  # and has for sure from here on
    healing: float = float("inf")  # until here for sure
    healed: float = float("inf")  # and perhaps until here
    note: str = ""
    blocked: Pairs = NO_PAIRS  # frames from the first to the second are lost
    units: frozenset[str] = frozenset()  # whose processes end or change by it
    undo: Any = None  # what the healer has to remember

    @property
    def active(self) -> bool:
        """Not healed yet."""
        return self.healed == float("inf")

    def __str__(self) -> str:
        words = " ".join(part for part in (self.kind, self.node, self.argument) if part)
        return f"{words} ({self.note})" if self.note else words

    def overlaps(self, start: float, end: float) -> bool:
        """Whether it may have been in force at some moment in between."""
        return self.begun <= end and self.healed >= start


@dataclass
class History:
    """Everything. Append only."""

    began: float = field(default_factory=now)
    replies: list[Reply] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)

    def mark(self, text: str) -> None:
        """A remark of the program itself."""
        self.marks.append((now(), text))

    def around(self, start: float, end: float) -> Iterator[str]:
        """What happened in between, by time; ms count from the start of the run."""
        rows = [*self._rows(), *_runs(one for one in self.replies if one.end >= start and one.start <= end)]
        for at, who, what in sorted(row for row in rows if start <= row[0] <= end):
            yield f"{at - self.began:10.1f}  {who:<9} {what}"

    def _rows(self) -> Iterator[tuple[float, str, str]]:
        for at, text in self.marks:
            yield at, "nemesis", text
        for one in self.faults:
            yield one.begun, "fault", f"BEGIN {one}"
            yield one.done, "fault", f"done  {one}"
            yield one.healing, "fault", f"HEAL  {one}"
            yield one.healed, "fault", f"healed {one}"
        for move in self.holdings:
            yield move.at, move.node, "VIP here" if move.has else "VIP gone"
        for event in self.events:
            yield event.at, event.node, f"cmon: {event}"
        for line in self.lines:
            if not NOISE.search(line.text):
                yield line.at, line.node, f"{line.unit}: {line.text}"


def _runs(replies: Iterator[Reply]) -> Iterator[tuple[float, str, str]]:
    """Equal neighbours of one client as one row."""
    last: dict[str, list[Reply]] = {}
    for one in sorted(replies, key=lambda one: one.start):
        run = last.setdefault(one.client, [])
        if run and run[-1][3:] != one[3:]:
            yield _run_row(run)
            run.clear()
        run.append(one)
    for run in last.values():
        yield _run_row(run)


def _run_row(run: list[Reply]) -> tuple[float, str, str]:
    return run[0].start, run[0].client, f"{run[0]}  ×{len(run)}, {run[-1].end - run[0].start:.0f} ms"
