"""Snapshots of one cloud's accounts: chunks asked for, brought and read, snapshots made, listed, forgotten.

The HTTP routes and the cloud's own backups of phones both go through here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Caller, ObjectRef, PackedChunk, Record, ServiceContext
from pileus.cloud.services.backups import rules, store
from pileus.cloud.services.backups.store import AREA
from pileus.core.errors import Invalid
from pileus.sdk.backup import wire

MOST_CHUNKS = 4_000_000
"""Of one snapshot: some 4 TB of large files."""


class Snapshots:
    """All of it may be asked twice. Raises `PileusError`."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    async def area(self, account_id: str) -> wire.Area:
        naming = await self._ctx.objects.naming_key(account_id, AREA)
        quota = self._ctx.quota
        used, limit = await quota.used(account_id), await quota.limit(account_id)
        empty = await self._ctx.objects.is_empty(account_id, AREA)
        return wire.Area(naming.hex(), empty, used, limit)

    async def known(self, account_id: str, names: Sequence[bytes]) -> bytes:
        """A byte for each name: 1 where it is stored."""
        rules.check_names(names, wire.MOST_NAMES)
        there = await self._ctx.objects.known(account_id, AREA, names)
        return bytes(name in there for name in names)

    async def bring(self, account_id: str, chunks: Sequence[wire.Chunk]) -> None:
        rules.check_names([chunk.name for chunk in chunks], wire.MOST_NAMES)
        await self._ctx.objects.bring(account_id, AREA, _packed(chunks))

    def bodies(self, account_id: str, names: Sequence[bytes]) -> AsyncIterator[list[PackedChunk]]:
        """Chunks in the order of their names, as they are packed."""
        rules.check_names(names, wire.MOST_NAMES)
        return self._ctx.objects.bodies(account_id, AREA, names)

    async def listed(self, account_id: str) -> list[wire.Snapshot]:
        """By rising time."""
        journal = self._ctx.journal
        records = await self._ctx.db.read_async(lambda conn: store.listed(conn, journal, account_id))
        return [store.told(record) for record in records]

    async def commit(self, account_id: str, wish: wire.Commit) -> wire.Snapshot:
        """Makes a snapshot of chunks that are stored, and of those that come with it."""
        rules.check_id(wish.id)
        names = list(dict.fromkeys(wish.names))
        rules.check_names(names, MOST_CHUNKS)
        rules.check_names([chunk.name for chunk in wish.chunks], wire.MOST_NAMES)
        rules.check_snapshot({**msgspec.to_builtins(wish.facts), "object": wish.id})
        journal = self._ctx.journal

        def with_object(conn: Connection, ref: ObjectRef) -> Record:
            return store.add(conn, journal, account_id, wish.id, wish.facts, ref.id)

        def as_another(conn: Connection) -> Record:
            same = store.object_of(conn, journal, account_id, str(wish.same_as))
            return store.add(conn, journal, account_id, wish.id, wish.facts, same)

        if wish.same_as is not None:
            return store.told(await self._ctx.db.write_async(as_another))
        if not names:
            raise Invalid("snapshot-wrong", "A snapshot has at least the chunk of its tree.")
        chunks = _packed(wish.chunks)
        return store.told(await self._ctx.objects.compose(account_id, AREA, wish.id, names, chunks, with_object))

    async def forget(self, account_id: str, ids: Sequence[str], by: Caller | None = None) -> int:
        """How many of them there were; `by`: a device that asked for it, which the account's log tells.

        All of them or none. Raises `Conflict` (`store.IN_USE`) where a restore of one of them has not ended.
        """
        wanted = list(dict.fromkeys(rules.check_id(one) for one in ids))
        journal, now = self._ctx.journal, self._ctx.clock.now_ms()

        def write(conn: Connection) -> int:
            gone = store.forget(conn, journal, account_id, wanted, now)
            if gone and by is not None:
                self._ctx.log.note(conn, by, "backups-forgotten", str(gone))
            return gone

        return await self._ctx.db.write_async(write)


def _packed(chunks: Sequence[wire.Chunk]) -> list[PackedChunk]:
    return [PackedChunk(chunk.name, chunk.plain, chunk.zstd, chunk.data) for chunk in chunks]
