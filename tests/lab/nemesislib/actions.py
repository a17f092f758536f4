"""How each kind of fault is made and undone. The table at the end names them as schedule.KINDS does.

All nodes share this machine's clock, so what jumps is the wall clock as HAProxy, keepalived, xinetd and the check of one
node see it (jumping-clock.c). What a paused and continued virtual machine goes through is `freeze`: it stops every
process of a node, its systemd included.

A killed xinetd stays dead until the nemesis restarts it as an administrator would: on Debian 12 nothing else does. All
other processes come back by themselves, or that is a violation.
"""

import asyncio
import os
import pathlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import IO

from . import administrator, lab
from .hands import OURS, TOUCHES, Hands, NoEffect, NotHealed, do_in_lab
from .history import ADDRESSES, CLIENT, HOSTS, Fault, Pairs, now

CLIENT_ADDRESS = "10.0.0.10"
SWITCH = "switch"
VIP = "10.0.0.200"
FORGE = str(pathlib.Path(__file__).resolve().parent.parent / "forge-adverts")
FORGE_ARP = str(pathlib.Path(__file__).resolve().parent.parent / "forge-arp")


# Processes


def _victims(fault: Fault) -> list[lab.Process]:
    part, which = fault.argument.split()
    found = lab.processes(fault.node, part)
    fault.units = frozenset(TOUCHES[part])
    if not found:
        raise NoEffect("no such process")
    return {"first": found[:1], "last": found[-1:]}.get(which, found)


def _handles(victims: list[lab.Process]) -> list[int]:
    handles = []
    for victim in victims:
        try:
            handles.append(os.pidfd_open(victim.pid))
        except ProcessLookupError:
            pass
    return handles


def _signal(handles: list[int], number: int) -> None:
    for handle in handles:
        try:
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            pass


async def kill(_: Hands, fault: Fault) -> None:
    """All of its processes at once, or the master or a worker alone."""
    handles = _handles(_victims(fault))
    _signal(handles, signal.SIGKILL)
    for handle in handles:
        os.close(handle)
    fault.undo = fault.argument.startswith("xinetd")


async def after_kill(_: Hands, fault: Fault) -> None:
    """Debian 12 has an init script for xinetd, whose unit stays "active (exited)": nothing starts it again."""
    await lab.execute(fault.node, "systemctl", "restart", "xinetd.service")


async def stop(_: Hands, fault: Fault) -> None:
    """A hang."""
    fault.undo = _handles(_victims(fault))
    fault.units = frozenset()
    _signal(fault.undo, signal.SIGSTOP)


async def unstop(_: Hands, fault: Fault) -> None:
    """The very same processes, if they are still there."""
    _signal(fault.undo, signal.SIGCONT)
    for handle in fault.undo:
        os.close(handle)


# Nodes


async def freeze(_: Hands, fault: Fault) -> None:
    """As a paused virtual machine."""
    # When all goes on, systemd may find the time of the watcher's watchdog over before the watcher has had its turn.
    fault.units = frozenset(("watch",))
    base = lab.inside(fault.node, "/sys/fs/cgroup")
    fault.undo = open(base / "cgroup.freeze", "w")
    _write_now(fault.undo, "1")
    events = base / "cgroup.events"
    for _attempt in range(20):
        if "frozen 1" in events.read_text():
            return
        await asyncio.sleep(0.01)


async def thaw(_: Hands, fault: Fault) -> None:
    """By the file that was opened then: the node may have been switched off meanwhile."""
    with fault.undo:
        _write_now(fault.undo, "0")


