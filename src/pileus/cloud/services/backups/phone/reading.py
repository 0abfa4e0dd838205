"""Looks into a phone's backup, and brings records of it back. Everything here blocks.

Nothing is ever deleted by it: what came to the phone since the backup stays.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Record, ServiceContext
from pileus.cloud.services.backups.phone import rules
from pileus.cloud.services.backups.phone.apps import Layout
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.rules import ABOUT, APPS, RECORDS, About, Line, Skipped, unreadable
from pileus.core import durable
from pileus.core.errors import NotFound, PileusError
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.view import View
from pileus.sdk.backup.wire import Area, Snapshot

T = TypeVar("T")
PIECE = 1 << 20
BATCH = 200
"""Records of one transaction."""
ABOUT_MOST = 1 << 20
LINE_MOST = 8 << 20
"""Bytes of `about.json` and of a line: its own account may forge a phone's snapshot, of holes without end."""
TOLD = 100
"""Skipped items that a report names; the rest is counted."""


class Item(msgspec.Struct, frozen=True):
    """A record of a backup. `state`: whether the phone has it as it was, otherwise, or not at all."""

    id: str
    label: str
    state: Literal["same", "differs", "missing"]


class Report(msgspec.Struct):
    """What a restore did; of what it skipped the first are named."""

    restored: int = 0
    unchanged: int = 0
    skipped_count: int = 0
    skipped: list[Skipped] = []

    def skip(self, item: Skipped) -> None:
        self.skipped_count += 1
        if len(self.skipped) < TOLD:
            self.skipped.append(item)


class Inside:
    """One snapshot of one account. Raises `NotFound` for what it does not have."""

    def __init__(self, ctx: ServiceContext, cloud: LocalCloud, account_id: str, snapshot: Snapshot) -> None:
        self._ctx, self._account_id, self._cloud = ctx, account_id, cloud
        naming = Naming(bytes.fromhex(cloud.get("/backups/area", Area).naming))
        self._view, self._top = View(cloud, naming, [snapshot]), f"/ids/{snapshot.id[:8]}"

    def about(self) -> About:
        held = b""
        for piece in self._pieces(ABOUT):
            held += piece
            if len(held) > ABOUT_MOST:
                raise unreadable()
        return _decoded(held, About)

    def lines(self, collection: str) -> Iterator[Line]:
        """The records of a collection, by rising id."""
        rest = b""
        for piece in self._pieces(f"{RECORDS}/{collection}.jsonl"):
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > LINE_MOST:
                raise unreadable()
            for line in whole:
                yield _decoded(line, Line)

    def items(self, collection: str, words: str, most: int) -> list[Item]:
        """Records whose label or fields hold the words, whatever their case; those that the phone lacks first."""
        wanted = words.casefold()
        lost: list[Item] = []
        same: list[Item] = []
        for batch in _batches(line for line in self.lines(collection) if wanted in _text(line)):
            live = self._live(collection, batch)
            for one in batch:
                state = self._state(collection, one, live)
                held = same if state == "same" else lost
                if len(held) < most:
                    held.append(Item(one.id, rules.label_of(one.fields), state))
            if len(lost) == most:
                break
        return [*lost, *same][:most]

    def restore(self, collection: str, ids: Collection[str] | None, report: Report) -> None:
        """Brings a collection's records back as they were, or those of `ids`; what cannot be is in the report."""
        if self._ctx.journal.declared().get(collection) is None:
            report.skip(Skipped(collection, "", "not-restorable"))
            return
        left = None if ids is None else set(ids)
        for batch in _batches(one for one in self.lines(collection) if left is None or one.id in left):
            self._ctx.db.write(partial(self._bring, collection, batch, report))
            if left is not None:
                left -= {one.id for one in batch}
        for missing in sorted(left or ()):
            report.skip(Skipped(f"{collection}/{missing}", "", "not-in-backup"))

    def lay_out(self, app: str, place: Path, room: int) -> None:
        """Writes what an app kept to `place`, which is made with those above it; `room` bytes at most.

        Raises `NotFound`, `QuotaExceeded`, `PileusError` where it cannot be read, `OSError` of the disk.
        """
        durable.make_folder(place.parent)
        path = f"{self._top}/{APPS}/{app}"
        if "/" in app or app not in self._names(f"{self._top}/{APPS}"):
            raise NotFound("not-in-backup", "This backup does not have it.")
        try:
            Layout(self._view, self._cloud.check, room).write(path, place)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):  # which is not the backup's fault
                raise
            raise unreadable() from None

    def _names(self, path: str) -> list[str]:
        try:
            return self._view.names(path)
        except OSError:
            return []

    def _bring(self, collection: str, batch: list[Line], report: Report, conn: Connection) -> None:
        journal = self._ctx.journal
        live = journal.named(conn, self._account_id, collection, [one.id for one in batch])
        for one in batch:
            news = self._news(collection, one, live)
            if not news:
                report.unchanged += 1
                continue
            try:
                with conn.begin_nested():
                    journal.put(conn, self._account_id, collection, one.id, news)
                report.restored += 1
            except PileusError as error:
                report.skip(Skipped(f"{collection}/{one.id}", rules.label_of(one.fields), error.code))

    def _state(
        self, collection: str, line: Line, live: Mapping[str, Record]
    ) -> Literal["same", "differs", "missing"]:
        if line.id not in live:
            return "missing"
        return "differs" if self._news(collection, line, live) else "same"

    def _news(self, collection: str, line: Line, live: Mapping[str, Record]) -> dict[str, object]:
        there, declared = live.get(line.id), self._ctx.journal.declared().get(collection)
        before = None if there is None else there.fields
        if declared is None:
            return rules.changes(before, line.fields, frozenset())
        return rules.changes(before, declared.restored(line.fields), declared.texts)

    def _live(self, collection: str, batch: list[Line]) -> dict[str, Record]:
        ids = [one.id for one in batch]
        return self._ctx.db.read(lambda conn: self._ctx.journal.named(conn, self._account_id, collection, ids))

    def _pieces(self, path: str) -> Iterator[bytes]:
        place, full = 0, f"{self._top}/{path}"
        try:
            while piece := self._view.read(full, PIECE, place):
                place += len(piece)
                yield piece
        except FileNotFoundError:
            raise NotFound("not-in-backup", "This backup does not have it.") from None
        except OSError:
            raise unreadable() from None


def _decoded(data: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise unreadable() from None


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _text(line: Line) -> str:
    return msgspec.json.encode(line.fields).decode().casefold()
