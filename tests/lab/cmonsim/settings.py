"""The command line: one frozen record that everything else reads."""

import argparse
import ipaddress
import pathlib
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Timers:
    """The election's clocks, in seconds; the defaults on the command line are CMON's."""

    heartbeat: float
    timeout: float
    random: float


@dataclass(frozen=True)
class Settings:
    """What one simulated node is given at start."""

    name: str
    address: str
    peers: tuple[str, ...]  # addresses of all controllers, this one included
    names: dict[str, str]  # address -> host name in controller tables
    state_dir: pathlib.Path
    rpc_bind: tuple[str, ...]
    rpc_port: int
    plain_port: int | None
    ui_bind: tuple[str, ...]
    ui_port: int | None
    ui_tls_port: int | None
    ha: bool
    ha_port: int
    timers: Timers
    stepdown: float | None  # seconds without a majority; None: a leader never gives up
    starts_as_leader: bool | None  # None: nobody does, hold an election
    passwords: dict[str, str]
    keys: dict[str, pathlib.Path]


def duration(text: str) -> float:
    """Milliseconds, with or without the unit, as seconds."""
    match = re.fullmatch(r"(\d{1,9})(ms)?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 250ms")
    return int(match[1]) / 1000


def duration_or_never(text: str) -> float | None:
    """As duration(), and the word never."""
    return None if text == "never" else duration(text)


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _port_or_off(text: str) -> int | None:
    return None if text == "off" else _port(text)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_address(part) for part in text.split(",")))


def _pair(text: str) -> tuple[str, str]:
    user, sign, value = text.partition("=")
    if not user or not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return user, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cmon-sim", description="simulated CMON controller and web UI of one node"
    )
    option = parser.add_argument
    option("--name", required=True, help="short name of this node, shown by the UI")
    option("--address", required=True, type=_address, help="this node's address")
    option("--peers", type=_addresses, help="all controllers; default: just this one")
    option("--names", help="host names in the order of --peers; default: addresses")
    option("--state-dir", type=pathlib.Path, default=pathlib.Path("/run/cmon-sim"))
    option("--rpc-bind", type=_addresses, help="default: the address and 127.0.0.1")
    option("--rpc-port", type=_port, default=9501, help="TLS (default 9501)")
    option("--plain-port", type=_port_or_off, default=9500, metavar="PORT|off",
           help="no TLS, on 127.0.0.1 only (default 9500)")
    option("--ui-bind", type=_addresses, default=("0.0.0.0",), help="default: all")
    option("--ui-port", type=_port_or_off, default=80, metavar="PORT|off")
    option("--ui-tls-port", type=_port_or_off, default=None, metavar="PORT|off",
           help="default: off")
    option("--ha-port", type=_port, default=9502, help="UDP, elections")
    option("--no-ha", action="store_true", help="CMON HA is not enabled")
    option("--heartbeat", type=duration, default="1000ms", metavar="MS")
    option("--election-timeout", type=duration, default="5000ms", metavar="MS")
    option("--election-random", type=duration, default="2500ms", metavar="MS")
    option("--stepdown", type=duration_or_never, default=argparse.SUPPRESS,
           metavar="MS|never", help="leader gives up after so long without a majority "
           "(default: the election time-out)")
    option("--leader", metavar="NODE", help="name or address of the node that is leader "
           "of term 1 without an election; give the same to all nodes")
    option("--user", type=_pair, action="append", default=[], metavar="NAME=PASSWORD")
    option("--user-key", type=_pair, action="append", default=[], metavar="NAME=PEM",
           help="public key file for a login by signature")
    return parser


def _host_names(
    parser: argparse.ArgumentParser, peers: tuple[str, ...], text: str | None
) -> dict[str, str]:
    names = text.split(",") if text else list(peers)
    if len(names) != len(peers) or len(set(names)) != len(names) or "" in names:
        parser.error("--names needs one distinct name for each of --peers")
    return dict(zip(peers, names))


def _starts_as_leader(own: Sequence[str], leader: str | None) -> bool | None:
    return None if leader is None else leader in own


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """Read the command line; wrong use ends the program with a sentence and code 2."""
    parser = _parser()
    given = parser.parse_args(arguments)
    peers = given.peers or (given.address,)
    if given.address not in peers:
        parser.error("--address must be one of --peers")
    names = _host_names(parser, peers, given.names)
    return Settings(
        name=given.name,
        address=given.address,
        peers=peers,
        names=names,
        state_dir=given.state_dir,
        rpc_bind=given.rpc_bind or tuple(dict.fromkeys((given.address, "127.0.0.1"))),
        rpc_port=given.rpc_port,
        plain_port=given.plain_port,
        ui_bind=given.ui_bind,
        ui_port=given.ui_port,
        ui_tls_port=given.ui_tls_port,
        ha=not given.no_ha,
        ha_port=given.ha_port,
        timers=Timers(given.heartbeat, given.election_timeout, given.election_random),
        stepdown=getattr(given, "stepdown", given.election_timeout),
        starts_as_leader=_starts_as_leader(
            (given.name, given.address, names[given.address]), given.leader
        ),
        passwords=dict(given.user),
        keys={user: pathlib.Path(path) for user, path in given.user_key},
    )
