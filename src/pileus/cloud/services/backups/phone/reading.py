"""Looks into a phone's backup, and brings records of it back. Everything here blocks.

Nothing is ever deleted by it: what came to the phone since the backup stays.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Iterator, Mapping
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
from pileus.cloud.services.backups.phone.reports import Telling
from pileus.cloud.services.backups.phone.rules import ABOUT, APPS, About, Line, unreadable
from pileus.core import durable
from pileus.core.errors import NotFound, PileusError
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.view import View
from pileus.sdk.backup.wire import Area, Snapshot

T = TypeVar("T")
PIECE = 1 << 20
BATCH = 200
"""Records of one transaction."""


class Item(msgspec.Struct, frozen=True):
    """A record of a backup. `state`: whether the phone has it as it was, otherwise, or not at all.

    `who`: of messages and calls, with whom; `at_ms`: when it was, by milliseconds since 1970; "" and 0 else.
    """

    id: str
    label: str
    state: Literal["same", "differs", "missing"]
    who: str = ""
    at_ms: int = 0


class Inside:
    """One snapshot of one account. Raises `NotFound` for what it does not have."""

    def __init__(self, ctx: ServiceContext, cloud: LocalCloud, account_id: str, snapshot: Snapshot) -> None:
        self._ctx, self._account_id, self._cloud = ctx, account_id, cloud
        naming = Naming(bytes.fromhex(cloud.get("/backups/area", Area).naming))
        self._view, self._top = View(cloud, naming, [snapshot], rules.TREE_MOST), f"/ids/{snapshot.id[:8]}"

    def about(self) -> About:
        return _decoded(rules.bounded(self._pieces(ABOUT), rules.ABOUT_MOST), About)

    def lines(self, collection: str) -> Iterator[Line]:
        """The records of a collection, by rising id."""
        for line in rules.split(self._pieces(rules.path_of(collection))):
            yield _decoded(line, Line)

    def items(self, collection: str, words: str, most: int) -> list[Item]:
        """Records whose label or fields hold the words, whatever their case; those that the phone lacks first."""
        wanted = words.casefold()
        lost: list[Item] = []
        same: list[Item] = []
        for batch in _batches(line for line in self.lines(collection) if wanted in _text(line)):
            for one, state in self._ctx.db.read(partial(self._states, collection, batch)):
                held = same if state == "same" else lost
                if len(held) < most:
                    fields = one.fields
                    told = (rules.label_of(fields), state, rules.who_of(fields), rules.at_of(fields))
                    held.append(Item(one.id, *told))
            if len(lost) == most:
                break
        return [*lost, *same][:most]

    def restore(
        self, collection: str, ids: Collection[str] | None, told: Telling, advance: Callable[[int], None]
    ) -> None:
        """Brings a collection's records back as they were, or those of `ids`; what cannot be is told.

        `advance` hears of so many more records, and may raise.
        """
        if self._ctx.journal.declared().get(collection) is None:
            told.tell(collection, "", "skipped", "not-restorable")
            return
        left = None if ids is None else set(ids)
        try:
            for batch in _batches(one for one in self.lines(collection) if left is None or one.id in left):
                self._ctx.db.write(partial(self._bring, collection, batch, told))
                advance(len(batch))
                if left is not None:
                    left -= {one.id for one in batch}
        except NotFound as error:
            if left is None:
                told.tell(collection, "", "skipped", error.code)
        for missing in sorted(left or ()):
            told.tell(f"{collection}/{missing}", "", "skipped", "not-in-backup")

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

    def _bring(self, collection: str, batch: list[Line], told: Telling, conn: Connection) -> None:
        journal = self._ctx.journal
        live = journal.named(conn, self._account_id, collection, [one.id for one in batch])
        for one in batch:
            item, label = f"{collection}/{one.id}", rules.label_of(one.fields)
            news, whole = self._news(conn, collection, one, live)
            if not news:
                told.unchanged(item)
                continue
            try:
                with conn.begin_nested():
                    journal.put(conn, self._account_id, collection, one.id, news)
            except PileusError as error:
                told.tell(item, label, "skipped", error.code)
            else:
                told.tell(item, label, "restored" if whole else "incomplete", "" if whole else "attachment-gone")

    def _states(
        self, collection: str, batch: list[Line], conn: Connection
    ) -> list[tuple[Line, Literal["same", "differs", "missing"]]]:
        live = self._ctx.journal.named(conn, self._account_id, collection, [one.id for one in batch])
        return [(one, self._state(conn, collection, one, live)) for one in batch]

    def _state(
        self, conn: Connection, collection: str, line: Line, live: Mapping[str, Record]
    ) -> Literal["same", "differs", "missing"]:
        if line.id not in live:
            return "missing"
        return "differs" if self._news(conn, collection, line, live)[0] else "same"

    def _news(
        self, conn: Connection, collection: str, line: Line, live: Mapping[str, Record]
    ) -> tuple[dict[str, object], bool]:
        """What to put so that the record is as it was, and whether all that it names is still kept."""
        there, declared = live.get(line.id), self._ctx.journal.declared().get(collection)
        before = None if there is None else there.fields
        if declared is None:
            return rules.changes(before, line.fields, frozenset()), True
        attachments, wanted = declared.attachments, line.fields
        gone = attachments.gone(conn, self._account_id, wanted) if attachments else set()
        if attachments and gone:
            wanted = attachments.without(wanted, gone)
        return rules.changes(before, declared.restored(wanted), declared.texts), not gone

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
    """What is searched. JSON escapes quotes and ends of lines, which the label has as they are read."""
    return f"{rules.label_of(line.fields)}\n{msgspec.json.encode(line.fields).decode()}".casefold()
