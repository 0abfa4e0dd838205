"""All of an account as one ZIP in open formats: what each service offers, and every record as JSON lines.

It is written as it is sent, so that nothing of it lies anywhere; texts are deflated, all else is stored. An object
that cannot be read is left out, one that is damaged further on is there up to that place; `problems.txt`, the last
entry, tells of both. A store that is away ends the download.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import time
import zipfile
from collections.abc import AsyncIterator
from functools import partial

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.accounts.store import Accounts
from pileus.cloud.kernel.journal import Collections
from pileus.cloud.kernel.service import Caller, Database, ExportedFile, Journal, Offered, pages
from pileus.core.clock import Clock
from pileus.core.errors import NotFound, PileusError, unreadable

TICKET_MS = 60_000
PAGE = 500
LATEST = (2107, 12, 31, 23, 59, 58)
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""What a ZIP's times can say."""


class Takeout:
    """The kernel's `Exports`."""

    def __init__(
        self, db: Database, clock: Clock, accounts: Accounts, journal: Journal, collections: Collections
    ) -> None:
        self._db, self._clock, self._accounts = db, clock, accounts
        self._journal, self._collections = journal, collections
        self._offers: list[Offered] = []
        self._tickets: dict[str, tuple[str, int]] = {}

    def offer(self, offered: Offered) -> None:
        self._offers.append(offered)

    async def ticket(self, caller: Caller, address: str) -> str:
        """Good once, for a minute: a browser downloads without a bearer token."""
        now = self._clock.now_ms()
        self._tickets = {key: one for key, one in self._tickets.items() if one[1] > now}

        def write(conn: Connection) -> None:
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, caller.account_id, "exported", source)

        await self._db.write_async(write)
        made = secrets.token_urlsafe(32)
        self._tickets[made] = (caller.account_id, now + TICKET_MS)
        return made

    def spend(self, ticket: str) -> str:
        """The account of a ticket; raises `NotFound` for one that was used, or is too old."""
        account_id, until = self._tickets.pop(ticket, ("", 0))
        if until <= self._clock.now_ms():
            raise NotFound("no-ticket", "This download was used, or is too old: ask for it again.")
        return account_id

    async def write(self, account_id: str) -> AsyncIterator[bytes]:
        """The ZIP's bytes. What changes while it is read may be in it or not."""
        sink = _Sink()
        problems: list[str] = []
        used: set[str] = set()
        with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
            async for file in self._files(account_id):
                async for piece in _entry(archive, sink, file, used, problems):
                    yield piece
            if problems:
                archive.writestr("problems.txt", "\n".join(problems) + "\n")
        yield sink.take()

    async def _files(self, account_id: str) -> AsyncIterator[ExportedFile]:
        for offered in self._offers:
            async for file in offered(account_id):
                yield file
        for collection in self._collections.order:
            count = await self._db.read_async(partial(self._count, account_id, collection.name))
            if count:
                lines = self._lines(account_id, collection.name)
                yield ExportedFile(f"records/{collection.name}.jsonl", lines, text=True)

    def _count(self, account_id: str, collection: str, conn: Connection) -> int:
        return self._journal.count(conn, account_id, collection)

    async def _lines(self, account_id: str, collection: str) -> AsyncIterator[bytes]:
        async for page in pages(self._db, self._journal, account_id, collection, PAGE):
            yield b"".join(msgspec.json.encode({"id": one.id, **one.fields}) + b"\n" for one in page)


class _Sink(io.RawIOBase):
    """A file that is only written to, and emptied as it fills."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


async def _entry(
    archive: zipfile.ZipFile, sink: _Sink, file: ExportedFile, used: set[str], problems: list[str]
) -> AsyncIterator[bytes]:
    path = free_path(file.path, used)
    try:
        first = await anext(file.data, b"")
    except (PileusError, OSError) as error:
        problems.append(f"{path} is not here: {unreadable(error)}")
        return
    info = zipfile.ZipInfo(path, moment(file.modified_ms))
    info.compress_type = zipfile.ZIP_DEFLATED if file.text else zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    with archive.open(info, "w", force_zip64=True) as out:
        await asyncio.to_thread(out.write, first)
        written = len(first)
        try:
            async for piece in file.data:
                yield sink.take()
                await asyncio.to_thread(out.write, piece)
                written += len(piece)
        except (PileusError, OSError) as error:
            # The entry ends here, whole by its own checksum: no other one is lost for it.
            problems.append(f"{path} ends after {written} bytes: {unreadable(error)}")
    problems.extend(f"{path}: {one}" for one in file.problems)
    yield sink.take()


def free_path(path: str, used: set[str]) -> str:
    """A path that stays inside whatever it is unpacked to, and that no other entry has; remembers it in `used`."""
    parts = [_plain(part) for part in path.split("/")]
    stem, dot, end = parts[-1].rpartition(".")
    name, number = "/".join(parts), 1
    while name.casefold() in used:
        number += 1
        last = f"{stem} {number}.{end}" if dot and stem else f"{parts[-1]} {number}"
        name = "/".join([*parts[:-1], last])
    used.add(name.casefold())
    return name


def _plain(part: str) -> str:
    shown = "".join("_" if one in '\\:*?"<>|' or ord(one) < 32 else one for one in part).strip()
    return shown if shown.strip(".") else "_" * max(1, len(shown))


def moment(at_ms: int) -> tuple[int, int, int, int, int, int]:
    """A time as a ZIP has it, in UTC, within what it can say."""
    told = time.gmtime(max(0, at_ms) / 1000)[:6] if at_ms < 1 << 42 else LATEST
    return max(EARLIEST, min(LATEST, told))
