"""The way out of one sandbox: `python -m pileus.surfaces.engines.android.gateway HOLDER INSIDE USER PARENT DOMAIN`

A process of its own, as a user of its own where there are such. It listens within the sandbox's network
namespace (see `openings`) and dials from the server's: TCP to the ports below, at addresses that `reach` allows.
It looks names up for the sandbox, and tells only of such addresses. What a name says later does not matter: an
app connects to an address, and that address is what is checked and dialled. Says `ready` when it listens.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread
import contextlib
import encodings.idna
import ipaddress
import os
import re
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from pileus.core.errors import Unavailable
from pileus.core.pace import Bucket
from pileus.surfaces.engines.android import names, openings
from pileus.surfaces.engines.android.reach import Address, allowed
from pileus.surfaces.orphans import end_with_parent

PORTS = (80, 443, 853, 143, 465, 587, 993, 995, 1883, 8883, 5222, 5223, 5228, 8443)
"""Web, names over TLS, mail to and from a mailbox, messages. Not 25: nobody's phone is a mail server."""
CONNECTIONS = 128
DIAL_WITHIN = 20.0
IDLE = 900.0
STARTED_WITHIN = 20.0
OWN_FOR = 60.0
PART = 1 << 16


# What asyncio and socket load late has to be there before this process changes its user, to whom Python's own
# folder may be closed.
_LATE = (concurrent.futures.thread, encodings.idna)


class Gateway:
    """All methods run in one loop."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._own: frozenset[Address] = frozenset()
        self._own_until = 0.0
        self._open = 0
        self._questions = Bucket(20, 100)

    async def serve(self, sockets: list[socket.socket]) -> None:
        """Serves until the process ends."""
        loop = asyncio.get_running_loop()
        gate = self

        class Names(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
                work = loop.create_task(gate._name(data, peer, self.transport))  # type: ignore[arg-type]
                gate._asked.add(work)
                work.add_done_callback(gate._asked.discard)

        self._asked: set[asyncio.Task[None]] = set()
        await loop.create_datagram_endpoint(Names, sock=sockets[0])
        servers = [await asyncio.start_server(self._connection, sock=one, limit=PART) for one in sockets[1:]]
        print("ready", flush=True)
        await asyncio.gather(*(server.serve_forever() for server in servers))

    async def _name(self, data: bytes, peer: tuple[str, int], transport: asyncio.DatagramTransport) -> None:
        asked = names.question(data)
        if asked is None or not self._questions.take(1, time.monotonic()):
            return
        status, found = names.NO_ERROR, []
        if not asked.name:
            status = names.NO_NAME
        elif asked.kind == names.A:
            try:
                found = await self._addresses(asked.name)
            except OSError:
                status = names.NO_NAME
        transport.sendto(names.answer(asked, status, found), peer)

    async def _addresses(self, name: str) -> list[ipaddress.IPv4Address]:
        loop = asyncio.get_running_loop()
        # The dot at the end keeps the server's search list out of it.
        answers = await loop.getaddrinfo(f"{name}.".encode(), None, family=socket.AF_INET, type=socket.SOCK_STREAM)
        own = await self._mine()
        unique = dict.fromkeys(ipaddress.IPv4Address(place[0]) for *_, place in answers)
        return [address for address in unique if allowed(address, own)]

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = writer.get_extra_info("sockname")
        self._open += 1
        try:
            if self._open > CONNECTIONS or not allowed(ipaddress.ip_address(place[0]), await self._mine()):
                raise ConnectionRefusedError
            async with asyncio.timeout(DIAL_WITHIN):
                far_reader, far_writer = await asyncio.open_connection(*place[:2], limit=PART)
        except (OSError, TimeoutError):
            # The app is connected already, to here: a reset is the nearest to a refusal.
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()
        else:
            await _both(reader, writer, far_reader, far_writer)
        finally:
            self._open -= 1

    async def _mine(self) -> frozenset[Address]:
        if time.monotonic() > self._own_until:
            self._own = await asyncio.to_thread(own_addresses, self._domain)
            self._own_until = time.monotonic() + OWN_FOR
        return self._own


def own_addresses(domain: str) -> frozenset[Address]:
    """This machine's addresses, and those by which the world knows it. Blocks."""
    found: set[Address] = set()
    with contextlib.suppress(OSError):
        text = Path("/proc/net/fib_trie").read_text()
        found |= {ipaddress.IPv4Address(each) for each in re.findall(r"-- ([\d.]+)\n\s+/32 host LOCAL", text)}
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/if_inet6").read_text().splitlines():
            found.add(ipaddress.IPv6Address(int(line.split()[0], 16)))
    if domain:
        with contextlib.suppress(OSError, ValueError):
            for *_, name in socket.getaddrinfo(domain, None):
                found.add(ipaddress.ip_address(str(name[0]).partition("%")[0]))
    return frozenset(found)


async def _both(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass(reader, far_writer))
            group.create_task(_pass(far_reader, writer))
    except* (OSError, TimeoutError):
        pass
    finally:
        far_writer.close()
        writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        async with asyncio.timeout(IDLE):
            data = await reader.read(PART)
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()


async def start(holder: int, inside: int, user: int | None, domain: str) -> asyncio.subprocess.Process:
    """Opens the way out of a sandbox; returns when it is open. Raises `Unavailable`. The caller ends it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(holder), str(inside), str(user or 0), str(os.getpid()), domain),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(STARTED_WITHIN):
            if process.stdout is None or await process.stdout.readline() != b"ready\n":
                raise Unavailable("no-network", "The app's way to the network could not be opened.")
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process


def main() -> int:
    holder, inside, user, parent, domain = sys.argv[1:6]
    end_with_parent(int(parent))
    ours, theirs = socket.socketpair()
    command = [
        sys.executable,
        "-I",
        "-S",
        openings.__file__,
        holder,
        inside,
        str(theirs.fileno()),
        *map(str, PORTS),
    ]
    with theirs:
        subprocess.run(command, pass_fds=(theirs.fileno(),), check=True)
    with ours:
        _, handles, _, _ = socket.recv_fds(ours, 16, len(PORTS) + 1)
    if int(user):
        os.setgroups([])
        os.setresgid(int(user), int(user), int(user))
        os.setresuid(int(user), int(user), int(user))
        end_with_parent(int(parent))  # a change of user takes the tie away (prctl(2))
    asyncio.run(Gateway(domain).serve([socket.socket(fileno=handle) for handle in handles]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
