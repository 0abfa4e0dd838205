"""What an engine is told of an account's apps: which there are, that one is to end, that one may be opened."""

from __future__ import annotations

import asyncio
import contextlib

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.store import Folders
from pileus.core.errors import Unavailable
from pileus.surfaces.packages import PackageShelf


async def keep(ctx: ServiceContext, folders: Folders, shelf: PackageShelf, account_id: str, engine: str) -> None:
    """Lists an engine's apps as the database has them now; it starts one of them because another asks for it."""
    rows = await ctx.db.read_async(lambda conn: store.installed(conn, account_id, engine))
    folder = folders.account(engine, account_id)
    await asyncio.to_thread(shelf.get(engine).list_installed, folder, rows)


async def let_go(ctx: ServiceContext, account_id: str, app_id: str) -> None:
    """Ends what came up of an app between its end and the list that has it no more, or in another version.

    A supervisor that does not answer has no processes, or will look at the list.
    """
    if ctx.sessions is not None:
        with contextlib.suppress(Unavailable):
            await ctx.sessions.close_app(account_id, app_id)


async def expect(ctx: ServiceContext, engine: str) -> None:
    """Lets the engine have a spare, since there is an app now that can be opened."""
    if ctx.sessions is not None:
        with contextlib.suppress(Unavailable):
            await ctx.sessions.warm(engine)
