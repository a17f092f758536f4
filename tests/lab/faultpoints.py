"""One system call of cmonha-ui fails or kills it, in a node of a lab that is up; see `faults` next to this file.

`list FILE` writes the points of every scenario; `try FILE` tries a share of them. Both run inside the node.
"""

import argparse
import json
import re
import socket
import sys
import time
from dataclasses import asdict, dataclass, field

import faultcalls
import faultnode as node
from faultcalls import Point

TOTALS = "/run/faults/totals"
LIMIT = 30  # seconds for what follows a run: a rollback by HAProxy's unit, a leader that is found


@dataclass(frozen=True)
class Scenario:
    """A command, and to which state it leads from which."""

    name: str
    command: str
    leads: dict[str, str]
    marker: str = node.CLUSTER_FILE  # the file with which its work begins
    interrupted: bool = False  # an apply was killed before


# A change is tried in both directions, so that a point mostly ends where another can begin.
CHANGE = {"plain": "changed", "changed": "plain"}
SCENARIOS = (
    Scenario("change", "apply", CHANGE),
    Scenario("first apply", "apply", {"none": "plain"}),
    Scenario("remove", "remove", {"plain": "none", "changed": "none"}, marker="/var/lib/cmonha-ui"),
    Scenario("roll back", "apply", CHANGE, interrupted=True),
)


def say(words: str) -> None:
    print(f"  {socket.gethostname()}: {words}", flush=True)


@dataclass
class Tally:
    """What was tried and what went wrong."""

    passed: int = 0
    failed: int = 0
    missed: int = 0  # the call was not reached
    others: int = 0  # another call of that name had the number
    begun: float = field(default_factory=time.monotonic)


def prepare(scenario: Scenario, state: str) -> tuple[str, str]:
    """Brings the node before the command; its start and goal."""
    start = state if state in scenario.leads else next(iter(scenario.leads))
    node.go(start)
    goal = scenario.leads[start]
    node.edit(goal)
    if scenario.interrupted and not node.interrupt():
        raise SystemExit("faults: the run was not interrupted in its swap")
    return start, goal


def verdict(scenario: Scenario, point: Point, start: str, goal: str, first: node.Outcome) -> list[str]:
    """What is wrong after the run with the fault and, if that did not complete, after the next one."""
    killed = point.fault == "killed"
    problems = []
    journal = node.has_journal()  # asked first: a rollback by HAProxy's unit removes it last
    state = node.state()
    # What was interrupted before is still so if this run fails before it rolls back.
    undone_later = killed or (scenario.interrupted and first.status != 0)
    if state not in (start, goal) and not (journal and undone_later):
        problems.append(f"the files are {state}, neither old nor new")
    if first.status == 124:
        problems.append("it did not end")
    if not killed and first.status == 0 and state != goal:
        problems.append("it exited with 0 and the files are not the new ones")
    if not killed and first.status < 0:
        problems.append(f"it died by signal {-first.status}")
    if not killed and first.status != 0 and not first.output.strip():
        problems.append("it failed without a message")
    if "rolled back to the previous" in first.output and state != start:
        problems.append(f"it reports a rollback, but the files are {state}")
    if journal and goal != "none" and not node.journal_is_reported(LIMIT):
        problems.append("a journal is left and status does not report it")
    serves = goal == "none" and state == "none" and not node.serves_nothing(5)
    if serves and first.status == 0 and not re.search("xinetd|cmonhachk|systemctl", first.output):
        problems.append("services go on after the removal, and it does not report it")
    # What it could not tidy up, the next run does.
    if first.status != 0 or state != goal or serves or node.leftovers():
        again = node.run("cmonha-ui", scenario.command)
        if again.status != 0:
            problems.append(f"the next run fails with {again.status}: {again.output.strip()[-300:]}")
        if node.state() != goal:
            problems.append(f"after the next run the files are {node.state()}")
    problems += [f"{path} is left" for path in node.leftovers()]
    if goal == "none" and not node.serves_nothing(LIMIT):
        problems.append("services go on after the next run")
    if goal != "none" and not node.status_is_ok(LIMIT):
        problems.append("status is not OK after the next run: " + node.run("cmonha-ui", "status").output.strip()[-300:])
    return problems


