"""Every excuse with its reason, and how much of it a run may need."""

from collections.abc import Iterator
from dataclasses import dataclass

from .truth import Span, union

ISOLATED = 1500.0  # ms: cmonhachk remembers its peers for 1.0 s and a verdict for 0.15; HAProxy's four checks take 0.325
LATE = 1000.0  # ms for which a former leader may be shown where its checks get lost, or HAProxy was just being reloaded
RESUMED = 500.0  # ms in which a process that was stopped or cut off may still act on what it knew


@dataclass(frozen=True)
class Excuse:
    """Why it is one; and how often and for how many seconds it may be needed in a minute."""

    times: float
    seconds: float
    reason: str


# Of three clean runs of 11 minutes (seeds 1, 2 and 3).
EXCUSES = {
    "claims": Excuse(
        0.5, 3.0,
        "a controller that is made to say leader is shown while no true leader within its hearing contradicts "
        "it: the product has nothing but the controllers' word. With one in its hearing for 1.5 s it is no excuse",
    ),
    "resumed": Excuse(
        0.5, 1.0,
        f"a HAProxy or check that was stopped (SIGSTOP, paused node) acts for {RESUMED:.0f} ms after it goes on "
        "on what it knew: its first four checks take 325 ms",
    ),
    "healed": Excuse(
        0.5, 1.0,
        f"a HAProxy that could not hear the former leader acts for {RESUMED:.0f} ms after the heal on what it knew: "
        "a check that is lost on the way takes 250 ms to fail",
    ),
    "cut leader": Excuse(
        0.5, 1.0,
        f"for {ISOLATED:.0f} ms after a leader was cut off from a majority it is shown on its side, even if another "
        "was made leader meanwhile: CMON's own election takes 5 s, only the lab's `lead` is faster",
    ),
    "lossy check": Excuse(
        0.5, 1.0,
        f"with frames lost or late at the node asked or at the former leader this is shown for {LATE:.0f} ms: "
        "each of the four checks that take it out, or the connection for it, may be one of those that are lost",
    ),
    "reloading": Excuse(
        0.5, 1.0,
        f"if the leader changes while HAProxy is being reloaded, sessions of before are cut after {LATE:.0f} ms "
        "at the latest: who watches for it starts when the reload is over",
    ),
    "late reply": Excuse(
        0.5, 3.0,
        "replies in a session that waited while frames between client and proxy were lost are judged by that time: "
        "TCP sends them again as long after the heal as it has tried before it",
    ),
    "cut pair": Excuse(
        2.0, 10.0,
        "two nodes of which one does not hear the other (any cut, also of one direction) may both have the "
        "VIP, and for 1 s after the heal: VRRP knows of the others only what it hears",
    ),
    "lossy pair": Excuse(
        0.5, 1.0,
        "with frames lost or late at one of the two, for at most 1 s at a time: adverts are frames as well",
    ),
    "keepalived stopped": Excuse(
        0.5, 3.0,
        "while keepalived hangs (SIGSTOP) nobody takes the address from its node; and 1 s after",
    ),
    "keepalived restart": Excuse(
        0.5, 1.0,
        "1 s from the moment at which keepalived is killed or restarted",
    ),
    "woken": Excuse(
        0.5, 1.0,
        "1 s after a paused node goes on (a paused node itself does not run and does not count)",
    ),
}

MARGIN = 5.0  # minutes that a run may be the worse for: what a short one is made of is chance
EPISODE = 1000.0  # ms between two that belong together


class Excused:
    """What was excused: spans of time, by excuse."""

    def __init__(self) -> None:
        self._spans: dict[str, list[Span]] = {name: [] for name in EXCUSES}

    def note(self, name: str, start: float, end: float) -> bool:
        """Always true: it is excused."""
        self._spans[name].append((start, end))
        return True

    def episodes(self, name: str) -> list[Span]:
        """In order; what comes within a second is one."""
        return [(start, end - EPISODE) for start, end in union((a, b + EPISODE) for a, b in self._spans[name])]

    def needed(self, name: str) -> tuple[int, float]:
        """How often, and for how many seconds in all."""
        spans = self.episodes(name)
        return len(spans), sum(end - start for start, end in spans) / 1000

    def exceeded(self, minutes: float) -> Iterator[str]:
        """What a run of so many minutes needed more than it may."""
        for name in EXCUSES:
            (times, seconds), (most, longest) = self.needed(name), ceiling(name, minutes)
            if times > most or seconds > longest:
                yield f"{name} {times} times for {seconds:.1f} s; at most {most} times for {longest:.0f} s"

    def rows(self, minutes: float) -> Iterator[str]:
        """For the report: what was needed, and the ceilings."""
        for name in EXCUSES:
            (times, seconds), (most, longest) = self.needed(name), ceiling(name, minutes)
            yield f"excused, {name}: {times} times of at most {most}, {seconds:.1f} s of at most {longest:.0f} s"


def ceiling(name: str, minutes: float) -> tuple[int, float]:
    """How often, and for how many seconds, a run of so many minutes may need this excuse."""
    excuse = EXCUSES[name]
    return round(excuse.times * (minutes + MARGIN)), excuse.seconds * (minutes + MARGIN)
