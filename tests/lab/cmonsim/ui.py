"""The web UI's ports: a page that shows which node and which role the user has reached."""

import asyncio
import ssl
from collections.abc import Callable

from .events import Counters
from .http import Answer, HttpError, Request, linger, read_request
from .settings import Settings
from .sockets import Listener

STREAM_PAUSE = 0.1  # seconds between two lines of /stream
MODES = ("up", "down", "redirect", "hang")

Facts = Callable[[], dict[str, str]]  # node, role, term


class UiServer:
    """Serves while it is up; a user's idle connection is never closed from this side."""

    def __init__(
        self, settings: Settings, facts: Facts, tls: ssl.SSLContext, counters: Counters
    ) -> None:
        self.mode = "up"
        self._facts = facts
        self._counters = counters
        self._listeners = []
        if settings.ui_port:
            plain = Listener(settings.ui_bind, settings.ui_port, self._plain)
            self._listeners.append(plain)
        if settings.ui_tls_port:
            secure = Listener(settings.ui_bind, settings.ui_tls_port, self._secure, tls)
            self._listeners.append(secure)
        for listener in self._listeners:
            listener.accepted = self._count_connection

    @property
    def open_connections(self) -> int:
        """On both ports."""
        return sum(listener.open_connections for listener in self._listeners)

    def set_mode(self, mode: str) -> None:
        """up; down: nothing listens; redirect: the plain port only sends users to TLS; hang: no answer."""
        self.mode = mode
        for listener in self._listeners:
            if mode == "down":
                listener.close()
                listener.drop()
            else:
                listener.open()

    def _count_connection(self) -> None:
        self._counters.ui_connections += 1

    async def _plain(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._converse(reader, writer, secure=False)

    async def _secure(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._converse(reader, writer, secure=True)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secure: bool
    ) -> None:
        while True:
            try:
                request = await read_request(reader, idle=None)
            except HttpError as error:
                writer.write(self._error(error, keep_alive=False).whole())
                await linger(reader)
                return
            if request is None:
                return
            self._counters.ui_requests += 1
            while self.mode == "hang":
                await asyncio.sleep(STREAM_PAUSE)
            answer = self._answer(request, secure)
            if answer is None:
                await self._stream(request, writer)
                return
            writer.write(answer.whole())
            await writer.drain()
            if not answer.keep_alive:
                return

    def _answer(self, request: Request, secure: bool) -> Answer | None:
        """None asks for the stream."""
        if request.method not in ("GET", "HEAD"):
            error = HttpError(405, "only GET and HEAD", Allow="GET, HEAD")
            return self._error(error, request.keep_alive)
        if self.mode == "redirect" and not secure:
            answer = _redirect_to_tls(request)
        elif request.path == "/stream" and request.method == "GET":
            return None
        else:
            answer = self._page()
        answer.keep_alive = request.keep_alive
        answer.head_only = request.method == "HEAD"
        return answer

    def _page(self) -> Answer:
        facts = self._facts()
        lines = "".join(f"<p>{name}: {text}</p>\n" for name, text in facts.items())
        body = (
            '<!DOCTYPE html>\n<html lang="en">\n<head><title>Simulated ClusterControl'
            f"</title></head>\n<body>\n{lines}</body>\n</html>\n"
        )
        return Answer(200, body.encode(), "text/html; charset=utf-8", self._headers())

    def _headers(self) -> dict[str, str]:
        facts = self._facts()
        headers = {f"X-Sim-{name.title()}": text for name, text in facts.items()}
        return headers | {"Cache-Control": "no-store"}

    def _error(self, error: HttpError, keep_alive: bool) -> Answer:
        headers = self._headers() | error.headers
        body = f"{error}\n".encode()
        return Answer(error.status, body, "text/plain", headers, keep_alive)

    async def _stream(self, request: Request, writer: asyncio.StreamWriter) -> None:
        chunked = request.version == "HTTP/1.1"
        answer = Answer(200, b"", "text/plain", self._headers(), keep_alive=False)
        writer.write(answer.head("Transfer-Encoding: chunked" if chunked else ""))
        number = 0
        while not writer.is_closing():
            number += 1
            facts = " ".join(f"{name}={text}" for name, text in self._facts().items())
            line = f"{facts} line={number}\n".encode()
            writer.write(b"%x\r\n%b\r\n" % (len(line), line) if chunked else line)
            await writer.drain()
            await asyncio.sleep(STREAM_PAUSE)


def _redirect_to_tls(request: Request) -> Answer:
    """As ClusterControl 2.x does: the port of the Host header is lost on the way."""
    host = request.headers.get("host", "localhost").partition(":")[0]
    return Answer(301, b"", "text/html", {"Location": f"https://{host}/"})
