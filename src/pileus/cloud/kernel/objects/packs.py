"""Packs as the index and the store name them, for all that looks after them. All block."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, String, bindparam, text

from pileus.cloud.kernel.objects.blobs import Blob
from pileus.cloud.kernel.objects.pack import Entry, pack_blob, read_pack
from pileus.core.errors import NotFound

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects.store import PackedObjects

DAY_MS = 24 * 3600 * 1000
GRACE_MS = 7 * DAY_MS
"""An object can be brought back so long after its deletion; a writer may take so long for one object."""
ASIDE_MS = 30 * DAY_MS
"""How long an object made of shared chunks is kept that no database names: nobody makes it again by its id."""
FOUND_MS = 730 * DAY_MS
"""How long any other one waits for a rebuild: a database that was put back is missed before."""
SETTLED_MS = 3600 * 1000
"""A writer names its pack in the database within moments of storing it."""
REMEMBERED_MS = 365 * DAY_MS
"""How long the name of a dropped pack is kept after its blob was deleted."""
LIVE = "(c.touched_ms >= :before OR EXISTS (SELECT 1 FROM object_part AS p WHERE p.chunk_id = c.id))"
"""Whether a chunk `c` is counted on: by an object, or by a writer within the grace period."""
DEAD = f"NOT EXISTS (SELECT 1 FROM object_chunk AS c WHERE c.pack_id = object_pack.id AND {LIVE})"  # noqa: S608


@dataclass(frozen=True)
class PackRow:
    """A pack as it was found in the index. It may be dropped meanwhile, and its `id` be a new pack's then (SQLite
    gives the highest one again): what looks again asks by `name`, which no other pack ever has."""

    id: int
    name: str
    account_id: str
    area: str


@dataclass(frozen=True)
class Stock:
    """Where the store and the database disagree."""

    unknown: list[Blob]
    """Packs that the database does not name."""
    lost: list[PackRow]
    """Packs that the database names and the store lacks."""


def take_stock(objects: PackedObjects) -> Stock:
    """The store is listed first: what is committed meanwhile is known, and what seems lost is asked for again."""
    blobs = list(objects.blobs.list("packs"))
    query = text("SELECT id, name, account_id, area FROM object_pack")

    def look(conn: Connection) -> tuple[list[PackRow], set[str]]:
        dropped = conn.execute(text("SELECT name FROM object_pack_dropped")).scalars()
        return [PackRow(*row) for row in conn.execute(query)], set(dropped)

    rows, dropped = objects.db.read(look)
    known = dropped | {row.name for row in rows}
    listed = {pack_name(blob) for blob in blobs}
    lost = [row for row in rows if row.name not in listed and not _stored(objects, row.name)]
    return Stock([blob for blob in blobs if pack_name(blob) not in known], lost)


def pack_name(blob: Blob) -> str:
    return blob.name.rpartition("/")[2]


def read_whole(objects: PackedObjects, name: str, account_id: str, area: str) -> list[tuple[Entry, bytes]]:
    """Every body of a pack, checked; raises `Corrupt`, or `NotFound` where the pack is gone."""
    return read_pack(objects.keys.key(account_id, area), objects.blobs.get(pack_blob(name)))


def exists(objects: PackedObjects, pack: PackRow) -> bool:
    return bool(objects.db.read(lambda conn: ids(conn, [pack])))


def ids(conn: Connection, packs: Iterable[PackRow]) -> list[int]:
    """Those of packs that are still there."""
    names = bindparam("names", expanding=True, type_=String)  # PostgreSQL asks for it of none
    query = text("SELECT id FROM object_pack WHERE name IN :names").bindparams(names)
    return list(conn.execute(query, {"names": [pack.name for pack in packs]}).scalars())


def entries(conn: Connection, pack: PackRow) -> list[Entry]:
    """What the index says of a pack: nothing of one that was dropped."""
    rows = conn.execute(
        text(
            "SELECT c.kind, c.packing, c.name, c.start, c.stored, c.plain FROM object_chunk AS c"
            " JOIN object_pack AS k ON k.id = c.pack_id WHERE k.name = :pack"
        ),
        {"pack": pack.name},
    )
    return [Entry(kind, packing, bytes(name), *rest) for kind, packing, name, *rest in rows]


def drop(conn: Connection, packs: Collection[tuple[int, str]]) -> None:
    """Takes packs (id, name) out of the index and notes that their blobs may go."""
    for pack, name in packs:
        conn.execute(text("INSERT INTO object_pack_dropped (name) VALUES (:name)"), {"name": name})
        conn.execute(text("DELETE FROM object_chunk WHERE pack_id = :pack"), {"pack": pack})
        conn.execute(text("DELETE FROM object_pack WHERE id = :pack"), {"pack": pack})


def delete_dropped(objects: PackedObjects) -> int:
    """Deletes the blobs that were noted, by this process or one that was killed; says how many."""
    query = text("SELECT name FROM object_pack_dropped WHERE gone_ms IS NULL")
    names = objects.db.read(lambda conn: list(conn.execute(query).scalars()))
    for name in names:
        objects.blobs.delete(pack_blob(name))

    def note(conn: Connection) -> None:
        now = objects.clock.now_ms()
        gone = text("UPDATE object_pack_dropped SET gone_ms = :now WHERE name = :name")
        conn.execute(gone, [{"now": now, "name": name} for name in names])
        conn.execute(text("DELETE FROM object_pack_dropped WHERE gone_ms < :old"), {"old": now - REMEMBERED_MS})

    if names:
        objects.db.write(note)
    return len(names)


def _stored(objects: PackedObjects, name: str) -> bool:
    try:
        objects.blobs.read(pack_blob(name), 0, 1)
    except NotFound:
        return False
    return True
