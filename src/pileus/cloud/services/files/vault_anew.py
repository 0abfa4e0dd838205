"""The end of what is in a vault that nobody opens any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Connection

from pileus.cloud.kernel.service import Record, ServiceContext
from pileus.cloud.services.files import store, trash

PAGE = 1000


async def erase(ctx: ServiceContext, account_id: str) -> None:
    """Deletes for good what is sealed, with earlier versions, also in the trash; may be repeated after a crash.

    What lies in a folder of the vault and is not sealed goes to the root. Objects are looked at afterwards.
    """
    sealed, plain = await _entries(ctx, account_id)
    inside = [one for one, parent in plain.items() if parent in sealed]
    for some in _batches(inside):
        await ctx.db.write_async(partial(_move_out, ctx, account_id, some))
    for some in _batches(sorted(sealed)):
        await ctx.db.write_async(partial(_delete, ctx, account_id, some))
    put_away = await ctx.db.read_async(lambda conn: trash.sealed(conn, account_id))
    for some in _batches(put_away):
        await ctx.db.write_async(partial(_drop, account_id, some))


async def _entries(ctx: ServiceContext, account_id: str) -> tuple[set[str], dict[str, str]]:
    """Ids of what is sealed, and the folders of all else."""
    sealed, plain = set[str](), dict[str, str]()
    after: str | None = None
    while page := await ctx.db.read_async(partial(_page, ctx, account_id, after)):
        for one in page:
            if one.fields.get("sealed"):
                sealed.add(one.id)
            else:
                plain[one.id] = str(one.fields.get("parent", ""))
        after = page[-1].id
    return sealed, plain


def _page(ctx: ServiceContext, account_id: str, after: str | None, conn: Connection) -> list[Record]:
    return ctx.journal.records(conn, account_id, store.COLLECTION, after, PAGE)


def _move_out(ctx: ServiceContext, account_id: str, files: Sequence[str], conn: Connection) -> None:
    for file, record in ctx.journal.named(conn, account_id, store.COLLECTION, files).items():
        place = {"name": record.fields["name"], "parent": ""}
        store.place(conn, ctx.journal, account_id, place)
        ctx.journal.put(conn, account_id, store.COLLECTION, file, place)


def _delete(ctx: ServiceContext, account_id: str, files: Sequence[str], conn: Connection) -> None:
    for file in files:
        ctx.journal.delete(conn, account_id, store.COLLECTION, file)
    _drop(account_id, files, conn)


def _drop(account_id: str, files: Sequence[str], conn: Connection) -> None:
    for file in files:
        trash.drop_alone(conn, account_id, file)


def _batches(files: Sequence[str]) -> Iterator[Sequence[str]]:
    """Others write in between."""
    for start in range(0, len(files), trash.AT_ONCE):
        yield files[start : start + trash.AT_ONCE]
