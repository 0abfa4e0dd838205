"""HTTP of the messages service, below /api/v1: import and search."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, reply
from pileus.cloud.services.messages import store
from pileus.cloud.services.messages.imports import AnyReader, Found, Item, Skipped
from pileus.cloud.services.messages.rules import search_expression
from pileus.core.errors import Invalid, PileusError

BATCH = 250
"""Messages in one transaction: a finger's wait for the writer stays at some ten milliseconds."""
NAMED = 100
"""Skipped lines that the report names; all are counted."""
PAGE = 100


class SkippedLine(msgspec.Struct, frozen=True):
    line: int
    why: str


class ImportReport(msgspec.Struct, frozen=True):
    """`skipped` names the first hundred; `skipped_count` counts all."""

    imported: int
    repeated: int
    skipped: list[SkippedLine]
    skipped_count: int


class FoundMessage(msgspec.Struct, frozen=True):
    id: str
    address: str
    thread: str
    contact: str
    date_ms: int
    direction: str
    body: str


class SearchResult(msgspec.Struct, frozen=True):
    """`more` is true where older ones match too: ask again with `before`, the last `date_ms`."""

    messages: list[FoundMessage]
    more: bool


def operations(ctx: ServiceContext) -> list[Operation]:
    def bound(
        handler: Callable[[ServiceContext, Request, Caller], Awaitable[Response]],
    ) -> Callable[[Request, Caller], Awaitable[Response]]:
        async def call(request: Request, caller: Caller) -> Response:
            return await handler(ctx, request, caller)

        return call

    return [
        Operation(
            "POST",
            "/messages/import",
            bound(import_messages),
            "Take messages from an SMS Backup & Restore XML file or JSON lines",
            response=ImportReport,
            media_type="application/octet-stream",
        ),
        Operation(
            "GET",
            "/messages/search",
            bound(search_messages),
            "Find messages by words, newest first",
            response=SearchResult,
            query={"q": str, "before": int, "limit": int},
        ),
    ]


class Import:
    """One import under way. Each batch is durable by itself: a broken file or connection loses none before."""

    def __init__(self, ctx: ServiceContext, caller: Caller) -> None:
        self.ctx, self.caller = ctx, caller
        self.imported = self.repeated = self.skipped_count = 0
        self.skipped: list[SkippedLine] = []
        self._batch: list[Found] = []

    async def take(self, items: list[Item]) -> None:
        for item in items:
            if isinstance(item, Skipped):
                self._skip(item.line, item.why)
                continue
            self._batch.append(item)
            if len(self._batch) >= BATCH:
                await self.flush()

    async def flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        messages = [found.message for found in batch]

        def keep(conn: Connection) -> tuple[int, int, dict[str, str]]:
            account, device = self.caller.account_id, self.caller.device_id
            return store.keep(conn, self.ctx.journal, account, device, messages)

        imported, repeated, refused = await self.ctx.db.write_async(keep)
        self.imported += imported
        self.repeated += repeated
        for found in batch:
            why = refused.pop(found.message.id, None)
            if why is not None:
                self._skip(found.line, why)

    def report(self) -> ImportReport:
        return ImportReport(self.imported, self.repeated, self.skipped, self.skipped_count)

    def _skip(self, line: int, why: str) -> None:
        self.skipped_count += 1
        if len(self.skipped) < NAMED:
            self.skipped.append(SkippedLine(line, why))


async def import_messages(ctx: ServiceContext, request: Request, caller: Caller) -> Response:
    """Streams the body, read outside the event loop; an error tells in `report` what was kept before it."""
    reader, work = AnyReader(), Import(ctx, caller)
    try:
        async for part in request.stream():
            if part:
                await work.take(await asyncio.to_thread(reader.feed, part))
        await work.take(await asyncio.to_thread(reader.close))
        await work.flush()
    except PileusError as error:
        if error.code != "quota-exceeded":
            await work.flush()
        kept = msgspec.to_builtins(work.report())
        raise PileusError(
            error.code, error.detail, status=error.status, **{**error.extra, "report": kept}
        ) from error
    return reply(work.report())


async def search_messages(ctx: ServiceContext, request: Request, caller: Caller) -> Response:
    query = request.query_params.get("q", "")
    if len(query) > 1000:
        raise Invalid("query-too-long", "The search has too many words: try fewer.")
    limit = min(_number(request, "limit") or PAGE, PAGE)
    before = _number(request, "before")
    expression = search_expression(query)
    if not expression:
        return reply(SearchResult([], False))

    def find(conn: Connection) -> SearchResult:
        ids = store.search(conn, caller.account_id, expression, limit + 1, before)
        records = [ctx.journal.record(conn, caller.account_id, store.COLLECTION, one) for one in ids[:limit]]
        found = [
            msgspec.convert({"contact": "", **one.fields, "id": one.id}, FoundMessage) for one in records if one
        ]
        return SearchResult(found, len(ids) > limit)

    return reply(await ctx.db.read_async(find))


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 15):
        raise Invalid("query-parameter", f"{name} is a whole number.")
    return int(text)
