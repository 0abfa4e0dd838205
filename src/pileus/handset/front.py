"""What listens on loopback: pages from disk, the cloud behind `/api/`, and the shell's socket to the daemon.

Each connection carries one request. What is for the cloud is handed on byte by byte under the cloud's own name,
answers and WebSockets too; where the cloud is not reached, the connection just ends, as the cloud's own would.
See docs/decisions/0014-the-gateway-hands-the-api-on.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from pileus.core.errors import Invalid, PileusError
from pileus.handset import head as heads
from pileus.handset.head import Head
from pileus.handset.site import Page, Site
from pileus.sdk.config import address_of, tls_context

MOST = 128
"""Connections at once."""
HEAD_WITHIN = 10.0
REACHED_WITHIN = 10.0
"""Seconds that the cloud has to take a connection."""
PIECE = 64 << 10
API = "/api/"
_WORDS = {
    200: "OK", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 421: "Misdirected Request", 503: "Service Unavailable",
}  # fmt: skip

log = logging.getLogger("pileus.handset.front")


class Front:
    """`cloud()` is the address of the account's cloud, "" for none; `inner` takes the shell's own WebSockets."""

    def __init__(self, cloud: Callable[[], str], inner: socket.socket) -> None:
        self._cloud, self._inner = cloud, inner.getsockname()
        self._tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.site: Site

    async def open(self, port: int, make: Callable[[int], Site]) -> int:
        """Listens; the port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", port, limit=heads.MOST_BYTES)
        found: int = self._server.sockets[0].getsockname()[1]
        self.site = make(found)
        return found

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= MOST:
            writer.transport.abort()
            return
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            writer.transport.abort()
        except Exception:
            log.exception("a request could not be answered")
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_WITHIN):
            data = await reader.readuntil(b"\r\n\r\n")
        try:
            head = heads.parse(data)
            place = self.site.place(head.get("host"))
            shell = not place.app
            if shell and head.is_socket and not head.path.startswith(API):
                await self._inside(data, reader, writer)
            elif shell and head.path.startswith(API):
                await self._hand_on(head, reader, writer)
            elif head.is_socket:
                raise Invalid("malformed-request", "There is no socket here.")
            else:
                page = await asyncio.to_thread(self.site.page, place, head, self._cloud())
                await _say(writer, page)
        except PileusError as error:
            await _refuse(writer, error)

    async def _inside(self, data: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_unix_connection(self._inner)
        inner[1].write(data)
        await _join((reader, writer), inner)

    async def _hand_on(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = self._cloud()
        if not server:
            raise ConnectionRefusedError("no cloud is known")
        address, named = address_of(server)
        parts, cloud = urlsplit(address), urlsplit(server)
        secure = parts.scheme == "https"
        if secure and self._tls is None:
            context = tls_context(os.environ.get("PILEUS_CA_FILE") or True)
            self._tls = context if isinstance(context, ssl.SSLContext) else ssl.create_default_context()
        origin = head.get("origin")
        if origin in self.site.origins:  # the shell's: to the cloud it is its own shell's
            origin = f"{cloud.scheme}://{cloud.netloc}"
        async with asyncio.timeout(REACHED_WITHIN):
            outer = await asyncio.open_connection(
                parts.hostname,
                parts.port or (443 if secure else 80),
                ssl=self._tls if secure else None,
                server_hostname=cloud.hostname if secure else None,
            )
        outer[1].write(heads.forwarded(head, named.get("Host", cloud.netloc), origin))
        await _join((reader, writer), outer)


async def _say(writer: asyncio.StreamWriter, page: Page) -> None:
    lines = [f"HTTP/1.1 {page.status} {_WORDS[page.status]}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in page.headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if page.file is not None:
        with page.file.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                writer.write(piece)
                await writer.drain()
    await writer.drain()


async def _refuse(writer: asyncio.StreamWriter, error: PileusError) -> None:
    body = msgspec.json.encode({"status": error.status, "code": error.code, "detail": error.detail})
    words = _WORDS.get(error.status, "Error")
    head = (
        f"HTTP/1.1 {error.status} {words}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _join(one: Pair, other: Pair) -> None:
    """Both ways, until either end is over."""
    ways = [asyncio.create_task(_pump(one[0], other[1])), asyncio.create_task(_pump(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        other[1].close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
