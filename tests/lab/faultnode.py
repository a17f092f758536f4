"""The node as the fault points see it, from inside: its states, what belongs to the administrator, what may be left over."""

import hashlib
import os
import re
import subprocess
import time
from dataclasses import dataclass

CLUSTER_FILE = "/etc/cmonha-ui/cluster.conf"
JOURNAL = "/var/lib/cmonha-ui/journal"
TRACE = "/run/fault.trace"
# Files that cmonha-ui writes. Their bytes make the state of the node.
OURS = (
    "/etc/cmonha-ui/haproxy.cfg",
    "/etc/cmonha-ui/keepalived.conf",
    "/etc/cmonha-ui/watch.conf",
    "/etc/xinetd.d/cmonhachk",
    "/var/lib/cmonha-ui/cluster.conf",
    "/var/lib/cmonha-ui/haproxy.state",
)
SERVICES_LINE = re.compile(rb"^cmonhachk .*\n", re.MULTILINE)
# Passwords are made again at each first apply; all else is decided by the cluster file.
PASSWORD = re.compile(rb"^\tuser .*password .*\n", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit status, below 0 its signal; 124: it took too long."""

    status: int
    output: str


_known: dict[str, str] = {}
_cluster_files: dict[str, bytes] = {}


def run(*command: str, limit: float = 90) -> Outcome:
    """A command and its output."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(124, "took too long")
    return Outcome(done.returncode, done.stdout.decode(errors="replace"))


def read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def traced(options: str, command: str) -> tuple[Outcome, str]:
    """A command of cmonha-ui under strace with these options; also what strace wrote."""
    outcome = run("strace", "-o", TRACE, *options.split(), "cmonha-ui", command)
    return outcome, read(TRACE).decode(errors="replace")


def state() -> str:
    """Which of the known states the files are in, or "mixed"."""
    now = _digest()
    return next((name for name, digest in _known.items() if digest == now), "mixed")


def _digest() -> str:
    digest = hashlib.sha256()
    for path in OURS:
        digest.update(path.encode() + PASSWORD.sub(b"", read(path)) + bytes([os.path.exists(path)]))
    return digest.hexdigest()


def edit(name: str) -> None:
    """The administrator's edit that leads to this state; "none" has the cluster file of "plain"."""
    with open(CLUSTER_FILE, "wb") as file:
        file.write(_cluster_files[name])


def remember() -> None:
    """Learns the digests of the three states, and ends in "none"."""
    plain = read(CLUSTER_FILE)
    changed = plain.replace(b"[cluster]\n", b"[cluster]\nlost_adverts = 6\n") + b"interval = 300ms\n"
    _cluster_files.update(plain=plain, none=plain, changed=changed)
    for name, command in (("plain", "apply"), ("changed", "apply"), ("none", "remove")):
        edit(name)
        outcome = run("cmonha-ui", command)
        if outcome.status != 0:
            raise SystemExit(f"faults: cannot prepare the node: {command}: {outcome.output}")
        _known[name] = _digest()


def go(name: str) -> None:
    """To this state, from wherever the node is."""
    if state() == name and not has_journal():
        edit(name)
        return
    edit(name)
    for _ in range(3):  # a run that failed may have left a service that is still starting
        outcome = run("cmonha-ui", "remove" if name == "none" else "apply")
        if outcome.status == 0 and state() == name:
            return
    raise SystemExit(f"faults: cannot bring the node to {name}: {outcome.output}")


def interrupt() -> bool:
    """An apply that is killed at its third rename: the first file is in place, and the journal is there."""
    traced("-e trace=rename -e inject=rename:signal=KILL:when=3", "apply")
    return has_journal()


def has_journal() -> bool:
    return os.path.exists(JOURNAL)


def foreign() -> dict[str, str]:
    """The administrator's files: everything in /etc but ours. /etc/services without our line, the cluster file as edited."""
    found = {}
    for folder, _, names in os.walk("/etc"):
        for path in (os.path.join(folder, name) for name in names):
            ours = path.startswith("/etc/cmonha-ui/") and path != CLUSTER_FILE
            if ours or path == "/etc/xinetd.d/cmonhachk" or os.path.islink(path):
                continue
            about = os.stat(path)
            content = SERVICES_LINE.sub(b"", read(path)) if path == "/etc/services" else read(path)
            if path == CLUSTER_FILE:
                content = b"as edited" if content in _cluster_files.values() else content
            found[path] = f"{about.st_mode:o} {about.st_uid} {about.st_gid} {hashlib.sha256(content).hexdigest()}"
    return found


def leftovers() -> list[str]:
    """Files that a completed run must not leave."""
    return [
        os.path.join(folder, name)
        for top in ("/etc", os.path.dirname(JOURNAL))
        for folder, _, names in os.walk(top)
        for name in names
        if name.endswith(".cmonha-new") or os.path.join(folder, name).startswith(JOURNAL)
    ]


def _wait(seconds: float, is_so) -> bool:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def journal_is_reported(seconds: float) -> bool:
    """Whether status reports the interrupted run, or a rollback that has just run removes its journal in that time."""

    def is_so() -> bool:
        status = run("cmonha-ui", "status")
        return (status.status != 0 and "interrupted" in status.output) or not has_journal()

    return _wait(seconds, is_so)


def serves_nothing(seconds: float) -> bool:
    """Whether in that time none of our units runs any more, and xinetd no longer has the check's port."""
    units = [f"cmonha-ui-{name}.service" for name in ("haproxy", "keepalived", "watch")]

    def is_so() -> bool:
        return run("systemctl", "is-active", *units).status != 0 and not run("ss", "-Htln", "sport = :9201").output

    return _wait(seconds, is_so)


def status_is_ok(seconds: float) -> bool:
    """Whether status becomes OK in that time: a reloaded HAProxy has to find its leader first."""
    return _wait(seconds, lambda: run("cmonha-ui", "status").status == 0)
