"""Breaks and heals: turns a step of the schedule into a fault of the history.

A fault's times bracket the truth: it may act from `begun`, acts for sure from `done` to `healing`, and is over for sure
at `healed`.
"""

from . import lab
from .actions import ACTIONS, Hands, NoEffect
from .history import NODES, Fault, History, now
from .schedule import Step
from .watch import Watches

NETWORK = ("cut", "block", "partition")
UNKNOWN = float("inf")


def _same(one: Fault, other: Fault) -> bool:
    """Two that would be undone together, though the history would not know."""
    families = [{"loss": "link", "delay": "link"}.get(fault.kind, fault.kind) for fault in (one, other)]
    parts = [fault.argument.split()[0] if fault.kind == "stop" else "" for fault in (one, other)]
    lasting = one.kind not in NETWORK and one.kind not in ("kill", "reinstall")
    return lasting and one.node == other.node and families[0] == families[1] and parts[0] == parts[1]


class Breaker:
    """Makes faults and undoes them; every one is written into the history."""

    def __init__(self, history: History, watches: Watches) -> None:
        self.history = history
        self.watches = watches
        self.hands = Hands()

    async def probe(self) -> None:
        """Finds out what this lab can do."""
        outcome = await lab.lab("link", "cc1", "delay", "1", "jitter", "0")
        self.hands.delays = outcome.status == 0
        await lab.lab("link", "cc1", "clear")

    async def inject(self, step: Step) -> Fault:
        """Breaks it. What had no effect is healed at once and says so."""
        fault = Fault(step.kind, self._resolve(step), step.argument, begun=now())
        same = any(one.active and _same(one, fault) for one in self.history.faults)
        self.history.faults.append(fault)
        try:
            if same:
                raise NoEffect("is so already")
            await ACTIONS[step.kind].inject(self.hands, fault)
            fault.done = now()
        except (NoEffect, OSError) as error:
            fault.note = f"{fault.note} no effect: {error}".strip()
            fault.done = fault.healing = fault.healed = now()
            fault.blocked = frozenset()
            return fault
        if not ACTIONS[step.kind].lasts(fault):
            fault.healing = fault.healed = fault.done
        return fault

    async def heal(self, fault: Fault, final: bool = True) -> None:
        """Undoes it, unless it is over. Before the final sweep a cut stays while there are others."""
        undo = ACTIONS[fault.kind].heal
        if undo is None or fault.healing != UNKNOWN:
            return
        healed = [fault]
        if fault.kind in NETWORK:
            healed = self._active_cuts()
            if len(healed) > 1 and not final:
                return
        for one in healed:
            one.healing = now()
        try:
            await undo(self.hands, fault)
        except OSError as error:
            fault.note = f"{fault.note} undoing it: {error}".strip()
        for one in healed:
            one.healed = now()

    def _active_cuts(self) -> list[Fault]:
        return [fault for fault in self.history.faults if fault.kind in NETWORK and fault.active]

    def _resolve(self, step: Step) -> str:
        """The node that plays the part now."""
        leader, holder = self.watches.leader(), self.watches.holder()
        others = [node for node in NODES if node not in (leader, holder)]
        node = {"leader": leader, "holder": holder, "other": others[0]}.get(step.target, step.target)
        if step.kind == "lead" and node == leader:
            return others[0]
        return node or (NODES[0] if step.target else "")
