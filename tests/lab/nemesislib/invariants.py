"""What must hold over the whole history. `nemesis --rules` prints the table, and that of the excuses."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import truth
from .excuses import ISOLATED, LATE, RESUMED, Excused
from .history import BLOCKING, CLIENT, NODES, Fault, History, Line, Reply, now
from .truth import Span
from .watch import Census, KernelLog, Life

GRACE = 500.0  # ms for which a former leader may still be shown
AROUND = 1000.0  # ms after a heal and the like in which the VIP may be on two nodes
TOUCH = 20.0  # ms of overlap that two kernels' messages may seem to have
SERVES = 3000.0  # ms within which the VIP serves the leader again
NOTICED = 3000.0  # ms until an ended process is missed at the latest
LINES = 150  # per minute and unit
# keepalived logs each advertisement of a second active node: at 70 ms 2.9 times as many as at the 200 ms of 0.1.0, for 150 then
KEEPALIVED_LINES = 430
DESCRIPTORS = {"check": 128, "haproxy": 1024, "keepalived": 64, "xinetd": 32}
DESCRIPTORS_MORE = {"check": 12, "haproxy": 400, "keepalived": 12, "xinetd": 12}  # HAProxy keeps idle connections
ENOUGH = 6  # calm moments in a process's life to distinguish growth from warming up
KIBS = {"check": 32 << 10, "haproxy": 160 << 10, "keepalived": 48 << 10, "xinetd": 16 << 10}
KIBS_MORE = 6 << 10
HOW_MANY = {"check": 1, "haproxy": 2, "keepalived": 2, "xinetd": 1}

@dataclass(frozen=True)
class Violation:
    """Something that must not be."""

    rule: str
    start: float
    end: float
    text: str


class Judge:
    """Checks the history piece by piece, as it grows."""

    def __init__(self, history: History, census: Census) -> None:
        self.history = history
        self.census = census
        self.kernel = KernelLog()
        self.excused = Excused()
        self.recoveries: list[float] = []
        self.most_lines = (0, "")
        self._floods_told: set[tuple[str, str, int]] = set()
        self._replies_seen = 0
        self._lines_seen = 0
        self._gone_seen = 0

    def round_over(self, healed: float) -> list[Violation]:
        """All that came since the last time; the last fault of the round was healed then."""
        replies = self.history.replies[self._replies_seen :]
        lines = self.history.lines[self._lines_seen :]
        self._replies_seen, self._lines_seen = len(self.history.replies), len(self.history.lines)
        since = min((one.start for one in replies), default=now())
        return [
            *self._shown(replies),
            *self._isolated(replies),
            *self._one_holder(since, now()),
            *self._serves(replies, healed, now()),
            *self._crashes(lines),
            *self._ends(),
            *self._floods(lines),
        ]

    # Who is shown

    def _shown(self, replies: Iterable[Reply]) -> Iterator[Violation]:
        leads = truth.leads(self.history)
        wrong = [one for one in replies if shown(one) and not _led(leads, one) and not self._may_show(leads, one)]
        for first, last, count in _runs(wrong):
            node, leader = shown(first), _leader_at(leads, first.start)
            text = f"{first.client}: {node} shown {count} times from {self._at(first.start)} to {self._at(last.end)}"
            yield Violation(_rule_of(first), first.start, last.end, f"{text}; led then: {leader}")

    def _may_show(self, leads: list[truth.Lead], one: Reply) -> bool:
        node = shown(one)
        claims = any(
            fault.argument == "claim-leader" and fault.node == node and fault.overlaps(one.start - GRACE, one.end)
            for fault in truth.in_force(self.history, "sim")
        )
        if claims and not self._contradicted(leads, node, one.start):
            return self.excused.note("claims", one.start, one.end)
        if self._resumed(one) or self._healed(one) or self._cut_leader(one):
            return True
        if _led(leads, one, LATE) and (self._lossy_check(one) or self._reloading(one)):
            return True
        return self._late_reply(leads, one)

    def _contradicted(self, leads: list[truth.Lead], claimant: str, at: float) -> bool:
        """Whether a true leader could be heard by the claimant for long enough."""
        since = at - ISOLATED
        for lead in leads:
            if lead.node != claimant and lead.start <= since and lead.end >= at:
                near = [fault for fault in self.history.faults if fault.overlaps(since - AROUND, at)]
                return not any(_spoils(fault, claimant, lead.node) for fault in near)
        return False

    def _asked(self, one: Reply) -> set[str]:
        """The nodes that may have given it."""
        return {one.client.partition(":")[0]} if ":" in one.client else set(self._holders(one))

    def _healed(self, one: Reply) -> bool:
        spans = [span for node in self._asked(one) - {shown(one)} for span in truth.apart(self.history, node, shown(one), False)]
        near = any(start <= one.end and one.start <= end + RESUMED for start, end in spans)
        return near and self.excused.note("healed", one.start, one.end)

    def _cut_leader(self, one: Reply) -> bool:
        spans = truth.isolated(self.history, shown(one))
        fresh = any(start <= one.end and one.start <= start + ISOLATED for start, _ in spans)
        return fresh and self.excused.note("cut leader", one.start, one.end)

    def _lossy_check(self, one: Reply) -> bool:
        nodes = {*self._asked(one), shown(one)}
        near = any(
            fault.node in nodes and fault.overlaps(one.start - LATE, one.end)
            for fault in truth.in_force(self.history, "loss", "delay")
        )
        return near and self.excused.note("lossy check", one.start, one.end)

    def _reloading(self, one: Reply) -> bool:
        near = _rule_of(one) == "session" and any(
            fault.node in self._asked(one) and fault.overlaps(one.start - LATE, one.end)
            for fault in truth.in_force(self.history, "apply", "reinstall")
        )
        return near and self.excused.note("reloading", one.start, one.end)

    def _late_reply(self, leads: list[truth.Lead], one: Reply) -> bool:
        near = _rule_of(one) == "session" and any(
            fault.blocked & {(CLIENT, node), (node, CLIENT)}
            and fault.begun <= one.end
            and one.start <= fault.healed + (fault.healed - fault.begun) + RESUMED
            and _led(leads, one, GRACE + one.start - fault.begun)
            for node in self._asked(one)
            for fault in truth.in_force(self.history, *BLOCKING)
        )
        return near and self.excused.note("late reply", one.start, one.end)

    def _resumed(self, one: Reply) -> bool:
        nodes = self._asked(one)
        for fault in truth.in_force(self.history, "stop", "freeze"):
            part = fault.argument.split()[:1]
            if fault.node in nodes and part in ([], ["haproxy"], ["check"]):
                if fault.healing <= one.end and one.start <= fault.healed + RESUMED:
                    return self.excused.note("resumed", one.start, one.end)
        return False

    def _holders(self, one: Reply) -> list[str]:
        return [
            node
            for node in NODES
            if any(start <= one.end and end >= one.start for start, end in truth.holding(self.history, node))
        ]

    def _isolated(self, replies: Iterable[Reply]) -> Iterator[Violation]:
        spans = {node: truth.isolated(self.history, node) for node in NODES}
        wrong = []
        for one in replies:
            node = shown(one)
            for start, end in spans.get(node, ()):
                if one.start > start + ISOLATED and one.end < end and not self._resumed(one):
                    wrong.append((one, start))
        for first, last, count in _runs(one for one, _ in wrong):
            start = next(start for one, start in wrong if one is first)
            text = f"{first.client}: {shown(first)} shown {count} times, until {last.end - start:.0f} ms after"
            yield Violation("isolated", first.start, last.end, f"{text} it was cut off at {self._at(start)}")

    # The VIP

    def _one_holder(self, since: float, until: float) -> Iterator[Violation]:
        off = truth.off(self.history)
        spans = {node: truth.without(truth.holding(self.history, node), off[node]) for node in NODES}
        for index, one in enumerate(NODES):
            for other in NODES[index + 1 :]:
                both = [span for span in truth.common(spans[one], spans[other]) if span[1] > since and span[1] - span[0] > TOUCH]
                for start, end in self._unexcused(both, one, other):
                    if end - start > TOUCH and end > since and start < until:
                        end = min(end, until)
                        text = f"the VIP is on {one} and {other} for {end - start:.0f} ms from {self._at(start)}"
                        yield Violation("one holder", start, end, text)

    def _unexcused(self, both: list[Span], one: str, other: str) -> list[Span]:
        left = both
        for name, spans in self._holder_excuses(one, other).items():
            if name == "lossy pair":
                lossy = truth.common(both, spans)
                spans = [(start, min(end, start + AROUND)) for start, end in lossy]
            for start, end in truth.common(left, spans):
                self.excused.note(name, start, min(end, now()))
            left = truth.without(left, spans)
        return left

    def _holder_excuses(self, one: str, other: str) -> dict[str, list[Span]]:
        spans: defaultdict[str, list[Span]] = defaultdict(list)
        spans["cut pair"] = [(start, end + AROUND) for start, end in truth.apart(self.history, one, other, False)]
        for fault in truth.in_force(self.history, "loss", "delay", "stop", "kill", "unit", "freeze"):
            if fault.node in (one, other) and (name := _holder_excuse(fault)):
                spans[name].append((fault.begun, fault.healed + AROUND))
        return spans

    # Recovery

    def _serves(self, replies: list[Reply], healed: float, until: float) -> Iterator[Violation]:
        tries = sorted((one for one in replies if one.client == "vip"), key=lambda one: one.start)
        for known in truth.known_leaders(self.history):
            start, end = max(known.start, healed), min(known.end, until)
            if end <= start:
                continue
            mine = [one for one in tries if one.start >= start and one.end <= end]
            wrong = [one for one in mine if shown(one) != known.node]
            if known.end == truth.FOREVER:
                self._note_recovery(mine, wrong, start)
            late = [one for one in wrong if one.start > start + SERVES]
            for first, last, count in _runs(late, apart=3000):
                text = f"{count} tries did not get {known.node}, the first {first.start - start:.0f} ms after"
                yield Violation("serves", start, last.end, f"{text} the last heal with it known: {first}")

    def _note_recovery(self, mine: list[Reply], wrong: list[Reply], start: float) -> None:
        """From the last heal with a leader known to the first try from which on all were right."""
        if not wrong:
            self.recoveries.append(0.0)
            return
        after = [one for one in mine if one.start > wrong[-1].start]
        if after:
            self.recoveries.append(after[0].end - start)

    # Processes and their words

    def _crashes(self, lines: Iterable[Line]) -> Iterator[Violation]:
        for line in lines:
            if why := self._crash(line):
                yield Violation("crashes", line.at, line.at, f"{line.node}: {line.unit}: {line.text}{why}")
        for text in self.kernel.crashes():
            yield Violation("crashes", now(), now(), f"kernel: {text}")

    def _crash(self, line: Line) -> str:
        """Why this line is not to be; "" when it may."""
        if re.search(r"AddressSanitizer|runtime error:|[Aa]ssertion|SECURITY VIOLATION|bogus VRRP", line.text):
            return " "
        ended = re.search(r"[Mm]ain process exited, code=(\w+), status=(\d+)", line.text)
        if not ended or (ended[1] == "exited" and ended[2] == "0"):
            return ""
        part = next((part for part in ("haproxy", "keepalived", "xinetd", "check", "cmon", "watch") if part in line.unit), "")
        if ended[1] == "dumped":
            return " (nothing of ours does that)"
        return "" if self._explained(line.node, part, line.at, line.at) else " (not by us)"

    def _explained(self, node: str, part: str, start: float, end: float) -> bool:
        return any(
            fault.node == node and part in fault.units and fault.begun <= end and fault.healed + NOTICED >= start
            for fault in self.history.faults
        )

    def _ends(self) -> Iterator[Violation]:
        """Processes that were there and are not any more."""
        gone, self._gone_seen = self.census.gone[self._gone_seen :], len(self.census.gone)
        for at, life in gone:
            if not life.superseded and not self._explained(life.node, life.part, life.last, at):
                age = (at - life.first) / 1000
                text = f"{life.node}: {life.process.comm} {life.process.pid} ended, not by us, {age:.0f} s old"
                yield Violation("crashes", life.last, at, text)

    def _floods(self, lines: Iterable[Line]) -> Iterator[Violation]:
        """Counted by the minute of the run."""
        units = {(line.node, line.unit) for line in lines if line.unit != "cmon"}
        for node, unit in sorted(units):
            mine = [line for line in self.history.lines if (line.node, line.unit) == (node, unit)]
            minutes = Counter(int((line.at - self.history.began) // 60000) for line in mine)
            minute = max(minutes, key=lambda minute: minutes[minute])
            self.most_lines = max(self.most_lines, (minutes[minute], f"{unit} on {node}"))
            limit = KEEPALIVED_LINES if unit == "cmonha-ui-keepalived" else LINES
            if minutes[minute] > limit and (node, unit, minute) not in self._floods_told:
                self._floods_told.add((node, unit, minute))
                start = self.history.began + minute * 60000
                texts = Counter(re.sub(r"\d+", "N", line.text) for line in mine if start <= line.at < start + 60000)
                often = "; ".join(f"{count} × {text}" for text, count in texts.most_common(3))
                yield Violation("floods", start, start, f"{node}: {unit}: {minutes[minute]} lines in a minute: {often}")

    def leaks(self) -> Iterator[Violation]:
        """At the end of the run, by what was noted in calm moments."""
        for life in self.census.all:
            if life.part in KIBS and life.calm:
                yield from _growth(life)
        for node in NODES:
            for part, most in HOW_MANY.items():
                # Old HAProxy processes end with their sessions, or by hard-stop-after; one seen once may be between fork and exec.
                lives = [life for life in self.census.of(part) if life.node == node and life.samples > 1]
                count = sum(not life.superseded for life in lives)
                if count > most:
                    yield Violation("leaks", now(), now(), f"{node}: {count} processes of {part}")

    def excuses(self, minutes: float) -> Iterator[Violation]:
        """At the end of the run of so many minutes."""
        for text in self.excused.exceeded(minutes):
            yield Violation("excuses", now(), now(), text)

    def sizes(self) -> Iterator[str]:
        """What was the most in calm moments, for the report."""
        for part in KIBS:
            weighed = [row for life in self.census.all if life.part == part for row in life.calm]
            if weighed:
                files, size = max(row[1] for row in weighed), max(row[2] for row in weighed)
                yield f"{part} {files} descriptors, {size} KiB"

    def _at(self, moment: float) -> str:
        return f"{moment - self.history.began:.0f}"


def _growth(life: Life) -> Iterator[Violation]:
    """Above the bound; or the least of the later half of its life is more than that of the earlier half."""
    start, end = life.calm[0][0], life.calm[-1][0]
    bounds = (DESCRIPTORS[life.part], DESCRIPTORS_MORE[life.part], "descriptors"), (KIBS[life.part], KIBS_MORE, "KiB")
    for column, (most, more, what) in enumerate(bounds, 1):
        sizes = [int(row[column]) for row in life.calm]
        early, late = min(sizes[: len(sizes) // 2 or 1]), min(sizes[len(sizes) // 2 :])
        if what == "KiB" and life.process.sanitized:
            continue
        if max(sizes) > most or (len(sizes) >= ENOUGH and late > early + more):
            text = f"{life.node}: {life.process.comm} in {(end - start) / 1000:.0f} s: {what} {sizes}"
            yield Violation("leaks", start, end, text)


def shown(one: Reply) -> str:
    """Which node this reply passes off as the leader; "" for none."""
    if one.outcome != "200":
        return ""
    return one.client.partition(":")[0] if one.client.endswith(":9201") else one.node


def _rule_of(one: Reply) -> str:
    if one.client.endswith(":9201"):
        return "check"
    if one.client.endswith(":81"):
        return "ports"
    return one.client


def _led(leads: list[truth.Lead], one: Reply, grace: float = GRACE) -> bool:
    node = shown(one)
    return any(lead.node == node and lead.start <= one.end and lead.end + grace >= one.start for lead in leads)


def _leader_at(leads: list[truth.Lead], at: float) -> str:
    return next((f"{lead.node}, term {lead.term}" for lead in leads if lead.start <= at <= lead.end), "nobody")


def _spoils(fault: Fault, one: str, other: str) -> bool:
    """Whether it may keep one from hearing the word of the other's controller."""
    if fault.blocked & {(one, other), (other, one)}:
        return True
    if fault.kind in ("loss", "delay", "freeze", "power-off", "shutdown"):
        return fault.node in (one, other)
    return fault.node == other and (fault.kind == "sim" or fault.argument.startswith("cmon") or "cmon" in fault.units)


