"""What is broken when: a pure function of the seed and the number of the round.

A target is a node's name or a part that a node plays when the moment comes: leader, holder (of the VIP), other
(neither). So the same seed breaks the same things again, though which node leads by then is the election's luck.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .history import CLIENT, HOSTS, NODES

TARGETS = ("leader", "leader", "leader", "holder", "holder", "holder", "other", *NODES)
PARTS = ("haproxy", "haproxy", "haproxy", "keepalived", "keepalived", "check", "check", "xinetd", "cmon")
CLAIM = "claim-leader"
SIM_FAULTS = (CLAIM, CLAIM, CLAIM, "hang", "garbage", "http500", "no-ha", "refuse", "slow 400", "drip", "hang-tls",
              "truncated")
UNIT_VERBS = (
    "restart xinetd.service",
    "restart cmonha-ui-haproxy.service",
    "reload cmonha-ui-haproxy.service",
    "restart cmonha-ui-keepalived.service",
    "reload cmonha-ui-keepalived.service",
    "restart cmonha-ui.target",
    "restart cmon.service",
)
LATEST_START = 2500.0


@dataclass(frozen=True)
class Step:
    """One fault of a round; times in ms from the round's begin."""

    start: float
    hold: float
    kind: str
    target: str
    argument: str

    def __str__(self) -> str:
        what = " ".join(part for part in (self.kind, self.target, self.argument) if part)
        return f"{self.start:.0f} ms {what}" + (f" for {self.hold:.0f} ms" if self.hold else "")


Draw = Callable[[Random], str]


def _nothing(_: Random) -> str:
    return ""


def _part(random: Random) -> str:
    part = random.choice(PARTS)
    if part in ("haproxy", "keepalived"):
        return f"{part} {random.choice(('all', 'all', 'first', 'last'))}"
    return f"{part} all"


def _blocks(random: Random) -> str:
    pairs = [f"{a}>{b}" for a in HOSTS for b in HOSTS if a != b]
    return " ".join(sorted(random.sample(pairs, random.randint(1, 5))))


def _groups(random: Random) -> str:
    """Two or three groups; the client in one of them, or hearing everybody."""
    hosts = [*NODES, CLIENT] if random.random() < 0.5 else list(NODES)
    while True:
        groups: list[list[str]] = [[] for _ in range(random.choice((2, 2, 2, 3)))]
        for host in hosts:
            random.choice(groups).append(host)
        named = [group for group in groups if group]
        if len(named) > 1 and sum(any(host in NODES for host in group) for group in named) > 1:
            return "|".join(" ".join(group) for group in named)


def _choice(*words: str) -> Draw:
    return lambda random: random.choice(words)


def _loss(random: Random) -> str:
    return str(random.choice((1, 3, 10, 30)))


def _delay(random: Random) -> str:
    return f"{random.choice((10, 40, 100))} {random.choice((2, 10))}"


def _jump(random: Random) -> str:
    """Seconds: what an NTP client may step, an hour of a wrong time zone, a month of a wrong date."""
    return str(random.choice((1, -1)) * random.choice((2, 30, 3600, 30 * 86400)))


def _interval(random: Random) -> str:
    return f"{random.choice((150, 200, 300, 400, 500))}ms"


@dataclass(frozen=True)
class Kind:
    """A row of the table: how often, its argument, whether it lasts and has a target."""

    weight: int
    argument: Draw = _nothing
    lasts: bool = True
    on_node: bool = True


KINDS = {
    "kill": Kind(16, _part, lasts=False),
    "stop": Kind(12, _part),
    "freeze": Kind(5),
    "power-off": Kind(6),
    "shutdown": Kind(3),
    "cut": Kind(8, _choice("cable", "cable", "silent", "late", "in", "out")),
    "address": Kind(5),
    "replug": Kind(4, _choice("0", "1", "3"), lasts=False),
    "forge": Kind(3, _choice("stranger", "off-link")),
    "answer": Kind(3, on_node=False),
    "block": Kind(6, _blocks, on_node=False),
    "partition": Kind(8, _groups, on_node=False),
    "loss": Kind(5, _loss),
    "delay": Kind(4, _delay),
    "disk-full": Kind(4),
    "clock": Kind(6, _jump),
    "unit": Kind(8, _choice(*UNIT_VERBS), lasts=False),
    "apply": Kind(5, _interval),
    "reinstall": Kind(3, lasts=False),
    "upgrade": Kind(4, _choice("haproxy", "keepalived"), lasts=False),
    "lead": Kind(10, lasts=False),
    "sim": Kind(10, _choice(*SIM_FAULTS)),
    "ui": Kind(4, _choice("down")),
}


def round_steps(seed: str, number: int) -> list[Step]:
    """The faults of this round, in the order in which they begin."""
    random = Random(f"cmonha-ui nemesis {seed}/{number}")
    steps: list[Step] = []
    for index in range(random.choice((1, 1, 2, 2, 2, 3, 3))):
        steps.append(_step(random, index, {step.kind for step in steps}))
    return sorted(steps, key=lambda step: step.start)


def _step(random: Random, index: int, taken: set[str]) -> Step:
    kinds = [name for name in KINDS if name not in ("partition", "block") or not taken & {"partition", "block"}]
    name = random.choices(kinds, [KINDS[kind].weight for kind in kinds])[0]
    kind = KINDS[name]
    start = random.uniform(0, LATEST_START) if index else 0.0
    # Long enough for an election every now and then: it begins after 5 to 7.5 s of silence.
    hold = random.uniform(6000, 11000) if random.random() < 0.35 else random.uniform(200, 3500)
    target = random.choice(TARGETS) if kind.on_node else ""
    argument = kind.argument(random)
    lasts = kind.lasts or argument == "xinetd all"  # which nothing starts again
    return Step(start, hold if lasts else 0.0, name, target, argument)
