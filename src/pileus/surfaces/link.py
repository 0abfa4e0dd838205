"""The supervisor's end of the host link: a folder with the socket and the shared frame file of one session."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from pileus.surfaces import wire
from pileus.surfaces.engine import Display, LinkPlace
from pileus.surfaces.pipe import Pace, Pipe

SLOTS = 3
LEAST_SIDE = 1280
MOST_SIDE = 2560
PACE = Pace(largest=4 << 20, messages=600, bytes=8 << 20)
"""What a host may send: pictures do not come this way."""


def slot_bytes(width: int, height: int) -> int:
    """What a slot takes so that a display can be turned, and made larger within reason."""
    side = max(LEAST_SIDE, min(MOST_SIDE, max(width, height)))
    return side * side * 4


def clamp(width: int, height: int, most: int) -> tuple[int, int]:
    """The nearest size of at most so many bytes, with even sides (video needs them)."""
    width, height = (max(64, min(MOST_SIDE, side)) & ~1 for side in (width, height))
    if width * height * 4 > most:
        scale = (most / (width * height * 4)) ** 0.5
        width, height = int(width * scale) & ~1, int(height * scale) & ~1
    return width, height


class HostLink:
    """One session's link. Takes one host and no second; the callbacks run in the loop."""

    def __init__(
        self,
        folder: Path,
        display: Display,
        on_connect: Callable[[], None],
        on_message: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._folder = folder
        size = slot_bytes(display.width, display.height)
        self.place = LinkPlace(folder / "link.sock", folder / "frames", SLOTS, size)
        self._on_connect, self._on_message, self._on_lost = on_connect, on_message, on_lost
        self._server: asyncio.Server | None = None
        self._pipe: Pipe | None = None

    async def listen(self) -> None:
        """Makes the folder, the frame file (sparse: memory is taken as slots are drawn) and the socket."""
        self._folder.mkdir(mode=0o700, parents=True)
        handle = os.open(self.place.frames_path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        os.ftruncate(handle, self.place.slots * self.place.slot_bytes)
        os.close(handle)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._accept, str(self.place.socket_path))

    def send(self, message: bytes) -> None:
        """Sends an encoded message; dropped while no host is there."""
        if self._pipe is not None:
            self._pipe.send(message)

    @property
    def connected(self) -> bool:
        return self._pipe is not None and self._pipe.connected

    def close(self) -> None:
        """Cuts the connection and removes the folder."""
        if self._server is not None:
            self._server.close()
        if self._pipe is not None:
            self._pipe.abort()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fits(self, frame: wire.Frame) -> bool:
        """Whether a frame lies within its slot."""
        return (
            frame.slot < self.place.slots
            and frame.format == 0
            and 0 < frame.width <= frame.stride // 4
            and frame.height > 0
            and frame.height * frame.stride <= self.place.slot_bytes
        )

    def clamp(self, width: int, height: int) -> tuple[int, int]:
        """The nearest size that a slot holds."""
        return clamp(width, height, self.place.slot_bytes)

    def _accept(self) -> asyncio.Protocol:
        pipe = _HostPipe(self, self._on_message, self._on_lost)
        return pipe

    def take(self, pipe: Pipe) -> bool:
        """Called by a pipe that was connected: the first one is the host's."""
        if self._pipe is not None:
            return False
        self._pipe = pipe
        if self._server is not None:
            self._server.close()
        self._on_connect()
        return True


class _HostPipe(Pipe):
    def __init__(self, link: HostLink, on_message: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        super().__init__(on_message, self._gone, PACE)
        self._link = link
        self._taken = False
        self._when_lost = on_lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._taken = self._link.take(self)
        if not self._taken:
            self.abort()

    def _gone(self) -> None:
        if self._taken:
            self._when_lost()
