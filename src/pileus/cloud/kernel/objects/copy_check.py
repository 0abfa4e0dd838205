"""Reading the second copy back: what nobody reads may be gone when it is needed. Blocks.

What could not be read there is kept in `object_copy_problem` until it can be. Nothing is written to the copy: one
that takes a name once only has no place for the good bytes until somebody takes the bad ones away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects.blobs import BlobStore
from pileus.cloud.kernel.objects.pack import Corrupt, pack_blob, read_pack
from pileus.cloud.kernel.objects.packs import PackRow
from pileus.core.errors import NotFound, refused

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects.store import PackedObjects


@dataclass
class CopyRead:
    """`done` packs `of` those due were looked at, `size` bytes of them are whole; a sentence for each other."""

    of: int = 0
    done: int = 0
    size: int = 0
    problems: list[str] = field(default_factory=list)


def read_back(objects: PackedObjects, copy: BlobStore, part: int) -> Iterator[CopyRead]:
    """Packs of the copy that could not be read, and the n-th part that was unread the longest; a pack a step.

    A pack that is not there is no problem of this: the next run of the copy brings it. Raises `StoreUnavailable`.
    """
    rows = objects.db.read(lambda conn: _due(conn, part))
    told = CopyRead(of=len(rows))
    yield told
    for pack in rows:
        problem = _problem(objects, copy, pack, told)
        now = objects.clock.now_ms()
        objects.db.write(lambda conn, pack=pack, now=now, problem=problem: _note(conn, pack, now, problem))  # type: ignore[misc]
        told.done += 1
        if problem is not None:
            told.problems.append(f"Pack {pack.name} of the second copy: {problem}")
        yield told


def unreadable_there(conn: Connection) -> int:
    """How many packs of the copy could not be read when they were last."""
    query = "SELECT count(*) FROM object_copy_problem AS t JOIN object_pack AS p ON p.name = t.pack"
    return int(conn.execute(text(query)).scalar_one())


def _problem(objects: PackedObjects, copy: BlobStore, pack: PackRow, told: CopyRead) -> str | None:
    try:
        data = copy.get(pack_blob(pack.name))
        read_pack(objects.keys.key(pack.account_id, pack.area), data)
    except NotFound:
        return None
    except Corrupt as error:
        return error.detail
    except OSError as error:
        return refused(error)
    told.size += len(data)
    return None


def _due(conn: Connection, part: int) -> list[PackRow]:
    total = int(conn.execute(text("SELECT count(*) FROM object_pack")).scalar_one())
    bad = "SELECT p.id, p.name, p.account_id, p.area FROM object_pack AS p JOIN object_copy_problem AS t"
    rest = "SELECT id, name, account_id, area FROM object_pack ORDER BY copy_read_ms, id LIMIT :limit"
    known = [PackRow(*row) for row in conn.execute(text(f"{bad} ON t.pack = p.name ORDER BY p.id"))]
    part_of_all = conn.execute(text(rest), {"limit": -(-total // part)})
    return [*known, *(row for row in (PackRow(*one) for one in part_of_all) if row not in known)]


def _note(conn: Connection, pack: PackRow, now_ms: int, problem: str | None) -> None:
    at = {"pack": pack.name, "now": now_ms, "detail": problem}
    conn.execute(text("UPDATE object_pack SET copy_read_ms = :now WHERE name = :pack"), at)
    conn.execute(text("DELETE FROM object_copy_problem WHERE pack = :pack"), at)
    if problem is not None:
        conn.execute(text("INSERT INTO object_copy_problem (pack, detail) VALUES (:pack, :detail)"), at)
