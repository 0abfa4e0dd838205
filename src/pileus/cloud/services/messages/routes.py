"""HTTP of the messages service, below /api/v1: import, search, attachments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Annotated, Literal

import msgspec
from sqlalchemy import Connection
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Caller, JobRun, Operation, ServiceContext, reply
from pileus.cloud.services.messages import exporting, naming, parts, send_routes, store
from pileus.cloud.services.messages.formats.choose import AnyReader, sweep
from pileus.cloud.services.messages.importing import INDEX_JOB, Import, ImportReport, Waiting
from pileus.cloud.services.messages.numbers import Region, known_region
from pileus.cloud.services.messages.reasons import language_of
from pileus.cloud.services.messages.rules import Part, safe_type
from pileus.core import stated
from pileus.core.errors import Invalid, NotFound, PileusError
from pileus.core.words import search_expression

PAGE = 100
PIECE = 256 << 10
"""Bytes of an import that are read at once."""
MOST_WORDS = 1000
"""Characters of what is searched for."""
MOST_NUMBER = 10**15 - 1
INDEX_BATCH = 500
"""Messages in one transaction of the index that follows."""


class FoundMessage(msgspec.Struct, frozen=True):
    id: str
    address: str
    thread: str
    date_ms: int
    direction: str
    body: str
    contact: str = ""
    people: list[str] = []
    subject: str = ""
    parts: list[Part] = []


class SearchResult(msgspec.Struct, frozen=True):
    """`more` is true where older ones match too: ask again with `before`, the last `date_ms`.

    `waiting` messages of a large import, at most 1,000 are counted, are not searched yet. `thread` asks within one
    conversation, `since` (included) and `before` (excluded) within a span of time.
    """

    messages: list[FoundMessage]
    more: bool
    waiting: int = 0


def operations(ctx: ServiceContext) -> list[Operation]:
    def bound(
        handler: Callable[[ServiceContext, Request, Caller], Awaitable[Response]],
    ) -> Callable[[Request, Caller], Awaitable[Response]]:
        async def call(request: Request, caller: Caller) -> Response:
            return await handler(ctx, request, caller)

        return call

    while ctx.db.write(lambda conn: store.take_old(conn, ctx.journal, INDEX_BATCH)):
        pass

    sweep(ctx.folder("messages"))
    waiting = Waiting(ctx.quota)

    async def bring(request: Request, caller: Caller) -> Response:
        return await import_messages(ctx, waiting, request, caller)

    async def index(_run: JobRun) -> None:
        await index_waiting(ctx)

    async def daily() -> None:
        await index_waiting(ctx)
        while await ctx.db.write_async(lambda conn: store.forget(conn, ctx.clock.now_ms())):
            pass
        await parts.DOUBTS.settle(ctx)
        await asyncio.to_thread(sweep, ctx.folder("messages"))

    ctx.departures.own_rows(store.leave)
    ctx.exports.offer(partial(exporting.offered, ctx))
    ctx.jobs.handler(INDEX_JOB, index)
    ctx.jobs.daily(daily)
    count = Annotated[int, stated.number(0, MOST_NUMBER)]
    return [
        Operation(
            "POST",
            "/messages/import",
            bring,
            "Take messages from a file: SMS Backup & Restore, JSON lines, sms.db of iOS, Google Voice",
            response=ImportReport,
            takes="application/octet-stream",
            query={"region": Region, "language": str, "deleted": Literal["leave", "restore"]},
            costly="import",
        ),
        Operation(
            "GET",
            "/messages/search",
            bound(search_messages),
            "Find messages by words, a conversation, a span of time; newest first",
            response=SearchResult,
            query={
                "q": Annotated[str, stated.text(0, MOST_WORDS)],
                "thread": str,
                "with": str,
                "region": Region,
                "since": count,
                "before": count,
                "limit": count,
            },
            costly="search",
        ),
        Operation(
            "GET",
            "/messages/export",
            bound(export_messages),
            "All messages and drafts, or calls, as an SMS Backup & Restore file",
            media_type="application/xml",
            query={"kind": Literal["messages", "calls"]},
            costly="export",
        ),
        Operation("GET", "/messages/{message}/parts/{number}", bound(part_content), "An attachment's bytes"),
        *send_routes.operations(ctx),
    ]


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in parts that are worth a thread's turn; what came before a break is given too."""
    held = bytearray()
    try:
        async for part in request.stream():
            held += part
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
    except ClientDisconnect:
        if held:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)


