"""A modem on a Unix socket, where ModemManager finds it (`Test.SetProfile` with `abstract:NAME`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pileus.carrier.modem import Modem

ABSTRACT = "abstract:"
MOST_UNREAD = 1 << 20
"""Bytes that a terminal may leave unread before its connection is dropped."""
_CHUNK = 4096


class Line:
    """The newest connection is the terminal; an older one that is still there hears nothing more."""

    def __init__(self, modem: Modem, name: str) -> None:
        self.modem, self.name = modem, name
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, path=address(self.name))

    async def close(self) -> None:
        """Hangs up on the terminal; the modem itself goes on."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.modem.terminal.output = None
        for writer in self._writers:
            writer.close()
        if not self.name.startswith(ABSTRACT):
            Path(self.name).unlink(missing_ok=True)  # noqa: ASYNC240 - one inode, at the end

    async def vanish(self) -> None:
        """The modem is torn out: its calls end, and nothing listens here any more."""
        await self.close()
        self.modem.power(False)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)

        def output(data: bytes) -> None:
            if writer.transport.get_write_buffer_size() > MOST_UNREAD:
                writer.transport.abort()
            elif not writer.is_closing():
                writer.write(data)

        self.modem.terminal.left()  # an older one, that is not closed yet
        self.modem.terminal.output = output
        try:
            while data := await reader.read(_CHUNK):
                self.modem.terminal.feed(data)
        except ConnectionError:
            pass
        finally:
            if self.modem.terminal.output is output:
                self.modem.terminal.output = None
                self.modem.terminal.left()
            self._writers.remove(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def address(name: str) -> str:
    """What to bind: a path, or an abstract socket whose own name has the prefix (as ModemManager opens it)."""
    return f"\0{name}" if name.startswith(ABSTRACT) else name


@asynccontextmanager
async def line(modem: Modem, name: str) -> AsyncIterator[Line]:
    """Puts a modem on `abstract:NAME`, or on a path, for as long as the block lasts."""
    opened = Line(modem, name)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
