"""The lab as seen from this process: its command, the nodes' processes, files and simulators."""

import asyncio
import json
import os
import pathlib
from dataclasses import dataclass
from typing import Any

NAME = os.environ.get("LAB_NAME", "lab")
RUN = pathlib.Path(f"/run/cmonha-{NAME}")
LAB = str(pathlib.Path(__file__).resolve().parent.parent / "lab")

UNITS = {
    "haproxy": "cmonha-ui-haproxy.service",
    "keepalived": "cmonha-ui-keepalived.service",
    "xinetd": "xinetd.service",
    "check": "xinetd.service",
    "cmon": "cmon.service",
}
COMMS = {"haproxy": "haproxy", "keepalived": "keepalived", "xinetd": "xinetd", "check": "cmonhachk", "cmon": "cmon-sim"}


def namespace(host: str) -> str:
    """The file of this host's network namespace."""
    return f"/run/netns/cmonha-{NAME}-{host}"


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int
    output: str

    @property
    def last_line(self) -> str:
        """What it said in the end."""
        return (self.output.strip().splitlines() or [""])[-1]


@dataclass(frozen=True)
class Process:
    """A process of a node, by our numbers."""

    pid: int
    comm: str
    parent: int
    since: int  # start time in ticks: distinguishes two of one number
    rss: int  # KiB
    space: int  # bytes of address space

    @property
    def sanitized(self) -> bool:
        """Built with AddressSanitizer, whose shadow is many terabytes, and which keeps what is freed for a while."""
        return self.space > 1 << 40


async def run(*words: str, limit: float = 30) -> Outcome:
    """A command of this machine; 124 and no output when it takes longer."""
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), limit)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return Outcome(124, "")
    return Outcome(process.returncode or 0, output.decode(errors="replace"))


async def lab(*words: str, limit: float = 60) -> Outcome:
    """A command of the lab."""
    return await run(LAB, *words, limit=limit)


async def execute(node: str, *words: str, limit: float = 30) -> Outcome:
    """A command in the node."""
    return await lab("exec", node, *words, limit=limit)


def init(node: str) -> int:
    """The pid of the node's PID 1; 0 when it is off."""
    try:
        nspawn = (RUN / "nodes" / node / "pid").read_text().strip()
        children = pathlib.Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split()
        network = os.stat(namespace(node)).st_ino
        return next((int(child) for child in children if _is_init(child, network)), 0)
    except (OSError, ValueError):
        return 0


def _is_init(pid: str, network: int) -> bool:
    if os.stat(f"/proc/{pid}/ns/net").st_ino != network:
        return False
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return any(line.split()[-1] == "1" for line in status.splitlines() if line.startswith("NSpid:"))


def inside(node: str, path: str) -> pathlib.Path:
    """A file of the running node, its own mounts included."""
    return pathlib.Path(f"/proc/{init(node)}/root{path}")


def processes(node: str, part: str) -> list[Process]:
    """Those of a part (a key of UNITS), oldest first; empty when the node is off."""
    try:
        group = inside(node, f"/sys/fs/cgroup/system.slice/{UNITS[part]}/cgroup.procs")
        pids = [int(pid) for pid in group.read_text().split()]
    except (OSError, ValueError):
        return []
    found = [process for pid in pids if (process := _process(pid)) and process.comm == COMMS[part]]
    return sorted(found, key=lambda process: (process.since, process.pid))


def _process(pid: int) -> Process | None:
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name, _, rest = stat.partition("(")[2].rpartition(")")
    fields = rest.split()
    return Process(pid, name, int(fields[1]), int(fields[19]), int(fields[21]) * 4, int(fields[20]))


def descriptors(pid: int) -> int:
    """How many it has open; 0 when it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


async def sim(node: str, *words: str) -> dict[str, Any]:
    """A command to the node's simulator; what went wrong is in "error"."""
    try:
        path = str(inside(node, "/run/cmon-sim/control"))
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                writer.write(json.dumps(words).encode() + b"\n")
                answer: dict[str, Any] = json.loads(await reader.readline())
                return answer
            finally:
                writer.close()
    except (OSError, ValueError, TimeoutError) as error:
        return {"ok": False, "error": f"{type(error).__name__} {error}".strip()}
