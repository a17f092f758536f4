"""The unix socket: one command per line, one JSON line back."""

import asyncio
import json
import os
import pathlib
import shlex
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """The command cannot be done; the text says why."""


@dataclass(frozen=True)
class Command:
    """A row of the command table. The action gets the words after the name."""

    usage: str
    what: str
    action: Callable[[list[str]], Awaitable[Json | None]]


class Control:
    """Words, or a JSON list of words, in; {"ok": true, ...} or {"ok": false, ...} out."""

    def __init__(self, path: pathlib.Path, commands: dict[str, Command]) -> None:
        self._path = path
        self._commands = commands | {
            "help": Command("help", "this table", self._help),
        }
        self._server: asyncio.AbstractServer | None = None

    async def open(self) -> None:
        """Listen, unless another simulator does so in this directory."""
        self._remove_stale()
        mask = os.umask(0o177)  # 0600 from the first moment on
        try:
            self._server = await asyncio.start_unix_server(self._converse, self._path)
        finally:
            os.umask(mask)

    def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._server:
            self._server.close()
            self._path.unlink(missing_ok=True)

    def _remove_stale(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(self._path))
            except FileNotFoundError:
                return
            except ConnectionRefusedError:
                self._path.unlink()
                return
        raise OSError(f"a simulator is already running on {self._path}")

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while line := await reader.readline():
                answer = await self._execute(line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError):  # gone, or a line without an end
            pass
        finally:
            writer.close()

    async def _execute(self, line: bytes) -> Json:
        try:
            name, *words = _words(line.decode())
            command = self._commands.get(name)
            if command is None:
                known = ", ".join(self._commands)
                raise Refused(f"no command {name!r}; there are: {known}")
            if len(words) != len(command.usage.split()) - 1 and "..." not in command.usage:
                raise Refused(f"usage: {command.usage}")
            return {"ok": True} | (await command.action(words) or {})
        except (Refused, ValueError, OSError) as error:
            return {"ok": False, "error": str(error)}

    async def _help(self, _: list[str]) -> Json:
        return {"commands": {row.usage: row.what for row in self._commands.values()}}


def _words(line: str) -> list[str]:
    if line.lstrip().startswith("["):
        words = json.loads(line)
        if not all(isinstance(word, str) for word in words):
            raise Refused("the list must hold words")
    else:
        words = shlex.split(line)
    if not words:
        raise Refused("no command given")
    return list(words)
