"""Opens a sandbox's network towards the gateway: `python openings.py HOLDER INSIDE SOCKET_FD PORT...`

A program of its own, since setns(2) moves the whole process and there is no way back for a plain user. In the
sandbox's network namespace it makes every IPv4 address local, so that a connection to any of them arrives at a
socket that listens there; the sockets (names: UDP, then TCP for each port) are handed out over SOCKET_FD. HOLDER
and INSIDE are as for `graft`. Source: rtnetlink(7); "AnyIP" in Linux is a local route to more than one address.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys

BACKLOG = 64
_NEWNET, _NEWUSER = 0x40000000, 0x10000000
_NEWROUTE, _REQUEST, _ACK, _CREATE = 24, 0x1, 0x4, 0x400
_TABLE_LOCAL, _STATIC, _SCOPE_HOST, _LOCAL, _OIF = 255, 4, 254, 2, 4
_ERROR = 2

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> int:
    holder, inside, handle, *ports = map(int, arguments)
    network = os.open(f"/proc/{inside}/ns/net", os.O_RDONLY)
    if holder:
        _enter(os.open(f"/proc/{holder}/ns/user", os.O_RDONLY), _NEWUSER)
    _enter(network, _NEWNET)
    _all_local()
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    found = [names]
    for port in ports:
        found.append(socket.create_server(("0.0.0.0", port), backlog=BACKLOG))  # noqa: S104 - the sandbox's own
    with socket.socket(fileno=handle) as out:
        socket.send_fds(out, [b"+"], [one.fileno() for one in found])
    return 0


def _enter(space: int, kind: int) -> None:
    if _libc.setns(space, kind) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


def _all_local() -> None:
    loopback = socket.if_nametoindex("lo")
    route = struct.pack("<BBBBBBBBI", socket.AF_INET, 0, 0, 0, _TABLE_LOCAL, _STATIC, _SCOPE_HOST, _LOCAL, 0)
    body = route + struct.pack("<HHI", 8, _OIF, loopback)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        link.send(struct.pack("<IHHII", 16 + len(body), _NEWROUTE, _REQUEST | _ACK | _CREATE, 1, 0) + body)
        answer = link.recv(1 << 12)
    _, kind, _, _, _, error = struct.unpack_from("<IHHIIi", answer)
    if kind != _ERROR or error:
        raise OSError(-error, f"route: {os.strerror(-error)}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
