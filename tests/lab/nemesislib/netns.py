"""Sockets in the lab's network namespaces, opened from this one process.

A socket belongs to the namespace in which its thread was when it was made, so entering for the length of one call is
enough. A node that boots gets a new namespace under the same name: the name is looked up each time.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator

from .lab import namespace as path_of

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEWNET = 0x40000000
_HOME = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTMGRP_IPV4_IFADDR = 0x10
REQUEST_DUMP = 0x301
IFA_LOCAL = 2


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def open_socket(host: str, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket of this host, non-blocking; OSError while the host has no network."""
    namespace = os.open(path_of(host), os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(namespace)
        try:
            return socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
        finally:
            _enter(_HOME)
    finally:
        os.close(namespace)


def identity(host: str) -> int:
    """Differs between two namespaces that had the same name one after the other; 0: none."""
    try:
        return os.stat(path_of(host)).st_ino
    except OSError:
        return 0


def address_socket(host: str) -> socket.socket:
    """Tells every IPv4 address of this host, first those there are, then each change."""
    netlink = open_socket(host, socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    netlink.bind((0, RTMGRP_IPV4_IFADDR))
    message = struct.pack("=IHHIIBBBBI", 24, RTM_GETADDR, REQUEST_DUMP, 1, 0, socket.AF_INET, 0, 0, 0, 0)
    netlink.send(message)
    return netlink


def address_changes(data: bytes) -> Iterator[tuple[str, bool]]:
    """The addresses in what the kernel reported: which, and whether it is there now."""
    while len(data) >= 16:
        length, kind = struct.unpack_from("=IH", data)
        if length < 16:
            return
        if kind in (RTM_NEWADDR, RTM_DELADDR):
            for address in _local_addresses(data[24:length]):
                yield address, kind == RTM_NEWADDR
        data = data[(length + 3) & ~3 :]


def _local_addresses(attributes: bytes) -> Iterator[str]:
    while len(attributes) >= 4:
        length, kind = struct.unpack_from("=HH", attributes)
        if length < 4:
            return
        if kind == IFA_LOCAL:
            yield socket.inet_ntoa(attributes[4:length])
        attributes = attributes[(length + 3) & ~3 :]
