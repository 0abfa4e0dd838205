"""The attached pieces of messages as objects: kept once an account, deleted with the last message that names them.

The table functions run inside `db.read` or `db.write`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import ServiceContext, take_back
from pileus.cloud.services.messages.rules import Part
from pileus.core.errors import Conflict, Gone

AREA = "messages"
MAX_LIVES = 1000


async def keep(ctx: ServiceContext, account_id: str, parts: Sequence[tuple[Part, bytes]]) -> dict[str, str]:
    """Stores pieces, the same ones once; their objects by SHA-256. Durable when it returns.

    They are doubted first, so that those of an import that breaks off here do not stay for ever. Raises
    `QuotaExceeded`.
    """
    wanted = {part.sha256: data for part, data in parts}
    return {
        sha256: await _keep_one(ctx, account_id, f"part-{sha256[:40]}", data) for sha256, data in wanted.items()
    }


async def _keep_one(ctx: ServiceContext, account_id: str, name: str, data: bytes) -> str:
    """An object's id is spent with its deletion: the next life of the same piece has another."""
    for life in range(1, MAX_LIVES):
        one = name if life == 1 else f"{name}-{life}"
        await ctx.db.write_async(partial(doubt, account_id=account_id, names=[one]))
        try:
            await ctx.objects.put(account_id, AREA, _once(data), object_id=one)
        except Conflict:
            if not await ctx.objects.restore(account_id, AREA, one):
                continue
        return one
    raise Conflict("object-deleted", "This attachment was deleted too often.")


async def settle(ctx: ServiceContext) -> None:
    """Deletes the doubted pieces that no message names."""
    for account_id, name, used in await ctx.db.read_async(doubts):
        if not used:
            await ctx.objects.delete(account_id, AREA, name)
        await ctx.db.write_async(partial(_settled, account_id=account_id, name=name, used=used))


def named(fields: Mapping[str, Any]) -> set[str]:
    """The objects of a message."""
    return {part["object"] for part in fields.get("parts") or () if part.get("object")}


def follow(conn: Connection, account_id: str, record: str, before: set[str], after: set[str]) -> None:
    """Keeps the references true; raises `Gone` where a piece that a message names is kept no more."""
    for name in sorted(after - before):
        if not take_back(conn, account_id, AREA, name):
            raise Gone("content-gone", "An attachment of this message is kept no more.")
        conn.exec_driver_sql(
            "INSERT INTO messages_part (account_id, object_id, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (account_id, name, record),
        )
    for name in sorted(before - after):
        conn.exec_driver_sql(
            "DELETE FROM messages_part WHERE account_id = ? AND object_id = ? AND record = ?",
            (account_id, name, record),
        )
    doubt(conn, account_id, before - after)


def doubt(conn: Connection, account_id: str, names: Iterable[str]) -> None:
    for name in names:
        conn.exec_driver_sql(
            "INSERT INTO messages_doubt (account_id, object_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (account_id, name),
        )


def doubts(conn: Connection) -> list[tuple[str, str, bool]]:
    """Account, object, and whether a message names it."""
    found = conn.execute(
        text(
            "SELECT d.account_id, d.object_id, EXISTS (SELECT 1 FROM messages_part AS p"
            " WHERE p.account_id = d.account_id AND p.object_id = d.object_id) FROM messages_doubt AS d"
        )
    )
    return [(str(account), str(name), bool(used)) for account, name, used in found]


def _settled(conn: Connection, account_id: str, name: str, used: bool) -> None:
    """Takes a doubt away, unless its answer changed meanwhile."""
    if (account_id, name, used) in doubts(conn):
        conn.exec_driver_sql(
            "DELETE FROM messages_doubt WHERE account_id = ? AND object_id = ?", (account_id, name)
        )


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
