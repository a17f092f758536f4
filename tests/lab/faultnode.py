"""A node as the fault points see it: its states, what belongs to the administrator, what may be left over."""

import os
import subprocess
import time
from dataclasses import dataclass

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lab")
NODE = os.environ["FAULTS_NODE"]

# Files that cmonha-ui writes. Their bytes make the state of the node.
OURS = (
    "/etc/cmonha-ui/haproxy.cfg /etc/cmonha-ui/keepalived.conf /etc/xinetd.d/cmonhachk "
    "/var/lib/cmonha-ui/cluster.conf /var/lib/cmonha-ui/haproxy.state"
)
# The administrator's: everything in /etc but ours and the links with which units are enabled.
FOREIGN = (
    "find /etc -type f -not -path '/etc/cmonha-ui/*' -not -path /etc/xinetd.d/cmonhachk -not -path /etc/services "
    "-exec md5sum {} + | sort | md5sum; md5sum /etc/cmonha-ui/cluster.conf; grep -v ^cmonhachk /etc/services | md5sum"
)
EDIT = "sed -e 's/^\\[ui\\]/[check]\\ninterval = 300ms\\n[ui]/' /run/fault.conf >/etc/cmonha-ui/cluster.conf"


@dataclass(frozen=True)
class Outcome:
    """How a command ended; 124: it took too long."""

    status: int
    output: str


_known: dict[str, str] = {}


def run(command: str, limit: float) -> Outcome:
    """A shell command in the node."""
    try:
        done = subprocess.run(
            [LAB, "exec", NODE, "sh", "-c", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(124, "took too long")
    return Outcome(done.returncode, done.stdout.decode(errors="replace"))


def read(path: str) -> str:
    return run(f"cat {path}", 10).output


def has(path: str, words: str) -> bool:
    return words in read(path)


def exists(path: str) -> bool:
    return run(f"test -e {path}", 10).status == 0


def _must(command: str) -> None:
    outcome = run(command, 90)
    if outcome.status != 0:
        raise SystemExit(f"faults: cannot prepare the node: {command}: {outcome.output}")


def _digest() -> str:
    # Passwords are made again at each first apply; all else is decided by the cluster file.
    return run(
        f"for f in {OURS}; do echo $f; cat $f 2>/dev/null | sed '/^\\tuser .*password /d'; done | md5sum", 10
    ).output


def remember() -> None:
    """Learns the digests of the three states."""
    _must("cp /etc/cmonha-ui/cluster.conf /run/fault.conf")
    _must("cmonha-ui apply")
    _known["plain"] = _digest()
    _must(f"{EDIT} && cmonha-ui apply")
    _known["changed"] = _digest()
    _must("cmonha-ui remove")
    _known["none"] = _digest()


def state() -> str:
    """Which of the known states the files are in, or "mixed"."""
    now = _digest()
    return next((name for name, digest in _known.items() if digest == now), "mixed")


def step(name: str) -> None:
    """One step of a scenario's preparation."""
    if name == "restore plain":
        _must("cp /run/fault.conf /etc/cmonha-ui/cluster.conf && cmonha-ui apply")
    elif name == "restore none":
        _must("cp /run/fault.conf /etc/cmonha-ui/cluster.conf && cmonha-ui remove")
    elif name == "edit":
        _must(EDIT)
    elif name == "interrupt":
        # Killed at its last rename: all files are in place and the journal is there.
        run("strace -o /run/fault.trace -e trace=rename cmonha-ui apply --dry-run >/dev/null", 30)
        run("strace -o /run/fault.trace -e trace=rename -e inject=rename:signal=KILL:when=3 cmonha-ui apply", 60)
        if not exists("/var/lib/cmonha-ui/journal"):
            raise SystemExit("faults: the run was not interrupted in its swap")


def foreign_digest() -> str:
    return run(FOREIGN, 20).output


def leftovers() -> list[str]:
    """Files that a completed run must not leave."""
    found = run(
        "find /etc /var/lib/cmonha-ui -name '.*.cmonha-new' -o -path '/var/lib/cmonha-ui/journal*'", 20
    ).output.split()
    return [f"{path} is left" for path in found]


def journal_is_reported(seconds: float) -> bool:
    """Whether status reports the interrupted run, or a rollback that has just run removes its journal in that time."""
    end = time.monotonic() + seconds
    while True:
        status = run("cmonha-ui status", 30)
        if (status.status != 0 and "interrupted" in status.output) or not exists("/var/lib/cmonha-ui/journal"):
            return True
        if time.monotonic() > end:
            return False


def wait_status_ok(seconds: float) -> bool:
    """Whether status becomes OK in that time: a reloaded HAProxy has to find its leader first."""
    end = time.monotonic() + seconds
    while run("cmonha-ui status", 30).status != 0:
        if time.monotonic() > end:
            return False
    return True
