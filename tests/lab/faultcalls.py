"""The system calls of a run of cmonha-ui, from `strace -y -k`, and which of them are tried as fault points.

Two calls of one name with the same call stack, on the same sort of object, are made by the same line of the program for the
same purpose: they are one group. Loops over /proc, over interfaces or over a file's blocks collapse that way. The first call
of a group gets each of the errors that it can return, the middle and the last one the first of them. A call that changes one
of our files, or starts a program, is a group of its own each time.

A kill leaves what the calls before it have done. So a kill before each call that changes something, or may end with something
changed (a program that runs, a query to a service), leaves every state that a kill at any other call would.
"""

import re
from dataclasses import dataclass, field

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
CHANGES = ("write", "rename", "unlink", "mkdir", "fsync", "fchmod", "fchown")
STARTS = ("vfork", "clone3")
# What was started or queried may change something meanwhile.
WAITS = ("wait4", "sendto")
OURS = re.compile(r"/etc/cmonha-ui|/etc/xinetd\.d|/etc/services|/etc/\.services|/etc/systemd|/var/lib/cmonha-ui|/run/cmonha-ui")


@dataclass
class Call:
    """One system call: its number among those of its name, and what it was about."""

    name: str
    number: int
    target: str  # the path of its file; numbers are N
    changes: bool  # one of our files, or starts a program
    stack: list[str] = field(default_factory=list)

    def group(self) -> tuple[str, str, str]:
        # Two sorts of object: our files and the rest.
        return self.name, "ours" if OURS.match(self.target) else "", " ".join(self.stack)


@dataclass(frozen=True)
class Point:
    """One call of a scenario and what happens to it: an error's name, or "killed"."""

    scenario: str
    call: str
    number: int
    target: str
    fault: str


def target_of(line: str) -> str:
    """The path that the call is about, of its descriptor or its first argument; empty if it has none."""
    match = re.match(r'\w+\(\d+<(/[^>]*)>', line) or re.match(r'\w+\([^"]*?"(/[^"]*)"', line)
    return re.sub(r"\d+", "N", match.group(1)) if match else ""


def calls_of(trace: str, marker: str) -> list[Call]:
    """Every call from the one on that names the marker: the loader's and the libraries' come before."""
    count: dict[str, int] = {}
    found: list[Call] = []
    begun = False
    for line in trace.splitlines():
        frame = re.match(r" > (\S+?)(\(.*)? \[(0x[0-9a-f]+)\]", line)
        match = re.match(r"(\w+)\(", line)
        if frame and begun:
            found[-1].stack.append(frame.group(1) + frame.group(3))
        elif match and match.group(1) in ERRORS:
            name = match.group(1)
            count[name] = count.get(name, 0) + 1
            begun = begun or marker in line
            if begun:
                target = target_of(line)
                changes = name in CHANGES or (name == "openat" and "O_CREAT" in line)
                changes = changes and OURS.match(target) is not None and " = -1 " not in line
                found.append(Call(name, count[name], target, changes or name in STARTS))
    return found


def groups_of(calls: list[Call]) -> dict[tuple[str, str, str], list[Call]]:
    groups: dict[tuple[str, str, str], list[Call]] = {}
    for call in calls:
        groups.setdefault(call.group(), []).append(call)
    return groups


def points_of(scenario: str, calls: list[Call], known: set[tuple[str, str, str]]) -> list[Point]:
    """The points of a scenario. Groups in `known`, which an earlier scenario tries, are left out unless they change something."""
    points = []
    for key, group in groups_of(calls).items():
        few = (group[0], group[len(group) // 2], group[-1])
        for call in group:
            if not call.changes and (key in known or not any(call is one for one in few)):
                continue
            every = call.changes or call is group[0]
            faults = ERRORS[call.name] if every else ERRORS[call.name][:1]
            if call.changes or call.name in WAITS or call is calls[-1]:
                faults += ("killed",)
            points += [Point(scenario, call.name, call.number, call.target, fault) for fault in faults]
    return points