def _write_now(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()


async def power_off(_: Hands, fault: Fault) -> None:
    """The plug."""
    fault.units = OURS
    await do_in_lab("power-off", fault.node)


async def shutdown(_: Hands, fault: Fault) -> None:
    """Orderly."""
    fault.units = OURS
    if not lab.init(fault.node):
        raise NoEffect("is off")
    await do_in_lab("shutdown", fault.node)


async def boot(_: Hands, fault: Fault) -> None:
    """With the disk it had."""
    if not lab.init(fault.node):
        outcome = await lab.lab("boot", fault.node, limit=120)
        if outcome.status:
            raise NotHealed(f"{fault.node} does not boot: {outcome.last_line}")


# The network


def _around(node: str, inward: bool = True, outward: bool = True) -> Pairs:
    others = [host for host in HOSTS if host != node]
    return frozenset([(other, node) for other in others if inward] + [(node, other) for other in others if outward])


async def cut(hands: Hands, fault: Fault) -> None:
    """The cable, silently, one direction, or a link that comes up again without forwarding."""
    fault.blocked = _around(fault.node, fault.argument != "out", fault.argument != "in")
    async with hands.network:
        await do_in_lab("cut", fault.node, fault.argument)


async def flush(_: Hands, fault: Fault) -> None:
    """Every IPv4 address of the node goes, as with a lease that ended or an ifdown. The watcher may restart keepalived."""
    fault.units = frozenset(("keepalived",))
    fault.blocked = _around(fault.node)
    outcome = await _ip(fault.node, "-4", "address", "flush", "dev", "eth1")
    if outcome.status:
        raise NoEffect(outcome.last_line)


async def give_back(_: Hands, fault: Fault) -> None:
    """Its own address comes again; a node that booted meanwhile has it, and one that is off gets it at its boot."""
    await _ip(fault.node, "address", "add", f"{_own_address(fault.node)}/24", "dev", "eth1")


def _own_address(node: str) -> str:
    return next(address for address, name in ADDRESSES.items() if name == node)


async def _ip(node: str, *words: str) -> lab.Outcome:
    return await lab.run("ip", "-n", pathlib.Path(lab.namespace(node)).name, *words)


async def replug(hands: Hands, fault: Fault) -> None:
    """The interface is deleted, and another one of its name comes after so many seconds. The watcher restarts keepalived."""
    fault.units = frozenset(("keepalived",))
    fault.blocked = _around(fault.node)
    async with hands.network:
        await do_in_lab("replug", fault.node, fault.argument)


async def forge(_: Hands, fault: Fault) -> None:
    """Advertisements of the highest priority from a host that is no peer, or in a peer's name from behind a router."""
    if fault.argument == "stranger":
        sender, to = (CLIENT_ADDRESS, "255"), [*ADDRESSES]
    else:
        peer = next(address for address, node in ADDRESSES.items() if node != fault.node)
        sender, to = (peer, "64"), [_own_address(fault.node)]
    fault.undo = await asyncio.create_subprocess_exec(
        "nsenter", f"--net={lab.namespace(CLIENT)}", "--", FORGE, *sender, "255", "120", *to,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )


async def end_forging(_: Hands, fault: Fault) -> None:
    """It would end by itself after two minutes."""
    if fault.undo.returncode is None:
        fault.undo.kill()
    await fault.undo.wait()


async def answer(_: Hands, fault: Fault) -> None:
    """Another host of the link has the virtual IP too, announces it ten times a second, and refuses every connection."""
    outcome = await _ip(SWITCH, "address", "add", f"{VIP}/32", "dev", "br0")
    if outcome.status:
        raise NoEffect(outcome.last_line)
    fault.undo = await asyncio.create_subprocess_exec(
        "nsenter", f"--net={lab.namespace(SWITCH)}", "--", FORGE_ARP, "br0", VIP, "120",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )


async def fall_silent(_: Hands, fault: Fault) -> None:
    """The hosts of the link find the active node again by its own announcements."""
    if fault.undo.returncode is None:
        fault.undo.kill()
    await fault.undo.wait()
    outcome = await _ip(SWITCH, "address", "del", f"{VIP}/32", "dev", "br0")
    if outcome.status:
        raise NotHealed(outcome.last_line)


async def block(hands: Hands, fault: Fault) -> None:
    """Some directed pairs."""
    pairs = [(a, b) for a, _, b in (pair.partition(">") for pair in fault.argument.split())]
    fault.blocked = frozenset(pairs)
    async with hands.network:
        for a, b in pairs:
            await do_in_lab("block", a, b)


async def partition(hands: Hands, fault: Fault) -> None:
    """Groups that do not hear each other."""
    groups = [group.split() for group in fault.argument.split("|")]
    fault.blocked = frozenset(
        (a, b) for one in groups for other in groups if one is not other for a in one for b in other
    )
    async with hands.network:
        await do_in_lab("partition", fault.argument)


async def undo(hands: Hands, _: Fault) -> None:
    """All cuts: the lab's command for it knows no single ones."""
    async with hands.network:
        outcome = await lab.lab("heal")
    if outcome.status:
        raise NotHealed(f"heal: {outcome.last_line}")


async def loss(hands: Hands, fault: Fault) -> None:
    """That many percent in each direction."""
    async with hands.network:
        await do_in_lab("link", fault.node, "loss", fault.argument)


async def delay(hands: Hands, fault: Fault) -> None:
    """Milliseconds, and their scatter."""
    if not hands.delays:
        raise NoEffect("this lab cannot delay frames")
    async with hands.network:
        mean, scatter = fault.argument.split()
        await do_in_lab("link", fault.node, "delay", mean, "jitter", scatter)


async def clear(hands: Hands, fault: Fault) -> None:
    """Loss and delay alike."""
    async with hands.network:
        outcome = await lab.lab("link", fault.node, "clear")
    if outcome.status:
        raise NotHealed(f"link clear: {outcome.last_line}")


# The disk


async def fill(_: Hands, fault: Fault) -> None:
    """To the last byte; a writer that frees something lets others write that much."""
    fault.undo = lab.RUN / "nodes" / fault.node / "disk" / "filled-by-nemesis"
    await asyncio.to_thread(_fill, fault.undo)


def _fill(path: pathlib.Path) -> None:
    with path.open("wb") as file:
        size, chunk = 0, 64 << 20
        while chunk >= 4096:
            try:
                os.posix_fallocate(file.fileno(), size, chunk)
                size += chunk
            except OSError:
                chunk //= 2


async def empty(_: Hands, fault: Fault) -> None:
    """Free again."""
    fault.undo.unlink(missing_ok=True)


# The clock


async def jump(_: Hands, fault: Fault) -> None:
    """There, and back when it is healed. All that runs must see it."""
    for part in ("haproxy", "keepalived", "xinetd", "check"):
        for process in lab.processes(fault.node, part):
            if "/jumping-clock.so" not in pathlib.Path(f"/proc/{process.pid}/maps").read_text():
                raise NoEffect(f"{part} would not see it")
    await do_in_lab("clock", fault.node, fault.argument)


async def jump_back(_: Hands, fault: Fault) -> None:
    """To the machine's own time, also while the node is off."""
    outcome = await lab.lab("clock", fault.node, "0")
    if outcome.status:
        raise NotHealed(f"clock: {outcome.last_line}")


# CMON


async def lead(_: Hands, fault: Fault) -> None:
    """Leadership to this node, by a vote."""
    answer = await lab.sim(fault.node, "lead")
    if not answer["ok"]:
        raise NoEffect(answer["error"])


async def sim_fault(_: Hands, fault: Fault) -> None:
    """What CMON can do wrong."""
    answer = await lab.sim(fault.node, "fault", *fault.argument.split())
    if not answer["ok"]:
        raise NoEffect(answer["error"])


async def no_sim_fault(_: Hands, fault: Fault) -> None:
    """One that was killed meanwhile has forgotten it anyway."""
    await lab.sim(fault.node, "fault", "none")


async def ui_down(_: Hands, fault: Fault) -> None:
    """The web UI of this node."""
    answer = await lab.sim(fault.node, "ui", "down")
    if not answer["ok"]:
        raise NoEffect(answer["error"])


async def ui_up(_: Hands, fault: Fault) -> None:
    """And again."""
    await lab.sim(fault.node, "ui", "up")


Action = Callable[[Hands, Fault], Awaitable[None]]


@dataclass(frozen=True)
class Actions:
    """A row: how it is made; how it is undone (None: it is over when it is made); when in the final sweep; whether it
    is only undone where making it noted that it must be."""

    inject: Action
    heal: Action | None = None
    order: int = 0
    if_noted: bool = False

    def lasts(self, fault: Fault) -> bool:
        """Whether there is something to undo."""
        return self.heal is not None and (not self.if_noted or bool(fault.undo))


ACTIONS = {
    "kill": Actions(kill, after_kill, 4, if_noted=True),
    "stop": Actions(stop, unstop, 1),
    "freeze": Actions(freeze, thaw, 1),
    "power-off": Actions(power_off, boot, 2),
    "shutdown": Actions(shutdown, boot, 2),
    "cut": Actions(cut, undo),
    "address": Actions(flush, give_back, 1),
    "replug": Actions(replug),
    "forge": Actions(forge, end_forging),
    "answer": Actions(answer, fall_silent),
    "block": Actions(block, undo),
    "partition": Actions(partition, undo),
    "loss": Actions(loss, clear),
    "delay": Actions(delay, clear),
    "disk-full": Actions(fill, empty, 3),
    "clock": Actions(jump, jump_back),
    "unit": Actions(administrator.unit),
    "apply": Actions(administrator.apply, administrator.unapply, 5),
    "reinstall": Actions(administrator.reinstall, administrator.finish_reinstall, 5, if_noted=True),
    "upgrade": Actions(administrator.upgrade, administrator.finish_upgrade, 5),
    "lead": Actions(lead),
    "sim": Actions(sim_fault, no_sim_fault, 3),
    "ui": Actions(ui_down, ui_up, 3),
}
