"""The index of chunks and objects in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, text

from pileus.cloud.kernel.objects import moments
from pileus.cloud.kernel.objects.pack import CHUNK, Entry
from pileus.cloud.kernel.quota import count
from pileus.core.errors import NotFound, Unavailable

BATCH = 500
SWEPT = "Storing took too long and a part was swept: send it again."


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
    shared: bool = False
    """In the quota it counts the chunks that no other live object names."""
    born: int = 0
    held: int = 0
    """Moments (see `moments`): the last that had ended before it; the last for which it is kept though deleted."""


@dataclass(frozen=True)
class Part:
    start: int
    name: bytes
    plain: int


def known(conn: Connection, account_id: str, area: str, names: Sequence[bytes]) -> dict[bytes, int]:
    """Ids of those chunks that are stored already."""
    return {name: chunk for chunk, name, _, _ in _rows(conn, account_id, area, names)}


def is_empty(conn: Connection, account_id: str, area: str) -> bool:
    """Whether no chunk is stored there."""
    query = text("SELECT 1 FROM object_chunk WHERE account_id = :account AND area = :area LIMIT 1")
    return conn.execute(query, {"account": account_id, "area": area}).first() is None


def usable(conn: Connection, account_id: str, area: str, names: Sequence[bytes]) -> dict[bytes, int]:
    """As `known`, without those that a check could not read: a writer brings them anew."""
    return {name: chunk for chunk, name, _, lost in _rows(conn, account_id, area, names) if not lost}


def touch(conn: Connection, account_id: str, area: str, names: Sequence[bytes], now_ms: int) -> set[bytes]:
    """Keeps chunks from the sweep for a grace period; says which there are."""
    found = usable(conn, account_id, area, names)
    query = text("UPDATE object_chunk SET touched_ms = :now WHERE id = :id")
    for chunk in found.values():
        conn.execute(query, {"now": now_ms, "id": chunk})
    return set(found)


def add_pack(
    conn: Connection, account_id: str, area: str, name: str, size: int, entries: Iterable[Entry], now_ms: int
) -> None:
    """A pack that is durable in the store; a chunk that another writer brought meanwhile stays where it is."""
    entries = list(entries)
    pack = name_pack(conn, account_id, area, name, size, now_ms)
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
    move(conn, account_id, area, name, entries, ())


def name_pack(
    conn: Connection, account_id: str, area: str, name: str, size: int, now_ms: int, checked_ms: int = 0
) -> int:
    """The pack's row, made where there is none; its id.

    Raises `Unavailable` where the pack was dropped: who names it only now slept for longer than the grace
    period, and its blob is gone or going.
    """
    dropped = text("SELECT 1 FROM object_pack_dropped WHERE name = :name")
    if conn.execute(dropped, {"name": name}).first() is not None:
        raise Unavailable("object-swept", SWEPT)
    conn.execute(
        text(
            "INSERT INTO object_pack (name, account_id, area, size, created_ms, checked_ms)"
            " VALUES (:name, :account, :area, :size, :now, :checked) ON CONFLICT (name) DO NOTHING"
        ),
        {"name": name, "account": account_id, "area": area, "size": size, "now": now_ms, "checked": checked_ms},
    )
    return int(conn.execute(text("SELECT id FROM object_pack WHERE name = :name"), {"name": name}).scalar_one())


def move(
    conn: Connection, account_id: str, area: str, pack: str, entries: Sequence[Entry], sources: Collection[int]
) -> int:
    """Chunks that lie in one of the packs `sources`, or are lost, lie in `pack` from now on; says how many."""
    by_name = {entry.name: entry for entry in entries}
    new = conn.execute(text("SELECT id FROM object_pack WHERE name = :name"), {"name": pack}).scalar_one()
    moved = []
    for chunk, name, source, lost in _rows(conn, account_id, area, list(by_name)):
        if lost or source in sources:
            entry = by_name[name]
            place = {"pack": new, "start": entry.start, "stored": entry.stored, "packing": entry.packing}
            moved.append({**place, "id": chunk})
    if moved:
        conn.execute(
            text(
                "UPDATE object_chunk SET pack_id = :pack, start = :start, stored = :stored, packing = :packing,"
                " lost = 0 WHERE id = :id"
            ),
            moved,
        )
    return len(moved)


def add_object(
    conn: Connection, account_id: str, area: str, stored: Stored, manifest: bytes, parts: Sequence[Part]
) -> None:
    """Raises `Unavailable` where a chunk was swept meanwhile (its writer took longer than the grace period)."""
    chunks = known(conn, account_id, area, list({manifest, *(part.name for part in parts)}))
    if manifest not in chunks or any(part.name not in chunks for part in parts):
        raise Unavailable("object-swept", SWEPT)
    conn.execute(
        text(
            "INSERT INTO object (account_id, area, id, size, blake3, created_ms, deleted_ms, found, shared, born)"
            " VALUES (:account, :area, :id, :size, :blake3, :created, :deleted, :found, :shared, :born)"
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
            "shared": int(stored.shared),
            "born": moments.last_ended(conn, account_id, area),
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
            "SELECT id, size, blake3, created_ms, deleted_ms, found, shared, born, held FROM object"
            " WHERE account_id = :account AND area = :area AND id = :id"
        ),
        {"account": account_id, "area": area, "id": object_id},
    ).first()
    if row is None:
        return None
    name, size, blake3, created_ms, deleted_ms, found, shared, born, held = row
    return Stored(name, size, blake3, created_ms, deleted_ms, bool(found), bool(shared), born, held)


def all_live(conn: Connection, account_id: str, area: str, object_ids: Sequence[str]) -> bool:
    """Whether each is stored and not deleted."""
    found = stored_among(conn, account_id, area, object_ids)
    return all(name in found and not found[name] for name in object_ids)


def stored_among(conn: Connection, account_id: str, area: str, object_ids: Sequence[str]) -> dict[str, bool]:
    """Those of the ids that are stored, with whether they are deleted."""
    query = text(
        "SELECT id, deleted_ms IS NOT NULL FROM object WHERE account_id = :account AND area = :area AND id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    found: dict[str, bool] = {}
    for start in range(0, len(object_ids), 500):
        batch = list(object_ids[start : start + 500])
        rows = conn.execute(query, {"account": account_id, "area": area, "ids": batch})
        found.update((str(name), bool(deleted)) for name, deleted in rows)
    return found


def counted(conn: Connection, account_id: str, area: str, stored: Stored) -> int:
    """The bytes by which an object's being alive raises what its account uses."""
    if not stored.shared:
        return stored.size
    query = text(
        "SELECT COALESCE(SUM(c.plain), 0) FROM object_chunk AS c WHERE c.id IN"
        " (SELECT p.chunk_id FROM object_part AS p"
        "  WHERE p.account_id = :account AND p.area = :area AND p.object_id = :object AND p.number >= 0)"
        " AND NOT EXISTS (SELECT 1 FROM object_part AS q JOIN object AS o"
        "  ON o.account_id = q.account_id AND o.area = q.area AND o.id = q.object_id"
        "  WHERE q.chunk_id = c.id AND q.number >= 0 AND q.object_id <> :object AND o.deleted_ms IS NULL)"
    )
    at = {"account": account_id, "area": area, "object": stored.id}
    return int(conn.execute(query, at).scalar_one())


