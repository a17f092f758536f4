"""One system call of cmonha-ui fails or kills it, on node $FAULTS_NODE of a lab that is up; see `faults` next to this file."""

import argparse
import re
import shlex
import sys
from dataclasses import dataclass, field

import faultnode as node

# What the tool calls between reading the cluster file and its end. Reads of the loader come before and are not counted.
CALLS = (
    "openat,read,write,rename,unlink,mkdir,fsync,fchmod,fchown,newfstatat,readlink,access,flock,getrandom,"
    "pipe2,vfork,clone3,wait4,socket,connect,sendto,recvfrom,setsockopt"
)
# The errors that the call can return (its manual page, ERRORS), and which the tool must survive.
ERRORS = {
    "openat": ("EACCES", "EIO"),
    "read": ("EIO", "EINTR"),
    "write": ("ENOSPC", "EINTR"),
    "rename": ("EACCES", "ENOSPC"),
    "unlink": ("EACCES", "EIO"),
    "mkdir": ("ENOSPC",),
    "fsync": ("EIO",),
    "fchmod": ("EIO",),
    "fchown": ("EIO",),
    "newfstatat": ("EACCES",),
    "readlink": ("EACCES",),
    "access": ("EACCES",),
    "flock": ("EINTR",),
    "getrandom": ("EINTR",),
    "pipe2": ("EMFILE",),
    "vfork": ("EAGAIN",),
    "clone3": ("EAGAIN",),
    "wait4": ("EINTR",),
    "socket": ("EMFILE",),
    "connect": ("ECONNREFUSED", "EINTR"),
    "sendto": ("EPIPE", "EINTR"),
    "recvfrom": ("ECONNRESET", "EINTR"),
    "setsockopt": ("EIO",),
}
MARKER = "/etc/cmonha-ui/cluster.conf"
REMOVE_MARKER = "/var/lib/cmonha-ui"


@dataclass(frozen=True)
class Scenario:
    """A command and the state of the node before it."""

    name: str
    before: tuple[str, ...]  # shell commands that lead there
    command: str
    after: str  # which content is the new one: "changed", "plain" or "none"
    start: str  # "plain" or "none"
    marker: str = MARKER


SCENARIOS = (
    Scenario("change", ("restore plain", "edit"), "cmonha-ui apply", "changed", "plain"),
    Scenario("first apply", ("restore none",), "cmonha-ui apply", "plain", "none"),
    Scenario("remove", ("restore plain",), "cmonha-ui remove", "none", "plain", REMOVE_MARKER),
    Scenario("roll back", ("restore plain", "edit", "interrupt"), "cmonha-ui apply", "changed", "plain"),
)


@dataclass
class Tally:
    """What was tried and what went wrong."""

    points: int = 0
    missed: int = 0
    wrong: list[str] = field(default_factory=list)


def calls_of(trace: str, marker: str) -> list[tuple[str, int]]:
    """Every call from the marker on, with its number among the calls of that name since the start."""
    count: dict[str, int] = {}
    found = []
    begun = False
    for line in trace.splitlines():
        match = re.match(r"(\w+)\(", line)
        if not match:
            continue
        name = match.group(1)
        count[name] = count.get(name, 0) + 1
        begun = begun or marker in line
        if begun and name in ERRORS:
            found.append((name, count[name]))
    return found


def prepare(scenario: Scenario) -> None:
    for step in scenario.before:
        node.step(step)


def try_point(scenario: Scenario, call: str, number: int, fault: str, tally: Tally) -> None:
    """One run in which this call has this fault."""
    where = f"{scenario.name}: {call} {number}: {fault}"
    prepare(scenario)
    mine = node.foreign_digest()
    injected = "signal=KILL" if fault == "killed" else f"error={fault}"
    outcome = node.run(
        f"strace -o /run/fault.trace -e trace={CALLS} -e inject={call}:{injected}:when={number} {scenario.command}", 90
    )
    if not node.has("/run/fault.trace", "INJECTED" if fault != "killed" else "killed by SIGKILL"):
        tally.missed += 1
        return
    tally.points += 1
    problems = []
    state = node.state()
    journal = node.exists("/var/lib/cmonha-ui/journal")
    # What was interrupted before is still so if this run fails before it rolls back.
    undone_later = fault == "killed" or ("interrupt" in scenario.before and outcome.status != 0)
    if state not in (scenario.start, scenario.after) and not (journal and undone_later):
        problems.append(f"the files are {state}, neither old nor new")
    if fault != "killed" and outcome.status == 0 and state != scenario.after:
        problems.append("it exited with 0 and the files are not the new ones")
    if fault != "killed" and outcome.status < 0:
        problems.append(f"it died by signal {-outcome.status}")
    if fault != "killed" and outcome.status != 0 and not outcome.output.strip():
        problems.append("it failed without a message")
    if "rolled back to the previous" in outcome.output and state != scenario.start:
        problems.append(f"it reports a rollback, but the files are {state}")
    # HAProxy's unit, started just before the kill, may be rolling back at this moment.
    if journal and scenario.after != "none" and not node.journal_is_reported(10):
        problems.append("a journal is left and status does not report it")
    again = node.run(scenario.command, 90)
    if again.status != 0:
        problems.append(f"the next run fails with {again.status}: {again.output.strip()[-300:]}")
    if node.state() != scenario.after:
        problems.append(f"after the next run the files are {node.state()}")
    problems += node.leftovers()
    if scenario.after != "none" and not node.wait_status_ok(10):
        problems.append("status is not OK after the next run: " + node.run("cmonha-ui status", 30).output.strip()[-300:])
    if node.foreign_digest() != mine:
        problems.append("a file of the administrator's has changed")
    if problems:
        tally.wrong.append(where)
        print(f"FAIL  {where}")
        for problem in problems:
            print(f"      {problem}")
        print("      first run: " + shlex.quote(outcome.output.strip()[-300:]))
        sys.stdout.flush()


def run(every: int, first: int, share: int, shares: int) -> int:
    tally = Tally()
    turn = -first
    node.remember()
    for scenario in SCENARIOS:
        prepare(scenario)
        node.run(f"strace -o /run/fault.trace -e trace={CALLS} {scenario.command}", 90)
        calls = calls_of(node.read("/run/fault.trace"), scenario.marker)
        faults = [(call, number, fault) for call, number in calls for fault in (*ERRORS[call], "killed")]
        before = tally.points
        for call, number, fault in faults:
            if turn >= 0 and turn % every == 0 and turn // every % shares == share:
                try_point(scenario, call, number, fault, tally)
            turn += 1
        print(f"  {node.NODE}, {scenario.name}: {len(calls)} calls, {len(faults)} points, {tally.points - before} tried")
        sys.stdout.flush()
    failed = len(tally.wrong)
    print(f"  {node.NODE}: {tally.missed} points were not reached in their run (a loop that waits went another way)")
    print(f"{tally.points - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not tally.points else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="faults DEB", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try each Nth point only")
    parser.add_argument("--first", type=int, default=0, help="beginning with this point, from 0")
    parser.add_argument("--share", type=int, default=0, help="of those the ones of this node, from 0")
    parser.add_argument("--shares", type=int, default=1, help="how many nodes share the points")
    options = parser.parse_args()
    return run(options.every, options.first, options.share, options.shares)


if __name__ == "__main__":
    sys.exit(main())
