"""A network in which every address answers, for a program in a network namespace of its own."""

from __future__ import annotations

import fcntl
import socket
import struct
import threading
from collections.abc import Iterable

from pileus.surfaces.engines.android import openings

OWN = "192.203.230.10"
"""The address of the machine there."""
_FLAGS, _ADDRESS, _UP = 0x8914, 0x8916, 0x1 | 0x40


def every_address_answers(ports: Iterable[int]) -> None:
    """On these ports each IPv4 and IPv6 address says which one it is, and what it hears."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _FLAGS, struct.pack("16sH", b"lo", _UP))
        address = struct.pack("16sH2x4s8x", b"lo:1", socket.AF_INET, socket.inet_aton(OWN))
        fcntl.ioctl(any_socket, _ADDRESS, address)
    openings._all_local()
    _all_local_of_ipv6()
    for port in ports:
        both = (
            socket.create_server(("0.0.0.0", port)),
            socket.create_server(("::", port), family=socket.AF_INET6),
        )
        for listener in both:
            threading.Thread(target=_answer, args=[listener], daemon=True).start()


def _all_local_of_ipv6() -> None:
    body = struct.pack("<BBBBBBBBI", socket.AF_INET6, 0, 0, 0, 255, 4, 254, 2, 0)
    body += struct.pack("<HHI", 8, 4, socket.if_nametoindex("lo"))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.send(struct.pack("<IHHII", 16 + len(body), 24, 0x405, 1, 0) + body)
        kind, error = struct.unpack_from("<4xH10xi", link.recv(4096))
        assert (kind, error) == (2, 0), error


def _answer(listener: socket.socket) -> None:
    while True:
        one, _ = listener.accept()
        one.sendall(one.getsockname()[0].encode() + b" hears " + one.recv(100))
        one.close()
