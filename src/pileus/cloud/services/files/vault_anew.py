"""The end of what is in a vault that nobody opens any more, then another key in its place.

What a device with the old key writes meanwhile ends with it; afterwards it is refused (`vault.check_key`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Connection

from pileus.cloud.kernel.service import Record, ServiceContext, pages
from pileus.cloud.services.files import store, trash, vault

PAGE = 1000


async def erase(ctx: ServiceContext, account_id: str, key_id: str) -> int:
    """Deletes for good what is sealed, with earlier versions, also in the trash; may be repeated after a crash.

    What lies in a folder of the vault and is not sealed goes to the root. Objects are looked at afterwards. Gives
    the journal's number since which more may have come: `finish` is for that. Raises `Conflict` as soon as the
    vault has another key than `key_id`: what is sealed then is the new vault's.
    """
    since = (await ctx.db.read_async(lambda conn: ctx.journal.numbers(conn, account_id)))[1]
    async for page in pages(ctx.db, ctx.journal, account_id, store.COLLECTION, PAGE):
        await _end_all(ctx, account_id, key_id, _sealed(page))
    while news := await ctx.db.read_async(partial(_news, ctx, account_id, since)):
        await _end_all(ctx, account_id, key_id, _sealed(news))
        since = news[-1].seq
    await _end_all(ctx, account_id, key_id, await ctx.db.read_async(lambda conn: trash.sealed(conn, account_id)))
    return since


def finish(ctx: ServiceContext, account_id: str, key_id: str, since: int, conn: Connection) -> None:
    """The same for what came since, in the transaction that changes the key. Raises `Conflict`."""
    vault.same(conn, account_id, key_id)
    while page := _news(ctx, account_id, since, conn):
        _end(ctx, account_id, key_id, _sealed(page), conn)
        since = page[-1].seq
    _end(ctx, account_id, key_id, trash.sealed(conn, account_id), conn)


async def _end_all(ctx: ServiceContext, account_id: str, key_id: str, files: Sequence[str]) -> None:
    for some in _batches(files):
        await ctx.db.write_async(partial(_end, ctx, account_id, key_id, some))


def _end(ctx: ServiceContext, account_id: str, key_id: str, files: Sequence[str], conn: Connection) -> None:
    vault.same(conn, account_id, key_id)
    live = ctx.journal.named(conn, account_id, store.COLLECTION, files)
    for file in files:
        if file in live:
            ctx.journal.delete(conn, account_id, store.COLLECTION, file)
            _move_out(ctx, account_id, file, conn)
        trash.drop_alone(conn, account_id, file)


def _move_out(ctx: ServiceContext, account_id: str, folder: str, conn: Connection) -> None:
    """What is not sealed of a folder that is gone, to the root."""
    inside = ctx.journal.named(conn, account_id, store.COLLECTION, store.inside(conn, account_id, folder))
    for file, record in sorted(inside.items()):
        if not record.fields.get("sealed"):
            place = {"name": record.fields["name"], "parent": ""}
            store.place(conn, ctx.journal, account_id, place)
            ctx.journal.put(conn, account_id, store.COLLECTION, file, place)


def _news(ctx: ServiceContext, account_id: str, since: int, conn: Connection) -> list[Record]:
    return ctx.journal.changed(conn, account_id, store.COLLECTION, since, PAGE)


def _sealed(page: Sequence[Record]) -> list[str]:
    return [one.id for one in page if not one.deleted and one.fields.get("sealed")]


def _batches(files: Sequence[str]) -> Iterator[Sequence[str]]:
    """Others write in between."""
    for start in range(0, len(files), trash.AT_ONCE):
        yield files[start : start + trash.AT_ONCE]
