"""The end of what a sandboxed program prints; a program that prints without end is read no faster than this."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

KEPT = 64 << 10
BYTES_A_SECOND = 1 << 20
_PART = 1 << 14


class Tail:
    """Reads a process's output so that a pipe never fills. `heard` is called with every line."""

    def __init__(self, stream: asyncio.StreamReader | None, heard: Callable[[str], None] | None = None) -> None:
        self._stream = stream
        self._heard = heard
        self._line = b""
        self._kept = bytearray()
        self._hurry = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")

    async def drained(self) -> None:
        """Returns when all was read; called when the process has ended."""
        self._hurry.set()
        await self._task

    async def _read(self) -> None:
        while self._stream is not None and (part := await self._stream.read(_PART)):
            self._kept += part
            del self._kept[:-KEPT]
            if self._heard is not None:
                *lines, self._line = (self._line + part)[-KEPT:].split(b"\n")
                for line in lines:
                    self._heard(line.decode("utf-8", "replace"))
            try:
                async with asyncio.timeout(len(part) / BYTES_A_SECOND):
                    await self._hurry.wait()
            except TimeoutError:
                pass
