"""The clients: each asks one question over and over, every time on a new connection; and one stays connected."""

import asyncio
import errno
import re
import socket
from dataclasses import dataclass

from . import netns
from .history import ADDRESSES, CLIENT, NODES, VIP, History, Reply, now

REPLY_MAX = 64 * 1024
STALLED = 1.5  # seconds without a line after which a session is given up
ERRORS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.EHOSTUNREACH: "no-route",
    errno.ENETUNREACH: "no-route",
    errno.EADDRNOTAVAIL: "no-route",
}


@dataclass(frozen=True)
class Question:
    """Who asks whom what, and how often."""

    name: str
    host: str  # in whose network
    address: str
    port: int
    path: str
    every: float = 0.05  # seconds
    limit: float = 1.0  # seconds


def questions() -> list[Question]:
    """Through the VIP, at each node's HAProxy, and each node's check from its own address."""
    rows = [Question("vip", CLIENT, VIP, 81, "/", every=0.02)]
    for address, node in ADDRESSES.items():
        rows.append(Question(f"{node}:81", CLIENT, address, 81, "/"))
        rows.append(Question(f"{node}:9201", node, address, 9201, "/leader"))
    return rows


def _request(question: Question) -> bytes:
    return f"GET {question.path} HTTP/1.1\r\nHost: {question.address}\r\nConnection: close\r\n\r\n".encode()


async def _connect(question: Question) -> socket.socket:
    connection = netns.open_socket(question.host, socket.AF_INET, socket.SOCK_STREAM)
    try:
        await asyncio.get_running_loop().sock_connect(connection, (question.address, question.port))
    except BaseException:
        connection.close()
        raise
    return connection


async def _exchange(question: Question) -> bytes:
    loop = asyncio.get_running_loop()
    with await _connect(question) as connection:
        await loop.sock_sendall(connection, _request(question))
        reply = b""
        while len(reply) < REPLY_MAX and (part := await loop.sock_recv(connection, 16384)):
            reply += part
        return reply


async def ask(question: Question) -> Reply:
    """One try, whatever comes of it."""
    start = now()
    try:
        async with asyncio.timeout(question.limit):
            outcome, node, word = read_reply(await _exchange(question))
    except (TimeoutError, OSError) as error:
        outcome, node, word = _failure(error), "", ""
    return Reply(question.name, start, now(), outcome, node, word)


def _failure(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno:
        return ERRORS.get(error.errno, errno.errorcode.get(error.errno, "error"))
    return "time-out"


_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_FIELDS = re.compile(rb"\r\n(X-Sim-Node|X-Sim-Role|X-Cmonha-Role|X-Cmonha-Reason|Content-Length): *([^\r\n]*)", re.I)


def read_reply(reply: bytes) -> tuple[str, str, str]:
    """The outcome, whose page it is, and what it says of itself."""
    if not reply:
        return "closed", "", ""
    head, end, body = reply.partition(b"\r\n\r\n")
    status = _STATUS.match(head)
    if not status or not end:
        return "garbage", "", ""
    fields = {name.lower(): value.decode("latin-1") for name, value in _FIELDS.findall(head)}
    length = fields.get(b"content-length", "")
    if length.isdigit() and len(body) < int(length):
        return "cut-off", "", ""
    words = fields.get(b"x-sim-role"), fields.get(b"x-cmonha-role"), fields.get(b"x-cmonha-reason")
    return status[1].decode(), fields.get(b"x-sim-node", ""), "/".join(filter(None, words))


async def ask_on(question: Question, history: History) -> None:
    """Forever. A try that hangs holds up none of the later ones."""
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()

    async def one() -> None:
        history.replies.append(await ask(question))

    due = loop.time()
    while True:
        task = asyncio.create_task(one())
        running.add(task)
        task.add_done_callback(running.discard)
        due = max(due + question.every, loop.time() - question.every)  # a pause of ours is not made up for
        await asyncio.sleep(due - loop.time())


_LINE = re.compile(rb"node=(\w+) role=(\w+) term=\d+ line=\d+\n")


async def stay(history: History) -> None:
    """A user who stays: one connection through the VIP on which the page writes a line every 100 ms, over and over."""
    question = Question("session", CLIENT, VIP, 81, "/stream")
    while True:
        try:
            await _session(question, history)
        except (TimeoutError, OSError) as error:
            history.replies.append(Reply("session", now(), now(), _failure(error)))
        await asyncio.sleep(question.every)


async def _session(question: Question, history: History) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(question.limit):
        connection = await _connect(question)
    with connection:
        await loop.sock_sendall(connection, _request(question))
        buffer = b""
        while True:
            async with asyncio.timeout(STALLED):
                part = await loop.sock_recv(connection, 16384)
            if not part:
                history.replies.append(Reply("session", now(), now(), "ended"))
                return
            buffer = _take_lines(buffer + part, history)


def _take_lines(buffer: bytes, history: History) -> bytes:
    """A line that has arrived was written a moment ago: on the way nothing is kept back."""
    end = 0
    for found in _LINE.finditer(buffer):
        node, role = found[1].decode(), found[2].decode()
        history.replies.append(Reply("session", now(), now(), "200", node, role))
        end = found.end()
    return buffer[end:][-4096:]


def names() -> list[str]:
    """Of all clients, in the order of the report."""
    return ["vip", "session", *(f"{node}:{port}" for port in (81, 9201) for node in NODES)]