def try_point(scenario: Scenario, point: Point, state: str, tally: Tally) -> None:
    """One run in which this call has this fault."""
    start, goal = prepare(scenario, state)
    mine = node.foreign()
    fault = "signal=KILL" if point.fault == "killed" else f"error={point.fault}"
    first, trace = node.traced(
        f"-y -e trace={point.call} -e inject={point.call}:{fault}:when={point.number}", scenario.command
    )
    hit = [line for line in trace.splitlines() if "(INJECTED)" in line or line.endswith(" = ?")]
    if not hit:
        tally.missed += 1
        return
    if faultcalls.target_of(hit[-1]) != point.target:
        tally.others += 1
    problems = verdict(scenario, point, start, goal, first)
    after = node.foreign()
    problems += [f"the administrator's {path} has changed" for path in mine.keys() | after.keys() if mine.get(path) != after.get(path)]
    if not problems:
        tally.passed += 1
        return
    tally.failed += 1
    say(f"FAIL  {point.scenario}, {start} to {goal}: {point.call} {point.number} ({point.target}): {point.fault}")
    for problem in problems:
        say(f"      {problem}")
    say(f"      the call: {hit[-1][:200]}")
    say(f"      the run: exit status {first.status}: {first.output.strip()[-300:]}")


def make_list(path: str) -> None:
    """Traces each scenario once and writes the points."""
    node.remember()
    points: list[Point] = []
    known: set[tuple[str, str, str]] = set()
    for scenario in SCENARIOS:
        prepare(scenario, node.state())
        _, trace = node.traced(f"-y -k -e trace={','.join(faultcalls.ERRORS)}", scenario.command)
        calls = faultcalls.calls_of(trace, scenario.marker)
        groups = faultcalls.groups_of(calls)
        found = faultcalls.points_of(scenario.name, calls, known)
        say(f"{scenario.name}: {len(calls)} calls, {len(groups)} groups ({len(groups.keys() - known)} new), {len(found)} points")
        points += found
        known |= groups.keys()
    node.edit("plain")
    with open(path, "w", encoding="utf-8") as file:
        json.dump([asdict(point) for point in points], file)
    say(f"{len(points)} points in all")


def next_queue(queues: dict[str, list[Point]], state: str) -> str:
    """The scenario with the most points left of those that can begin in this state, or else of all."""
    left = [scenario for scenario in SCENARIOS if queues[scenario.name]]
    here = [scenario for scenario in left if state in scenario.leads]
    return max(here or left, key=lambda scenario: len(queues[scenario.name])).name


def try_all(points: list[Point]) -> int:
    """Every one of these, in an order that mostly needs no preparation."""
    tally = Tally()
    node.remember()
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    queues: dict[str, list[Point]] = {name: [point for point in points if point.scenario == name] for name in scenarios}
    while any(queues.values()):
        state = node.state()
        name = next_queue(queues, state)
        try_point(scenarios[name], queues[name].pop(0), state, tally)
        left = sum(map(len, queues.values()))
        if left % 50 == 0:
            say(f"{left} left after {time.monotonic() - tally.begun:.0f} s")
    say(f"{tally.passed} passed, {tally.failed} failed, in {time.monotonic() - tally.begun:.0f} s")
    say(f"{tally.others} points met another call of that name, {tally.missed} none: loops that wait go differently each time")
    with open(TOTALS, "w", encoding="utf-8") as file:
        print(tally.passed, tally.failed, file=file)
    return 1 if tally.failed or not tally.passed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="faultpoints", description=__doc__)
    parser.add_argument("action", choices=("list", "try"))
    parser.add_argument("file")
    parser.add_argument("--every", type=int, default=1, help="try each Nth point only")
    parser.add_argument("--first", type=int, default=0, help="beginning with this point, from 0")
    parser.add_argument("--share", type=int, default=0, help="of those the ones of this node, from 0")
    parser.add_argument("--shares", type=int, default=1, help="how many nodes share the points")
    options = parser.parse_args()
    if options.action == "list":
        make_list(options.file)
        return 0
    with open(options.file, encoding="utf-8") as file:
        points = [Point(**point) for point in json.load(file)]
    return try_all(points[options.first :: options.every][options.share :: options.shares])


if __name__ == "__main__":
    sys.exit(main())
