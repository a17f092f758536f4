"""Listening sockets whose connections are counted and can be cut, and their certificate."""

import asyncio
import os
import pathlib
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Sequence

from .http import HEADER_LIMIT

BACKLOG = 1024
TLS_TIMEOUT = 5.0  # seconds for a handshake, and for the peer's farewell
OUT_OF_DESCRIPTORS_PAUSE = 0.1
HANDSHAKE_FAILURE = bytes.fromhex("15 03 03 00 02 02 28")  # a fatal TLS alert

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def tls_context(state_dir: pathlib.Path, name: str) -> ssl.SSLContext:
    """Self-signed like CMON's own; made once and kept, since a reload keeps it too."""
    certificate, key = str(state_dir / "cert.pem"), str(state_dir / "key.pem")
    if not os.path.exists(certificate):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days"]
        command += ["3650", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate]
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Listener:
    """One port on some addresses; each connection is handed to the handler as streams."""

    def __init__(
        self,
        addresses: Sequence[str],
        port: int,
        handler: Handler,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.tls_fault = ""  # "tls-fail" or "hang-tls" in place of the handshake
        self.accepted: Callable[[], None] = lambda: None
        self.shaken: Callable[[ssl.SSLObject | None], None] = lambda _: None
        self._addresses = addresses
        self._port = port
        self._handler = handler
        self._tls = tls
        self._sockets: list[socket.socket] = []
        self._acceptors: list[asyncio.Task[None]] = []
        self._conversations: set[asyncio.Task[None]] = set()

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._conversations)

    def open(self) -> None:
        """Listen; does nothing when it already does."""
        if self._sockets:
            return
        for address in self._addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            listening = socket.create_server(
                (address, self._port), family=family, backlog=BACKLOG
            )
            listening.setblocking(False)
            self._sockets.append(listening)
            self._acceptors.append(asyncio.create_task(self._accept(listening)))

    def close(self) -> None:
        """Stop listening: the kernel refuses from now on. Connections stay."""
        loop = asyncio.get_running_loop()
        for task in self._acceptors:
            task.cancel()
        for listening in self._sockets:
            loop.remove_reader(listening)  # a closed number must not stay in the selector
            listening.close()
        self._acceptors.clear()
        self._sockets.clear()

    def drop(self) -> None:
        """Cut all connections, as the death of the process would."""
        for task in tuple(self._conversations):
            task.cancel()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(OUT_OF_DESCRIPTORS_PAUSE)
                continue
            self.accepted()
            task = asyncio.create_task(self._converse(connection))
            self._conversations.add(task)
            task.add_done_callback(self._conversations.discard)

    async def _converse(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        writer: asyncio.StreamWriter | None = None
        try:
            if self._tls and self.tls_fault:
                await self._spoil_handshake(connection)
                return
            reader, writer = await self._streams(connection)
            await self._handler(reader, writer)
            writer.close()
        except (OSError, asyncio.CancelledError):  # the peer is gone, or drop()
            pass
        finally:
            if writer is None:
                connection.close()
            elif not writer.is_closing():
                writer.transport.abort()

    async def _streams(self, connection: socket.socket) -> Streams:
        loop = asyncio.get_running_loop()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = asyncio.StreamReader(limit=HEADER_LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        limits = {"ssl_handshake_timeout": TLS_TIMEOUT, "ssl_shutdown_timeout": TLS_TIMEOUT}
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self._tls, **(limits if self._tls else {})
            )
        except OSError:
            self.shaken(None)
            raise
        if self._tls:
            self.shaken(transport.get_extra_info("ssl_object"))
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _spoil_handshake(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        data = await loop.sock_recv(connection, 4096)
        if self.tls_fault == "tls-fail":
            await loop.sock_sendall(connection, HANDSHAKE_FAILURE)
            return
        while data:
            data = await loop.sock_recv(connection, 4096)


def notify_systemd(state: str) -> None:
    """Tell a Type=notify unit; without NOTIFY_SOCKET nothing is said."""
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state.encode(), path.replace("@", "\0", 1))
