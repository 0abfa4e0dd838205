"""One import of iCalendar under way: what was kept, and by item what was not and why."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Caller, ServiceContext
from pileus.cloud.services.calendar import store
from pileus.cloud.services.calendar.events import Found, records
from pileus.cloud.services.calendar.reading import Block, BlockReader, Broken

BATCH = 100
NAMED = 100
MESSAGES = ("REPLY", "CANCEL")
"""Methods (RFC 5546 §1.4) that change an event that is there; all others bring one."""


class SkippedEvent(msgspec.Struct, frozen=True):
    """`line`: where it begins. `code` is stable; `name` is its summary."""

    line: int
    name: str
    code: str
    why: str


class ImportReport(msgspec.Struct, frozen=True):
    """`updated`: were there in an older version; `same`: were there. `skipped` names the first hundred."""

    imported: int
    updated: int
    same: int
    skipped: list[SkippedEvent]
    skipped_count: int


class Import:
    """Each batch is durable by itself."""

    def __init__(self, ctx: ServiceContext, caller: Caller, calendar: str) -> None:
        self._ctx, self._caller, self._calendar = ctx, caller, calendar
        self._reader = BlockReader()
        self._blocks: list[Block] = []
        self._counts: Counter[str] = Counter()
        self._skipped: list[SkippedEvent] = []

    def feed(self, data: bytes) -> None:
        self._sort(self._reader.feed(data))

    async def finish(self) -> None:
        """Reads what was gathered and keeps it."""
        self._sort(self._reader.close())
        found = await asyncio.to_thread(records, self._blocks, self._calendar)
        for item in found:
            if isinstance(item, Broken):
                self._skip(item.line, item.name, item.code, item.why)
        events = [item for item in found if isinstance(item, Found)]
        for start in range(0, len(events), BATCH):
            await self._keep(events[start : start + BATCH])

    def report(self) -> ImportReport:
        new, updated, same = (self._counts[state] for state in ("new", "updated", "same"))
        return ImportReport(new, updated, same, self._skipped, self._counts["skipped"])

    async def _keep(self, batch: list[Found]) -> None:
        account, device = self._caller.account_id, self._caller.device_id
        name = self._reader.properties.get("X-WR-CALNAME") or "Calendar"
        method = self._reader.properties.get("METHOD", "").upper()

        def keep(conn: Connection) -> list[store.Kept]:
            if method in MESSAGES:
                return store.apply_message(conn, self._ctx.journal, account, device, method, batch)
            store.calendar(conn, self._ctx.journal, account, self._calendar, name)
            return store.keep(conn, self._ctx.journal, account, device, batch)

        for one, kept in zip(batch, await self._ctx.db.write_async(keep), strict=True):
            self._counts[kept.state] += 1
            if kept.state == "refused":
                self._skip(one.line, one.name, kept.code, kept.why)

    def _sort(self, items: list[Block | Broken]) -> None:
        for item in items:
            if isinstance(item, Block):
                self._blocks.append(item)
            else:
                self._skip(item.line, item.name, item.code, item.why)

    def _skip(self, line: int, name: str, code: str, why: str) -> None:
        self._counts["skipped"] += 1
        if len(self._skipped) < NAMED:
            self._skipped.append(SkippedEvent(line, name, code, why))
