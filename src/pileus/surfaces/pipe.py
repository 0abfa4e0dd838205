"""Messages with a u32 little-endian length over a byte stream: the host link and the encoder's pipe.

A protocol rather than a stream: a message reaches its reader in the loop turn in which its bytes arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

MESSAGE_LIMIT = (64 << 20) + 1024
BACKLOG_LIMIT = 8 << 20


class Pipe(asyncio.Protocol):
    """One end of a message stream. `on_message` and `on_lost` run in the loop and must not block."""

    def __init__(self, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        self._on_message = on_message
        self._on_lost = on_lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        at = 0
        while len(self._buffer) - at >= 4:
            size = int.from_bytes(self._buffer[at : at + 4], "little")
            if size > MESSAGE_LIMIT:
                self.abort()
                return
            end = at + 4 + size
            if end > len(self._buffer):
                break
            self._on_message(bytes(self._buffer[at + 4 : end]))
            at = end
        if at:
            del self._buffer[:at]

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._on_lost()

    @property
    def connected(self) -> bool:
        return self._transport is not None

    def send(self, message: bytes) -> None:
        """Queues a message; a reader that lets 8 MiB pile up is cut off."""
        if self._transport is None:
            return
        self._transport.write(len(message).to_bytes(4, "little") + message)
        if self._transport.get_write_buffer_size() > BACKLOG_LIMIT:
            self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
