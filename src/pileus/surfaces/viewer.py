"""One device that looks at a session: its outbox, its window, its picture format."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from pileus.surfaces import wire
from pileus.surfaces.flow import Window
from pileus.surfaces.texts import sentence
from pileus.surfaces.tickets import Grant

CONTROL_LIMIT = 8 << 20
"""Bytes of messages other than media that may wait for a device that does not read."""
MESSAGE_COST = 64
"""What a queued message takes besides its bytes, so that many small ones are counted too."""
FAREWELL = 3.0
"""Seconds in which a device may still hear why it was let go."""
CLOSE_CODES = {0: 4409, 1: 4410, 2: 1001, 3: 4400, 4: 4408}


class Viewer:
    """Sends in order; never blocks its callers. `grant` says whose device it is."""

    def __init__(self, socket: ServerConnection, grant: Grant, hello: Mapping[str, Any]) -> None:
        codecs = hello.get("codecs")
        known = [c for c in codecs if c in ("h264", "vp8", "jpeg", "png")] if isinstance(codecs, list) else []
        self.grant = grant
        self.hello = hello
        self.locale = str(hello.get("locale") or "en")
        self.codec = "jpeg" if known and known[0] == "png" else (known[0] if known else "")
        self.pictures = "jpeg" in known or "png" in known
        self.visible = hello.get("visible") is not False
        self.window = Window()
        self.gone = False
        self._socket = socket
        self._outbox: deque[bytes] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._writer = asyncio.create_task(self._write())

    def send(self, message: wire.Message | bytes) -> None:
        """Queues a message; a device that lets 8 MiB pile up is cut off."""
        if self.gone:
            return
        self._queue(message if isinstance(message, bytes) else wire.encode(message))
        if self._waiting > CONTROL_LIMIT + self.window.size:
            self.leave(4, "too-slow")

    def send_media(self, message: bytes) -> None:
        """Queues a media message and counts it in the window."""
        self.window.send(len(message), asyncio.get_running_loop().time())
        self.send(message)

    def leave(self, reason: int, code: str, message: str = "", **values: str) -> None:
        """Says why and closes; what waits for a device that is too slow is dropped, so that it may hear it."""
        if self.gone:
            return
        if reason == 4:
            self._waiting -= sum(len(data) + MESSAGE_COST for data in self._outbox)
            self._outbox.clear()
        text = message or sentence(code, self.locale, **values)
        self._queue(wire.encode(wire.Detached(reason, {"code": code, "message": text, **values})))
        self.gone = True
        self._closing = asyncio.create_task(self._close(CLOSE_CODES[reason], code))

    def _queue(self, data: bytes) -> None:
        self._outbox.append(data)
        self._waiting += len(data) + MESSAGE_COST
        self._wake.set()

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            while self._outbox or not self.gone:
                if not self._outbox:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                data = self._outbox.popleft()
                await self._socket.send(data)
                self._waiting -= len(data) + MESSAGE_COST

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(TimeoutError, ConnectionClosed, OSError):
            async with asyncio.timeout(FAREWELL):
                await asyncio.wait([self._writer])
                await self._socket.close(code, reason)
        self._writer.cancel()
        self._socket.transport.abort()

    async def end(self) -> None:
        """Called by the door when the connection is over."""
        if not self.gone:
            self.gone = True
            self._writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writer
