"""One import of vCards under way: what was kept, and by item what was not and why."""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Caller, ServiceContext
from pileus.cloud.services.contacts import store
from pileus.cloud.services.contacts.cards import Broken, Card, Item, id_of_uid
from pileus.cloud.services.contacts.pictures import Pictures
from pileus.cloud.services.contacts.store import Kept

BATCH = 50
"""Contacts in one transaction: nobody waits long for the writer."""
NAMED = 100
"""Items that the report names; all are counted."""


class SkippedCard(msgspec.Struct, frozen=True):
    """`line`: where the card begins. `code` is stable; `name` is empty where the card does not say it."""

    line: int
    name: str
    code: str
    why: str


class ImportReport(msgspec.Struct, frozen=True):
    """`merged`: were there and gained something; `same`: were there. `skipped` names the first hundred."""

    imported: int
    merged: int
    same: int
    skipped: list[SkippedCard]
    skipped_count: int


class Import:
    """Each batch is durable by itself: a broken file or connection loses none before."""

    def __init__(self, ctx: ServiceContext, caller: Caller, pictures: Pictures) -> None:
        self._ctx, self._caller, self._pictures = ctx, caller, pictures
        self._counts: Counter[str] = Counter()
        self._skipped: list[SkippedCard] = []
        self._batch: list[Card] = []
        self._groups: list[Card] = []

    async def take(self, items: list[Item]) -> None:
        for item in items:
            if isinstance(item, Broken):
                self._skip(item.line, item.name, item.code, item.why)
                continue
            self._batch.append(item)
            if _is_group(item):
                self._groups.append(item)
            if len(self._batch) >= BATCH:
                await self.flush()

    async def flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        account, device = self._caller.account_id, self._caller.device_id
        cards = [Card(card.line, await self._pictures.taken_out(account, card.fields), card.id) for card in batch]

        def keep(conn: Connection) -> list[Kept]:
            return store.keep(conn, self._ctx.journal, account, device, cards)

        for card, kept in zip(batch, await self._ctx.db.write_async(keep), strict=True):
            self._counts[kept.state] += 1
            if kept.state == "refused":
                self._skip(card.line, card.name, kept.code, kept.why)

    async def finish(self) -> None:
        """Ends it: labels the members of the file's groups, frees the pictures of what was refused."""
        await self.flush()
        account, journal = self._caller.account_id, self._ctx.journal

        def labels(conn: Connection) -> None:
            for group in self._groups:
                for member in group.fields.get("member", []):
                    store.label(conn, journal, account, id_of_uid(member["value"]), group.name)

        if self._groups:
            await self._ctx.db.write_async(labels)
        await self._pictures.settle(account)

    def report(self) -> ImportReport:
        new, merged, same = (self._counts[state] for state in ("new", "merged", "same"))
        return ImportReport(new, merged, same, self._skipped, self._counts["skipped"])

    def _skip(self, line: int, name: str, code: str, why: str) -> None:
        self._counts["skipped"] += 1
        if len(self._skipped) < NAMED:
            self._skipped.append(SkippedCard(line, name, code, why))


def _is_group(card: Card) -> bool:
    return any(prop["value"].lower() == "group" for prop in card.fields.get("kind", []))