async def import_messages(ctx: ServiceContext, waiting: Waiting, request: Request, caller: Caller) -> Response:
    """Streams the body, read outside the event loop; an error tells in `report` what was kept before it.

    `deleted`: what was deleted here stays away ("leave", as without it), or comes back ("restore").
    """
    region = known_region(request.query_params.get("region", ""))
    language = language_of(request.query_params.get("language"))
    deleted = request.query_params.get("deleted", "leave")
    if deleted not in ("leave", "restore"):
        raise Invalid("query-parameter", "deleted is leave or restore.")
    reader = AnyReader(ctx.folder("messages"))
    work = Import(ctx, caller, region, language, revive=deleted == "restore")
    try:
        async for piece in _pieces(request):
            await work.take(await asyncio.to_thread(reader.feed, piece))
            await waiting.hold(caller.account_id, work, reader.waiting)
        while rest := await asyncio.to_thread(reader.close):
            await work.take(rest)
        await work.finish()
    except PileusError as error:
        if error.code != "quota-exceeded":
            await work.finish()
        kept = msgspec.to_builtins(work.report())
        raise PileusError(
            error.code, error.detail, status=error.status, **{**error.extra, "report": kept}
        ) from error
    finally:
        await asyncio.to_thread(reader.drop)
        waiting.free(caller.account_id, work)
        await work.close()
    return reply(work.report())


async def export_messages(ctx: ServiceContext, request: Request, caller: Caller) -> Response:
    """`kind` messages (with drafts) or calls, which are two files in this format. Streams, by pages of records."""
    kind = request.query_params.get("kind", "messages")
    if kind not in ("messages", "calls"):
        raise Invalid("query-parameter", "kind is messages or calls.")
    write = exporting.messages if kind == "messages" else exporting.calls
    headers = {
        "Content-Disposition": f'attachment; filename="{"sms" if kind == "messages" else "calls"}.xml"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(write(ctx, caller.account_id), 200, headers, media_type="application/xml")


async def index_waiting(ctx: ServiceContext) -> None:
    """Indexes what waits, in short transactions: also what a crash left."""
    while await ctx.db.write_async(lambda conn: store.index_stale(conn, ctx.journal, INDEX_BATCH)):
        pass


async def part_content(ctx: ServiceContext, request: Request, caller: Caller) -> Response:
    """One attachment. What a browser must not do with it: guess its type, or run it."""
    message, number = request.path_params["message"], request.path_params["number"]
    record = await ctx.db.read_async(
        lambda conn: ctx.journal.record(conn, caller.account_id, store.COLLECTION, message)
    )
    found = record.fields.get("parts", []) if record is not None else []
    known = number.isascii() and number.isdigit() and len(number) < 10 and int(number) < len(found)
    part = found[int(number)] if known else None
    if part is None or not part.get("object"):
        raise NotFound("no-attachment", "There is no such attachment.")
    body = ctx.objects.get(caller.account_id, parts.AREA, part["object"])
    first = await anext(body, b"")  # what cannot be read is an error, not a cut answer

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in body:
            yield piece

    headers = {
        "Content-Type": safe_type(part["type"]),
        "Content-Length": str(part["size"]),
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return StreamingResponse(whole(), 200, headers)


async def search_messages(ctx: ServiceContext, request: Request, caller: Caller) -> Response:
    query = request.query_params.get("q", "")
    if len(query) > MOST_WORDS:
        raise Invalid("query-too-long", "The search has too many words: try fewer.")
    limit = min(_number(request, "limit") or PAGE, PAGE)
    thread = request.query_params.get("thread")
    region = known_region(request.query_params.get("region", ""))
    person = request.query_params.get("with") if thread is None else None
    since, before = _number(request, "since"), _number(request, "before")
    expression = search_expression(query)
    # Without a word all of a conversation or of a span of time is meant; what has no word in it finds nothing.
    everything = not query.strip() and not (thread is None and not person and since is None and before is None)
    if not expression and not everything:
        return reply(SearchResult([], False))

    def find(conn: Connection) -> SearchResult:
        account, within = caller.account_id, [thread]
        if person:
            within = [*naming.threads_with(conn, ctx.journal, account, person, region)]
        ids = [
            one
            for each in within
            for one in store.search(
                conn, account, expression, limit + 1, thread=each, since_ms=since, before_ms=before
            )
        ]
        records = ctx.journal.named(conn, account, store.COLLECTION, ids)
        found = [
            msgspec.convert({**records[one].fields, "id": one}, FoundMessage) for one in ids if one in records
        ]
        if len(within) > 1:
            found.sort(key=lambda one: -one.date_ms)
        return SearchResult(found[:limit], len(ids) > limit, store.waiting(conn, account))

    return reply(await ctx.db.read_async(find))


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MOST_NUMBER):
        raise Invalid("query-parameter", f"{name} is a whole number.")
    return int(text)
