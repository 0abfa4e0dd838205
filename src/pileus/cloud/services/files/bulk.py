"""Many small files in one request: one answer, few packs, few transactions.

The body is, for each file: u32 (little-endian) bytes of a header | the header, JSON of `BulkFile` | `size` bytes.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from blake3 import blake3
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, reply
from pileus.cloud.services.files import rules, store
from pileus.core.errors import Conflict, Invalid, PileusError, QuotaExceeded, TooLarge
from pileus.core.filenames import clean_name
from pileus.core.ids import is_record_id, new_id

HEADER_BYTES = 4096
FILE_BYTES = 1 << 20
FILES = 2000
BODY_BYTES = 64 << 20
GROUP_BYTES = 8 << 20
GROUP_FILES = 500
MEDIA_TYPE = "application/vnd.pileus.files"


class BulkFile(msgspec.Struct):
    """As `UploadWish`; with an `id` of its own choice a client that asks again gets the same file."""

    name: str
    size: int
    parent: str = ""
    type: str = rules.UNKNOWN
    blake3: str | None = None
    modified_ms: int | None = None
    id: str = ""


class BulkOutcome(msgspec.Struct, omit_defaults=True):
    """What became of one file: its record's id and name, or why it was refused."""

    file: str = ""
    name: str = ""
    code: str = ""
    detail: str = ""


class BulkAnswer(msgspec.Struct):
    """In the order of the files."""

    files: list[BulkOutcome]


