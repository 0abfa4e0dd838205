"""HTTP of the contacts service, below /api/v1: import, export, duplicates."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Caller, ExportedFile, Operation, ServiceContext, decode, reply
from pileus.cloud.services.contacts import merging, store
from pileus.cloud.services.contacts.cards import CardReader, Fields, write_card
from pileus.cloud.services.contacts.duplicates import suggestions
from pileus.cloud.services.contacts.imports import Import, ImportReport
from pileus.cloud.services.contacts.pictures import Pictures
from pileus.cloud.services.contacts.properties import Version
from pileus.core import stated
from pileus.core.errors import Invalid, NotFound, PileusError, TooLarge

MAX_FILE_BYTES = 1 << 30
PAGE = 100
UNDO_MS = 30 * 24 * 3600_000
"""For which a merge can be undone."""
REGION = re.compile(r"[A-Z]{2}")
MEDIA = "text/vcard; charset=utf-8"


class Duplicate(msgspec.Struct, frozen=True):
    """`reasons`: number, mail, name."""

    contacts: list[str]
    reasons: list[str]


class Duplicates(msgspec.Struct, frozen=True):
    """Those that share most come first."""

    groups: list[Duplicate]


class MergeWish(msgspec.Struct, frozen=True):
    contacts: Annotated[list[str], stated.items(2, merging.MOST, unique=True)]


class Merged(msgspec.Struct, frozen=True):
    """`merge` undoes it, for 30 days; `contact` is the one that stays."""

    merge: str
    contact: str


class Unmerged(msgspec.Struct, frozen=True):
    contacts: list[str]


def operations(ctx: ServiceContext) -> list[Operation]:
    contacts = Contacts(ctx)
    ctx.jobs.daily(contacts.tidy)
    ctx.exports.offer(contacts.offered)
    ctx.damage.offer(store.AREA, partial(store.named, ctx.journal))
    return [
        Operation(
            "POST",
            "/contacts/import",
            contacts.take_file,
            "Take contacts from vCards of version 2.1, 3.0 or 4.0",
            response=ImportReport,
            takes="application/octet-stream",
            costly="import",
        ),
        Operation(
            "GET",
            "/contacts/export",
            contacts.give_file,
            "All contacts as vCards, or the one named by `contact`; `version` is 4.0 or 3.0",
            query={"version": Literal["3.0", "4.0"], "contact": str},
            costly="export",
        ),
        Operation(
            "GET",
            "/contacts/duplicates",
            contacts.duplicates,
            "Contacts that may be one; `region` (ISO 3166) is that of numbers without a country",
            response=Duplicates,
            query={"region": Annotated[str, stated.text(pattern=REGION)]},
        ),
        Operation("POST", "/contacts/merge", contacts.merge, "Make one contact of several", MergeWish, Merged),
        Operation("POST", "/contacts/merges/{merge}/undo", contacts.undo, "Take a merge back", response=Unmerged),
    ]


class Contacts:
    """The handlers."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self.pictures = Pictures(ctx)

    async def take_file(self, request: Request, caller: Caller) -> Response:
        """Streams the body; an error tells in `report` what was kept before it."""
        reader, work = CardReader(), Import(self._ctx, caller, self.pictures)
        size = 0
        try:
            async for part in request.stream():
                size += len(part)
                if size > MAX_FILE_BYTES:
                    raise TooLarge("vcard-file-too-large", f"At most {MAX_FILE_BYTES >> 20} MiB are read at once.")
                await work.take(await asyncio.to_thread(reader.feed, part))
            await work.take(await asyncio.to_thread(reader.close))
            await work.finish()
        except PileusError as error:
            if error.code != "quota-exceeded":
                await work.finish()
            else:
                await self.pictures.settle(caller.account_id)
            kept = msgspec.to_builtins(work.report())
            raise PileusError(
                error.code, error.detail, status=error.status, **{**error.extra, "report": kept}
            ) from error
        return reply(work.report())

    async def give_file(self, request: Request, caller: Caller) -> Response:
        version = _version(request.query_params.get("version", "4.0"))
        contact = request.query_params.get("contact")
        if contact is None:
            cards = self._all(caller.account_id, version)
        else:
            record = await self._ctx.db.read_async(
                lambda conn: self._ctx.journal.record(conn, caller.account_id, store.COLLECTION, contact)
            )
            if record is None:
                raise NotFound("no-contact", "There is no such contact.")
            cards = self._each(caller.account_id, [record.fields], version)
        headers = {"Content-Disposition": 'attachment; filename="contacts.vcf"', "Cache-Control": "no-store"}
        return StreamingResponse(cards, headers=headers, media_type=MEDIA)

    async def offered(self, account_id: str) -> AsyncIterator[ExportedFile]:
        """For the export of the whole account."""
        problems: list[str] = []
        cards = self._all(account_id, "4.0", problems)
        yield ExportedFile("contacts.vcf", cards, text=True, problems=problems)

    async def duplicates(self, request: Request, caller: Caller) -> Response:
        region = request.query_params.get("region")
        if region is not None and not REGION.fullmatch(region):
            raise Invalid("query-parameter", "region is two letters, as CN or DE.")
        contacts, distinct = await self._ctx.db.read_async(
            lambda conn: store.people(conn, self._ctx.journal, caller.account_id)
        )
        found = await asyncio.to_thread(suggestions, contacts, region, distinct)
        return reply(Duplicates([Duplicate(list(one.contacts), list(one.reasons)) for one in found]))

    async def merge(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, MergeWish)
        now = self._ctx.clock.now_ms()
        made, stays = await self._ctx.db.write_async(
            lambda conn: merging.merge(conn, self._ctx.journal, caller.account_id, wish.contacts, now)
        )
        return reply(Merged(made, stays))

    async def undo(self, request: Request, caller: Caller) -> Response:
        made = request.path_params["merge"]
        again = await self._ctx.db.write_async(
            lambda conn: merging.undo(conn, self._ctx.journal, caller.account_id, made)
        )
        return reply(Unmerged(again))

    async def tidy(self) -> None:
        """Forgets old merges and frees pictures that nothing stands for."""
        before = self._ctx.clock.now_ms() - UNDO_MS
        await self._ctx.db.write_async(lambda conn: merging.forget(conn, self._ctx.journal, before))
        await self.pictures.settle()

    async def _all(
        self, account_id: str, version: Version, problems: list[str] | None = None
    ) -> AsyncIterator[bytes]:
        after: str | None = None
        while True:
            page = await self._ctx.db.read_async(
                lambda conn, after=after: store.page(conn, self._ctx.journal, account_id, after, PAGE)  # type: ignore[misc]
            )
            if not page:
                return
            after = page[-1][0]
            async for card in self._each(account_id, [fields for _, fields in page], version, problems):
                yield card

    async def _each(
        self, account_id: str, contacts: list[Fields], version: Version, problems: list[str] | None = None
    ) -> AsyncIterator[bytes]:
        for fields in contacts:
            whole = await self.pictures.put_in(account_id, fields, problems)
            yield (await asyncio.to_thread(write_card, whole, version)).encode()


def _version(text: str) -> Version:
    if text == "4.0":
        return "4.0"
    if text == "3.0":
        return "3.0"
    raise Invalid("vcard-version", "Contacts are written as vCard 3.0 or 4.0.")
