"""A session's hold on an app's process: the process may have been there before it, and may outlive it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pileus.surfaces.engine import Exit
from pileus.surfaces.engines.android.host import AndroidHost


class Shown:
    """A `HostProcess`: ends with its process, or when the process goes on without the session."""

    def __init__(
        self, host: AndroidHost, parted: Callable[[], None], needed: Callable[[], Awaitable[bool]]
    ) -> None:
        self.host = host
        self._parted = host.parted
        self._told = parted
        self._needed = needed
        self._over = False

    @property
    def pid(self) -> int:
        return self.host.pid

    @property
    def inside(self) -> int:
        return self.host.inside

    @property
    def start(self) -> Mapping[str, Any]:
        return self.host.start

    @property
    def ended(self) -> bool:
        return self._over or self.host.ended

    @property
    def log(self) -> str:
        return self.host.log

    async def may_freeze(self) -> bool:
        """Not while a service, a broadcast or another app needs the process."""
        return not await self._needed()

    async def wait(self) -> Exit:
        """How the process ended; status 0 where it goes on."""
        ending = asyncio.ensure_future(self.host.wait())
        either: set[asyncio.Future[Any]] = {ending, self._parted}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            return ending.result()
        ending.cancel()
        self._part()
        return Exit(0)

    async def kill(self) -> None:
        """Lets go of the process where it is needed without a session, else ends it."""
        if self._parted.done() and not self.host.ended:
            self._part()
        elif not self._over:
            await self.host.kill()

    def _part(self) -> None:
        if not self._over:
            self._over = True
            self._told()
