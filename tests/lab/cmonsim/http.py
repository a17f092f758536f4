"""Just enough HTTP/1: one request in, within limits, and one answer out."""

import asyncio
import re
from dataclasses import dataclass, field
from http import HTTPStatus

HEADER_LIMIT = 16 * 1024
BODY_LIMIT = 1024 * 1024
LINGER = 2.0  # seconds to read on after an answer to a request that was not read in full

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HttpError(Exception):
    """The request cannot be served; status is the answer."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status = status
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}


@dataclass(frozen=True)
class Request:
    """A request read in full. Header names are in lower case."""

    method: str
    path: str
    version: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants to ask again on the same connection."""
        words = self.headers.get("connection", "").lower()
        return "keep-alive" in words if self.version == "HTTP/1.0" else "close" not in words


@dataclass
class Answer:
    """An answer before it is put on the wire, so that a fault can still spoil it."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    keep_alive: bool = True
    head_only: bool = False

    def head(self, framing: str | None = None) -> bytes:
        """Status line and headers; framing replaces Content-Length, "" leaves it out."""
        if framing is None:
            framing = f"Content-Length: {len(self.body)}"
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            *(f"{name}: {text}" for name, text in self.headers.items()),
            f"Content-Type: {self.content_type}",
            f"Connection: {'keep-alive' if self.keep_alive else 'close'}",
        ]
        return "\r\n".join(lines + ([framing] if framing else []) + ["", ""]).encode()

    def whole(self) -> bytes:
        """All bytes of the answer."""
        return self.head() + (b"" if self.head_only else self.body)


async def read_request(
    reader: asyncio.StreamReader, idle: float | None
) -> Request | None:
    """The next request; None when the peer left or stayed silent for idle seconds."""
    try:
        async with asyncio.timeout(idle):
            head = await reader.readuntil(b"\r\n\r\n")
            method, path, version, headers = _parse_head(head)
            body = await reader.readexactly(_body_length(headers))
    except asyncio.LimitOverrunError:
        raise HttpError(431, "header too long") from None
    except (asyncio.IncompleteReadError, TimeoutError):
        return None
    return Request(method, path, version, headers, body)


def _parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1")[:-4].split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]) or words[1][:1] != "/":
        raise HttpError(400, "malformed request line")
    if words[2] not in ("HTTP/1.0", "HTTP/1.1"):
        raise HttpError(505, "only HTTP/1.0 and HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, text = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise HttpError(400, "malformed header line")
        if headers.setdefault(name.lower(), text.strip()) != text.strip():
            headers[name.lower()] += ", " + text.strip()
    return words[0], words[1].partition("?")[0], words[2], headers


def _body_length(headers: dict[str, str]) -> int:
    """The s9s client sends `Transfer-Encoding: identity`, so that one is fine."""
    if headers.get("transfer-encoding", "identity").lower() != "identity":
        raise HttpError(501, "transfer encoding not supported")
    text = headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise HttpError(400, "malformed Content-Length")
    if int(text) > BODY_LIMIT:
        raise HttpError(413, f"body longer than {BODY_LIMIT} bytes")
    return int(text)


async def linger(reader: asyncio.StreamReader) -> None:
    """Read what still comes: closing with unread data would reset the answer away."""
    try:
        async with asyncio.timeout(LINGER):
            while await reader.read(65536):
                pass
    except TimeoutError:
        pass
