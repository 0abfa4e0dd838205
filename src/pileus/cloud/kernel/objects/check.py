"""Reading packs back. Blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects.packs import PackRow, entries, exists, read_whole
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.core.errors import PileusError, StoreUnavailable


@dataclass
class Report:
    """What a check read; `problems` has a sentence for each pack or object that cannot be read.

    `done` packs `of` those to read were looked at, `packs` of them could be read.
    """

    of: int = 0
    done: int = 0
    packs: int = 0
    bodies: int = 0
    size: int = 0
    problems: list[str] = field(default_factory=list)


def check(objects: PackedObjects, heard: Callable[[Report], None] | None = None) -> Report:
    """Reads every pack back whole: seals, hashes, and that index and packs say the same."""
    rows, total = longest_unread(objects)
    report = Report(of=total)
    for row in rows:
        check_pack(objects, row, report)
        if heard is not None:
            heard(report)
    return report


def longest_unread(objects: PackedObjects, part: int = 1) -> tuple[list[PackRow], int]:
    """The n-th part of the packs that was read back the longest ago, and how many packs there are."""
    query = text("SELECT id, name, account_id, area FROM object_pack ORDER BY checked_ms, id LIMIT :limit")

    def look(conn: Connection) -> tuple[list[PackRow], int]:
        total = int(conn.execute(text("SELECT count(*) FROM object_pack")).scalar_one())
        return [PackRow(*row) for row in conn.execute(query, {"limit": -(-total // part)})], total

    return objects.db.read(look)


def check_pack(objects: PackedObjects, pack: PackRow, report: Report) -> None:
    """Reads one pack back and adds to the report; raises `StoreUnavailable`, and the pack counts as unread."""
    try:
        found = read_whole(objects, pack.name, pack.account_id, pack.area)
    except StoreUnavailable:
        raise  # says nothing about the pack
    except PileusError as error:
        _done(objects, pack, report)
        if exists(objects, pack.id):
            report.problems.append(f"Pack {pack.name}: {error.detail}")
        return
    _done(objects, pack, report)
    report.packs += 1
    report.bodies += len(found)
    report.size += sum(len(data) for _, data in found)
    stored = {entry.name: entry for entry, _ in found}
    for entry in objects.db.read(lambda conn: entries(conn, pack.id)):
        if stored.get(entry.name) != entry:
            report.problems.append(f"Pack {pack.name}: the index names a chunk that is not in it.")


def _done(objects: PackedObjects, pack: PackRow, report: Report) -> None:
    report.done += 1
    at = {"now": objects.clock.now_ms(), "pack": pack.id}
    query = text("UPDATE object_pack SET checked_ms = :now WHERE id = :pack")
    objects.db.write(lambda conn: conn.execute(query, at))
