"""The list of an account's packages, for the engine that starts an app because another one asks for it."""

from __future__ import annotations

import asyncio
import contextlib

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.store import Folders
from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android.accounts import write_packages
from pileus.surfaces.engines.android.packages import PackageStore
from pileus.surfaces.engines.android.system.packages import Installed


async def keep(ctx: ServiceContext, folders: Folders, packages: PackageStore, account_id: str) -> None:
    """Writes the list as the database has it now."""
    rows = await ctx.db.read_async(lambda conn: store.installed(conn, account_id))
    await asyncio.to_thread(_write, folders, packages, account_id, rows)


async def let_go(ctx: ServiceContext, account_id: str, app_id: str) -> None:
    """Ends what came up of an app between its end and the list that has it no more, or in another version.

    A supervisor that does not answer has no processes, or will look at the list.
    """
    if ctx.sessions is not None:
        with contextlib.suppress(Unavailable):
            await ctx.sessions.close_app(account_id, app_id)


async def expect(ctx: ServiceContext) -> None:
    """Lets the engine have a spare, since there is an app now that can be opened."""
    if ctx.sessions is not None:
        with contextlib.suppress(Unavailable):
            await ctx.sessions.warm("android")


def _write(folders: Folders, packages: PackageStore, account_id: str, rows: list[tuple[str, str]]) -> None:
    found = []
    for app, digest in rows:
        meta = packages.meta(digest)
        if meta is not None:
            found.append(
                Installed(
                    package=meta.package,
                    app=app,
                    folder=str(packages.place(digest)),
                    label=meta.label,
                    activity=meta.activity,
                    target_sdk=meta.target_sdk,
                    internet="android.permission.INTERNET" in meta.permissions,
                )
            )
    write_packages(folders.account(account_id), found)
