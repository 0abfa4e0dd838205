"""An import under way: from a reader's items to records and objects, with a report."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Caller, Fields, Quota, ServiceContext
from pileus.cloud.services.messages import parts, reasons, store
from pileus.cloud.services.messages.formats.items import Found, Item, Skipped
from pileus.cloud.services.messages.rules import Call, Message, Part, key_of
from pileus.core.errors import PileusError

BATCH = 1000
"""Messages in one transaction: a finger's wait for the writer stays at some twenty milliseconds."""
BATCH_BYTES = 32 << 20
"""Of attachments and texts that are held until they are written."""
INDEX_JOB = "messages-index"
NAMED = 100
"""Skipped lines that the report names; all are counted."""


class SkippedLine(msgspec.Struct, frozen=True):
    """`why` is in the language that was asked for; `code` is the same in all."""

    line: int
    code: str
    why: str


class ImportReport(msgspec.Struct, frozen=True):
    """`imported` and `repeated` count messages, calls and drafts.

    `skipped` names the first hundred; `skipped_count` counts all. `deleted` counts those that were deleted here
    and stay so (drafts that were sent among them), unless the import was asked to bring them back.
    """

    imported: int
    repeated: int
    skipped: list[SkippedLine]
    skipped_count: int
    calls: int = 0
    drafts: int = 0
    attachments: int = 0
    deleted: int = 0


class Waiting:
    """Bytes of files that are on the disk until their end has come, by account: they have to fit into its room."""

    STEP = 4 << 20
    """Bytes between two looks at the quota."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._held: dict[str, dict[int, int]] = {}

    async def hold(self, account_id: str, work: Import, size: int) -> None:
        """An import has `size` bytes waiting now; raises `QuotaExceeded` where all of the account's do not fit."""
        held = self._held.setdefault(account_id, {})
        if size - held.get(id(work), 0) >= self.STEP:
            held[id(work)] = size
            await self._quota.reserve(account_id, sum(held.values()))

    def free(self, account_id: str, work: Import) -> None:
        held = self._held.get(account_id, {})
        held.pop(id(work), None)
        if not held:
            self._held.pop(account_id, None)


class _Ready(msgspec.Struct):
    """A batch as it goes into one transaction, with the line of each."""

    messages: list[tuple[str, Fields]] = []
    message_lines: list[int] = []
    calls: list[Fields] = []
    call_lines: list[int] = []
    drafts: list[Fields] = []
    draft_lines: list[int] = []
    parts: list[tuple[Part, bytes]] = []


class Import:
    """Each batch is durable by itself: a broken file or connection loses none before.

    One batch is written while the next is read.
    """

    def __init__(
        self, ctx: ServiceContext, caller: Caller, region: str, language: str, *, revive: bool = False
    ) -> None:
        self._ctx, self._caller, self._region, self._language = ctx, caller, region, language
        self._revive, self._deleted = revive, 0
        self._imported = self._repeated = self._skipped_count = self._calls = self._drafts = self._attachments = 0
        self._skipped: list[SkippedLine] = []
        self._batch: list[Found] = []
        self._bytes = 0
        self._writing: asyncio.Task[None] | None = None

    async def take(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item, Skipped):
                self._skip(item.line, item.code, item.values)
                continue
            self._batch.append(item)
            self._bytes += item.weight
            if len(self._batch) >= BATCH or self._bytes >= BATCH_BYTES:
                await self._turn()

    async def finish(self) -> None:
        """Until all that was taken is durable; the index of words may still follow."""
        await self._turn()
        await self._written()

    async def close(self) -> None:
        """However it ended: the last batch is written or has failed, and the index follows."""
        with contextlib.suppress(PileusError):
            await self._written()
        if self._imported > store.AT_ONCE:
            await self._ctx.jobs.submit(INDEX_JOB, self._caller.account_id, {})

    def report(self) -> ImportReport:
        named = sorted(self._skipped, key=lambda one: one.line)
        counts = (self._calls, self._drafts, self._attachments, self._deleted)
        return ImportReport(self._imported, self._repeated, named, self._skipped_count, *counts)

    async def _turn(self) -> None:
        batch, self._batch, self._bytes = self._batch, [], 0
        await self._written()
        if batch:
            self._writing = asyncio.create_task(self._write(batch))

    async def _written(self) -> None:
        task, self._writing = self._writing, None
        if task is not None:
            await task

    async def _write(self, batch: list[Found]) -> None:
        ready = await asyncio.to_thread(_prepared, batch, self._region)
        account, device, journal = self._caller.account_id, self._caller.device_id, self._ctx.journal
        if ready.parts:
            objects = await parts.keep(self._ctx, account, ready.parts)
            for _, fields in ready.messages:
                for part in fields.get("parts", ()):
                    part["object"] = objects[part["sha256"]]

        revive = self._revive

        def keep(conn: Connection) -> tuple[store.Kept, store.Kept, store.Kept, dict[int, PileusError]]:
            messages = store.keep(conn, journal, account, device, ready.messages, revive=revive)
            calls = store.keep_calls(conn, journal, account, device, ready.calls, revive=revive)
            drafts, refused = store.Kept(), {}
            for line, fields in zip(ready.draft_lines, ready.drafts, strict=True):
                try:
                    one = store.keep_draft(conn, journal, account, device, fields, revive=revive)
                except PileusError as error:
                    refused[line] = error
                else:
                    drafts.new += one.new
                    drafts.repeated += one.repeated
                    drafts.deleted += one.deleted
            return messages, calls, drafts, refused

        messages, calls, drafts, refused = await self._ctx.db.write_async(keep)
        self._imported += messages.new + calls.new + drafts.new
        self._repeated += messages.repeated + calls.repeated + drafts.repeated
        self._deleted += messages.deleted + calls.deleted + drafts.deleted
        self._calls += calls.new
        self._drafts += drafts.new
        self._attachments += len(ready.parts)
        for place, error in messages.refused.items():
            self._skip(ready.message_lines[place], *reasons.of_error(error))
        for place, error in calls.refused.items():
            self._skip(ready.call_lines[place], *reasons.of_error(error))
        for line, error in refused.items():
            self._skip(line, *reasons.of_error(error))

    def _skip(self, line: int, code: str, values: dict[str, object]) -> None:
        self._skipped_count += 1
        if len(self._skipped) < NAMED:
            self._skipped.append(SkippedLine(line, code, reasons.sentence(code, values, self._language)))


def _prepared(batch: list[Found], region: str) -> _Ready:
    """What needs no database, done outside of the writer's thread."""
    ready = _Ready()
    for found in batch:
        value = found.value
        if isinstance(value, Message):
            ready.parts += zip(value.parts, found.blobs, strict=True)
            fields = value.fields(region)
            ready.messages.append((key_of(fields), fields))
            ready.message_lines.append(found.line)
        elif isinstance(value, Call):
            ready.calls.append(value.fields(region))
            ready.call_lines.append(found.line)
        else:
            ready.drafts.append(value.fields(region))
            ready.draft_lines.append(found.line)
    return ready
