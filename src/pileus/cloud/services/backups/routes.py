"""HTTP of the backups service, below /api/v1: chunks asked for, brought and read, snapshots, check."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import (
    Caller,
    Operation,
    PackedChunk,
    ServiceContext,
    decode,
    number,
    number_of,
    read_limited,
    reply,
)
from pileus.cloud.services.backups import browsing, rules
from pileus.cloud.services.backups.phone import restoring
from pileus.cloud.services.backups.phone import routes as phone_routes
from pileus.cloud.services.backups.phone.backups import JOB, PhoneBackups
from pileus.cloud.services.backups.phone.restoring import Restores
from pileus.cloud.services.backups.snapshots import Snapshots
from pileus.cloud.services.backups.store import AREA
from pileus.core.errors import Invalid
from pileus.sdk.backup import wire

T = TypeVar("T")


def operations(ctx: ServiceContext) -> list[Operation]:
    snapshots = Snapshots(ctx)
    backups = Backups(ctx, snapshots)
    phone = PhoneBackups(ctx, snapshots)
    restores = Restores(ctx, snapshots, phone)
    ctx.jobs.handler(JOB, phone.run, phone.failed)
    ctx.jobs.daily(phone.daily)
    ctx.jobs.handler(restoring.JOB, restores.run)
    ctx.departures.outside(phone.leave)
    ctx.departures.outside(restores.leave)
    msgpack, raw = wire.MEDIA, wire.STREAM
    return [
        *phone_routes.operations(phone, restores),
        *browsing.operations(snapshots),
        Operation("GET", "/backups/area", backups.area, "What names chunks, and the room", response=wire.Area),
        Operation(
            "POST",
            "/backups/chunks/known",
            backups.known,
            "Which chunks are stored",
            takes=msgpack,
            media_type=raw,
        ),
        Operation("POST", "/backups/chunks", backups.bring, "Bring chunks", takes=msgpack, status=204),
        Operation("POST", "/backups/chunks/read", backups.read, "Read chunks", takes=msgpack, media_type=raw),
        Operation("GET", "/backups/snapshots", backups.listed, "All snapshots", response=list[wire.Snapshot]),
        Operation(
            "POST",
            "/backups/snapshots",
            backups.commit,
            "Make a snapshot of chunks that are stored",
            response=wire.Snapshot,
            takes=msgpack,
            status=201,
        ),
        Operation("POST", "/backups/forget", backups.forget, "Forget snapshots", wire.Forget, wire.Forgotten),
        Operation(
            "POST",
            "/backups/check",
            backups.check,
            "Read all chunks back",
            media_type=raw,
            query={"since": number_of(0, rules.LATEST_MS)},
            costly="check",
        ),
    ]


class Backups:
    """The handlers."""

    def __init__(self, ctx: ServiceContext, snapshots: Snapshots) -> None:
        self._ctx, self._snapshots = ctx, snapshots

    async def area(self, _request: Request, caller: Caller) -> Response:
        return reply(await self._snapshots.area(caller.account_id))

    async def known(self, request: Request, caller: Caller) -> Response:
        """A byte for each name: 1 where it is stored."""
        names = await _unpacked(request, list[bytes], wire.MOST_NAMES * 40)
        return Response(await self._snapshots.known(caller.account_id, names), media_type=wire.STREAM)

    async def bring(self, request: Request, caller: Caller) -> Response:
        await self._snapshots.bring(caller.account_id, await _unpacked(request, list[wire.Chunk], wire.MOST_BYTES))
        return reply(status=204)

    async def read(self, request: Request, caller: Caller) -> Response:
        names = await _unpacked(request, list[bytes], wire.MOST_NAMES * 40)
        bodies = self._snapshots.bodies(caller.account_id, names)
        first: list[PackedChunk] = await anext(bodies, [])

        async def frames() -> AsyncIterator[bytes]:
            yield _framed(first)
            async for one in bodies:
                yield _framed(one)

        return StreamingResponse(frames(), media_type=wire.STREAM)

    async def listed(self, _request: Request, caller: Caller) -> Response:
        return reply(await self._snapshots.listed(caller.account_id))

    async def commit(self, request: Request, caller: Caller) -> Response:
        wish = await _unpacked(request, wire.Commit, wire.MOST_COMMIT)
        return reply(await self._snapshots.commit(caller.account_id, wish), 201)

    async def forget(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, wire.Forget)
        await self._ctx.prove(caller, wish.present)
        return reply(wire.Forgotten(await self._snapshots.forget(caller.account_id, wish.ids, caller)))

    async def check(self, request: Request, caller: Caller) -> Response:
        """Lines of JSON, the last with `end`; `since` (ms) leaves out what was read back after it."""
        since = number(request, "since", self._ctx.clock.now_ms(), 0, rules.LATEST_MS)

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


def _framed(chunks: list[PackedChunk]) -> bytes:
    parts: list[bytes | memoryview] = []
    for chunk in chunks:
        if chunk.data is None:
            parts.append(wire.FRAME.pack(wire.LOST, chunk.plain, 0))
            continue
        packing = wire.ZSTD if chunk.zstd else wire.RAW
        parts += [wire.FRAME.pack(packing, chunk.plain, len(chunk.data)), chunk.data]
    return b"".join(parts)
