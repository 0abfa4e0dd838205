"""The files that apps were installed from, as objects of each account.

What an engine makes of such a file lies in this cloud's own folders, once for all accounts, and can be made again;
a second copy or a backup of the cloud has the objects alone (docs/design/objects.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import ServiceContext

AREA = "apps"
PIECE = 1 << 20


class Originals:
    """By the SHA-256 of the file, which is the object's id as well. Whoever changes one holds its digest."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    async def keep(self, account_id: str, sha256: str, file: Path) -> None:
        """Durable when it returns, and charged; repeated, nothing happens. Raises `QuotaExceeded`."""
        await self._ctx.db.write_async(lambda conn: _note(conn, account_id, sha256))
        # Of an app that was removed days ago it is still there.
        await self._ctx.objects.restore(account_id, AREA, sha256)
        await self._ctx.objects.put(account_id, AREA, pieces(file), sha256)
        await self._ctx.db.write_async(lambda conn: _stored(conn, account_id, sha256))

    async def take_back(self, account_id: str, sha256: str) -> bool:
        """Keeps the file of an app that was removed; False where it is gone for good. It goes again unless an app
        is installed of it."""
        await self._ctx.db.write_async(lambda conn: _note(conn, account_id, sha256))
        return await self._ctx.objects.restore(account_id, AREA, sha256)

    async def has(self, account_id: str, sha256: str) -> bool:
        query = text("SELECT stored FROM apps_package WHERE account_id = :account AND sha256 = :sha256")
        key = {"account": account_id, "sha256": sha256}
        return bool(await self._ctx.db.read_async(lambda conn: conn.execute(query, key).scalar()))

    def get(self, account_id: str, sha256: str) -> AsyncIterator[bytes]:
        """The file; raises `NotFound` where the account keeps none, `Corrupt` for a damaged one."""
        return self._ctx.objects.get(account_id, AREA, sha256)

    async def let_go(self, account_id: str, sha256: str) -> None:
        """Frees it; nothing happens where it is gone already."""
        await self._ctx.objects.delete(account_id, AREA, sha256)
        query = text("DELETE FROM apps_package WHERE account_id = :account AND sha256 = :sha256")
        key = {"account": account_id, "sha256": sha256}
        await self._ctx.db.write_async(lambda conn: conn.execute(query, key))


def forget(conn: Connection, account_id: str) -> None:
    """Of an account that is being erased, its objects with it."""
    conn.execute(text("DELETE FROM apps_package WHERE account_id = :account"), {"account": account_id})


def unwanted(conn: Connection) -> list[tuple[str, str]]:
    """Account and digest of those that no installed app stands for: an install that failed, or was killed."""
    query = (
        "SELECT p.account_id, p.sha256 FROM apps_package AS p WHERE NOT EXISTS (SELECT 1 FROM apps_installed AS i"
        " WHERE i.account_id = p.account_id AND i.sha256 = p.sha256)"
    )
    return [(str(account), str(sha256)) for account, sha256 in conn.execute(text(query))]


def missing(conn: Connection) -> list[tuple[str, str, str, str]]:
    """Account, app, engine and digest of installed apps whose file is no object yet."""
    query = (
        "SELECT i.account_id, i.app_id, i.engine, i.sha256 FROM apps_installed AS i WHERE NOT EXISTS (SELECT 1"
        " FROM apps_package AS p WHERE p.account_id = i.account_id AND p.sha256 = i.sha256 AND p.stored = 1)"
    )
    return [
        (str(account), str(app), str(engine), str(sha)) for account, app, engine, sha in conn.execute(text(query))
    ]


def _note(conn: Connection, account_id: str, sha256: str) -> None:
    conn.execute(
        text(
            "INSERT INTO apps_package (account_id, sha256) VALUES (:account, :sha256)"
            " ON CONFLICT (account_id, sha256) DO NOTHING"
        ),
        {"account": account_id, "sha256": sha256},
    )


def _stored(conn: Connection, account_id: str, sha256: str) -> None:
    conn.execute(
        text("UPDATE apps_package SET stored = 1 WHERE account_id = :account AND sha256 = :sha256"),
        {"account": account_id, "sha256": sha256},
    )


async def pieces(file: Path) -> AsyncIterator[bytes]:
    """What a file holds. Raises `OSError`."""
    with await asyncio.to_thread(file.open, "rb") as handle:
        while piece := await asyncio.to_thread(handle.read, PIECE):
            yield piece
