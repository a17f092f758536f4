"""One simulated node: builds the parts, runs them, and names what can be commanded."""

import argparse
import asyncio
import dataclasses
import os
import signal
import sys
from typing import Any

from . import faults
from .accounts import Accounts
from .control import Command, Control, Refused
from .controller import Controller
from .election import Elector, VoteFile
from .events import Counters, EventLog, monotonic_ms
from .rpc import RpcServer
from .settings import Settings, duration_or_never, parse
from .sockets import notify_systemd, tls_context
from .ui import MODES, UiServer

Json = dict[str, Any]

SETTLE = 0.05  # seconds to hear of a later term before anybody can ask who leads


class Node:
    """The controller, its UI, its part in the election and its control socket."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        self._events = EventLog(settings.state_dir / "events.jsonl", settings.name)
        self._counters = Counters()
        self._elector = self._make_elector() if settings.ha else None
        accounts = Accounts(
            settings.passwords,
            settings.keys,
            cluster=",".join(sorted(settings.peers)),
            scratch=settings.state_dir,
        )
        tls = tls_context(settings.state_dir, settings.name)
        self._controller = Controller(settings, self._elector, accounts)
        self._rpc = RpcServer(settings, self._controller, tls, self._counters)
        self._ui = UiServer(settings, self._ui_facts, tls, self._counters)
        self._control = Control(settings.state_dir / "control", self._commands())

    async def run(self) -> None:
        """Serve until stopped."""
        end = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, end.set)
        await self._control.open()
        try:
            self._events.write("start", pid=os.getpid())
            await self._open()
            notify_systemd("READY=1")
            await end.wait()
        finally:
            self._close()

    def _make_elector(self) -> Elector:
        settings = self._settings
        return Elector(
            settings.address,
            settings.peers,
            settings.timers,
            settings.stepdown,
            VoteFile(settings.state_dir / "vote.json"),
            self._events.write,
        )

    async def _open(self) -> None:
        if self._elector:
            await self._join(self._elector)
        self._rpc.open()
        self._ui.set_mode("up")

    async def _join(self, elector: Elector) -> None:
        local = self._settings.address, self._settings.ha_port
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: elector, local_addr=local)
        elector.start(self._settings.ha_port, self._settings.starts_as_leader)
        await asyncio.sleep(SETTLE)

    def _close(self) -> None:
        if self._elector:
            self._elector.stop()
        self._rpc.close()
        self._ui.set_mode("down")
        self._control.close()
        self._events.write("stop")

    def _ui_facts(self) -> dict[str, str]:
        """The truth of the election, whatever the controller is made to claim."""
        role, term = "no-ha", 0
        if self._elector:
            role = "leader" if self._elector.is_leader else "follower"
            term = self._elector.term
        return {"node": self._settings.name, "role": role, "term": str(term)}

    # Commands

    def _commands(self) -> dict[str, Command]:
        rows = (
            Command("status", "everything about this node", self._status),
            Command("lead", "take over now, by a vote", self._lead),
            Command("step-down", "stop leading, name nobody", self._step_down),
            Command("stepdown-after MS|never", "when a leader without majority gives up",
                    self._set_stepdown),
            Command("fault NAME ...", f"one of: {_fault_usages()}", self._set_fault),
            Command("ui up|down|redirect", "the web UI; redirect: as 2.x on port 80",
                    self._set_ui),
            Command("status-text leader|follower|no-ha TEXT",
                    "controller_status in pings; TEXT - leaves the field out",
                    self._set_status_text),
            Command("host-status NODE TEXT", "hoststatus in this node's tables; auto",
                    self._set_host_status),
            Command("login here|redirect", "what a follower does at /v2/auth",
                    self._set_login),
            Command("reset-counters", "all counters to zero", self._reset_counters),
        )
        return {row.usage.split()[0]: row for row in rows}

    async def _status(self, _: list[str]) -> Json:
        settings, elector = self._settings, self._elector
        election = elector and {
            "role": elector.role,
            "term": elector.term,
            "leader": elector.leader,
            "online": sorted(elector.online),
            "stepdown_ms": elector.stepdown and round(elector.stepdown * 1000),
        }
        return {
            "name": settings.name,
            "address": settings.address,
            "pid": os.getpid(),
            "monotonic_ms": monotonic_ms(),
            **(election or {"role": "no-ha"}),
            "rpc_role": self._controller.role,
            "fault": str(self._rpc.fault),
            "ui": self._ui.mode,
            "open_connections": self._rpc.open_connections,
            "open_ui_connections": self._ui.open_connections,
            "counters": dataclasses.asdict(self._counters),
        }

    def _need_elector(self) -> Elector:
        if self._elector is None:
            raise Refused("CMON HA is not enabled here")
        return self._elector

    async def _lead(self, _: list[str]) -> Json:
        elector = self._need_elector()
        if not await elector.lead():
            raise Refused("no majority voted for this node")
        return {"role": elector.role, "term": elector.term}

    async def _step_down(self, _: list[str]) -> None:
        elector = self._need_elector()
        if not elector.is_leader:
            raise Refused(f"this node is not the leader but {elector.role}")
        elector.step_down("on request")

    async def _set_stepdown(self, words: list[str]) -> None:
        try:
            self._need_elector().stepdown = duration_or_never(words[0])
        except argparse.ArgumentTypeError as error:
            raise Refused(str(error)) from None

    async def _set_fault(self, words: list[str]) -> Json:
        fault = faults.parse(words)
        if fault.name in ("redirect", "claim-leader"):
            self._need_elector()
        self._rpc.set_fault(fault)
        self._events.write("fault", fault=str(fault))
        return {"fault": str(fault)}

    async def _set_ui(self, words: list[str]) -> Json:
        mode = _one_of(words[0], MODES)
        self._ui.set_mode(mode)
        self._events.write("ui", mode=mode)
        return {"ui": mode}

    async def _set_status_text(self, words: list[str]) -> None:
        role = _one_of(words[0], tuple(self._controller.status_text))
        self._controller.status_text[role] = None if words[1] == "-" else words[1]

    async def _set_host_status(self, words: list[str]) -> None:
        node, text = words
        names = self._settings.names
        address = next((a for a, name in names.items() if node in (a, name)), None)
        if address is None:
            raise Refused(f"no controller {node!r}")
        self._controller.host_status[address] = text
        if text == "auto":
            del self._controller.host_status[address]

    async def _set_login(self, words: list[str]) -> None:
        where = _one_of(words[0], ("here", "redirect"))
        self._controller.redirects_login = where == "redirect"

    async def _reset_counters(self, _: list[str]) -> None:
        self._counters.reset()


def _one_of(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise Refused(f"{word!r} is none of: {', '.join(words)}")
    return word


def _fault_usages() -> str:
    usages = (f"{name} {kind.argument}".strip() for name, kind in faults.KINDS.items())
    return ", ".join(usages)


def main() -> int:
    """Run one node until SIGTERM; 1 and a sentence if it cannot start."""
    settings = parse()
    try:
        asyncio.run(Node(settings).run())
    except OSError as error:
        print(f"cmon-sim: {settings.name}: {error}", file=sys.stderr)
        return 1
    return 0
