"""A device in Python: attaches to a session, keeps its picture, sends input. For tests, benches and tools."""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import av
import numpy as np
from PIL import Image
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from pileus.surfaces import wire
from pileus.surfaces.wire import Pointer

M = TypeVar("M", bound=wire.Message)
Media = wire.Video | wire.Image


class Device:
    """One connection. `messages` keeps what came, `canvas` is the picture (rows of RGB)."""

    def __init__(
        self, url: str, ticket: str, *, codecs: tuple[str, ...] = ("h264", "jpeg", "png"), **hello: Any
    ) -> None:
        self._url = url
        self._origin: str | None = hello.pop("origin", None)
        self._hello = {"ticket": ticket, "codecs": list(codecs), "width": 480, "height": 800, "dpi": 160, **hello}
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._decoder: Any = None
        self._consumed = 0
        self._inputs = time.time_ns() // 1000
        self.messages: list[wire.Message] = []
        self.canvas: np.ndarray[Any, Any] | None = None
        self.closed: int | None = None
        self.acks = True

    async def __aenter__(self) -> Self:
        origin = Origin(self._origin) if self._origin else None
        self._socket = await connect(self._url, max_size=None, compression=None, origin=origin, proxy=None)
        await self.send(wire.Hello(wire.VERSION, self._hello))
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def send(self, message: wire.Message) -> None:
        """Sends a message; blocks while the connection is full."""
        if self._socket is not None:
            await self._socket.send(wire.encode(message))

    async def send_raw(self, data: bytes) -> None:
        """Sends bytes as they are."""
        if self._socket is not None:
            await self._socket.send(data)

    def next_input(self) -> int:
        """A new input id; they rise across devices as clocks do."""
        self._inputs += 1
        return self._inputs

    async def touch(self, action: int, *points: tuple[float, float], changed: int = 0) -> int:
        """One touch event of some fingers; gives its input id."""
        number = self.next_input()
        pointers = tuple(Pointer(i, x, y, 32768) for i, (x, y) in enumerate(points))
        await self.send(wire.Touch(number, time.monotonic_ns() // 1000, action, changed, pointers))
        return number

    async def tap(self, x: float, y: float) -> int:
        """Down and up; gives the input id of the up."""
        await self.touch(0, (x, y))
        return await self.touch(2, (x, y))

    async def wait(self, holds: Callable[[], bool], timeout: float = 30.0) -> None:
        """Returns when the condition holds; it is looked at after each message."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(holds)

    async def message(
        self, kind: type[M], holds: Callable[[M], bool] = lambda _m: True, timeout: float = 30.0
    ) -> M:
        """The first message of a kind for which something holds, come already or still to come."""
        await self.wait(lambda: any(isinstance(m, kind) and holds(m) for m in self.messages), timeout)
        return next(m for m in self.messages if isinstance(m, kind) and holds(m))

    async def frame(self, input_id: int = 0, timeout: float = 30.0) -> Media:
        """The first frame that has seen an input."""
        await self.wait(lambda: any(m.input_id >= input_id for m in self.media), timeout)
        return next(m for m in self.media if m.input_id >= input_id)

    @property
    def media(self) -> list[Media]:
        """The frames that came."""
        return [m for m in self.messages if isinstance(m, wire.Video | wire.Image)]

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """A pixel of the picture; (-1, -1, -1) where there is none yet."""
        if self.canvas is None or y >= self.canvas.shape[0] or x >= self.canvas.shape[1]:
            return (-1, -1, -1)
        red, green, blue = (int(value) for value in self.canvas[y, x])
        return (red, green, blue)

    async def _read(self) -> None:
        socket = self._socket
        if socket is None:
            return
        with contextlib.suppress(ConnectionClosed):
            async for data in socket:
                if isinstance(data, bytes):
                    await self._take(data)
        async with self._changed:
            self.closed = socket.close_code
            self._changed.notify_all()

    async def _take(self, data: bytes) -> None:
        message = wire.decode(data)
        if isinstance(message, wire.Video | wire.Image):
            self._consumed += len(data)
            self._paint(message)
            if self.acks:
                # The other side may have closed meanwhile; what it said before that is still to be read.
                with contextlib.suppress(ConnectionClosed):
                    await self.send(wire.Ack(message.frame_id, self._consumed))
        async with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def _paint(self, message: Media) -> None:
        if isinstance(message, wire.Video):
            if self._decoder is None:
                self._decoder = av.CodecContext.create("h264" if message.codec == 0 else "vp8", "r")
                self._decoder.flags |= av.codec.context.Flags.low_delay
            for frame in self._decoder.decode(av.Packet(message.data)):
                self.canvas = frame.to_ndarray(format="rgb24", src_colorspace="ITU709")
            return
        part = np.asarray(Image.open(io.BytesIO(message.data)).convert("RGB"))
        shape = (message.surface_height, message.surface_width, 3)
        if self.canvas is None or self.canvas.shape != shape:
            self.canvas = np.zeros(shape, np.uint8)
        self.canvas = self.canvas.copy()
        self.canvas[message.y : message.y + message.height, message.x : message.x + message.width] = part
