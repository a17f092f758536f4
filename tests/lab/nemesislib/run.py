"""Rounds of faults, each healed and followed by calm; and the closing report."""

import asyncio
import gc
import os
import sys
from collections import Counter
from collections.abc import Coroutine
from statistics import median
from typing import Any

from . import client, lab
from .actions import ACTIONS, NotHealed
from .faults import Breaker
from .history import NODES, History, Reply, now
from .invariants import RULES, Judge, Violation, shown
from .schedule import Step, round_steps
from .watch import Journal, Watches

CALM = 1000.0  # ms for which all must be well
CALM_WITHIN = 40.0  # seconds
WELL_WITHIN = 15.0  # seconds for `cmonha-ui status`
POLL = 0.1
MARGIN = 2000.0  # ms before and after a violation that are printed
SLOW = 1500.0  # ms until the leader is served again after which it is shown why
ROWS = 80  # at either end of what is printed
PRINTED = 3  # violations of a rule printed with what happened around them


class Run:
    """One run of the nemesis on the lab that is up."""

    def __init__(self, seed: str, minutes: float, first_round: int) -> None:
        self.seed = seed
        self.minutes = minutes
        self.number = first_round
        self.history = History()
        self.watches = Watches(self.history)
        self.breaker = Breaker(self.history, self.watches)
        self.journal = Journal(self.history)
        self.judge = Judge(self.history, self.watches.census)
        self.violations: list[Violation] = []

    async def whole(self) -> int:
        """The status to exit with."""
        os.nice(-10)  # who measures must not be late
        await self.breaker.probe()
        clients = [client.ask_on(question, self.history) for question in client.questions()]
        running = [asyncio.create_task(one) for one in (self.watches.run(), client.stay(self.history), *clients)]
        try:
            if await self._calm(now()):
                await self._rounds()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        self._take(self.judge.leaks())
        self._take(self.judge.excuses(self._minutes()))
        return self._report()

    async def _rounds(self) -> None:
        end = now() + self.minutes * 60000
        while now() < end:
            gc.collect()
            gc.freeze()  # the history only grows: not to be looked through again
            if not await self._round():
                return
            self.number += 1

    async def _round(self) -> bool:
        """False when the lab is not as before, so that nothing that follows could be concluded from it."""
        steps = round_steps(self.seed, self.number)
        self._say(f"round {self.number}: {'; '.join(str(step) for step in steps)}")
        begin = now()
        await asyncio.gather(*(self._step(begin, step) for step in steps))
        try:
            await self._sweep()
        except NotHealed as error:
            self._take([Violation("heals", now(), now(), str(error))])
        healed = now()
        self.history.mark("all is healed")
        calm = await self._calm(healed)
        well = calm and await self._well()
        self.watches.census.weigh()
        await self.journal.read()
        before = len(self.judge.recoveries)
        self._take(self.judge.round_over(healed))
        recoveries = self.judge.recoveries[before:]
        served = ", ".join(f"{ms:.0f} ms" for ms in recoveries) or "never"
        if max(recoveries, default=0) > SLOW:
            self._say("a slow recovery, though within what is promised:")
            self._print_around(Violation("serves", healed, healed + max(recoveries), served))
        self._say(f"round {self.number} took {(now() - begin) / 1000:.1f} s; served again after {served}")
        return well

    async def _step(self, begin: float, step: Step) -> None:
        await self._until(begin + step.start)
        fault = await self.breaker.inject(step)
        self._say(f"  {fault}")
        await self._until(fault.done + step.hold)
        try:
            await self.breaker.heal(fault, final=False)
        except NotHealed as error:
            fault.note = f"{fault.note} first try of undoing it: {error}".strip()
            fault.healing = fault.healed = float("inf")

    async def _sweep(self) -> None:
        """Undoes what is left, in an order in which each can work."""
        left = [fault for fault in self.history.faults if fault.active]
        for fault in sorted(left, key=lambda fault: ACTIONS[fault.kind].order):
            await self.breaker.heal(fault)

    async def _until(self, moment: float) -> None:
        """Time passes, everybody watches."""
        await asyncio.sleep(max(0.0, (moment - now()) / 1000))

    # Calm

    async def _calm(self, since: float) -> bool:
        end = now() + CALM_WITHIN * 1000
        while (why := self._unrest(since)) and now() < end:
            await asyncio.sleep(POLL)
        if why:
            self._take([Violation("heals", since, now(), f"no calm within {CALM_WITHIN:.0f} s: {why}")])
            await self._well(0)
            await self._show_views()
        return not why

    def _unrest(self, since: float) -> str:
        """What is not as it should be for the last second; "" for nothing."""
        if now() - since < CALM:
            return "not long enough"
        leader = self.watches.leader()
        if not leader:
            return "there is no leader"
        if [watch.has for watch in self.watches.vips.values()].count(True) != 1:
            return f"the VIP is on: {' '.join(node for node in NODES if self.watches.vips[node].has) or 'no node'}"
        recent = self._recent(now() - CALM)
        for name in client.names():
            if trouble := _trouble(name, recent.get(name, []), leader):
                return trouble
        return ""

    def _recent(self, since: float) -> dict[str, list[Reply]]:
        found: dict[str, list[Reply]] = {}
        for one in reversed(self.history.replies):
            if one.end < since:
                break
            if one.start >= since:
                found.setdefault(one.client, []).append(one)
        return found

    async def _well(self, within: float = WELL_WITHIN) -> bool:
        """By the product's own word, on every node."""
        end = now() + within * 1000
        while True:
            outcomes = await asyncio.gather(*(lab.execute(node, "cmonha-ui", "status", limit=20) for node in NODES))
            bad = [f"{node}: {outcome.output.strip()}" for node, outcome in zip(NODES, outcomes) if outcome.status]
            if not bad:
                return True
            if now() > end:
                words = "\n".join(bad)
                self._take([Violation("heals", now(), now(), f"`cmonha-ui status` is not well: {words}")])
                return False
            await asyncio.sleep(POLL)

    async def _show_views(self) -> None:
        """How each node's HAProxy and keepalived see it, for whoever looks for the cause."""
        for node in NODES:
            outcome = await lab.execute(node, "cat", "/run/cmonha-ui/watch.json", limit=20)
            self._say(f"{node}: {outcome.output.strip()}")

    # Words

    def _say(self, text: str) -> None:
        print(f"[{(now() - self.history.began) / 1000:7.1f}] {text}", flush=True)

    def _take(self, violations: Any) -> None:
        for violation in violations:
            self.violations.append(violation)
            same = sum(one.rule == violation.rule for one in self.violations)
            where = f"(seed {self.seed}, round {self.number})"
            self._say(f'VIOLATION of "{violation.rule}": {violation.text} {where}')
            if same <= PRINTED and violation.rule not in ("leaks", "floods", "excuses"):
                self._print_around(violation)

    def _print_around(self, violation: Violation) -> None:
        rows = list(self.history.around(violation.start - MARGIN, violation.end + MARGIN))
        for row in rows[:ROWS] + [f"... {len(rows) - 2 * ROWS} rows ..."] * (len(rows) > 2 * ROWS):
            print(f"    {row}")
        for row in rows[max(ROWS, len(rows) - ROWS) :]:
            print(f"    {row}")

    def _report(self) -> int:
        self._report_counts()
        broken = Counter(violation.rule for violation in self.violations)
        for rule, promise in RULES.items():
            verdict = f"FAIL  {rule} ({broken[rule]} violations)" if broken[rule] else f"ok    {rule}"
            print(f"{verdict}: {promise}")
        failed = sum(bool(broken[rule]) for rule in RULES)
        print(f"seed {self.seed}, rounds up to {self.number}, {self._minutes():.1f} minutes")
        print(f"{len(RULES) - failed} passed, {failed} failed, 0 skipped")
        return 1 if failed else 0

    def _report_counts(self) -> None:
        faults = Counter(fault.kind for fault in self.history.faults if "no effect" not in fault.note)
        print(f"\nfaults: {_counted(faults)} ({sum(faults.values())}; {self._without_effect()} more had no effect)")
        for name in client.names():
            outcomes = Counter(_outcome(one) for one in self.history.replies if one.client == name)
            print(f"{name}: {_counted(outcomes)}")
        recoveries = self.judge.recoveries or [0.0]
        print(f"served again after the last heal with a leader known: median {median(recoveries):.0f} ms, "
              f"worst {max(recoveries):.0f} ms, n = {len(self.judge.recoveries)}")
        print(f"most in calm moments: {'; '.join(self.judge.sizes())}")
        print("most lines in a minute: {} of {}".format(*self.judge.most_lines))
        print(f"the program itself was late by {self.watches.lag:.0f} ms at worst")
        for row in self.judge.excused.rows(self._minutes()):
            print(row)

    def _minutes(self) -> float:
        return (now() - self.history.began) / 60000

    def _without_effect(self) -> int:
        return sum("no effect" in fault.note for fault in self.history.faults)


def _trouble(name: str, replies: list[Reply], leader: str) -> str:
    """What this client saw of late that is not right."""
    if len(replies) < 5:
        return f"{name} hears nothing"
    for one in replies:
        expected = leader
        if name.endswith(":9201") and not name.startswith(leader):
            if (one.outcome, one.word) == ("503", "follower/follower"):
                continue
            return f"{name}: {one}"
        if shown(one) != expected:
            return f"{name}: {one}, but {leader} leads"
    return ""


def _outcome(one: Reply) -> str:
    if one.client.endswith(":9201"):
        return " ".join(filter(None, (one.outcome, one.word.partition("/")[2])))
    return f"{one.outcome} {one.word}".strip()


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "none"


def main_loop(work: Coroutine[Any, Any, int]) -> int:
    """The event loop with what a person may do to it."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
