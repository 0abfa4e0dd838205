"""An account's files as they are, in their folders; not what is in the trash, nor earlier contents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

from sqlalchemy import Connection

from pileus.cloud.kernel.service import ExportedFile, Fields, ServiceContext
from pileus.cloud.services.files import rules
from pileus.cloud.services.files.store import AREA, COLLECTION

PAGE = 1000
TOP = "files"


async def offered(ctx: ServiceContext, account_id: str) -> AsyncIterator[ExportedFile]:
    """For the export of the whole account; a folder without files is not in it."""
    entries: dict[str, Fields] = {}
    after: str | None = None
    while page := await ctx.db.read_async(partial(_page, ctx, account_id, after)):
        entries |= page
        after = next(reversed(page))
    for fields in entries.values():
        if rules.is_folder(fields):
            continue
        data = ctx.objects.get(account_id, AREA, str(fields["object"]))
        yield ExportedFile(path_of(entries, fields), data, int(fields.get("modified_ms", 0)))


def path_of(entries: Mapping[str, Fields], fields: Fields) -> str:
    """Below `files/`; a slash of a name is none of the path's. Folders that lead in a circle end it."""
    parts, seen, parent = [fields["name"]], set[str](), str(fields.get("parent", ""))
    while parent in entries and parent not in seen:
        seen.add(parent)
        parts.append(entries[parent]["name"])
        parent = str(entries[parent].get("parent", ""))
    return "/".join([TOP, *(str(part).replace("/", "_") for part in reversed(parts))])


def _page(ctx: ServiceContext, account_id: str, after: str | None, conn: Connection) -> dict[str, Fields]:
    return {one.id: one.fields for one in ctx.journal.records(conn, account_id, COLLECTION, after, PAGE)}
