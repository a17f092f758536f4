"""What the actions share: what they touch, their errors, and how they use the lab."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from . import lab
from .history import now

LAST_TRIES = 40.0  # seconds in which an undoing that needs the node must work out
PAUSE = 0.2
OURS = frozenset(("haproxy", "keepalived", "xinetd", "check", "cmon"))
TOUCHES = {
    "haproxy": {"haproxy"},
    "keepalived": {"keepalived"},
    "xinetd": {"xinetd", "check"},
    "check": {"check"},
    "cmon": {"cmon"},
    "cmonha-ui-haproxy.service": {"haproxy"},
    "cmonha-ui-keepalived.service": {"keepalived"},
    "cmonha-ui.target": {"haproxy", "keepalived"},
    "xinetd.service": {"xinetd", "check"},
    "cmon.service": {"cmon"},
}


class NoEffect(Exception):
    """There was nothing to break just then."""


class NotHealed(Exception):
    """What was broken on purpose stays broken."""


@dataclass
class Hands:
    """What several actions need."""

    network: asyncio.Lock = field(default_factory=asyncio.Lock)  # the lab makes its rules from files: one at a time
    delays: bool = False  # whether the lab can delay frames


async def do_in_lab(*words: str) -> lab.Outcome:
    outcome = await lab.lab(*words)
    if outcome.status:
        raise NoEffect(outcome.last_line)
    return outcome


async def insist(action: Callable[[], Awaitable[lab.Outcome]], what: str) -> None:
    end = now() + LAST_TRIES * 1000
    while (outcome := await action()).status:
        if now() > end:
            raise NotHealed(f"{what}: status {outcome.status}: {outcome.output.strip()[-2000:]}")
        await asyncio.sleep(PAUSE)
