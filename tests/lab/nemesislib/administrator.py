"""What the administrator and the package manager do, at the worst moment."""

import pathlib

from . import lab
from .hands import TOUCHES, Hands, insist
from .history import Fault

RESTART = "systemctl restart cmonha-ui-keepalived.service"
CLUSTER_FILE = "/etc/cmonha-ui/cluster.conf"


def _reinstall(package: str) -> tuple[str, ...]:
    return ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--reinstall", package)


async def unit(_: Hands, fault: Fault) -> None:
    """Restart or reload."""
    verb, name = fault.argument.split()
    fault.units = frozenset(TOUCHES[name])
    outcome = await lab.execute(fault.node, "systemctl", verb, name, limit=40)
    if outcome.status:
        fault.note = f"status {outcome.status}: {outcome.last_line}"


async def apply(_: Hands, fault: Fault) -> None:
    """Another interval."""
    fault.units = frozenset(("haproxy", "check"))
    text = (lab.RUN / "cluster.conf").read_text() + f"\n[check]\ninterval = {fault.argument}\n"
    changed = lab.RUN / f"cluster.{fault.node}.conf"
    changed.write_text(text)
    outcome = await _apply(fault.node, changed)
    if outcome.status:
        fault.note = f"status {outcome.status}: {outcome.output.strip()}"


async def _apply(node: str, file: pathlib.Path) -> lab.Outcome:
    outcome = await lab.lab("copy", str(file), f"{node}:{CLUSTER_FILE}", limit=20)
    return outcome if outcome.status else await lab.execute(node, "cmonha-ui", "apply", limit=60)


async def unapply(_: Hands, fault: Fault) -> None:
    """The file as on the other nodes. Must work once nothing else is broken on the node."""
    await insist(lambda: _apply(fault.node, lab.RUN / "cluster.conf"), f"apply on {fault.node}")


async def reinstall(_: Hands, fault: Fault) -> None:
    """apt-get install --reinstall."""
    fault.units = frozenset(("check",))
    outcome = await lab.execute(fault.node, *_reinstall("cmonha-ui"), limit=90)
    if outcome.status:
        fault.note = f"status {outcome.status}: {outcome.last_line}"
        fault.undo = True


async def finish_reinstall(_: Hands, fault: Fault) -> None:
    """One that failed (a full disk, a node switched off) is repeated."""
    await lab.execute(fault.node, "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a", limit=90)
    await insist(lambda: lab.execute(fault.node, *_reinstall("cmonha-ui"), limit=90), f"reinstall on {fault.node}")


async def upgrade(_: Hands, fault: Fault) -> None:
    """The distribution replaces HAProxy or keepalived; the package's trigger makes ours the new one, if it may."""
    fault.units = frozenset(TOUCHES[fault.argument])
    outcome = await lab.execute(fault.node, *_reinstall(fault.argument), limit=90)
    if outcome.status:
        fault.note = f"status {outcome.status}: {outcome.last_line}"


async def finish_upgrade(_: Hands, fault: Fault) -> None:
    """One that failed is repeated; and the operator restarts the keepalived of an active node, as apt and status advise."""
    await lab.execute(fault.node, "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a", limit=90)
    if fault.note:
        await insist(lambda: lab.execute(fault.node, *_reinstall(fault.argument), limit=90), f"reinstall on {fault.node}")
    status = await lab.execute(fault.node, "cmonha-ui", "status", limit=20)
    if RESTART in status.output:
        await insist(lambda: lab.execute(fault.node, *RESTART.split()), RESTART)