def sizes(conn: Connection, account_id: str, area: str, names: Sequence[bytes]) -> dict[bytes, int]:
    """Plain bytes of those chunks that can be counted on."""
    query = text(
        "SELECT name, plain FROM object_chunk WHERE account_id = :account AND area = :area AND lost = 0"  # noqa: S608
        f" AND kind = {CHUNK} AND name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    found: dict[bytes, int] = {}
    for batch in _batches(list(names)):
        rows = conn.execute(query, {"account": account_id, "area": area, "names": batch})
        found.update((bytes(name), int(plain)) for name, plain in rows)
    return found


def named_places(conn: Connection, account_id: str, area: str, names: Sequence[bytes]) -> dict[bytes, Place]:
    """Where chunks lie, by their names; those that are not stored are left out."""
    query = text(
        "SELECT pack.name, chunk.packing, chunk.name, chunk.start, chunk.stored, chunk.plain"  # noqa: S608
        " FROM object_chunk AS chunk JOIN object_pack AS pack ON pack.id = chunk.pack_id"
        " WHERE chunk.account_id = :account AND chunk.area = :area"
        f" AND chunk.kind = {CHUNK} AND chunk.name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    found: dict[bytes, Place] = {}
    for batch in _batches(list(names)):
        rows = conn.execute(query, {"account": account_id, "area": area, "names": batch})
        for pack, packing, name, start, stored, plain in rows:
            found[bytes(name)] = Place(0, str(pack), Entry(CHUNK, packing, bytes(name), start, stored, plain))
    return found


def brought(conn: Connection, account_id: str, area: str) -> int:
    """Bytes of chunks that clients brought and no object names yet."""
    query = text("SELECT bytes FROM object_brought WHERE account_id = :account AND area = :area")
    return int(conn.execute(query, {"account": account_id, "area": area}).scalar() or 0)


def count_brought(conn: Connection, account_id: str, area: str, delta: int) -> None:
    """Never below nothing."""
    conn.execute(
        text(
            "INSERT INTO object_brought (account_id, area, bytes) VALUES (:account, :area, :rise)"
            " ON CONFLICT (account_id, area) DO UPDATE SET"
            " bytes = CASE WHEN object_brought.bytes + :delta < 0 THEN 0 ELSE object_brought.bytes + :delta END"
        ),
        {"account": account_id, "area": area, "rise": max(delta, 0), "delta": delta},
    )


def recount_brought(conn: Connection) -> None:
    """After a sweep: what no object names any more but is still stored."""
    conn.execute(
        text(
            "UPDATE object_brought SET bytes = (SELECT COALESCE(SUM(c.plain), 0) FROM object_chunk AS c"  # noqa: S608
            " WHERE c.account_id = object_brought.account_id AND c.area = object_brought.area"
            f" AND c.kind = {CHUNK} AND NOT EXISTS (SELECT 1 FROM object_part AS p WHERE p.chunk_id = c.id))"
            " WHERE bytes > 0"
        )
    )


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


def chunk_place(conn: Connection, account_id: str, area: str, name: bytes) -> tuple[str, Entry] | None:
    """The pack that holds a chunk now, and where in it."""
    row = conn.execute(
        text(
            "SELECT pack.name, chunk.kind, chunk.packing, chunk.start, chunk.stored, chunk.plain"
            " FROM object_chunk AS chunk JOIN object_pack AS pack ON pack.id = chunk.pack_id"
            " WHERE chunk.account_id = :account AND chunk.area = :area AND chunk.name = :name"
        ),
        {"account": account_id, "area": area, "name": name},
    ).first()
    if row is None:
        return None
    pack, kind, packing, start, stored, plain = row
    return str(pack), Entry(kind, packing, name, start, stored, plain)


def keep_until(conn: Connection, account_id: str, area: str, object_id: str, until_ms: int) -> None:
    """The sweep leaves the object alone until then, deleted or not; never shortens what was said before."""
    conn.execute(
        text(
            "UPDATE object SET until_ms = :until"
            " WHERE account_id = :account AND area = :area AND id = :id AND until_ms < :until"
        ),
        {"until": until_ms, "account": account_id, "area": area, "id": object_id},
    )


def set_deleted(conn: Connection, account_id: str, area: str, object_id: str, at_ms: int | None) -> int | None:
    """Marks or unmarks; the bytes by which that changes what its account uses, None where it was so already.

    They are none where the object is, or was, held for a moment.
    """
    stored = find(conn, account_id, area, object_id)
    if stored is None or (stored.deleted_ms is None) == (at_ms is None):
        return None
    held = 0 if at_ms is None else moments.last_of(conn, account_id, area, stored.born)
    conn.execute(
        text(
            "UPDATE object SET deleted_ms = :at, found = 0, held = :held"
            " WHERE account_id = :account AND area = :area AND id = :id"
        ),
        {"at": at_ms, "held": held, "account": account_id, "area": area, "id": object_id},
    )
    if held or stored.held:
        return 0
    return counted(conn, account_id, area, stored)


def take_back(conn: Connection, account_id: str, area: str, object_id: str) -> bool:
    """The object lives afterwards, counted whatever the limit; False where it was swept or never was."""
    size = set_deleted(conn, account_id, area, object_id, None)
    if size:
        count(conn, account_id, area, size)
    return find(conn, account_id, area, object_id) is not None


def let_go(conn: Connection, account_id: str, area: str, object_id: str, now_ms: int) -> None:
    """The object is deleted and its bytes are free, if no moment holds it; nothing happens where it is already."""
    size = set_deleted(conn, account_id, area, object_id, now_ms)
    if size:
        count(conn, account_id, area, -size)


def _rows(
    conn: Connection, account_id: str, area: str, names: Sequence[bytes]
) -> Iterator[tuple[int, bytes, int, bool]]:
    """Id, name, pack and whether it is lost, of those chunks that are stored already."""
    query = text(
        "SELECT id, name, pack_id, lost FROM object_chunk"
        " WHERE account_id = :account AND area = :area AND name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    for batch in _batches(list(names)):
        rows = conn.execute(query, {"account": account_id, "area": area, "names": batch}).all()
        yield from ((int(chunk), bytes(name), int(pack), bool(lost)) for chunk, name, pack, lost in rows)


def _batches(names: list[bytes]) -> Iterable[list[bytes]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))
