"""Decide which frames are encoded, when and how; what comes too late is dropped before encoding.

A moving picture goes as video; a small change of a still one as an exact picture of that part, and 150 ms
after the last movement the whole is sent once more in full sharpness (text in 4:2:0 video is soft).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

from pileus.surfaces import wire
from pileus.surfaces.encode import EncoderProcess
from pileus.surfaces.encoder import Command, Done
from pileus.surfaces.flow import Window

STILL = 0.15
PATCH_SHARE = 8
"""A change up to this part of the surface may go as a picture."""
PATCH_BUDGET = 48 << 10
"""Bytes of such pictures in about a second, beyond which video is cheaper."""
SHARP_WINDOW = 64 << 10
KEEP_WITHIN = 2.0
"""Seconds that the encoder has for a picture that is to be kept."""
Area = tuple[int, int, int, int]


class Sink(Protocol):
    """Where encoded frames go: the device that looks at the session."""

    codec: str
    pictures: bool
    visible: bool
    window: Window

    def send_media(self, message: bytes) -> None:
        """Queues a media message and counts it in the window."""
        ...


class Painter:
    """The way of one session's pixels from the host to the device."""

    def __init__(
        self,
        frames: Path,
        slot_bytes: int,
        release: Callable[[int], None],
        numbers: Iterator[int] | None = None,
    ) -> None:
        """`numbers` gives the frames' ids, where another painter of the same session came before."""
        self._slot_bytes = slot_bytes
        self._release = release
        self._encoder = EncoderProcess(frames, self._taken, self._done, self._ready, self._lost, self._gave_up)
        self._sink: Sink | None = None
        self._for: Sink | None = None
        self._pending: wire.Frame | None = None
        self._damage: Area | None = None
        self._current: wire.Frame | None = None
        self._slot: int | None = None
        self._has_copy = False
        self._busy = False
        self._mode = ""
        self._key = True
        self._soft: Area | None = None
        self._moved = 0.0
        self._patches = 0.0
        self._patched = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._numbers = numbers or count(1)
        self._wish: tuple[str, asyncio.Future[Done | None]] | None = None
        self._granted: asyncio.Future[Done | None] | None = None
        self.on_restart: Callable[[], None] = lambda: None
        self.on_given_up: Callable[[], None] = lambda: None
        """No encoder lives long enough for a frame: there will be no picture any more."""

    @property
    def encoder_pid(self) -> int | None:
        return self._encoder.pid

    def start(self) -> None:
        self._encoder.start()

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._sink = None
        await self._encoder.stop()

    def attach(self, sink: Sink | None) -> None:
        """Another device looks, or none; it gets a key frame first."""
        self._sink = sink
        self._key = True
        self.pump()

    def refresh(self) -> None:
        """The device needs a key frame."""
        self._key = True
        self.pump()

    async def keep(self, most: int) -> Done | None:
        """The whole picture as it is now, in at most so many bytes; None where that cannot be."""
        for mode in ("sharp", "jpeg"):
            done = await self._whole_picture(mode)
            if done is None or len(done.data) <= most:
                return done
        return None

    async def _whole_picture(self, mode: str) -> Done | None:
        wanted: asyncio.Future[Done | None] = asyncio.get_running_loop().create_future()
        self._wish = mode, wanted
        self.pump()
        try:
            async with asyncio.timeout(KEEP_WITHIN):
                return await wanted
        except TimeoutError:
            return None
        finally:
            self._wish = None

    def offer(self, frame: wire.Frame) -> None:
        """The host drew a frame; the one before it, if it still waits, is dropped."""
        area = _bounds(frame)
        if self._pending is not None:
            self._release(self._pending.slot)
            same = (self._pending.width, self._pending.height) == (frame.width, frame.height)
            area = _union(self._damage, area) if same else _whole(frame)
        self._pending, self._damage = frame, area
        self.pump()

    def pump(self) -> None:
        """Starts the next encoding if there is something to show and room on the way."""
        sink = self._sink
        if self._busy or not self._encoder.ready:
            return
        if self._wish is not None:
            self._grant(*self._wish)
            return
        if sink is None or not sink.visible or not sink.window.open:
            return
        if self._pending is not None:
            self._paint(sink, self._pending)
        elif self._key and self._has_copy:
            self._give(sink, Command(sink.codec, key=True))
        elif self._soft is not None and sink.pictures:
            self._sharpen(sink)

    def _grant(self, mode: str, wanted: asyncio.Future[Done | None]) -> None:
        """Encodes the picture for whoever keeps it: the frame that nobody has seen yet, or the last one."""
        self._wish = None
        frame = self._pending
        if frame is None and not self._has_copy:
            wanted.set_result(None)
            self.pump()
            return
        command = Command(mode)
        if frame is not None:
            self._pending, self._damage = None, None
            self._current, self._slot = frame, frame.slot
            self._key = True
            command = Command(mode, frame.slot * self._slot_bytes, frame.width, frame.height, frame.stride)
        self._busy, self._granted = True, wanted
        self._encoder.give(command)

    def _paint(self, sink: Sink, frame: wire.Frame) -> None:
        area = self._damage or _whole(frame)
        before = self._current
        if before is None or (before.width, before.height) != (frame.width, frame.height):
            self._key, area = True, _whole(frame)
        self._pending, self._damage = None, None
        self._current, self._slot = frame, frame.slot
        mode = sink.codec
        if not self._key and self._is_patch(sink, frame, area):
            mode = "sharp"
        pixels = (frame.slot * self._slot_bytes, frame.width, frame.height, frame.stride)
        rect = None if self._key or mode in ("h264", "vp8") else area
        rows = (area[1], area[3]) if self._has_copy else None
        self._give(sink, Command(mode, *pixels, key=self._key, rect=rect, rows=rows))

    def _is_patch(self, sink: Sink, frame: wire.Frame, area: Area) -> bool:
        now = asyncio.get_running_loop().time()
        spent = self._patches * math.exp(self._patched - now)
        small = area[2] * area[3] * PATCH_SHARE <= frame.width * frame.height
        return sink.pictures and small and now - self._moved > STILL and spent < PATCH_BUDGET

    def _sharpen(self, sink: Sink) -> None:
        wait = self._moved + STILL - asyncio.get_running_loop().time()
        if wait > 0:
            if self._timer is None or self._timer.cancelled():
                self._timer = asyncio.get_running_loop().call_later(wait, self._wake)
        elif sink.window.in_flight == 0 and sink.window.size >= SHARP_WINDOW:
            self._give(sink, Command("sharp", rect=self._soft))
            self._soft = None

    def _wake(self) -> None:
        self._timer = None
        self.pump()

    def _give(self, sink: Sink, command: Command) -> None:
        self._busy, self._for, self._key, self._mode = True, sink, False, command.mode
        self._encoder.give(command)

    def _taken(self) -> None:
        self._has_copy = True
        if self._slot is not None:
            self._release(self._slot)
            self._slot = None

    def _done(self, done: Done) -> None:
        self._busy = False
        if self._granted is not None:
            self._answer(done)
            self.pump()
            return
        sink, frame = self._sink, self._current
        if sink is None or sink is not self._for or frame is None:
            self._key = True
        elif done.data:
            self._send(sink, frame, done)
        self.pump()

    def _answer(self, done: Done | None) -> None:
        granted, self._granted = self._granted, None
        if granted is not None and not granted.done():
            granted.set_result(done)

    def _send(self, sink: Sink, frame: wire.Frame, done: Done) -> None:
        now = asyncio.get_running_loop().time()
        head = (next(self._numbers), frame.input_id, frame.time_us)
        if done.kind in ("h264", "vp8"):
            size = (done.width & ~1, done.height & ~1)
            codec = 0 if done.kind == "h264" else 1
            message = wire.encode(wire.Video(*head, codec, int(done.key), *size, done.data))
            self._moved, self._soft = now, (0, 0, done.width, done.height)
        else:
            form = 1 if done.kind == "png" else 0
            message = wire.encode(wire.Image(*head, form, *done.rect, done.width, done.height, done.data))
            self._count_picture(done, now)
        sink.send_media(message)

    def _count_picture(self, done: Done, now: float) -> None:
        if done.kind == "jpeg" and self._mode == "jpeg":
            self._moved, self._soft = now, _union(self._soft, done.rect)
        self._patches = self._patches * math.exp(self._patched - now) + len(done.data)
        self._patched = now

    def _ready(self) -> None:
        self.pump()

    def _lost(self) -> None:
        """The encoder died: its copy of the picture is gone, so the host draws everything again."""
        self._busy, self._has_copy, self._key = False, False, True
        self._answer(None)
        if self._slot is not None:
            self._release(self._slot)
            self._slot = None
        self.on_restart()

    def _gave_up(self) -> None:
        self.on_given_up()


def _whole(frame: wire.Frame) -> Area:
    return (0, 0, frame.width, frame.height)


def _bounds(frame: wire.Frame) -> Area:
    """The damaged part, clipped to the frame; no rectangles mean all of it."""
    if not frame.rects:
        return _whole(frame)
    left = min(frame.width - 1, min(rect.x for rect in frame.rects))
    top = min(frame.height - 1, min(rect.y for rect in frame.rects))
    right = min(frame.width, max(rect.x + rect.w for rect in frame.rects))
    bottom = min(frame.height, max(rect.y + rect.h for rect in frame.rects))
    return (left, top, max(1, right - left), max(1, bottom - top))


def _union(one: Area | None, other: Area) -> Area:
    if one is None:
        return other
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right = max(one[0] + one[2], other[0] + other[2])
    bottom = max(one[1] + one[3], other[1] + other[3])
    return (left, top, right - left, bottom - top)
