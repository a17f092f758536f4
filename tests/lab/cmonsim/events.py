"""The event log that tests measure with, and the counters."""

import json
import os
import pathlib
import time
from dataclasses import dataclass


def monotonic_ms() -> float:
    """CLOCK_MONOTONIC, which all containers on one machine share."""
    return round(time.monotonic_ns() / 1e6, 3)


class EventLog:
    """Appends one JSON line per event; a line is one write, so readers see whole lines."""

    def __init__(self, path: pathlib.Path, node: str) -> None:
        self._node = node
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o644)

    def write(self, event: str, **fields: object) -> None:
        """Stamp first, so that formatting is not part of what is measured."""
        stamp = {
            "monotonic_ms": monotonic_ms(),
            "wall_ms": round(time.time_ns() / 1e6, 3),
            "node": self._node,
            "event": event,
        }
        os.write(self._file, json.dumps(stamp | fields).encode() + b"\n")


@dataclass
class Counters:
    """What reached the ports since the start or the last reset-counters."""

    connections: int = 0  # accepted on the RPC ports
    tls_handshakes: int = 0  # finished
    tls_resumed: int = 0  # of those, with the session of an earlier connection
    tls_failed: int = 0
    requests: int = 0  # HTTP requests read in full
    pings: int = 0
    own_pings: int = 0  # of those, by somebody with this node's address
    own_ping_at_ms: float = 0.0  # the last of them
    own_ping_gap_ms: float | None = None  # the shortest time between two of them
    ui_connections: int = 0
    ui_requests: int = 0

    def count_ping(self, own: bool) -> None:
        """One was asked."""
        self.pings += 1
        if not own:
            return
        now = monotonic_ms()
        if self.own_pings:
            self.own_ping_gap_ms = round(min(self.own_ping_gap_ms or 1e9, now - self.own_ping_at_ms), 3)
        self.own_pings += 1
        self.own_ping_at_ms = now

    def reset(self) -> None:
        """Back to zero in place: others hold this object."""
        self.__init__()  # type: ignore[misc]
