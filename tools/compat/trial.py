"""One activity used as a person would: it starts, draws, is touched, turned, put away and brought back."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pileus.core.errors import PileusError
from pileus.surfaces import wire
from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android.packages import Meta
from pileus.surfaces.engines.android.probe import Extras, Finding, Probe, Watcher, ended
from pileus.surfaces.engines.android.shown import Shown

PATIENCE = 15.0
CALM = 0.5
"""Seconds without a frame after which a picture counts as done."""
LONGEST = 3.0
TAB = 0x7002B
LINE, STEPS = 480.0, 16
"""So long that no button takes it for a press."""
SAVE = 1
SAVED = 2

YES, NO, UNTRIED = "yes", "no", ""
NOT_KEPT = "not kept"
"""The host ended without keeping a state, so there is nothing to come back to."""


class Row(msgspec.Struct, frozen=True):
    """What became of one activity; `input`, `rotates` and `returns` are yes, no: REASON, or empty (not tried);
    `lacks` are the codes of the sentences that stand where it needs what is not there."""

    finding: Finding
    input: str = UNTRIED
    rotates: str = UNTRIED
    returns: str = UNTRIED
    lacks: tuple[str, ...] = ()


class Trial:
    """Tries activities of one package, each in processes of its own, on one account whose data is at `data`."""

    def __init__(self, probe: Probe, meta: Meta, display: Display, data: Path) -> None:
        self._probe, self._meta, self._display, self._data = probe, meta, display, data

    async def of(self, activity: str, extras: Extras, out: Path) -> Row:
        """Never raises for what the app does; a picture `ACTIVITY.png` of what it drew first."""
        try:
            row, title = await self._use(activity, extras, out)
            if title is not None:
                return msgspec.structs.replace(row, returns=await self._again(activity, extras, title))
        except PileusError as error:
            return Row(Finding(activity, "unsupported", error.detail or error.code))
        return row

    async def _use(self, activity: str, extras: Extras, out: Path) -> tuple[Row, str | None]:
        """What became of it by then, and under which title it can be brought back."""
        async with self._probe.watched(self._meta, activity, self._data, extras) as (watcher, host):
            finding = await watcher.look(host, activity, out)
            if finding.status != "ok":
                return Row(finding), None
            title = watcher.title
            hand = Hand(watcher, host, activity)
            takes = await hand.touches(self._display)
            turns = await hand.turns(self._display) if takes == YES else UNTRIED
            kept = turns == YES and await hand.puts_away()
            returns = NOT_KEPT if turns == YES and not kept else UNTRIED
            return Row(finding, takes, turns, returns, tuple(sorted(watcher.lacks))), title if kept else None

    async def _again(self, activity: str, extras: Extras, title: str) -> str:
        """A new process for what was kept."""
        async with self._probe.watched(self._meta, activity, self._data, extras) as (watcher, host):
            finding = await watcher.look(host, activity, None)
            if finding.status != "ok":
                return f"{NO}: {finding.reason or finding.status}"
            return YES if watcher.title == title else f"{NO}: it shows “{watcher.title}”"


class Hand:
    """Uses what a watcher sees."""

    def __init__(self, watcher: Watcher, host: Shown, activity: str) -> None:
        self._watcher, self._host, self._activity = watcher, host, activity
        self._inputs = time.time_ns() // 1000

    async def touches(self, display: Display) -> str:
        """A finger that draws a line and comes back, and the Tab key: both have to be seen by a frame. It begins
        and ends in the middle: a touch that ends beside a dialog closes that."""
        x, y = display.width / 2, display.height / 2
        self._touch(0, x, y)
        for step in range(1, STEPS + 1):
            self._touch(1, x, y - LINE * min(step, STEPS - step) / STEPS)
        last = self._touch(2, x, y)
        answer = await self._until(lambda m: isinstance(m, wire.Frame) and m.input_id >= last)
        if answer != YES:
            return answer
        for action in (0, 1):
            last = self._next()
            self._watcher.send(wire.Key(last, action, TAB, 0, 0, 0))
        return await self._until(lambda m: isinstance(m, wire.Frame) and m.input_id >= last)

    async def turns(self, display: Display) -> str:
        """On its side and back."""
        for width, height, rotation in ((display.height, display.width, 1), (display.width, display.height, 0)):
            self._watcher.send(wire.Resize(width, height, display.dpi, rotation))
            answer = await self._until(functools.partial(_is_as_wide_as, width))
            if answer != YES:
                return answer
            answer = await self._calm()
            if answer != YES:
                return answer
        return YES

    async def puts_away(self) -> bool:
        """The process ends as one of which the memory is needed; whether it said that it kept something."""
        self._watcher.send(wire.Stop(SAVE))
        kept = False
        try:
            async with asyncio.timeout(PATIENCE):
                while (message := await self._watcher.next()) is not None:
                    if isinstance(message, wire.State) and message.state == SAVED:
                        kept = bool(message.info.get("bytes"))
                await self._host.wait()
        except TimeoutError:
            return False
        return kept

    async def _calm(self) -> str:
        """Until the picture rests for a moment, or moves on for long."""
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            try:
                async with asyncio.timeout(CALM):
                    over = self._over(await self._watcher.next())
            except TimeoutError:
                break
            if over:
                return over
        return YES

    async def _until(self, holds: Callable[[Any], bool]) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    message = await self._watcher.next()
                    over = self._over(message)
                    if over or holds(message):
                        return over or YES
        except TimeoutError:
            return f"{NO}: no frame came"

    def _over(self, message: wire.Message | None) -> str:
        """Why the app is over, or nothing."""
        if message is not None and not isinstance(message, wire.State):
            return ""
        found = ended(self._activity, message, self._host, None)
        return f"{NO}: {found.reason or found.status}" if found else ""

    def _touch(self, action: int, x: float, y: float) -> int:
        number = self._next()
        self._watcher.send(
            wire.Touch(number, time.monotonic_ns() // 1000, action, 0, (wire.Pointer(0, x, y, 32768),))
        )
        return number

    def _next(self) -> int:
        self._inputs += 1
        return self._inputs


def _is_as_wide_as(width: int, message: wire.Message | None) -> bool:
    return isinstance(message, wire.Frame) and message.width == width
