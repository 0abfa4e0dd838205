"""Which objects the records of a service stand for, and what becomes of those that none stands for any more.

An object whose use changed, or that is about to be stored, is *doubted*: whether it is wanted is looked at after
the commit. So neither a kill nor a refusal leaves bytes that nothing names. See docs/design/objects.md.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from pileus.core.errors import Conflict, Gone

if TYPE_CHECKING:
    from pileus.cloud.kernel.service import ObjectRef, ServiceContext

MAX_LIVES = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Doubts:
    """`table` (account_id, object_id) holds the doubted objects of `area`.

    One is in use where `users`, a table with the same two columns, names it.
    """

    area: str
    table: str
    users: str

    def add(self, conn: Connection, account_id: str, names: Iterable[str]) -> None:
        """Inside a write."""
        insert = text(
            f"INSERT INTO {self.table} (account_id, object_id) VALUES (:account, :object) ON CONFLICT DO NOTHING"  # noqa: S608
        )
        for name in sorted(names):
            conn.execute(insert, {"account": account_id, "object": name})

    def open(self, conn: Connection, account_id: str | None = None) -> list[tuple[str, str]]:
        """Account and object; of one account, or all."""
        rows = conn.execute(
            text(
                f"SELECT account_id, object_id FROM {self.table}"  # noqa: S608
                " WHERE :account IS NULL OR account_id = :account"
            ),
            {"account": account_id},
        )
        return [(str(account), str(name)) for account, name in rows]

    async def settle(self, ctx: ServiceContext, account_id: str | None = None) -> None:
        """Deletes doubted objects that are in no use, and restores those that are.

        Never raises for one of them: a doubt that cannot be settled stays for the next time.
        """
        for account, name in await ctx.db.read_async(lambda conn: self.open(conn, account_id)):
            wanted = partial(self._wanted, key={"account": account, "object": name})
            try:
                await ctx.objects.settle(account, self.area, name, wanted)
            except Exception:
                log.exception("whether the object %s is still wanted could not be settled", name)

    async def keep(self, ctx: ServiceContext, account_id: str, name: str, data: bytes) -> ObjectRef:
        """Stores bytes under a name that is made of them, the same ones once. Durable when it returns.

        They are doubted first. An object's id is spent with its deletion: the next life of the same bytes has
        another. Raises `QuotaExceeded`.
        """
        for life in range(1, MAX_LIVES):
            one = name if life == 1 else f"{name}-{life}"
            doubt = partial(self.add, account_id=account_id, names=[one])
            await ctx.db.write_async(doubt)
            try:
                kept = await ctx.objects.put(account_id, self.area, _once(data), object_id=one)
            except Conflict:
                if not await ctx.objects.restore(account_id, self.area, one):
                    continue
                kept = await ctx.objects.put(account_id, self.area, _once(data), object_id=one)
            if not await ctx.db.read_async(partial(self._doubted, account_id, one)):
                await ctx.db.write_async(doubt)  # it may have been settled before there was an object
            return kept
        raise Conflict("object-deleted", "These bytes were deleted too often.")

    def _doubted(self, account_id: str, name: str, conn: Connection) -> bool:
        query = f"SELECT 1 FROM {self.table} WHERE account_id = :account AND object_id = :object"  # noqa: S608
        return conn.execute(text(query), {"account": account_id, "object": name}).first() is not None

    def _wanted(self, conn: Connection, key: Mapping[str, object]) -> bool:
        """Whether the object is in use; it is in doubt no more."""
        conn.execute(
            text(f"DELETE FROM {self.table} WHERE account_id = :account AND object_id = :object"),  # noqa: S608
            key,
        )
        query = f"SELECT 1 FROM {self.users} WHERE account_id = :account AND object_id = :object"  # noqa: S608
        return conn.execute(text(query), key).first() is not None


@dataclass(frozen=True)
class References:
    """Which records name which objects: `doubts.users` has a column `record` too."""

    doubts: Doubts
    record: str
    gone: str
    """Says to the owner what is kept no more."""

    def follow(self, conn: Connection, account_id: str, record: str, before: set[str], after: set[str]) -> None:
        """Keeps them true in a record's change; raises `Gone` for an object that is kept no more or never was."""
        from pileus.cloud.kernel.objects import index  # which needs the border that shows this class

        key = {"account": account_id, "record": record}
        table, column = self.doubts.users, self.record
        for name in sorted(after - before):
            if not index.take_back(conn, account_id, self.doubts.area, name):
                raise Gone("content-gone", self.gone)
            conn.execute(
                text(
                    f"INSERT INTO {table} (account_id, {column}, object_id)"  # noqa: S608
                    " VALUES (:account, :record, :object) ON CONFLICT DO NOTHING"
                ),
                {**key, "object": name},
            )
        for name in sorted(before - after):
            conn.execute(
                text(
                    f"DELETE FROM {table}"  # noqa: S608
                    f" WHERE account_id = :account AND {column} = :record AND object_id = :object"
                ),
                {**key, "object": name},
            )
        self.doubts.add(conn, account_id, before ^ after)


@dataclass(frozen=True)
class Attachments:
    """What the records of a collection have beside their fields, for whoever brings records back. Pure functions.

    `named` gives the objects of `area` that fields name; `without` the same fields without some of them.
    """

    area: str
    named: Callable[[Mapping[str, Any]], set[str]]
    without: Callable[[Mapping[str, Any], Collection[str]], dict[str, Any]]

    def gone(self, conn: Connection, account_id: str, fields: Mapping[str, Any]) -> set[str]:
        """Those of the objects that are kept no more: a record that names one is refused."""
        from pileus.cloud.kernel.objects import index  # which needs the border that shows this class

        try:
            names = sorted(self.named(fields))
        except (AttributeError, KeyError, TypeError):
            return set()  # no such record was ever kept: the collection's check says what is wrong with it
        return set(names) - index.stored_among(conn, account_id, self.area, names).keys() if names else set()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
