"""One life of a session's app: its host, the link to it, and its encoder. A frozen session has none."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec, Display, Engine, Exit, HostProcess
from pileus.surfaces.frozen import PICTURE_LIMIT, Picture
from pileus.surfaces.link import HostLink
from pileus.surfaces.painter import Painter
from pileus.surfaces.responding import INPUT_WITHIN, START_WITHIN, Responding

FAREWELL = 3.0
"""Seconds that a host has to end by itself when its link is cut."""
FREEZE = "freeze"
"""What a host offers that can keep its app's state."""

log = logging.getLogger("pileus.surfaces.session")


class Owner(Protocol):
    """The session."""

    @property
    def display(self) -> Display:
        """What the app draws on now."""
        ...

    def host_began(self) -> None:
        """The host was told what to run; messages reach it from now on."""
        ...

    def host_said(self, message: wire.Message, data: bytes) -> None:
        """Raises `WireError` for what a host may not send."""
        ...

    def host_answers_again(self) -> None:
        """It had been late with its input, and has come to it now."""
        ...

    def host_broke(self) -> None:
        """It broke the link's format, and is of no use any more."""
        ...

    def encoder_gave_up(self) -> None:
        """Its pictures cannot be shown any more."""
        ...


class Life:
    """Takes nothing until `run`. `restore`: the app comes back as an earlier life's host kept it."""

    def __init__(
        self, spec: AppSpec, folder: Path, numbers: Iterator[int], owner: Owner, *, restore: bool = False
    ) -> None:
        self.restore = restore
        self.asked = False
        """Its host was told to keep its state and to end."""
        self.drawn = False
        self._spec = spec
        self._owner = owner
        self._link = HostLink(folder, owner.display, self._arrived, self._received, self.let_end)
        self._painter = Painter(self._link.place.frames_path, self._link.place.slot_bytes, self._release, numbers)
        self._painter.on_restart = lambda: self.send(wire.Refresh())
        self._painter.on_given_up = owner.encoder_gave_up
        self._process: HostProcess | None = None
        self._offers: frozenset[str] = frozenset()
        self._responding = Responding()
        self._begun = self._stopped = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def process(self) -> HostProcess | None:
        return self._process

    @property
    def painter(self) -> Painter:
        return self._painter

    @property
    def offers(self) -> frozenset[str]:
        """What the host said that it takes."""
        return self._offers

    @property
    def connected(self) -> bool:
        return self._link.connected

    def clamp(self, width: int, height: int) -> tuple[int, int]:
        """The nearest size that its frames may have."""
        return self._link.clamp(width, height)

    async def run(self, engine: Callable[[], Engine]) -> Exit:
        """Starts the host, and returns when it has ended. Raises what the engine raises."""
        await self._link.listen()
        self._painter.start()
        process = await engine().start(self._spec, self._owner.display, self._link.place)
        self._process = process
        if self._stopped:
            await process.kill()
        elif self._link.connected:
            self._arrived()
        return await process.wait()

    def send(self, message: wire.Message | bytes) -> None:
        """Dropped while there is no host, or one that has not been told yet what it is to run."""
        if self._begun:
            self._link.send(message if isinstance(message, bytes) else wire.encode(message))

    def give(self, data: bytes) -> None:
        """Input; the host has to say when it has come to it."""
        self.send(data)
        self._ask(INPUT_WITHIN)

    def late(self) -> bool:
        """Whether it is time to tell that the host does not come to its input. Called every second.

        One that has drawn nothing yet is asked again: it may have answered before its app began.
        """
        if not self.drawn:
            self._ask(START_WITHIN)
        return self._begun and self._responding.late(asyncio.get_running_loop().time())

    def show(self, frame: wire.Frame) -> None:
        """Raises `WireError` for a frame that does not lie within its slot."""
        if not self._link.fits(frame):
            raise wire.WireError("bad-value", "A frame does not lie within its slot.")
        self._painter.offer(frame)
        self.drawn = True

    async def keep(self) -> Picture | None:
        """What the app looks like now."""
        done = await self._painter.keep(PICTURE_LIMIT)
        return None if done is None else Picture(done.kind, done.width, done.height, done.data)

    async def stop(self) -> None:
        """Ends everything at once; returns when it is gone. May be repeated."""
        self._stopped = True
        if self._process is not None:
            await self._process.kill()
        await self._painter.stop()
        self._link.close()

    def let_end(self) -> None:
        """A host that fell, or without its link, is of no use; its end is told when the process is gone."""
        if self._process is not None and not self._stopped:
            self._spawn(self._reap(self._process))

    def _arrived(self) -> None:
        if self._process is None or self._begun:
            return
        start = {
            "app": {"id": self._spec.app_id, "label": self._spec.label, "account": self._spec.account_id},
            "display": asdict(self._owner.display),
            "frames": self._link.place.frames(),
            **self._process.start,
            "restore": self.restore,
        }
        self._begun = True
        self.send(wire.Start(start))
        self._ask(START_WITHIN)
        self._owner.host_began()

    def _received(self, data: bytes) -> None:
        try:
            message = wire.decode(data)
            if isinstance(message, wire.Ready):
                offers = message.info.get("offers")
                self._offers = frozenset(map(str, offers)) if isinstance(offers, list) else frozenset()
            elif isinstance(message, wire.Pong):
                if self._responding.answered(message.nonce):
                    self._owner.host_answers_again()
                if self._responding.behind:
                    self._ask(INPUT_WITHIN)
            else:
                self._owner.host_said(message, data)
        except wire.WireError as error:
            log.warning("the host of %s broke the link's format: %s", self._spec.app_id, error)
            self._owner.host_broke()

    async def _reap(self, process: HostProcess) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await process.wait()
                return
        await process.kill()

    def _ask(self, within: float) -> None:
        nonce = self._responding.given(asyncio.get_running_loop().time(), within) if self._begun else None
        if nonce is not None:
            self.send(wire.Ping(nonce))

    def _release(self, slot: int) -> None:
        self.send(wire.Release(slot))

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
