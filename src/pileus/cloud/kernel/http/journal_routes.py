"""The journal over HTTP (docs/design/journal.md)."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.journal import Collections, JournalStore, history, pages
from pileus.cloud.kernel.service import (
    BY_RECORD,
    Caller,
    Database,
    Mutation,
    Operation,
    Outcome,
    Record,
    decode,
    number,
    number_of,
    reply,
)
from pileus.core.errors import Forbidden, Invalid, TooLarge

MUTATIONS = 500
BODY = 8 << 20


class Change(msgspec.Struct):
    seq: int
    collection: str
    id: str
    deleted: bool
    fields: dict[str, Any]
    texts: dict[str, bytes]
    """Base64 of Yjs states."""


class Snapshot(msgspec.Struct):
    as_of: int
    records: list[Change]
    next: str | None


class Changes(msgspec.Struct):
    changes: list[Change]
    next: int
    more: bool


class HistoryEntry(msgspec.Struct):
    """A value that a merge set aside; of a text it is the base64 of its Yjs state."""

    number: int
    collection: str
    record: str
    field: str
    value: Any
    seq: int
    replaced_seq: int
    device: str
    replaced_ms: int


class History(msgspec.Struct):
    values: list[HistoryEntry]
    next: int | None


class MutationEntry(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    base: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
    collection: str
    record: str
    op: Literal["put", "delete"] = "put"
    fields: dict[str, Any] = {}
    texts: dict[str, bytes] = {}


class Mutations(msgspec.Struct):
    mutations: list[MutationEntry]


class RawMutations(msgspec.Struct):
    """Each mutation is decoded by itself: a malformed one does not stop the others."""

    mutations: list[msgspec.Raw]


class OutcomeEntry(msgspec.Struct, omit_defaults=True):
    id: str
    status: Literal["applied", "merged", "refused"]
    seq: int
    code: str | None = None
    detail: str | None = None


class Outcomes(msgspec.Struct):
    outcomes: list[OutcomeEntry]


class _Named(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


def operations(db: Database, journal: JournalStore) -> list[Operation]:
    """The kernel's operations on the journal."""

    async def snapshot(request: Request, caller: Caller) -> Response:
        token = request.query_params.get("page")
        wanted = _wanted(journal.collections, request.query_params.get("collection"), caller)
        limit = number(request, "limit", pages.PAGE_LIMIT, 1, pages.PAGE_LIMIT)
        page = await db.read_async(lambda conn: pages.snapshot(conn, caller.account_id, wanted, token, limit))
        return reply(Snapshot(page.as_of, [change(one) for one in page.records], page.next))

    async def changes(request: Request, caller: Caller) -> Response:
        since = number(request, "since", 0, 0, 2**53)
        limit = number(request, "limit", pages.PAGE_LIMIT, 1, pages.PAGE_LIMIT)
        only = _readable(journal.collections, caller)
        page = await db.read_async(lambda conn: pages.changes(conn, caller.account_id, since, limit, only))
        return reply(Changes([change(one) for one in page.changes], page.next, page.more))

    async def mutate(request: Request, caller: Caller) -> Response:
        wish = await decode(request, RawMutations, BODY)
        if len(wish.mutations) > MUTATIONS:
            raise TooLarge("too-many-mutations", f"One request carries at most {MUTATIONS} mutations.")
        parsed = [permitted(parse(raw), caller) for raw in wish.mutations]
        good = [one for one in parsed if isinstance(one, Mutation)]
        applied = await db.write_async(lambda conn: journal.apply(conn, caller.account_id, caller.device_id, good))
        answers = iter(applied)
        outcomes = [next(answers) if isinstance(one, Mutation) else one for one in parsed]
        return reply(
            Outcomes([OutcomeEntry(one.id, one.status, one.seq, one.code, one.detail) for one in outcomes])
        )

    async def set_aside(request: Request, caller: Caller) -> Response:
        collection, record = request.query_params.get("collection"), request.query_params.get("record")
        before = number(request, "before", 2**53, 0, 2**53)
        limit = number(request, "limit", pages.PAGE_LIMIT, 1, pages.PAGE_LIMIT)
        only, room = _readable(journal.collections, caller), pages.PAGE_BYTES
        page = await db.read_async(
            lambda conn: history.page(conn, caller.account_id, collection, record, before, limit, room, only)
        )
        return reply(History([HistoryEntry(**dataclasses.asdict(one)) for one in page.values], page.next))

    limits, most = number_of(1, pages.PAGE_LIMIT), number_of(0, 2**53)
    page_query = {"page": str, "limit": limits, "collection": str}
    return [
        Operation(
            "GET",
            "/journal/snapshot",
            snapshot,
            "All records as of now, or those of one collection, most needed first",
            response=Snapshot,
            scope=BY_RECORD,
            query=page_query,
        ),
        Operation(
            "GET",
            "/journal/changes",
            changes,
            "What changed after a cursor",
            response=Changes,
            scope=BY_RECORD,
            query={"since": most, "limit": limits},
        ),
        Operation(
            "GET",
            "/journal/history",
            set_aside,
            "What merges set aside, the newest first",
            response=History,
            scope=BY_RECORD,
            query={"collection": str, "record": str, "before": most, "limit": limits},
        ),
        Operation("POST", "/journal/mutations", mutate, "Change records", Mutations, Outcomes, scope=BY_RECORD),
    ]


def parse(raw: msgspec.Raw) -> Mutation | Outcome:
    """A mutation, or its refusal where it is malformed; raises `Invalid` where it has not even an id."""
    try:
        entry = msgspec.json.decode(raw, type=MutationEntry)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        try:
            named = msgspec.json.decode(raw, type=_Named)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise Invalid("malformed-mutation", f"A mutation has no id: {error}") from None
        return Outcome(named.id, "refused", 0, "malformed-mutation", str(error))
    return Mutation(entry.id, entry.base, entry.collection, entry.record, entry.op, entry.fields, entry.texts)


def permitted(parsed: Mutation | Outcome, caller: Caller) -> Mutation | Outcome:
    """It, or its refusal where it is out of an app password's scopes."""
    if not isinstance(parsed, Mutation) or caller.may(scope_of(parsed.collection), write=True):
        return parsed
    return Outcome(parsed.id, "refused", 0, "out-of-scope", "This app password is not for that.")


def scope_of(collection: str) -> str:
    """The scope of a collection's records: the service that declares it."""
    return collection.partition(".")[0]


def change(record: Record) -> Change:
    """A record as it goes over the wire."""
    return Change(record.seq, record.collection, record.id, record.deleted, record.fields, dict(record.texts))


def _readable(collections: Collections, caller: Caller) -> list[str] | None:
    """The collections that an app password may read; None: all."""
    if caller.scopes is None:
        return None
    return [one.name for one in collections.order if caller.may(scope_of(one.name), write=False)]


def _wanted(collections: Collections, name: str | None, caller: Caller) -> Collections:
    """All collections that the caller may read, or the one that a query names; raises `Invalid`, `Forbidden`."""
    if name is None:
        if caller.scopes is None:
            return collections
        return Collections(one for one in collections.order if caller.may(scope_of(one.name), write=False))
    one = collections.get(name)
    if one is None:
        raise Invalid("unknown-collection", f"No service declares {name[:80]!r}.")
    if not caller.may(scope_of(name), write=False):
        raise Forbidden("out-of-scope", "This app password is not for that.")
    return Collections([one])
