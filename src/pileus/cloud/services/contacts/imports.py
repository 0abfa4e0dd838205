"""One import of vCards under way: what was kept, and by item what was not and why."""

from __future__ import annotations

from collections import Counter, deque
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Caller, ServiceContext
from pileus.cloud.services.contacts import store
from pileus.cloud.services.contacts.cards import Broken, Card, Item, id_of_uid
from pileus.cloud.services.contacts.pictures import Pictures
from pileus.cloud.services.contacts.store import Kept
from pileus.core.errors import PileusError, QuotaExceeded

BATCH = 50
"""Contacts in one transaction: nobody waits long for the writer."""
NAMED = 100
"""Items that the report names; all are counted."""
MAX_MEMBERS = 100_000
"""Of the groups of one file."""


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


class _Member(NamedTuple):
    """`contact` gets the label `group`; `line` is the group's."""

    line: int
    group: str
    contact: str


class Import:
    """Each batch is durable by itself: a broken file or connection loses none before."""

    def __init__(self, ctx: ServiceContext, caller: Caller, pictures: Pictures) -> None:
        self._ctx, self._caller, self._pictures = ctx, caller, pictures
        self._counts: Counter[str] = Counter()
        self._skipped: list[SkippedCard] = []
        self._batch: list[Card] = []
        self._members: deque[_Member] = deque()

    async def take(self, items: list[Item]) -> None:
        for item in items:
            if isinstance(item, Broken):
                self._skip(item.line, item.name, item.code, item.why)
                continue
            self._batch.append(item)
            if _is_group(item):
                self._note_members(item)
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
        """Ends it: labels the members of the file's groups, frees the pictures of what was refused.

        A label that a contact cannot take is told like a card that is refused. Raises `QuotaExceeded`.
        """
        await self.flush()
        while self._members:
            batch = [self._members.popleft() for _ in range(min(BATCH, len(self._members)))]
            refused = await self._ctx.db.write_async(lambda conn, batch=batch: self._label(conn, batch))  # type: ignore[misc]
            for member, error in refused:
                self._skip(member.line, member.group, error.code, error.detail)
        await self._pictures.settle(self._caller.account_id)

    def _label(self, conn: Connection, batch: list[_Member]) -> list[tuple[_Member, PileusError]]:
        refused: list[tuple[_Member, PileusError]] = []
        for one in batch:
            try:
                with conn.begin_nested():
                    store.label(conn, self._ctx.journal, self._caller.account_id, one.contact, one.group)
            except QuotaExceeded:
                raise
            except PileusError as error:
                refused.append((one, error))
        return refused

    def _note_members(self, group: Card) -> None:
        for member in group.fields.get("member", []):
            if len(self._members) >= MAX_MEMBERS:
                why = f"The groups of the file have more than {MAX_MEMBERS} members: the others get no label."
                self._skip(group.line, group.name, "group-too-many", why)
                return
            self._members.append(_Member(group.line, group.name, id_of_uid(member["value"])))

    def report(self) -> ImportReport:
        new, merged, same = (self._counts[state] for state in ("new", "merged", "same"))
        return ImportReport(new, merged, same, self._skipped, self._counts["skipped"])

    def _skip(self, line: int, name: str, code: str, why: str) -> None:
        self._counts["skipped"] += 1
        if len(self._skipped) < NAMED:
            self._skipped.append(SkippedCard(line, name, code, why))


def _is_group(card: Card) -> bool:
    return any(prop["value"].lower() == "group" for prop in card.fields.get("kind", []))
