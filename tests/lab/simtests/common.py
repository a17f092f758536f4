"""What several of the tests know."""

import pathlib
from typing import Any

LAB = pathlib.Path(__file__).resolve().parent.parent

Json = dict[str, Any]

PATIENCE = 8.0  # seconds, for a loaded machine; nothing waits so long when all is well
PING = {"operation": "ping", "request_created": "2026-11-22T20:21:12.538Z", "request_id": 1}
STAMPS = {"reply_received", "request_created", "request_processed"}
