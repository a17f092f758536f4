"""The bench's samples and what is made of them: values in ms, percentiles, the cases and what is wanted of each."""

import json
import math
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

Json = dict[str, Any]
NEVER = math.inf  # not within the limit of the measurement


def load(directory: pathlib.Path, phase: str, case: str) -> list[Json]:
    """The samples of a case; none if it was not measured."""
    path = directory / f"{phase}.{case}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def percentile(values: list[float], share: float) -> float:
    """By nearest rank: a value that was seen."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


# What a sample of a failover says, in ms after the fault


def leader_page(sample: Json) -> float:
    """From then on every new connection got the leader's page."""
    ms = sample["probe"]["ms"]
    return NEVER if ms is None else float(ms)


def any_page(sample: Json) -> float:
    """From then on every new connection got a page, be it a follower's."""
    phases = sample["probe"]["phases"]
    silent = [i for i, phase in enumerate(phases) if phase["seen"].get("status") != "200"]
    if not silent:
        return 0.0
    return float(phases[silent[-1] + 1]["from"]) if silent[-1] + 1 < len(phases) else NEVER


def old_leader(sample: Json) -> float:
    """Until then the former leader still answered new connections."""
    phases = sample["probe"]["phases"]
    return max((float(p["to"]) for p in phases if p["seen"].get("node") == sample["from"]), default=0.0)


def session_cut(sample: Json) -> float:
    """Then the open session to the former leader was cut."""
    return float(sample["cut_at"] - sample["probe"]["at"]) if sample["cut_at"] else NEVER


def after_election(sample: Json) -> float:
    """As leader_page, without the time that the controllers took to elect."""
    election = float(sample["elected_at"] - sample["probe"]["at"])
    return leader_page(sample) - election


def two_left(sample: Json) -> float:
    """1 if more than one node had the VIP when all was over, else 0."""
    return float(sample["holders"] > 1)


def two_holders(sample: Json) -> float:
    """After the heal of a split; looked at 12 times a second."""
    return float(sample["two_holders"])


@dataclass(frozen=True)
class Case:
    """A row of the table."""

    key: str
    title: str
    value: Callable[[Json], float]
    wanted: tuple[tuple[str, float], ...] = ()  # (median | p95 | max, ms)
    plotted: str = ""  # its name in the plot; empty: not there
    counted: bool = False  # the value is no time: 1 it was so, 0 it was not

    def values(self, directory: pathlib.Path, phase: str) -> list[float]:
        return [self.value(sample) for sample in load(directory, phase, self.key)]


CASES = (
    Case("leader-moved", "leader moved → the new leader's page", leader_page,
         (("median", 150), ("p95", 450)), "leadership moves"),
    Case("leader-moved", "— last answer of the old leader to a new connection", old_leader, (("max", 500),)),
    Case("leader-moved", "— open session to the old leader cut", session_cut, (("max", 500),)),
    Case("leader-off", "leader's node powered off, less the election", after_election,
         (("p95", 500),), "leader's node off (less election)"),
    Case("haproxy-killed", "HAProxy killed on the VIP holder", leader_page,
         (("median", 90),), "HAProxy killed"),
    Case("haproxy-killed", "— any page, a follower's included", any_page),
    Case("haproxy-gone", "HAProxy killed, and does not come back", leader_page,
         (("median", 300),), "HAProxy killed for good"),
    Case("haproxy-hangs", "HAProxy hangs (SIGSTOP)", leader_page, (("median", 500),), "HAProxy hangs"),
    Case("keepalived-killed", "keepalived killed on the VIP holder", leader_page,
         (("p95", 1000),), "keepalived killed"),
    Case("keepalived-killed", "— and 1.5 s later the VIP is on two nodes", two_left, counted=True),
    Case("holder-cut-off", "VIP holder cut off (cable)", leader_page, (("p95", 1000),), "VIP holder cut off"),
    Case("holder-silent", "VIP holder cut off, its link stays up", leader_page,
         (("median", 450), ("p99", 600))),
    Case("holder-silent", "— after the heal, until one node alone has the VIP", two_holders, (("max", 1000),)),
    Case("holder-off", "VIP holder powered off", leader_page,
         (("median", 450), ("p99", 600)), "VIP holder powered off"),
)

STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "median": median,
    "p95": lambda values: percentile(values, 0.95),
    "p99": lambda values: percentile(values, 0.99),
    "max": max,
}


# The costs


@dataclass(frozen=True)
class Asked:
    """Checks that were asked in one case, all rounds together."""

    us: list[float]
    resets: int
    empty: int
    cpu_us: float

    @classmethod
    def load(cls, directory: pathlib.Path, phase: str, case: str) -> "Asked | None":
        rounds = load(directory, phase, case)
        if not rounds:
            return None
        return cls(
            [float(us) for one in rounds for us in one["asked"]["us"]],
            sum(one["asked"]["resets"] for one in rounds),
            sum(one["asked"]["empty"] for one in rounds),
            sum(one["cpu_us"] for one in rounds),
        )

    @property
    def cpu_each(self) -> float:
        """µs of CPU per check."""
        return self.cpu_us / len(self.us)


def idle_shares(directory: pathlib.Path, phase: str) -> dict[str, dict[str, float]]:
    """Per node and part, per cent of a core."""
    shares: dict[str, dict[str, float]] = {}
    for row in load(directory, phase, "idle"):
        shares.setdefault(row["node"], {})[row["part"]] = 100 * row["cpu_us"] / row["of_us"]
    return shares


ASKED_EACH_SECOND = 3 * 4  # by default: three HAProxies, each once in 250 ms


def cpu_in_life(directory: pathlib.Path) -> float:
    """µs of CPU per check of ours when nobody but the HAProxies asks, the ping of the controllers included; the mean of
    all nodes."""
    rows = [row for row in load(directory, "ours", "idle") if row["part"] == "check"]
    asked = sum(row["of_us"] for row in rows) / 1e6 * ASKED_EACH_SECOND
    return float(sum(row["cpu_us"] for row in rows) / asked) if rows else NEVER
