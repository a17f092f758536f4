"""What was really so, derived from the history: spans of time, each with what held in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .history import ADDRESSES, BLOCKING, NODES, Fault, History

FOREVER = float("inf")
Span = tuple[float, float]


def union(spans: Iterable[Span]) -> list[Span]:
    """Put together and in order."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], max(end, result[-1][1])
        elif end > start:
            result.append((start, end))
    return result


def common(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What lies in both."""
    others = list(others)
    return union((max(a, c), min(b, d)) for a, b in some for c, d in others if min(b, d) > max(a, c))


def without(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What lies in the first alone."""
    result = union(some)
    for start, end in union(others):
        result = [piece for a, b in result for piece in ((a, min(b, start)), (max(a, end), b)) if piece[1] > piece[0]]
    return result


@dataclass(frozen=True)
class Lead:
    """A node led in this term."""

    node: str
    term: int
    start: float
    end: float


def leads(history: History) -> list[Lead]:
    """Who led when: by the controllers' own word, until they end or a later term has a leader."""
    found: list[Lead] = []
    for node in NODES:
        found.extend(_own_leads(history, node))
    return [_superseded(one, found) for one in found]


def _own_leads(history: History, node: str) -> Iterator[Lead]:
    since: tuple[float, int] | None = None
    marks = [(event.at, event.name, event.fields) for event in history.events if event.node == node]
    marks += [(death, "dead", {}) for death in _deaths(history, node)]
    for at, name, fields in sorted(marks, key=lambda mark: mark[0]):
        if name not in ("role", "start", "stop", "dead"):
            continue
        if since:
            yield Lead(node, since[1], since[0], at)
        since = (at, int(fields["term"])) if fields.get("role") == "leader" else None
    if since:
        yield Lead(node, since[1], since[0], FOREVER)


def _superseded(one: Lead, found: list[Lead]) -> Lead:
    later = [other.start for other in found if other.term > one.term]
    return Lead(one.node, one.term, one.start, max(one.start, min([one.end, *later])))


def _deaths(history: History, node: str) -> list[float]:
    """When the node's controller ended without a word."""
    return [fault.done for fault in history.faults if fault.node == node and kills_cmon(fault)]


def kills_cmon(fault: Fault) -> bool:
    """Whether it ends the node's controller."""
    return fault.done != FOREVER and "no effect" not in fault.note and (
        fault.kind in ("power-off", "shutdown") or (fault.kind == "kill" and "cmon" in fault.units)
    )


def in_force(history: History, *kinds: str) -> Iterator[Fault]:
    """The faults of these kinds that had an effect."""
    return (fault for fault in history.faults if fault.kind in kinds and "no effect" not in fault.note)


def off(history: History) -> dict[str, list[Span]]:
    """When each node did not run: switched off, or paused."""
    spans: dict[str, list[Span]] = {node: [] for node in NODES}
    for fault in in_force(history, "power-off", "shutdown", "freeze"):
        boot = min((at for at in cmon_starts(history, fault.node) if at > fault.done), default=FOREVER)
        spans[fault.node].append((fault.begun, min(fault.healing, boot)))
    return {node: union(spans[node]) for node in NODES}


def cmon_starts(history: History, node: str) -> list[float]:
    """When the node's controller began."""
    return [event.at for event in history.events if event.node == node and event.name == "start"]


def silent(history: History, node: str) -> list[Span]:
    """When the node's controller surely answered nobody, whatever the network did."""
    spans: list[Span] = []
    for fault in history.faults:
        if fault.node != node or "no effect" in fault.note:
            continue
        next_start = min((at for at in cmon_starts(history, node) if at > fault.done), default=FOREVER)
        if fault.kind == "freeze" or (fault.kind == "stop" and fault.argument.startswith("cmon")):
            spans.append((fault.done, min(fault.healing, next_start)))
        elif kills_cmon(fault):
            spans.append((fault.done, next_start))
    return union(spans)


def apart(history: History, one: str, other: str, surely: bool) -> list[Span]:
    """When frames between the two were lost in some direction: surely, or perhaps."""
    pairs = {(one, other), (other, one)}
    spans = [
        (fault.done, fault.healing) if surely else (fault.begun, fault.healed)
        for fault in in_force(history, *BLOCKING)
        if fault.blocked & pairs
    ]
    return union(spans)


def isolated(history: History, node: str) -> list[Span]:
    """When the node's controller surely reached no majority, no connection to all the others, and the node itself ran."""
    spans: list[Span] = [(history.began, FOREVER)]
    for other in NODES:
        if other != node:
            spans = common(spans, union([*apart(history, node, other, True), *silent(history, other)]))
    return without(spans, off(history)[node])


@dataclass(frozen=True)
class Known:
    """A majority knew this leader."""

    node: str
    start: float
    end: float


def known_leaders(history: History) -> list[Known]:
    """Spans in which a leader and so many followers agreed that they are a majority."""
    belief: dict[str, tuple[str, int]] = {}  # node -> whom it takes for the leader of which term
    result: list[Known] = []
    leader, since = "", history.began
    for at, node, word in sorted(_beliefs(history), key=lambda row: row[0]):
        belief[node] = word
        new = _agreed(belief)
        if new != leader:
            if leader:
                result.append(Known(leader, since, at))
            leader, since = new, at
    if leader:
        result.append(Known(leader, since, FOREVER))
    return result


NOBODY = ("", 0)


def _beliefs(history: History) -> Iterator[tuple[float, str, tuple[str, int]]]:
    for event in history.events:
        fields = event.fields
        if event.name == "role":
            if fields["role"] == "leader":
                yield event.at, event.node, (event.node, int(fields["term"]))
            elif not str(fields["why"]).endswith(" leads"):  # then it was said a moment before whom it follows
                yield event.at, event.node, NOBODY
        elif event.name == "leader" and fields["leader"]:
            yield event.at, event.node, (ADDRESSES[fields["leader"]], int(fields["term"]))
        elif event.name in ("start", "stop", "leader"):
            yield event.at, event.node, NOBODY
    for node in NODES:
        for death in _deaths(history, node):
            yield death, node, NOBODY


def _agreed(belief: dict[str, tuple[str, int]]) -> str:
    words = list(belief.values())
    for node, word in belief.items():
        if word[0] == node and words.count(word) > len(NODES) // 2:
            return node
    return ""


def holding(history: History, node: str) -> list[Span]:
    """When the node had the VIP."""
    spans: list[Span] = []
    since: float | None = None
    for move in history.holdings:
        if move.node != node:
            continue
        if move.has and since is None:
            since = move.at
        elif not move.has and since is not None:
            spans.append((since, move.at))
            since = None
    return union([*spans, (since, FOREVER)] if since is not None else spans)
