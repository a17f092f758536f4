"""The controller's ports: TLS and, on loopback, plain."""

import asyncio
import json
import ssl
from http.cookies import CookieError, SimpleCookie

from .accounts import COOKIE
from .controller import SERVER, Call, Controller
from .events import Counters
from .faults import Exchange, Fault
from .http import Answer, HttpError, Request, linger, read_request
from .settings import Settings
from .sockets import Listener

IDLE = 60.0  # seconds a connection may stay silent


class RpcServer:
    """HTTP in front of the controller, and the place where faults happen."""

    def __init__(
        self,
        settings: Settings,
        controller: Controller,
        tls: ssl.SSLContext,
        counters: Counters,
    ) -> None:
        self._controller = controller
        self._counters = counters
        self._fault = Fault()
        secure = Listener(settings.rpc_bind, settings.rpc_port, self._converse, tls)
        self._listeners = [secure]
        if settings.plain_port:
            plain = Listener(("127.0.0.1",), settings.plain_port, self._converse)
            self._listeners.append(plain)
        for listener in self._listeners:
            listener.accepted = self._count_connection
            listener.shaken = self._count_handshake

    @property
    def fault(self) -> Fault:
        """The fault in force."""
        return self._fault

    @property
    def open_connections(self) -> int:
        """On all ports."""
        return sum(listener.open_connections for listener in self._listeners)

    def open(self) -> None:
        """Listen on all ports."""
        for listener in self._listeners:
            listener.open()

    def close(self) -> None:
        """Stop listening and cut all connections."""
        for listener in self._listeners:
            listener.close()
            listener.drop()

    def set_fault(self, fault: Fault) -> None:
        """Put this fault in the place of the one before."""
        self._fault = fault
        at_port = fault.kind.stage == "port"
        if at_port:
            self.close()  # who is connected already must meet the fault too
        for listener in self._listeners:
            listener.tls_fault = fault.name if at_port else ""
        if fault.name != "refuse":
            self.open()
        self._controller.claims_leader = fault.name == "claim-leader"
        self._controller.denies_ha = fault.name == "no-ha"

    def _count_connection(self) -> None:
        self._counters.connections += 1

    def _count_handshake(self, session: ssl.SSLObject | None) -> None:
        if session is None:
            self._counters.tls_failed += 1
            return
        self._counters.tls_handshakes += 1
        self._counters.tls_resumed += bool(session.session_reused)

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        own = writer.get_extra_info("peername")[0] == writer.get_extra_info("sockname")[0]
        lives = True
        while lives:
            try:
                request = await read_request(reader, IDLE)
            except HttpError as error:
                answer = _http_error(error, keep_alive=False)
                await self._deliver(reader, writer, answer, "HTTP/1.1")
                await linger(reader)
                return
            if request is None:
                return
            self._counters.requests += 1
            answer = await self._answer(request, own)
            lives = await self._deliver(reader, writer, answer, request.version)

    async def _answer(self, request: Request, own: bool) -> Answer:
        try:
            answer = await self._execute(request, own)
        except HttpError as error:
            answer = _http_error(error, request.keep_alive)
        answer.head_only = request.method == "HEAD"
        return answer

    async def _execute(self, request: Request, own: bool) -> Answer:
        if not self._controller.operations(request.path):
            raise HttpError(404, "no such path")
        if request.method != "POST":
            raise HttpError(405, "only POST", Allow="POST")
        call = _parse_call(request)
        if call.operation == "ping":
            self._counters.count_ping(own)
        reply = await self._controller.reply(request.path, call)
        if spoil := self._fault.kind.reply:
            reply = spoil(self._controller, call, reply, self._fault.argument)
        answer = Answer(200, json.dumps(reply).encode(), keep_alive=request.keep_alive)
        answer.headers["Server"] = SERVER
        if call.new_cookie:
            answer.headers["Set-Cookie"] = f"{COOKIE}={call.new_cookie}; Path=/"
        return answer

    async def _deliver(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Answer,
        version: str,
    ) -> bool:
        fault = self._fault
        exchange = Exchange(reader, writer, answer, fault.argument, version)
        return await fault.kind.wire(exchange)


def _parse_call(request: Request) -> Call:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise HttpError(400, "the body is not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("operation"), str):
        raise HttpError(400, "the body is not an object with an operation")
    return Call(body["operation"], body, _session_cookie(request))


def _session_cookie(request: Request) -> str:
    try:
        jar: SimpleCookie[str] = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[COOKIE].value if COOKIE in jar else ""


def _http_error(error: HttpError, keep_alive: bool) -> Answer:
    reply = {"request_status": "InvalidRequest", "error_string": str(error)}
    headers = {"Server": SERVER} | error.headers
    return Answer(
        error.status, json.dumps(reply).encode(), headers=headers, keep_alive=keep_alive
    )
