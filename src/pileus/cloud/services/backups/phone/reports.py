"""What restores did, item by item: a file of JSON lines for each, which is kept until newer ones take its place.

A restore that is cut off is run again from its start and goes on with its file: what it had brought back is the
same then, and is told as it was. Everything here blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal

import msgspec

from pileus.core import trees
from pileus.core.errors import NotFound, PileusError

KEPT = 10
"""Reports of one account."""
CANCELLED = "cancelled"
JOB_ID = re.compile(r"[0-9a-f-]{36}")
NO_REPORT = "There is no report of such a restore any more."
Outcome = Literal["restored", "incomplete", "skipped"]


class ReportEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """`item`: COLLECTION/ID, apps/APP, or a collection; `code`: what it lacks, or why it was skipped."""

    item: str
    label: str
    outcome: Outcome
    code: str = ""


class Counts(msgspec.Struct):
    """Of a restore's items. `incomplete` are among the restored: an attachment or picture is kept no more."""

    restored: int = 0
    incomplete: int = 0
    unchanged: int = 0
    skipped: int = 0


class ReportPage(msgspec.Struct, frozen=True):
    """A part of a report; `next` is where the following one begins, null at the end."""

    entries: list[ReportEntry]
    next: int | None


class Telling:
    """A report that is written; `counts` are those of this run, with what the runs before it did."""

    def __init__(self, path: Path) -> None:
        self.counts = Counts()
        self._before = {one.item: one for one in _whole(path)}
        self._file: BinaryIO = path.open("ab")

    def __enter__(self) -> Telling:
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._file.close()

    def tell(self, item: str, label: str, outcome: Outcome, code: str = "") -> None:
        """Survives the process; called inside of the transaction, so that nothing is brought back untold."""
        self._count(outcome)
        entry = ReportEntry(item, label, outcome, code)
        if self._before.get(item) != entry:
            self._file.write(msgspec.json.encode(entry) + b"\n")
            self._file.flush()

    def unchanged(self, item: str) -> None:
        before = self._before.get(item)
        if before is None or before.outcome == "skipped":
            self.counts.unchanged += 1
        else:
            self._count(before.outcome)

    def _count(self, outcome: Outcome) -> None:
        counts = self.counts
        counts.restored += outcome != "skipped"
        counts.incomplete += outcome == "incomplete"
        counts.skipped += outcome == "skipped"


class Reports:
    """All accounts'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, account_id: str, job: str) -> Telling:
        folder = self._folder / account_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        others = sorted(path for path in folder.glob("*.jsonl") if path.stem != job)
        for path in others[: max(0, len(others) + 1 - KEPT)]:  # a job's id begins with its time
            path.unlink()
            self._mark(account_id, path.stem).unlink(missing_ok=True)
        return Telling(self._path(account_id, job))

    def page(self, account_id: str, job: str, start: int, most: int) -> ReportPage:
        """Raises `NotFound` where there is no such report."""
        entries: list[ReportEntry] = []
        with self._opened(account_id, job) as file:
            file.seek(start)
            for line in file:
                if len(entries) == most:
                    return ReportPage(entries, start)
                if not line.endswith(b"\n"):
                    break
                start += len(line)
                entries.append(_entry(line))
        return ReportPage(entries, None)

    def file(self, account_id: str, job: str) -> Path:
        """Raises `NotFound` where there is no such report."""
        self._opened(account_id, job).close()
        return self._path(account_id, job)

    def cancel(self, account_id: str, job: str) -> None:
        """Whoever writes the report hears of it, also after a restart."""
        (self._folder / account_id).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._mark(account_id, job).touch()

    def check(self, account_id: str, job: str) -> None:
        """Raises `PileusError` where it was cancelled."""
        if self._mark(account_id, job).exists():
            raise PileusError(CANCELLED, "The restore was cancelled.")

    def leave(self, account_id: str) -> None:
        trees.remove_soon(self._folder / account_id)

    def _opened(self, account_id: str, job: str) -> BinaryIO:
        try:
            return self._path(account_id, job).open("rb")
        except FileNotFoundError:
            raise NotFound("no-report", NO_REPORT) from None

    def _path(self, account_id: str, job: str) -> Path:
        if JOB_ID.fullmatch(job) is None:
            raise NotFound("no-report", NO_REPORT)
        return self._folder / account_id / f"{job}.jsonl"

    def _mark(self, account_id: str, job: str) -> Path:
        return self._folder / account_id / f"{job}.cancelled"


def _whole(path: Path) -> Iterator[ReportEntry]:
    """The entries of a report; a line that a kill cut is taken off."""
    size = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                size += len(line)
                yield _entry(line)
    except FileNotFoundError:
        return
    with path.open("r+b") as file:
        file.truncate(size)


def _entry(line: bytes) -> ReportEntry:
    return msgspec.json.decode(line, type=ReportEntry)
