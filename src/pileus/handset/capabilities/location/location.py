"""`location`: GeoClue's client, or where there is none a modem's receiver. The image's GeoClue settings have to
name `pileus` as a system application, since the shell is who asks the owner."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from dbus_fast import Variant

from pileus.core.errors import Forbidden, PileusError
from pileus.handset.bus import BusError, Signal
from pileus.handset.capabilities.location import rules
from pileus.handset.capabilities.location.gnss import Gnss
from pileus.handset.capabilities.location.shape import Ask, Fix, State
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange

SERVICE, PATH = "org.freedesktop.GeoClue2", "/org/freedesktop/GeoClue2/Manager"
MANAGER = "org.freedesktop.GeoClue2.Manager"
CLIENT, PLACE = "org.freedesktop.GeoClue2.Client", "org.freedesktop.GeoClue2.Location"


class Location:
    def __init__(self, around: Surroundings) -> None:
        self._clock = around.clock
        self._news = OnChange(self.state, around.changed)
        self._mirror = Mirror(
            around.system, SERVICE, changed=self._moved, came=self._came, heard=self._heard, rests=True
        )
        self._asked: Ask | None = None
        self._client = ""
        self._fix: Fix | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._gnss = Gnss(around.system, around.clock, self._receiver_moved, self._found)
        self._changing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._mirror.start()
        await self._gnss.start()

    async def stop(self) -> None:
        for task in (*self._reading, *([self._changing] if self._changing else [])):
            task.cancel()
        await self._gnss.stop()
        with contextlib.suppress(PileusError):
            await self._end()
        await self._mirror.stop()

    def state(self) -> dict[str, Any]:
        if self._mirror.why and not self._gnss.path:
            return absent(self._mirror.why)
        return State(on=self._asked is not None, fix=self._fix).plain()

    @method
    async def ask(self, wish: Ask) -> None:
        """Begins; may be repeated, with another accuracy too. Raises `location-denied`, `service-absent`."""
        if wish == self._asked:
            return
        await self._end()
        await self._begin(wish)
        self._asked = wish
        self._news()

    @method
    async def leave(self) -> None:
        """Ends, and forgets where the device was; may be repeated."""
        await self._end()
        self._news()

    async def _begin(self, wish: Ask) -> None:
        if self._mirror.why and self._gnss.path:
            await self._gnss.begin(wish)
            return
        try:
            found = [*await self._mirror.call(PATH, MANAGER, "GetClient"), ""][0]
            self._client = found if isinstance(found, str) else ""
            level = Variant("u", rules.LEVELS[wish.accuracy])
            await self._mirror.set(self._client, CLIENT, "DesktopId", Variant("s", "pileus"))
            await self._mirror.set(self._client, CLIENT, "RequestedAccuracyLevel", level)
            await self._mirror.call(self._client, CLIENT, "Start")
        except BusError as error:
            self._client = ""
            if error.name.endswith(".AccessDenied"):
                raise Forbidden("location-denied", "This device's location service lets nobody ask.") from None
            raise

    async def _end(self) -> None:
        client, self._client = self._client, ""
        self._asked, self._fix = None, None
        await self._gnss.end()
        if client:
            with contextlib.suppress(PileusError):  # it may be gone, and its client with it
                await self._mirror.call(client, CLIENT, "Stop")
                await self._mirror.call(PATH, MANAGER, "DeleteClient", "o", client)

    async def _came(self) -> None:
        await self._gnss.end()
        if self._asked:
            await self._begin(self._asked)

    def _moved(self) -> None:
        if self._mirror.why:
            self._client = ""
        self._receiver_moved()

    def _receiver_moved(self) -> None:
        """Who asked while there was a source gets the one that is left, or came."""
        idle = self._changing is None or self._changing.done()
        if self._asked and self._mirror.why and self._gnss.path and not self._gnss.on and idle:
            self._changing = asyncio.create_task(self._change(self._asked))
        self._news()

    async def _change(self, wish: Ask) -> None:
        with contextlib.suppress(PileusError):
            await self._gnss.begin(wish)

    def _found(self, fix: Fix) -> None:
        if self._asked:
            self._fix = fix
            self._news()

    def _heard(self, signal: Signal) -> None:
        if signal.interface != CLIENT or signal.member != "LocationUpdated" or signal.path != self._client:
            return
        _old, new = (*signal.body, "", "")[:2]
        if isinstance(new, str) and new.startswith("/") and len(self._reading) < 10:
            task = asyncio.create_task(self._read(new))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read(self, path: str) -> None:
        with contextlib.suppress(PileusError):
            await self._mirror.read(path, PLACE)
        found = rules.fix(self._mirror.of(path, PLACE), self._clock.now_ms())
        self._mirror.leave(path, PLACE)
        if found and self._asked:
            self._fix = found
            self._news()
