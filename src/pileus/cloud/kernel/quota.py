"""How much an account keeps, by area, against its limit."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Executable, bindparam, case, func, select

from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.db.dialect import is_postgresql, upserting
from pileus.cloud.kernel.service import Database
from pileus.core.errors import NotFound, QuotaExceeded

_USED = select(func.coalesce(func.sum(tables.quota_use.c.bytes), 0)).where(
    tables.quota_use.c.account_id == bindparam("account")
)
_LIMIT = select(tables.account.c.quota_bytes).where(tables.account.c.id == bindparam("account"))


class QuotaStore:
    """The kernel's `Quota`: the table `quota_use` beside the account's limit."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def used(self, account_id: str) -> int:
        return await self._db.read_async(lambda conn: used_bytes(conn, account_id))

    async def limit(self, account_id: str) -> int:
        return await self._db.read_async(lambda conn: limit_bytes(conn, account_id))

    async def reserve(self, account_id: str, size: int) -> None:
        await self._db.read_async(lambda conn: self.check(conn, account_id, size))

    def check(self, conn: Connection, account_id: str, size: int) -> None:
        """`reserve` inside a read or write."""
        used, limit = used_bytes(conn, account_id), limit_bytes(conn, account_id)
        if used + size > limit:
            raise QuotaExceeded(
                detail=f"{size} more bytes do not fit: {used} of {limit} are used.", used=used, limit=limit
            )

    def charge(self, conn: Connection, account_id: str, area: str, delta: int) -> None:
        if delta > 0:
            self.check(conn, account_id, delta)
        count(conn, account_id, area, delta)

    def count(self, conn: Connection, account_id: str, area: str, delta: int) -> None:
        """Counts bytes that were checked before, or are there whatever the limit says."""
        count(conn, account_id, area, delta)

    def standing(self, conn: Connection, account_id: str) -> tuple[int, int]:
        """(used, limit)."""
        return used_bytes(conn, account_id), limit_bytes(conn, account_id)


def used_bytes(conn: Connection, account_id: str) -> int:
    return int(conn.execute(_USED, {"account": account_id}).scalar_one())


def limit_bytes(conn: Connection, account_id: str) -> int:
    limit = conn.execute(_LIMIT, {"account": account_id}).scalar()
    if limit is None:
        raise NotFound("no-account", "This account does not exist.")
    return int(limit)


def count(conn: Connection, account_id: str, area: str, delta: int) -> None:
    """Counts bytes without looking at the limit."""
    wish = {"account_id": account_id, "area": area, "bytes": max(delta, 0), "delta": delta}
    conn.execute(_counting(is_postgresql(conn)), wish)


@cache
def _counting(postgresql: bool) -> Executable:
    table = tables.quota_use
    after = table.c.bytes + bindparam("delta", type_=table.c.bytes.type)
    set_ = {"bytes": case((after > 0, after), else_=0)}
    return upserting(table, postgresql).on_conflict_do_update(index_elements=["account_id", "area"], set_=set_)
