"""Everything that can be made to go wrong on the RPC ports, one row per fault.

Each fault has one stage at which it acts:
    port      the listening socket or the TLS handshake
    role      what the controller believes of itself
    reply     the reply object
    wire      the bytes of the answer, a login's and an error's included
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .controller import Call, Controller, Json
from .http import Answer

HUGE = 10 * 1024 * 1024
DEEP = 100_000  # nested arrays
DRIP_PAUSE = 0.05  # seconds between two bytes
GARBAGE = 512


@dataclass
class Exchange:
    """An answer about to be sent. A wire fault returns whether the connection lives on."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answer: Answer
    argument: str
    version: str  # of HTTP, the client's

    async def write(self, data: bytes) -> None:
        """Send, at the pace of the peer."""
        self.writer.write(data)
        await self.writer.drain()


ReplyFault = Callable[[Controller, Call, Json, str], Json]
WireFault = Callable[[Exchange], Awaitable[bool]]


async def send(exchange: Exchange) -> bool:
    """No fault."""
    await exchange.write(exchange.answer.whole())
    return exchange.answer.keep_alive


async def _hang(exchange: Exchange) -> bool:
    while await exchange.reader.read(65536):
        pass
    return False


async def _slow(exchange: Exchange) -> bool:
    await asyncio.sleep(int(exchange.argument) / 1000)
    return await send(exchange)


async def _drip(exchange: Exchange) -> bool:
    for byte in exchange.answer.whole():
        await exchange.write(bytes([byte]))
        await asyncio.sleep(DRIP_PAUSE)
    return exchange.answer.keep_alive


async def _garbage(exchange: Exchange) -> bool:
    await exchange.write(os.urandom(GARBAGE))
    return False


async def _not_json(exchange: Exchange) -> bool:
    exchange.answer.body = b"CmonControllerLeader\n"
    return await send(exchange)


async def _truncated(exchange: Exchange) -> bool:
    await exchange.write(exchange.answer.whole()[:-1])  # the word that matters is there
    return False


async def _http500(exchange: Exchange) -> bool:
    exchange.answer.status = 500
    return await send(exchange)


async def _http404(exchange: Exchange) -> bool:
    exchange.answer.status = 404
    return await send(exchange)


async def _chunked(exchange: Exchange) -> bool:
    if exchange.version == "HTTP/1.0":  # has no chunks
        return await _no_length(exchange)
    answer = exchange.answer
    await exchange.write(answer.head("Transfer-Encoding: chunked"))
    for start in range(0, len(answer.body), 50):
        piece = answer.body[start : start + 50]
        await exchange.write(b"%x\r\n%b\r\n" % (len(piece), piece))
    await exchange.write(b"0\r\n\r\n")
    return answer.keep_alive


async def _no_length(exchange: Exchange) -> bool:
    exchange.answer.keep_alive = False
    await exchange.write(exchange.answer.head("") + exchange.answer.body)
    return False


async def _with_member(exchange: Exchange, member: bytes) -> bool:
    """Send the object with one more member at its end."""
    exchange.answer.body = exchange.answer.body.rstrip()[:-1] + b"," + member + b"}"
    return await send(exchange)


async def _huge(exchange: Exchange) -> bool:
    return await _with_member(exchange, b'"padding":"%b"' % (b"x" * HUGE))


async def _invalid_utf8(exchange: Exchange) -> bool:
    return await _with_member(exchange, b'"comment":"\xff\xfe\xc0\x80"')


async def _deep(exchange: Exchange) -> bool:
    return await _with_member(exchange, b'"deep":' + b"[" * DEEP + b"]" * DEEP)


def _with_status(call: Call, reply: Json, status: object) -> Json:
    return reply | {"controller_status": status} if call.operation == "ping" else reply


def _missing_status(_1: Controller, _2: Call, reply: Json, _3: str) -> Json:
    return {name: value for name, value in reply.items() if name != "controller_status"}


