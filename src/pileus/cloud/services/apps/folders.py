"""What apps keep, for the phone's backup: copied while they stand still for a moment, and given back to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from weakref import WeakValueDictionary

from sqlalchemy import Connection

from pileus.cloud.kernel.service import AppFolder, ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.install import Installer
from pileus.cloud.services.apps.originals import AREA
from pileus.cloud.services.apps.usage import AppData
from pileus.core import trees
from pileus.core.copying import FolderCopy
from pileus.core.errors import NotFound, Unavailable

TRIES = 3
"""How often an app is asked to stand still: each time less is left to be copied."""


class DataFolders:
    """`AppFolders`."""

    areas = (AREA,)

    def __init__(self, ctx: ServiceContext, folders: store.Folders, data: AppData, installer: Installer) -> None:
        self._ctx, self._folders, self._data, self._installer = ctx, folders, data, installer
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def listed(self, account_id: str) -> list[AppFolder]:
        def labelled(conn: Connection) -> list[AppFolder]:
            packages = store.packages(conn, account_id)
            records = self._ctx.journal.named(conn, account_id, "apps.app", list(packages))
            labels = {app: str(record.fields.get("label") or app) for app, record in records.items()}
            return [AppFolder(app, labels.get(app, app), packages[app]) for app in sorted(packages)]

        return await self._ctx.db.read_async(labelled)

    async def copy(self, account_id: str, app: str, to: Path, check: Callable[[], None]) -> list[str]:
        engine = await self._engine(account_id, app)
        copy = FolderCopy(self._folders.data(engine, account_id, app), to, check)
        await asyncio.to_thread(copy.run)
        for _ in range(TRIES):
            async with self._held(engine, account_id, app, end=False) as held:
                await asyncio.to_thread(copy.run)
            if held():
                return copy.left_out
        raise Unavailable("app-busy", "The app writes too much to be backed up while it runs.")

    async def install(self, account_id: str, app: str, package: str) -> None:
        if await self._ctx.db.read_async(lambda conn: store.installed_digest(conn, account_id, app)) is None:
            await self._installer.again(account_id, app, package)

    async def replace(self, account_id: str, app: str, folder: Path) -> None:
        size, _ = await asyncio.to_thread(trees.measure, folder)
        async with self.alone(account_id, app):
            engine = await self._engine(account_id, app)
            await self._ctx.quota.reserve(account_id, size)
            await asyncio.to_thread(self._folders.stage_data, engine, account_id, app, folder)
            async with self._held(engine, account_id, app, end=True) as held:
                gone = await asyncio.to_thread(self._folders.swap_data, engine, account_id, app)
            if not held() and self._ctx.sessions is not None:
                await self._ctx.sessions.close_app(account_id, app)  # it may have begun with what it kept before
            if gone is not None:
                await asyncio.to_thread(trees.remove, gone)
        await self._data.count(engine, account_id, app)

    def alone(self, account_id: str, app: str) -> asyncio.Lock:
        """Held while an app's folder is exchanged or removed."""
        return self._locks.setdefault((account_id, app), asyncio.Lock())

    async def _engine(self, account_id: str, app: str) -> str:
        found = await self._ctx.db.read_async(lambda conn: store.installed_digest(conn, account_id, app))
        if found is None:
            raise NotFound("app-unknown", "There is no such app.")
        return found.engine

    @contextlib.asynccontextmanager
    async def _held(self, engine: str, account_id: str, app: str, end: bool) -> AsyncIterator[Callable[[], bool]]:
        """Within it nothing of the app runs; what it gives says afterwards whether that was so to the end."""
        lasted = True
        if self._ctx.sessions is None:
            yield lambda: True  # a cloud that runs no apps
            return
        hold = await self._ctx.sessions.hold(engine, account_id, app, end)
        try:
            yield lambda: lasted
        finally:
            lasted = await self._ctx.sessions.release(hold)
