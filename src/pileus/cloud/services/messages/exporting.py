"""All of an account's messages, drafts or calls as a file: pages of records, attachments one at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from pileus.cloud.kernel.service import ExportedFile, Record, ServiceContext, pages
from pileus.cloud.services.messages import parts
from pileus.cloud.services.messages.formats import export
from pileus.cloud.services.messages.store import CALLS, COLLECTION, DRAFTS
from pileus.core.errors import NotFound, PileusError, unreadable

PAGE = 500


async def offered(ctx: ServiceContext, account_id: str) -> AsyncIterator[ExportedFile]:
    """For the export of the whole account."""
    problems: list[str] = []
    yield ExportedFile("messages/sms.xml", messages(ctx, account_id, problems), text=True, problems=problems)
    yield ExportedFile("messages/calls.xml", calls(ctx, account_id), text=True)


async def messages(
    ctx: ServiceContext, account_id: str, problems: list[str] | None = None
) -> AsyncIterator[bytes]:
    """By time, then drafts. What changes while it is read may be in it or not.

    A comment stands for an attachment that cannot be read; `problems` gets a sentence of each. Without it one that
    is damaged raises.
    """
    count = await _count(ctx, account_id, COLLECTION) + await _count(ctx, account_id, DRAFTS)
    yield export.head("smses", count).encode()
    async for record in _records(ctx, account_id, COLLECTION):
        blobs = [await _blob(ctx, account_id, part, problems) for part in record.fields.get("parts", ())]
        yield export.message(record.fields, blobs).encode()
    async for record in _records(ctx, account_id, DRAFTS):
        yield export.draft(record.fields).encode()
    yield export.foot("smses").encode()


async def calls(ctx: ServiceContext, account_id: str) -> AsyncIterator[bytes]:
    yield export.head("calls", await _count(ctx, account_id, CALLS)).encode()
    async for record in _records(ctx, account_id, CALLS):
        yield export.call(record.fields).encode()
    yield export.foot("calls").encode()


async def _records(ctx: ServiceContext, account_id: str, collection: str) -> AsyncIterator[Record]:
    async for page in pages(ctx.db, ctx.journal, account_id, collection, PAGE):
        for record in page:
            yield record


async def _count(ctx: ServiceContext, account_id: str, collection: str) -> int:
    return await ctx.db.read_async(lambda conn: ctx.journal.count(conn, account_id, collection))


async def _blob(
    ctx: ServiceContext, account_id: str, part: Mapping[str, Any], problems: list[str] | None
) -> bytes | None:
    name = part.get("object", "")
    if not name:
        return None
    try:
        return b"".join([piece async for piece in ctx.objects.get(account_id, parts.AREA, name)])
    except NotFound as error:
        why = unreadable(error)
    except (PileusError, OSError) as error:
        why = unreadable(error)
        if problems is None:
            raise
    if problems is not None:
        problems.append(f"the attachment {part.get('name') or name} is not in it: {why}")
    return None
