"""The list of an account's packages, for the engine that starts an app because another one asks for it."""

from __future__ import annotations

import asyncio

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.store import Folders
from pileus.surfaces.engines.android.accounts import write_packages
from pileus.surfaces.engines.android.packages import PackageStore
from pileus.surfaces.engines.android.system.packages import Installed


async def keep(ctx: ServiceContext, folders: Folders, packages: PackageStore, account_id: str) -> None:
    """Writes the list as the database has it now."""
    rows = await ctx.db.read_async(lambda conn: store.installed(conn, account_id))
    await asyncio.to_thread(_write, folders, packages, account_id, rows)


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
