"""An account's files as they are, in their folders; not what is in the trash, nor earlier contents.

What is in the vault goes sealed into a folder of its own: `pileus vault decrypt` opens it (docs/design/vault.md).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import ExportedFile, Fields, ServiceContext
from pileus.cloud.services.files import rules, vault
from pileus.cloud.services.files.store import AREA, COLLECTION

PAGE = 1000
TOP = "files"
VAULT = "vault"
LIST = "vault.json"
"""What opens the vault's files, and how they are called, sealed."""


async def offered(ctx: ServiceContext, account_id: str) -> AsyncIterator[ExportedFile]:
    """For the export of the whole account; a folder without files is not in it."""
    entries: dict[str, Fields] = {}
    after: str | None = None
    while page := await ctx.db.read_async(partial(_page, ctx, account_id, after)):
        entries |= page
        after = next(reversed(page))
    for file, fields in entries.items():
        if rules.is_folder(fields):
            continue
        data = ctx.objects.get(account_id, AREA, str(fields["object"]))
        path = f"{VAULT}/{file}" if fields.get("sealed") else path_of(entries, fields)
        yield ExportedFile(path, data, int(fields.get("modified_ms", 0)))
    sealed = {file: fields for file, fields in entries.items() if fields.get("sealed")}
    key = await ctx.db.read_async(lambda conn: vault.find(conn, account_id))
    if sealed and key is not None:
        yield ExportedFile(f"{VAULT}/{LIST}", _list(key, sealed), text=True)


async def _list(key: vault.Vault, sealed: Mapping[str, Fields]) -> AsyncIterator[bytes]:
    told = {
        "version": 1,
        "key_id": key.key_id,
        "wrapped": key.wrapped,
        "entries": {
            file: {
                "parent": fields.get("parent", ""),
                "sealed": fields["sealed"],
                "folder": rules.is_folder(fields),
            }
            for file, fields in sealed.items()
        },
    }
    yield msgspec.json.encode(told)


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
