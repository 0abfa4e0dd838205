"""What apps keep counts in their account's quota, measured when one is closed and once a day.

It is never refused: a running app is bound by its sandbox alone. An account that is over its limit for it
keeps nothing new until something is removed.
"""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import Connection

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.store import Folders
from pileus.core import trees
from pileus.core.errors import Invalid

log = logging.getLogger(__name__)


class AppData:
    """Counts the folders of apps."""

    def __init__(self, ctx: ServiceContext, folders: Folders) -> None:
        self._ctx, self._folders = ctx, folders
        self._tasks: set[asyncio.Task[None]] = set()

    async def count_all(self) -> None:
        """Those of every account, one after the other."""
        for account, app, engine in await self._ctx.db.read_async(store.every_installed):
            await self.count(engine, account, app)

    def count_soon(self, engine: str, account_id: str, app_id: str) -> None:
        """Returns at once."""
        task = asyncio.get_running_loop().create_task(self._count_closed(engine, account_id, app_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _count_closed(self, engine: str, account_id: str, app_id: str) -> None:
        try:
            await self.count(engine, account_id, app_id)
        except Exception:
            log.exception("what the app %s keeps was not counted; the daily count follows", app_id)

    async def count(self, engine: str, account_id: str, app_id: str) -> None:
        """One app's; where it cannot be measured the last count stays."""
        try:
            size, _ = await asyncio.to_thread(trees.measure, self._folders.data(engine, account_id, app_id))
        except FileNotFoundError:
            size = 0
        except (Invalid, OSError) as error:
            log.warning("what the app %s keeps cannot be measured: %s", app_id, error)
            return

        def write(conn: Connection) -> None:
            grown = store.set_data(conn, account_id, app_id, size)
            if grown:
                self._ctx.quota.count(conn, account_id, "apps", grown)

        await self._ctx.db.write_async(write)
