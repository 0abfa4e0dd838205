"""Packages on their way in: what an account sends at once is bounded, and has to fit its quota together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.store import Folders
from pileus.core.errors import Invalid, Throttled

MOST = 4
"""Packages of one account that are on their way in or wait to be installed."""
CHECKED_EVERY = 4 << 20
"""Bytes after which the quota is asked again while a package comes in."""


class Incoming:
    """All packages that are coming in now."""

    def __init__(self, ctx: ServiceContext, folders: Folders, job: str) -> None:
        self._ctx, self._folders, self._job = ctx, folders, job
        self._arriving: dict[str, list[Arrival]] = {}

    @asynccontextmanager
    async def receive(self, account_id: str, declared: int, parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
        """The upload's id, all of it on the disk; whatever fails within removes it again.

        Raises `QuotaExceeded`, `TooLarge`, `Throttled`, and `Invalid` for an empty one.
        """
        arrivals = self._arriving.setdefault(account_id, [])
        arrival = Arrival(self, account_id)
        arrivals.append(arrival)
        try:
            await arrival.grow(declared)
            upload = await self._folders.receive(parts, arrival.grow)
            try:
                await arrival.end()
                yield upload
            except BaseException:
                self._folders.upload(upload).unlink(missing_ok=True)
                raise
        finally:
            arrivals.remove(arrival)
            if not arrivals:
                self._arriving.pop(account_id, None)

    async def check(self, account_id: str) -> None:
        """Raises where the account's packages are too many or do not fit together."""
        names = await self._ctx.db.read_async(lambda conn: store.waiting(conn, account_id, self._job))
        waiting = await asyncio.to_thread(self._folders.sizes, names)
        arriving = [one.size for one in self._arriving.get(account_id, ())]
        if len(waiting) + len(arriving) > MOST:
            raise Throttled("too-many-packages", f"{MOST} packages are being installed: wait for one of them.")
        await self._ctx.quota.reserve(account_id, sum(waiting) + sum(arriving))


class Arrival:
    """One package that comes in."""

    def __init__(self, incoming: Incoming, account_id: str) -> None:
        self._incoming, self._account = incoming, account_id
        self.size = 0
        self._came = 0
        self._checked = -CHECKED_EVERY

    async def grow(self, size: int) -> None:
        """So many bytes came (or were announced)."""
        self._came = size
        self.size = max(self.size, size)
        if self.size - self._checked >= CHECKED_EVERY:
            self._checked = self.size
            await self._incoming.check(self._account)

    async def end(self) -> None:
        """All of it came."""
        if not self._came:
            raise Invalid("not-a-package", "The upload was empty.")
        await self._incoming.check(self._account)
