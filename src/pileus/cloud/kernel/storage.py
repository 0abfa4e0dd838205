"""What people hear of how the stored data is: owners of all of it, each account of its own files.

It is told as records, so that every phone has it, without the cloud too. See docs/design/objects.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection

from pileus.cloud.kernel.accounts.rows import every
from pileus.cloud.kernel.journal import JournalStore
from pileus.cloud.kernel.journal.collections import Collection
from pileus.cloud.kernel.objects import care
from pileus.cloud.kernel.objects.care import Damaged, Done
from pileus.cloud.kernel.service import Database, Fields, NamedObjects

STATE = Collection("storage.state", write="service", priority=15, over_quota=True)
CARE = "care"
"""The record of how the cloud's data is looked after; owners have it."""
DAMAGE = "damage"
"""The record of what of the account's own cannot be read; only where there is such."""
NAMED = 50
"""Damaged objects that are told one by one; of more, their number."""
EVERY_SECONDS = 3600.0
"""For what the command line does beside the server, and new owners."""

log = logging.getLogger(__name__)


class StorageNews:
    """Keeps the records as the database says. `copies`: whether a second copy is to be made."""

    def __init__(self, db: Database, journal: JournalStore, copies: bool) -> None:
        self._db, self._journal, self._copies = db, journal, copies
        self._named: dict[str, NamedObjects] = {}

    def offer(self, area: str, named: NamedObjects) -> None:
        """As in the border (`DamageNames`)."""
        self._named[area] = named

    async def keep_telling(self) -> None:
        """Now and hourly, until cancelled."""
        while True:
            try:
                await self.tell()
            except Exception:
                log.exception("telling of the stored data failed; it is tried again in an hour")
            await asyncio.sleep(EVERY_SECONDS)

    async def tell(self) -> None:
        """Brings the records up to date; nothing is written where nothing changed."""
        await self._db.write_async(self._tell)

    def _tell(self, conn: Connection) -> None:
        damaged: dict[str, list[Damaged]] = defaultdict(list)
        for one in care.damaged(conn):
            damaged[one.account_id].append(one)
        told = self._care(conn, sum(map(len, damaged.values())))
        for account in every(conn):
            self._keep(conn, account.id, CARE, told if account.role == "owner" else None)
            mine = damaged.get(account.id)
            self._keep(conn, account.id, DAMAGE, self._damage(conn, account.id, mine) if mine else None)

    def _keep(self, conn: Connection, account_id: str, record: str, fields: Fields | None) -> None:
        there = self._journal.record(conn, account_id, STATE.name, record)
        if fields is None:
            if there is not None:
                self._journal.delete(conn, account_id, STATE.name, record)
        elif there is None or there.fields != {name: value for name, value in fields.items() if value is not None}:
            self._journal.put(conn, account_id, STATE.name, record, fields)

    def _care(self, conn: Connection, lost: int) -> Fields | None:
        """None where nothing was tried yet."""
        tasks = care.tasks(conn)
        if not tasks:
            return None
        check, structure = tasks.get("check", Done()), tasks.get("structure", Done())
        told: Fields = {
            "packs": care.unreadable(conn),
            "problems": structure.problems,
            "lost": lost,
            "checked_ms": check.done_ms,
            "check_code": check.code or structure.code,
            "copies": self._copies,
        }
        copy, read = (tasks.get(one, Done()) if self._copies else Done() for one in ("copy", "copy-check"))
        return told | {
            "copied_ms": copy.done_ms,
            "copy_code": copy.code or read.code,
            "copy_damaged": read.problems,
            "copy_lacks": copy.problems,
            "copy_weak": list(copy.weak),
        }

    def _damage(self, conn: Connection, account_id: str, damaged: Sequence[Damaged]) -> Fields:
        shown = damaged[:NAMED]
        names: dict[str, str] = {}
        for area, named in self._named.items():
            ids = [one.object_id for one in shown if one.area == area]
            if ids:
                names.update(named(conn, account_id, ids))
        return {
            "count": len(damaged),
            "items": [
                {"area": one.area, "name": names.get(one.object_id, ""), "size": one.size, "lost": one.lost}
                for one in shown
            ],
        }
