"""HTTP of the contacts service, below /api/v1: import and export."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, reply
from pileus.cloud.services.contacts import store
from pileus.cloud.services.contacts.cards import CardReader, Fields, write_card
from pileus.cloud.services.contacts.imports import Import, ImportReport
from pileus.cloud.services.contacts.pictures import Pictures
from pileus.cloud.services.contacts.properties import Version
from pileus.core.errors import Invalid, NotFound, PileusError, TooLarge

MAX_FILE_BYTES = 1 << 30
PAGE = 100
MEDIA = "text/vcard; charset=utf-8"


def operations(ctx: ServiceContext) -> list[Operation]:
    contacts = Contacts(ctx)
    ctx.jobs.daily(contacts.pictures.settle)
    return [
        Operation(
            "POST",
            "/contacts/import",
            contacts.take_file,
            "Take contacts from vCards of version 2.1, 3.0 or 4.0",
            response=ImportReport,
            media_type="application/octet-stream",
        ),
        Operation(
            "GET",
            "/contacts/export",
            contacts.give_file,
            "All contacts as vCards, or the one named by `contact`; `version` is 4.0 or 3.0",
            query={"version": str, "contact": str},
        ),
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

    async def _all(self, account_id: str, version: Version) -> AsyncIterator[bytes]:
        after: str | None = None
        while True:
            page = await self._ctx.db.read_async(
                lambda conn, after=after: store.page(conn, self._ctx.journal, account_id, after, PAGE)  # type: ignore[misc]
            )
            if not page:
                return
            after = page[-1][0]
            async for card in self._each(account_id, [fields for _, fields in page], version):
                yield card

    async def _each(self, account_id: str, contacts: list[Fields], version: Version) -> AsyncIterator[bytes]:
        for fields in contacts:
            whole = await self.pictures.put_in(account_id, fields)
            yield (await asyncio.to_thread(write_card, whole, version)).encode()


def _version(text: str) -> Version:
    if text == "4.0":
        return "4.0"
    if text == "3.0":
        return "3.0"
    raise Invalid("vcard-version", "Contacts are written as vCard 3.0 or 4.0.")