class Bulk:
    """The handler."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "POST",
                "/files/bulk",
                self.keep,
                "Keep many small files",
                response=BulkAnswer,
                takes=MEDIA_TYPE,
            )
        ]

    async def keep(self, request: Request, caller: Caller) -> Response:
        """Whole groups before a body that is malformed are kept; asked again with ids, files are the same."""
        outcomes: list[BulkOutcome] = []
        group: list[tuple[BulkFile, bytes]] = []
        size = 0
        async for wish, data in frames(request.stream()):
            group.append((wish, data))
            size += len(data)
            if size >= GROUP_BYTES or len(group) >= GROUP_FILES:
                outcomes += await self._group(caller, group)
                group, size = [], 0
        outcomes += await self._group(caller, group)
        return reply(BulkAnswer(outcomes))

    async def _group(self, caller: Caller, group: list[tuple[BulkFile, bytes]]) -> list[BulkOutcome]:
        outcomes = [BulkOutcome() for _ in group]
        good: dict[str, int] = {}
        for number, (wish, data) in enumerate(group):
            try:
                wish.id = wish.id or new_id(self._ctx.clock.now_ms())
                check(wish, data)
                if wish.id in good:
                    raise Conflict("id-taken", "Two files of one request have this id.")
                good[wish.id] = number
            except PileusError as error:
                outcomes[number] = _refused(error)
        taken = await self._ctx.db.read_async(lambda conn: self._taken(conn, caller, group, good))
        for name, outcome in taken.items():
            outcomes[good.pop(name)] = outcome
        if not good:
            return outcomes
        try:
            made = await self._kept(caller, {name: group[number] for name, number in good.items()})
        except QuotaExceeded as error:
            if len(group) > 1:  # as many as there is room for
                half = len(group) // 2
                return [*await self._group(caller, group[:half]), *await self._group(caller, group[half:])]
            return [_refused(error)]
        except PileusError as error:
            for number in good.values():
                outcomes[number] = _refused(error)
            return outcomes
        for name, outcome in made.items():
            outcomes[good[name]] = outcome
        return outcomes

    async def _kept(self, caller: Caller, files: dict[str, tuple[BulkFile, bytes]]) -> dict[str, BulkOutcome]:
        """Contents, then records; all or none, but for those that a rule refuses."""
        contents = {name: data for name, (_, data) in files.items()}
        refs = await self._ctx.objects.put_many(caller.account_id, store.AREA, contents)
        taken = Conflict("id-taken", "Another file had this id; it was deleted.")
        others = {name: _refused(taken) for name, data in contents.items() if refs[name].blake3 != _hash(data)}

        def write(conn: Connection) -> dict[str, BulkOutcome]:
            records: dict[str, dict[str, Any]] = {}
            for name, (wish, _) in files.items():
                if name in others:
                    continue
                modified = self._ctx.clock.now_ms() if wish.modified_ms is None else wish.modified_ms
                records[name] = {
                    "name": clean_name(wish.name),
                    "parent": wish.parent,
                    **store.content(refs[name], wish.type, modified),
                }
            journal, account = self._ctx.journal, caller.account_id
            store.place_many(conn, journal, account, list(records.values()))
            added = journal.add(conn, account, "", store.COLLECTION, records)
            for name in added.present:  # a file of this id was deleted: it begins anew
                journal.put(conn, account, store.COLLECTION, name, records[name])
            told = {name: BulkOutcome(name, fields["name"]) for name, fields in records.items()}
            return told | {name: _refused(error) for name, error in added.refused.items()} | others

        return await self._ctx.db.write_async(write)

    def _taken(
        self, conn: Connection, caller: Caller, group: list[tuple[BulkFile, bytes]], good: dict[str, int]
    ) -> dict[str, BulkOutcome]:
        """Those that are there already: the same ones, or others of their ids."""
        found = self._ctx.journal.named(conn, caller.account_id, store.COLLECTION, list(good))
        told = {}
        for name, record in found.items():
            if record.fields.get("blake3") == _hash(group[good[name]][1]):
                told[name] = BulkOutcome(name, str(record.fields["name"]))
            else:
                told[name] = _refused(Conflict("id-taken", "Another file has this id."))
        return told


async def frames(body: AsyncIterator[bytes]) -> AsyncIterator[tuple[BulkFile, bytes]]:
    """The files of a body as they come. Raises `Invalid` or `TooLarge`."""
    held = bytearray()
    taken = number = 0

    async def need(count: int) -> bool:
        nonlocal taken
        while len(held) < count:
            piece = await anext(body, None)
            if piece is None:
                return False
            held.extend(piece)
            taken += len(piece)
            if taken > BODY_BYTES:
                raise TooLarge("body-too-large", f"The request has more than {BODY_BYTES} bytes.")
        return True

    while await need(1):
        number += 1
        if number > FILES:
            raise TooLarge("too-many-files", f"At most {FILES} files are taken at once.")
        if not await need(4):
            raise _cut(number)
        (length,) = struct.unpack_from("<I", held)
        if length > HEADER_BYTES:
            raise Invalid("malformed-body", f"The header of file {number} has more than {HEADER_BYTES} bytes.")
        if not await need(4 + length):
            raise _cut(number)
        try:
            wish = msgspec.json.decode(bytes(held[4 : 4 + length]), type=BulkFile)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid("malformed-body", f"The header of file {number} is not as expected: {error}") from None
        if not 0 <= wish.size <= FILE_BYTES:
            raise TooLarge(
                "file-too-large", f"File {number} is no small one: use an upload above {FILE_BYTES} bytes."
            )
        if not await need(4 + length + wish.size):
            raise _cut(number)
        yield wish, bytes(held[4 + length : 4 + length + wish.size])
        del held[: 4 + length + wish.size]


def check(wish: BulkFile, data: bytes) -> None:
    """Raises `Invalid`."""
    clean_name(wish.name)
    rules.check_wish(wish.parent, wish.size, wish.type, wish.blake3)
    rules.check_sealed("", wish.name, wish.type)
    if not is_record_id(wish.id):
        raise Invalid("malformed-id", "A record's id has 1 to 200 letters, digits or . _ : @ + -")
    if wish.blake3 is not None and wish.blake3 != _hash(data):
        raise Invalid("hash-mismatch", "What arrived is not what was sent: send it again.", status=422)


def _hash(data: bytes) -> str:
    return str(blake3(data).hexdigest())


def _cut(number: int) -> Invalid:
    return Invalid("malformed-body", f"The body ends within file {number}.")


def _refused(error: PileusError) -> BulkOutcome:
    return BulkOutcome(code=error.code, detail=error.detail)
