"""HTTP of the backups service, below /api/v1: chunks asked for, brought and read, snapshots, check."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import (
    Caller,
    ObjectRef,
    Operation,
    PackedChunk,
    Record,
    ServiceContext,
    decode,
    read_limited,
    reply,
)
from pileus.cloud.services.backups import rules, store
from pileus.cloud.services.backups.store import AREA
from pileus.core.errors import Invalid
from pileus.sdk.backup import wire

T = TypeVar("T")

MOST_CHUNKS = 4_000_000
"""Of one snapshot: some 4 TB of large files."""


def operations(ctx: ServiceContext) -> list[Operation]:
    backups = Backups(ctx)
    msgpack, raw = wire.MEDIA, wire.STREAM
    return [
        Operation("GET", "/backups/area", backups.area, "What names chunks, and the room", response=wire.Area),
        Operation("POST", "/backups/chunks/known", backups.known, "Which chunks are stored", media_type=msgpack),
        Operation("POST", "/backups/chunks", backups.bring, "Bring chunks", media_type=msgpack, status=204),
        Operation("POST", "/backups/chunks/read", backups.read, "Read chunks", media_type=msgpack),
        Operation("GET", "/backups/snapshots", backups.listed, "All snapshots", response=list[wire.Snapshot]),
        Operation(
            "POST",
            "/backups/snapshots",
            backups.commit,
            "Make a snapshot of chunks that are stored",
            response=wire.Snapshot,
            media_type=msgpack,
            status=201,
        ),
        Operation("POST", "/backups/forget", backups.forget, "Forget snapshots", wire.Forget, wire.Forgotten),
        Operation(
            "POST", "/backups/check", backups.check, "Read all chunks back", media_type=raw, query={"since": int}
        ),
    ]


class Backups:
    """The handlers."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    async def area(self, _request: Request, caller: Caller) -> Response:
        naming = await self._ctx.objects.naming_key(caller.account_id, AREA)
        quota = self._ctx.quota
        used, limit = await quota.used(caller.account_id), await quota.limit(caller.account_id)
        empty = await self._ctx.objects.is_empty(caller.account_id, AREA)
        return reply(wire.Area(naming.hex(), empty, used, limit))

    async def known(self, request: Request, caller: Caller) -> Response:
        """A byte for each name: 1 where it is stored."""
        names = await _unpacked(request, list[bytes], wire.MOST_NAMES * 40)
        rules.check_names(names, wire.MOST_NAMES)
        there = await self._ctx.objects.known(caller.account_id, AREA, names)
        return Response(bytes(name in there for name in names), media_type=wire.STREAM)

    async def bring(self, request: Request, caller: Caller) -> Response:
        chunks = await _unpacked(request, list[wire.Chunk], wire.MOST_BYTES)
        rules.check_names([chunk.name for chunk in chunks], wire.MOST_NAMES)
        await self._ctx.objects.bring(caller.account_id, AREA, _packed(chunks))
        return reply(status=204)

    async def read(self, request: Request, caller: Caller) -> Response:
        names = await _unpacked(request, list[bytes], wire.MOST_NAMES * 40)
        rules.check_names(names, wire.MOST_NAMES)
        bodies = self._ctx.objects.bodies(caller.account_id, AREA, names)
        first: list[PackedChunk] = await anext(bodies, [])

        async def frames() -> AsyncIterator[bytes]:
            yield _framed(first)
            async for one in bodies:
                yield _framed(one)

        return StreamingResponse(frames(), media_type=wire.STREAM)

    async def listed(self, _request: Request, caller: Caller) -> Response:
        journal = self._ctx.journal
        records = await self._ctx.db.read_async(lambda conn: store.listed(conn, journal, caller.account_id))
        return reply([_told(record) for record in records])

    async def commit(self, request: Request, caller: Caller) -> Response:
        wish = await _unpacked(request, wire.Commit, wire.MOST_COMMIT)
        rules.check_id(wish.id)
        names = list(dict.fromkeys(wish.names))
        rules.check_names(names, MOST_CHUNKS)
        rules.check_names([chunk.name for chunk in wish.chunks], wire.MOST_NAMES)
        rules.check_snapshot({**msgspec.to_builtins(wish.facts), "object": wish.id})
        account_id, journal = caller.account_id, self._ctx.journal

        def with_object(conn: Connection, ref: ObjectRef) -> Record:
            return store.add(conn, journal, account_id, wish.id, wish.facts, ref.id)

        def as_another(conn: Connection) -> Record:
            same = store.object_of(conn, journal, account_id, str(wish.same_as))
            return store.add(conn, journal, account_id, wish.id, wish.facts, same)

        if wish.same_as is not None:
            made = await self._ctx.db.write_async(as_another)
        elif not names:
            raise Invalid("snapshot-wrong", "A snapshot has at least the chunk of its tree.")
        else:
            made = await self._ctx.objects.compose(
                account_id, AREA, wish.id, names, _packed(wish.chunks), with_object
            )
        return reply(_told(made), 201)

    async def forget(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, wire.Forget)
        ids = list(dict.fromkeys(rules.check_id(one) for one in wish.ids))
        journal, now = self._ctx.journal, self._ctx.clock.now_ms()
        gone = await self._ctx.db.write_async(
            lambda conn: store.forget(conn, journal, caller.account_id, ids, now)
        )
        return reply(wire.Forgotten(gone))

    async def check(self, request: Request, caller: Caller) -> Response:
        """Lines of JSON, the last with `end`; `since` (ms) leaves out what was read back after it."""
        asked = request.query_params.get("since", "")
        since = int(asked) if asked.isdigit() and len(asked) < 16 else self._ctx.clock.now_ms()

        async def lines() -> AsyncIterator[bytes]:
            last = wire.Step(since, 0, 0, 0)
            async for one in self._ctx.objects.check(caller.account_id, AREA, since):
                last = wire.Step(since, one.done, one.of, one.size, list(one.problems))
                yield msgspec.json.encode(last) + b"\n"
            yield msgspec.json.encode(msgspec.structs.replace(last, problems=[], end=True)) + b"\n"

        return StreamingResponse(lines(), media_type=wire.STREAM)


async def _unpacked(request: Request, type_: type[T], limit: int) -> T:
    body = await read_limited(request, limit)
    try:
        return msgspec.msgpack.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("malformed-body", f"The request's MessagePack is not as expected: {error}") from None


def _packed(chunks: list[wire.Chunk]) -> list[PackedChunk]:
    return [PackedChunk(chunk.name, chunk.plain, chunk.zstd, chunk.data) for chunk in chunks]


def _framed(chunks: list[PackedChunk]) -> bytes:
    parts: list[bytes | memoryview] = []
    for chunk in chunks:
        if chunk.data is None:
            parts.append(wire.FRAME.pack(wire.LOST, chunk.plain, 0))
            continue
        packing = wire.ZSTD if chunk.zstd else wire.RAW
        parts += [wire.FRAME.pack(packing, chunk.plain, len(chunk.data)), chunk.data]
    return b"".join(parts)


def _told(record: Record) -> dict[str, object]:
    return {"id": record.id, **{name: value for name, value in record.fields.items() if name != "object"}}