def _empty_list(controller: Controller, call: Call, reply: Json, _: str) -> Json:
    asked = call.operation == "getControllers"
    return controller.no_controllers(call) if asked else reply


@dataclass(frozen=True)
class Kind:
    """A row of the table."""

    stage: str
    what: str
    argument: str = ""  # its name in the usage; "" if there is none
    reply: ReplyFault | None = None
    wire: WireFault = send


KINDS: dict[str, Kind] = {
    "none": Kind("wire", "all is well"),
    "refuse": Kind("port", "nothing listens; open connections are cut"),
    "tls-fail": Kind("port", "a TLS alert in place of the handshake"),
    "hang-tls": Kind("port", "accepts, and leaves the handshake unanswered"),
    "claim-leader": Kind("role", "says leader whatever the election says"),
    "no-ha": Kind("role", "answers as a controller without CMON HA"),
    "wrong-status": Kind("reply", "controller_status is TEXT", "TEXT",
                         lambda c, q, r, text: _with_status(q, r, text)),
    "null-status": Kind("reply", "controller_status is null", "",
                        lambda c, q, r, _: _with_status(q, r, None)),
    "number-status": Kind("reply", "controller_status is 1", "",
                          lambda c, q, r, _: _with_status(q, r, 1)),
    "missing-status": Kind("reply", "no controller_status", "", _missing_status),
    "redirect": Kind("reply", "Redirect to everything", "",
                     lambda c, q, r, _: c.redirect(q)),
    "authrequired": Kind("reply", "AuthRequired to everything", "",
                         lambda c, q, r, _: c.refusal(q, "AuthRequired", "Log in first.")),
    "tryagain": Kind("reply", "TryAgain to everything", "",
                     lambda c, q, r, _: c.refusal(q, "TryAgain", "Not ready yet.")),
    "empty-list": Kind("reply", "getControllers has no rows", "", _empty_list),
    "hang": Kind("wire", "reads requests, never answers", wire=_hang),
    "slow": Kind("wire", "answers after MS milliseconds", "MS", wire=_slow),
    "drip": Kind("wire", "one byte in 50 ms", wire=_drip),
    "garbage": Kind("wire", "random bytes", wire=_garbage),
    "not-json": Kind("wire", "200 with a body that is not JSON", wire=_not_json),
    "truncated": Kind("wire", "ends one byte too early", wire=_truncated),
    "huge": Kind("wire", "a good reply of 10 MB", wire=_huge),
    "http500": Kind("wire", "a good reply under status 500", wire=_http500),
    "http404": Kind("wire", "a good reply under status 404", wire=_http404),
    "chunked": Kind("wire", "a good reply in chunks", wire=_chunked),
    "no-length": Kind("wire", "a good reply, its end is the connection's", wire=_no_length),
    "invalid-utf8": Kind("wire", "a good reply with bytes that are not UTF-8",
                         wire=_invalid_utf8),
    "deep": Kind("wire", "a good reply with arrays 100,000 deep", wire=_deep),
}


@dataclass(frozen=True)
class Fault:
    """The fault in force."""

    name: str = "none"
    argument: str = ""

    @property
    def kind(self) -> Kind:
        """Its row."""
        return KINDS[self.name]

    def __str__(self) -> str:
        return f"{self.name} {self.argument}".strip()


def parse(words: list[str]) -> Fault:
    """NAME and its argument, if it has one; ValueError says what is wrong."""
    name, *arguments = words or [""]
    if name not in KINDS:
        raise ValueError(f"no fault {name!r}; there are: {', '.join(KINDS)}")
    wanted = KINDS[name].argument
    if len(arguments) != bool(wanted):
        raise ValueError(f"usage: fault {name} {wanted}".strip())
    if wanted == "MS" and not arguments[0].isdecimal():
        raise ValueError(f"{arguments[0]!r} is not a number of milliseconds")
    return Fault(name, *arguments)