def _holder_excuse(fault: Fault) -> str:
    """For what it is one; "" for nothing."""
    if fault.kind in ("loss", "delay"):
        return "lossy pair"
    if fault.kind == "freeze":
        return "woken"
    if fault.kind == "stop":
        return "keepalived stopped" if fault.argument.startswith("keepalived") else ""
    return "keepalived restart" if "keepalived" in fault.units else ""


def _runs(wrong: Iterable[Reply], apart: float = 1000) -> Iterator[tuple[Reply, Reply, int]]:
    """Those of one client and node that come soon after each other, as one: first, last, how many."""
    open_runs: dict[tuple[str, str], list[Reply]] = {}
    for one in sorted(wrong, key=lambda one: one.start):
        run = open_runs.setdefault((one.client, one.node), [])
        if run and one.start - run[-1].end > apart:
            yield run[0], run[-1], len(run)
            run.clear()
        run.append(one)
    for run in open_runs.values():
        yield run[0], run[-1], len(run)


RULES = {
    "vip": f"a page through the VIP is of the controller that led then or had led in the last {GRACE / 1000} s, by "
    "the election's own events (of several that believe to lead, the latest term)",
    "session": "the same for each line of a session that stays open through the VIP",
    "ports": "the same at every node's own port 81, also just after HAProxy started",
    "check": "cmonhachk (:9201/leader) says 200 only at such a node",
    "isolated": f"{ISOLATED / 1000} s after a controller was cut off from a majority (frames lost in either direction, "
    "or the others off, paused, stopped or dead) nothing shows it, though its own election takes longer to give up",
    "one holder": f"the VIP is on at most one running node (overlaps above {TOUCH:.0f} ms count)",
    "serves": f"from {SERVES / 1000:.0f} s after the last heal with a leader known to a majority, until the next "
    "fault, every try through the VIP gets the leader",
    "heals": "after each round all is calm within 40 s: the same leader by every way of asking, one holder, "
    "`cmonha-ui status` well on every node; a repeated apply or reinstall works",
    "crashes": "no process of ours ends that we did not end; no dump, no sanitizer's or kernel's word of one",
    "excuses": "none of the excuses is needed more often, or for longer in all, than its ceiling says",
    "leaks": "in calm times neither descriptors nor memory nor processes of ours grow",
    "floods": f"no unit logs more than {LINES} lines in a minute, keepalived {KEEPALIVED_LINES}",
}
