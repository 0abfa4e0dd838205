"""Messages with a u32 little-endian length over a byte stream: the host link and the encoder's pipe.

A protocol rather than a stream: a message reaches its reader in the loop turn in which its bytes arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from pileus.core.pace import Bucket

MESSAGE_LIMIT = (64 << 20) + 1024
BACKLOG_LIMIT = 8 << 20
BURST = 10


@dataclass(frozen=True)
class Pace:
    """What a peer that is not trusted may send: no message over `largest` bytes, and so much a second (ten
    times that at once). More is not lost but waits in the peer, whose writes block."""

    largest: int
    messages: float
    bytes: float


class Pipe(asyncio.Protocol):
    """One end of a message stream. `on_message` and `on_lost` run in the loop and must not block."""

    def __init__(
        self, on_message: Callable[[bytes], None], on_lost: Callable[[], None], pace: Pace | None = None
    ) -> None:
        self._on_message = on_message
        self._on_lost = on_lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._largest = pace.largest if pace else MESSAGE_LIMIT
        self._messages = Bucket(pace.messages, pace.messages * BURST) if pace else None
        self._bytes = Bucket(pace.bytes, pace.bytes * BURST) if pace else None
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._waiting:
            self._take()

    def _take(self) -> None:
        at = 0
        while len(self._buffer) - at >= 4 and self._transport is not None:
            size = int.from_bytes(self._buffer[at : at + 4], "little")
            if size > self._largest:
                self.abort()
                return
            end = at + 4 + size
            if end > len(self._buffer) or self._too_fast(4 + size):
                break
            self._on_message(bytes(self._buffer[at + 4 : end]))
            at = end
        if at:
            del self._buffer[:at]

    def _too_fast(self, size: int) -> bool:
        if self._messages is None or self._bytes is None:
            return False
        loop = asyncio.get_running_loop()
        wait = max(self._messages.wait(loop.time()), self._bytes.wait(loop.time()))
        if wait == 0:
            self._messages.take(1, loop.time())
            self._bytes.take(size, loop.time())
            return False
        self._waiting = True
        if self._transport is not None:
            self._transport.pause_reading()
        loop.call_later(wait, self._go_on)
        return True

    def _go_on(self) -> None:
        self._waiting = False
        self._take()
        if self._transport is not None and not self._waiting:
            self._transport.resume_reading()

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
