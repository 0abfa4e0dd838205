"""The index of chunks and objects in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, text

from pileus.cloud.kernel.objects.pack import CHUNK, Entry
from pileus.cloud.kernel.quota import count
from pileus.core.errors import NotFound, Unavailable

BATCH = 500


@dataclass(frozen=True)
class Place:
    """A body and the pack that holds it; `start` is the place of its first byte in the object."""

    start: int
    pack: str
    entry: Entry


@dataclass(frozen=True)
class Stored:
    """An object's row."""

    id: str
    size: int
    blake3: str
    created_ms: int
    deleted_ms: int | None
    found: bool = False
    """Taken from packs that the database did not name; nobody has asked for it yet."""


@dataclass(frozen=True)
class Part:
    start: int
    name: bytes
    plain: int


def known(conn: Connection, account_id: str, area: str, names: Sequence[bytes]) -> dict[bytes, int]:
    """Ids of those chunks that are stored already."""
    query = text(
        "SELECT name, id FROM object_chunk WHERE account_id = :account AND area = :area AND name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    found: dict[bytes, int] = {}
    for batch in _batches(list(names)):
        rows = conn.execute(query, {"account": account_id, "area": area, "names": batch})
        found |= {bytes(name): int(chunk) for name, chunk in rows}
    return found


def touch(conn: Connection, account_id: str, area: str, names: Sequence[bytes], now_ms: int) -> set[bytes]:
    """Keeps chunks from the sweep for a grace period; says which there are."""
    found = known(conn, account_id, area, names)
    query = text("UPDATE object_chunk SET touched_ms = :now WHERE id = :id")
    for chunk in found.values():
        conn.execute(query, {"now": now_ms, "id": chunk})
    return set(found)


def add_pack(
    conn: Connection, account_id: str, area: str, name: str, size: int, entries: Iterable[Entry], now_ms: int
) -> None:
    """A pack that is durable in the store; a chunk that another writer brought meanwhile stays where it is."""
    conn.execute(
        text(
            "INSERT INTO object_pack (name, account_id, area, size, created_ms)"
            " VALUES (:name, :account, :area, :size, :now) ON CONFLICT (name) DO NOTHING"
        ),
        {"name": name, "account": account_id, "area": area, "size": size, "now": now_ms},
    )
    pack = conn.execute(text("SELECT id FROM object_pack WHERE name = :name"), {"name": name}).scalar_one()
    conn.execute(
        text(
            "INSERT INTO object_chunk"
            " (account_id, area, name, pack_id, start, stored, plain, kind, packing, touched_ms)"
            " VALUES (:account, :area, :name, :pack, :start, :stored, :plain, :kind, :packing, :now)"
            " ON CONFLICT (account_id, area, name) DO UPDATE SET touched_ms = excluded.touched_ms"
        ),
        [
            {
                "account": account_id,
                "area": area,
                "name": entry.name,
                "pack": pack,
                "start": entry.start,
                "stored": entry.stored,
                "plain": entry.plain,
                "kind": entry.kind,
                "packing": entry.packing,
                "now": now_ms,
            }
            for entry in entries
        ],
    )


def add_object(
    conn: Connection, account_id: str, area: str, stored: Stored, manifest: bytes, parts: Sequence[Part]
) -> None:
    """Raises `Unavailable` where a chunk was swept meanwhile (its writer took longer than the grace period)."""
    chunks = known(conn, account_id, area, list({manifest, *(part.name for part in parts)}))
    if manifest not in chunks or any(part.name not in chunks for part in parts):
        raise Unavailable("object-swept", "Storing took too long and a part was swept: send it again.")
    conn.execute(
        text(
            "INSERT INTO object (account_id, area, id, size, blake3, created_ms, deleted_ms, found)"
            " VALUES (:account, :area, :id, :size, :blake3, :created, :deleted, :found)"
        ),
        {
            "account": account_id,
            "area": area,
            "id": stored.id,
            "size": stored.size,
            "blake3": stored.blake3,
            "created": stored.created_ms,
            "deleted": stored.deleted_ms,
            "found": int(stored.found),
        },
    )
    rows = [(-1, 0, chunks[manifest]), *((n, p.start, chunks[p.name]) for n, p in enumerate(parts))]
    conn.execute(
        text(
            "INSERT INTO object_part (account_id, area, object_id, number, start, chunk_id)"
            " VALUES (:account, :area, :object, :number, :start, :chunk)"
        ),
        [
            {
                "account": account_id,
                "area": area,
                "object": stored.id,
                "number": number,
                "start": start,
                "chunk": chunk,
            }
            for number, start, chunk in rows
        ],
    )


def find(conn: Connection, account_id: str, area: str, object_id: str) -> Stored | None:
    row = conn.execute(
        text(
            "SELECT id, size, blake3, created_ms, deleted_ms, found FROM object"
            " WHERE account_id = :account AND area = :area AND id = :id"
        ),
        {"account": account_id, "area": area, "id": object_id},
    ).first()
    if row is None:
        return None
    name, size, blake3, created_ms, deleted_ms, found = row
    return Stored(name, size, blake3, created_ms, deleted_ms, bool(found))


def places(
    conn: Connection, account_id: str, area: str, object_id: str, start: int, end: int
) -> tuple[Stored, list[Place]]:
    """Where the bytes from `start` to `end` lie, in order; raises `NotFound`."""
    stored = find(conn, account_id, area, object_id)
    if stored is None or stored.deleted_ms is not None:
        raise NotFound("no-object", "There is no such object.")
    rows = conn.execute(
        text(
            "SELECT part.start, pack.name, chunk.packing, chunk.name, chunk.start, chunk.stored, chunk.plain"
            " FROM object_part AS part JOIN object_chunk AS chunk ON chunk.id = part.chunk_id"
            " JOIN object_pack AS pack ON pack.id = chunk.pack_id"
            " WHERE part.account_id = :account AND part.area = :area AND part.object_id = :object"
            " AND part.number >= 0 AND part.start < :end AND part.start + chunk.plain > :start"
            " ORDER BY part.number"
        ),
        {"account": account_id, "area": area, "object": object_id, "start": start, "end": end},
    )
    found = [
        Place(at, pack, Entry(CHUNK, packing, bytes(name), place, size, plain))
        for at, pack, packing, name, place, size, plain in rows
    ]
    return stored, found


def set_deleted(conn: Connection, account_id: str, area: str, object_id: str, at_ms: int | None) -> int | None:
    """Marks or unmarks; the object's size where that changed something, else None."""
    stored = find(conn, account_id, area, object_id)
    if stored is None or (stored.deleted_ms is None) == (at_ms is None):
        return None
    conn.execute(
        text(
            "UPDATE object SET deleted_ms = :at, found = 0"
            " WHERE account_id = :account AND area = :area AND id = :id"
        ),
        {"at": at_ms, "account": account_id, "area": area, "id": object_id},
    )
    return stored.size


def take_back(conn: Connection, account_id: str, area: str, object_id: str) -> bool:
    """The object lives afterwards, counted whatever the limit; False where it was swept or never was."""
    size = set_deleted(conn, account_id, area, object_id, None)
    if size:
        count(conn, account_id, area, size)
    return find(conn, account_id, area, object_id) is not None


def _batches(names: list[bytes]) -> Iterable[list[bytes]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))
