"""Reading packs back. Blocks.

What could not be read is kept in the database: the pack in `object_problem` until it can be read, its chunks
as `lost`, so that no writer counts on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects import care
from pileus.cloud.kernel.objects.pack import Corrupt, Entry, open_body, pack_blob
from pileus.cloud.kernel.objects.packs import PackRow, entries, exists, ids, read_whole
from pileus.cloud.kernel.objects.structure import structure
from pileus.core.errors import NotFound, PileusError, StoreUnavailable, refused

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects.store import PackedObjects


@dataclass
class Report:
    """What a check read; `problems` has a sentence for each pack or object that cannot be read.

    `done` packs `of` those to read were looked at, `packs` of them could be read; `before` were read by the
    same check before it was cut off.
    """

    of: int = 0
    done: int = 0
    packs: int = 0
    bodies: int = 0
    size: int = 0
    before: int = 0
    problems: list[str] = field(default_factory=list)


def check(objects: PackedObjects, heard: Callable[[Report], None] | None = None) -> Report:
    """First what can be told without data, then every pack is read back: seals, hashes, index against table.

    A check that was cut off goes on where it was, and tells what it had found.
    """
    begun = objects.db.write(lambda conn: _begin(conn, objects.clock.now_ms()))
    report = Report(problems=structure(objects))
    found = len(report.problems)
    rows, total = objects.db.read(lambda conn: _unread_since(conn, begun))
    report.of, report.before = len(rows), total - len(rows)
    left = {row.name for row in rows}
    told = objects.db.read(known_problems)
    report.problems += [f"Pack {pack}: {detail}" for pack, detail in told.items() if pack not in left]
    for row in rows:
        check_pack(objects, row, report)
        if heard is not None:
            heard(report)
    objects.db.write(lambda conn: _end(conn, objects.clock.now_ms(), found))
    return report


def area_packs(conn: Connection, account_id: str, area: str, since_ms: int) -> list[PackRow]:
    """Packs of an area that were not read back since then."""
    query = text(
        "SELECT id, name, account_id, area FROM object_pack"
        " WHERE account_id = :account AND area = :area AND checked_ms < :since ORDER BY checked_ms, id"
    )
    return [PackRow(*row) for row in conn.execute(query, {"account": account_id, "area": area, "since": since_ms})]


def longest_unread(objects: PackedObjects, part: int) -> tuple[list[PackRow], int]:
    """The n-th part of the packs that was read back the longest ago, and how many packs there are."""
    query = text("SELECT id, name, account_id, area FROM object_pack ORDER BY checked_ms, id LIMIT :limit")

    def look(conn: Connection) -> tuple[list[PackRow], int]:
        total = _count(conn)
        return [PackRow(*row) for row in conn.execute(query, {"limit": -(-total // part)})], total

    return objects.db.read(look)


def check_named(objects: PackedObjects, names: Iterable[str]) -> Report:
    """Reads packs back that something else found damaged, so that `repair` knows of them."""
    query = text("SELECT id, name, account_id, area FROM object_pack WHERE name = :name")
    report = Report()
    for name in names:
        row = objects.db.read(lambda conn, name=name: conn.execute(query, {"name": name}).first())  # type: ignore[misc]
        if row is not None:
            check_pack(objects, PackRow(*row), report)
    return report


def check_pack(objects: PackedObjects, pack: PackRow, report: Report) -> None:
    """Reads one pack back and adds to the report; raises `StoreUnavailable`, and the pack counts as unread."""
    problem = None
    try:
        found = read_whole(objects, pack.name, pack.account_id, pack.area)
    except StoreUnavailable:
        raise  # says nothing about the pack
    except PileusError as error:
        problem = error.detail
    except OSError as error:  # a disk that cannot read some of its sectors can read others
        problem = refused(error)
    else:
        report.packs += 1
        report.bodies += len(found)
        report.size += sum(len(data) for _, data in found)
        stored = {entry.name: entry for entry, _ in found}
        if any(stored.get(one.name) != one for one in objects.db.read(lambda conn: entries(conn, pack))):
            problem = "the index names a chunk that is not in it."
    lost = [] if problem is None else [entry.name for entry, body in bodies(objects, pack) if body is None]
    now = objects.clock.now_ms()
    objects.db.write(lambda conn: _note(conn, pack, now, problem, lost))
    report.done += 1
    if problem is not None and exists(objects, pack):
        report.problems.append(f"Pack {pack.name}: {problem}")


def bodies(objects: PackedObjects, pack: PackRow) -> Iterator[tuple[Entry, bytes | None]]:
    """What the index says of a pack, each with its sealed body, or None where that cannot be opened."""
    key = objects.keys.key(pack.account_id, pack.area)
    for entry in objects.db.read(lambda conn: entries(conn, pack)):
        try:
            body = objects.blobs.read(pack_blob(pack.name), entry.start, entry.stored)
            right = key.name(open_body(key, entry, body)) == entry.name
        except (Corrupt, NotFound, OSError):
            right = False
        yield entry, body if right else None


def known_problems(conn: Connection) -> dict[str, str]:
    """Sentences by the names of packs that could not be read when they were last."""
    query = "SELECT t.pack, t.detail FROM object_problem AS t JOIN object_pack AS p ON p.name = t.pack"
    return {str(pack): str(detail) for pack, detail in conn.execute(text(query))}


def _begin(conn: Connection, now_ms: int) -> int:
    """When the check that runs was begun."""
    begun = conn.execute(text("SELECT begun_ms FROM object_check")).scalar()
    if begun is None:
        conn.execute(text("INSERT INTO object_check (begun_ms) VALUES (:now)"), {"now": now_ms})
    return now_ms if begun is None else int(begun)


def _end(conn: Connection, now_ms: int, structural: int) -> None:
    conn.execute(text("DELETE FROM object_check"))
    care.note_done(conn, "structure", now_ms, structural)
    care.note_done(conn, "check", now_ms)


def _unread_since(conn: Connection, begun_ms: int) -> tuple[list[PackRow], int]:
    query = text(
        "SELECT id, name, account_id, area FROM object_pack WHERE checked_ms <= :begun ORDER BY checked_ms, id"
    )
    return [PackRow(*row) for row in conn.execute(query, {"begun": begun_ms})], _count(conn)


def _count(conn: Connection) -> int:
    return int(conn.execute(text("SELECT count(*) FROM object_pack")).scalar_one())


def _note(conn: Connection, pack: PackRow, now_ms: int, problem: str | None, lost: list[bytes]) -> None:
    found = ids(conn, [pack])
    if not found:
        return  # dropped while it was read
    at = {"now": now_ms, "pack": found[0], "name": pack.name, "detail": problem}
    conn.execute(text("UPDATE object_pack SET checked_ms = :now WHERE id = :pack"), at)
    conn.execute(text("UPDATE object_chunk SET lost = 0 WHERE pack_id = :pack AND lost = 1"), at)
    conn.execute(text("DELETE FROM object_problem WHERE pack = :name"), at)
    if problem is None:
        return
    conn.execute(text("INSERT INTO object_problem (pack, detail) VALUES (:name, :detail)"), at)
    for name in lost:
        conn.execute(
            text("UPDATE object_chunk SET lost = 1 WHERE pack_id = :pack AND name = :chunk"), {**at, "chunk": name}
        )
