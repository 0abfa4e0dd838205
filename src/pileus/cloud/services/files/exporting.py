"""An account's files as they are, in their folders; beside them what is in the trash, and earlier contents.

What is in the vault goes sealed into a folder of its own: `pileus vault decrypt` opens it (docs/design/vault.md).
Its trash and its earlier contents are left out: none could tell what they are called.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from functools import partial

import msgspec

from pileus.cloud.kernel.service import ExportedFile, Fields, ServiceContext, pages
from pileus.cloud.services.files import rules, trash, vault, versions
from pileus.cloud.services.files.store import AREA, COLLECTION

PAGE = 1000
TOP = "files"
TRASH = "files in the trash"
EARLIER = "earlier contents of files"
VAULT = "vault"
LIST = "vault.json"
"""What opens the vault's files, and how they are called, sealed."""


async def offered(ctx: ServiceContext, account_id: str) -> AsyncIterator[ExportedFile]:
    """For the export of the whole account; a folder without files is not in it."""
    entries: dict[str, Fields] = {}
    async for page in pages(ctx.db, ctx.journal, account_id, COLLECTION, PAGE):
        entries |= {one.id: one.fields for one in page}
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
    async for one in _no_longer(ctx, account_id, entries):
        yield one


async def _no_longer(
    ctx: ServiceContext, account_id: str, entries: Mapping[str, Fields]
) -> AsyncIterator[ExportedFile]:
    """The trash, in the folders that were deleted with it, and earlier contents with when they were replaced."""
    gone: dict[str, Fields] = {}
    at = ""
    while page := await ctx.db.read_async(partial(trash.page, account_id=account_id, after=at, most=PAGE)):
        gone |= page
        at = next(reversed(page))
    every = {**entries, **gone}
    for fields in gone.values():
        if not (rules.is_folder(fields) or fields.get("sealed")):
            data = ctx.objects.get(account_id, AREA, str(fields["object"]))
            yield ExportedFile(path_of(every, fields, TRASH), data, int(fields.get("modified_ms", 0)))
    last = ("", "")
    while found := await ctx.db.read_async(partial(versions.page, account_id=account_id, after=last, most=PAGE)):
        for file, one in found:
            fields = every.get(file, {})
            if fields and not fields.get("sealed"):
                data = ctx.objects.get(account_id, AREA, one.id)
                path = _until(path_of(every, fields, EARLIER), one.replaced_ms)
                yield ExportedFile(path, data, one.modified_ms)
        last = (found[-1][0], found[-1][1].id)


def _until(path: str, replaced_ms: int) -> str:
    """`spring.jpg` that was replaced becomes `spring until 2026-11-30 10.15.00.jpg`; in UTC."""
    folder, _, name = path.rpartition("/")
    stem, dot, end = name.rpartition(".")
    when = time.strftime("%Y-%m-%d %H.%M.%S", time.gmtime(replaced_ms / 1000))
    return f"{folder}/{stem} until {when}.{end}" if dot and stem else f"{folder}/{name} until {when}"


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


def path_of(entries: Mapping[str, Fields], fields: Fields, top: str = TOP) -> str:
    """Below `top`; a slash of a name is none of the path's. Folders that lead in a circle end it."""
    parts, seen, parent = [fields["name"]], set[str](), str(fields.get("parent", ""))
    while parent in entries and parent not in seen:
        seen.add(parent)
        parts.append(entries[parent]["name"])
        parent = str(entries[parent].get("parent", ""))
    return "/".join([top, *(str(part).replace("/", "_") for part in reversed(parts))])
