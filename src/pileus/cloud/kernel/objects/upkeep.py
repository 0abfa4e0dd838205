"""Looking after packs: sweeping what nothing counts on, reading all back, rebuilding the index. All block."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects import index
from pileus.cloud.kernel.objects.blobs import Blob
from pileus.cloud.kernel.objects.index import Part, Stored
from pileus.cloud.kernel.objects.keys import keep_key
from pileus.cloud.kernel.objects.pack import MANIFEST, Entry, read_header, read_pack
from pileus.cloud.kernel.objects.store import Manifest, PackedObjects, pack_blob
from pileus.core.errors import NotFound, PileusError

log = logging.getLogger(__name__)

DAY_MS = 24 * 3600 * 1000
GRACE_MS = 7 * DAY_MS
"""An object can be brought back so long after its deletion; a writer may take so long for one object."""
SETTLED_MS = 3600 * 1000
"""A writer names its pack in the database within moments of storing it."""
OVER = "deleted_ms < :before AND found = 0"
DEAD = (
    "NOT EXISTS (SELECT 1 FROM object_chunk AS c WHERE c.pack_id = object_pack.id AND (c.touched_ms >= :before"
    " OR EXISTS (SELECT 1 FROM object_part AS p WHERE p.chunk_id = c.id)))"
)


@dataclass(frozen=True)
class Swept:
    objects: int
    packs: int
    size: int
    """Bytes of packs that are gone from the store."""
    unknown: int
    """Packs that the database did not name."""


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


@dataclass(frozen=True)
class PackRow:
    id: int
    name: str
    account_id: str
    area: str


@dataclass(frozen=True)
class Rebuilt:
    packs: int
    objects: int
    problems: list[str]


def sweep(objects: PackedObjects, grace_ms: int = GRACE_MS) -> Swept:
    """Takes objects that were deleted before the grace period, then packs in which nothing is counted on.

    A pack that the database does not name is never deleted for that: the database may be a copy put back,
    older than the pack. It is put into the index first, so that what its objects count on stays as well;
    while one is so young that its writer may still be about to name it, nothing is taken.

    Safe beside writers, in this process or another: one transaction decides, and a writer that finds a
    chunk touches it in a transaction of its own; who comes later finds it gone and stores it again.
    A pack in which one chunk still lives stays whole.
    """
    now = objects.clock.now_ms()
    unknown = _unknown(objects)
    if any(blob.modified_ms > now - SETTLED_MS for blob in unknown):
        return Swept(0, 0, 0, 0)
    if unknown:
        found = _Rebuilding(objects, aside=True).run(unknown)
        log.warning(
            "%d packs were not named by the database (is it an older copy?): %d objects of theirs are set aside;"
            " `pileus objects rebuild` brings them back. %s",
            len(unknown),
            found.objects,
            " ".join(found.problems),
        )
    before = now - grace_ms
    gone, size = objects.db.write(lambda conn: _forget(conn, before))
    dropped = objects.db.read(
        lambda conn: list(conn.execute(text("SELECT name FROM object_pack_dropped")).scalars())
    )
    for name in dropped:
        objects.blobs.delete(pack_blob(name))
    objects.db.write(lambda conn: _forget_dropped(conn, dropped))
    return Swept(gone, len(dropped), size, len(unknown))


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
    """Reads one pack back and adds to the report."""
    report.done += 1
    objects.db.write(lambda conn: _checked(conn, pack.id, objects.clock.now_ms()))
    try:
        found = _read(objects, pack.name, pack.account_id, pack.area)
    except PileusError as error:
        if _exists(objects, pack.id):
            report.problems.append(f"Pack {pack.name}: {error.detail}")
        return
    report.packs += 1
    report.bodies += len(found)
    report.size += sum(len(data) for _, data in found)
    entries = {entry.name: entry for entry, _ in found}
    for entry in objects.db.read(lambda conn: _entries(conn, pack.id)):
        if entries.get(entry.name) != entry:
            report.problems.append(f"Pack {pack.name}: the index names a chunk that is not in it.")


def rebuild(objects: PackedObjects, heard: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Puts packs that the index lacks into it, and brings back what a sweep found and set aside.

    Needs the accounts and the server's key. What was deleted comes back only where its pack was unknown.
    """
    told = _Rebuilding(objects).run(_unknown(objects), heard)
    return Rebuilt(
        told.packs, told.objects + objects.db.write(lambda conn: _take_up(objects, conn)), told.problems
    )


class _Rebuilding:
    """`aside`: objects are kept as deleted and uncounted; a later rebuild, or their writer, takes them up."""

    def __init__(self, objects: PackedObjects, *, aside: bool = False) -> None:
        self._objects, self._aside = objects, aside
        self._manifests: list[tuple[str, str, bytes, Manifest]] = []
        self._problems: list[str] = []

    def run(self, blobs: Sequence[Blob], heard: Callable[[int, int], None] | None = None) -> Rebuilt:
        for blob in self._objects.blobs.list("keys"):
            self._area_key(blob.name)
        packs = 0
        for done, blob in enumerate(blobs, 1):
            packs += self._pack(blob.name, blob.size)
            if heard is not None:
                heard(done, len(blobs))
        return Rebuilt(packs, sum(self._object(*one) for one in self._manifests), self._problems)

    def _area_key(self, blob: str) -> None:
        objects, told = self._objects, json.loads(self._objects.blobs.get(blob))
        key_id, wrapped = bytes.fromhex(blob.rpartition("/")[2]), bytes.fromhex(told["wrapped"])
        account_id, area = told["account"], told["area"]

        def keep(conn: Connection) -> bool:
            query = text("SELECT 1 FROM account WHERE id = :id")
            if conn.execute(query, {"id": account_id}).first() is None:
                return False
            keep_key(conn, key_id, account_id, area, wrapped, objects.clock.now_ms())
            return True

        if not objects.db.write(keep):
            self._problems.append(f"Key {blob}: the database has no account {account_id}.")

    def _pack(self, blob: str, size: int) -> bool:
        objects, name = self._objects, blob.rpartition("/")[2]
        try:
            account_id, area = _owner(objects, objects.blobs.read(blob, 0, 32))
            found = _read(objects, name, account_id, area)
        except PileusError as error:
            self._problems.append(f"Pack {name}: {error.detail}")
            return False
        entries, now = [entry for entry, _ in found], objects.clock.now_ms()
        objects.db.write(lambda conn: index.add_pack(conn, account_id, area, name, size, entries, now))
        for entry, data in found:
            if entry.kind == MANIFEST:
                manifest = msgspec.msgpack.decode(data, type=Manifest)
                self._manifests.append((account_id, area, entry.name, manifest))
        return True

    def _object(self, account_id: str, area: str, name: bytes, manifest: Manifest) -> bool:
        told = (manifest.id, manifest.size, manifest.blake3, manifest.created_ms)
        stored = Stored(*told, self._objects.clock.now_ms() if self._aside else None, self._aside)
        parts, start = [], 0
        for chunk, plain in manifest.chunks:
            parts.append(Part(start, chunk, plain))
            start += plain

        def keep(conn: Connection) -> bool:
            if index.find(conn, account_id, area, manifest.id) is not None:
                return False
            index.add_object(conn, account_id, area, stored, name, parts)
            if not self._aside:
                self._objects.quota.count(conn, account_id, area, manifest.size)
            return True

        try:
            return self._objects.db.write(keep)
        except PileusError as error:
            self._problems.append(f"Object {manifest.id}: {error.detail}")
            return False


def _take_up(objects: PackedObjects, conn: Connection) -> int:
    found = conn.execute(text("SELECT account_id, area, id FROM object WHERE found = 1")).all()
    for account_id, area, name in found:
        size = index.set_deleted(conn, account_id, area, name, None)
        objects.quota.count(conn, account_id, area, size or 0)
    return len(found)


def _forget(conn: Connection, before: int) -> tuple[int, int]:
    """Objects that are gone, and the bytes of the packs whose blobs may go."""
    at = {"before": before}
    old = f"SELECT 1 FROM object AS o WHERE o.{OVER} AND o.id = object_part.object_id"  # noqa: S608 - constants
    conn.execute(
        text(
            f"DELETE FROM object_part WHERE EXISTS ({old}"  # noqa: S608
            " AND o.account_id = object_part.account_id AND o.area = object_part.area)"
        ),
        at,
    )
    gone = conn.execute(text(f"DELETE FROM object WHERE {OVER}"), at).rowcount  # noqa: S608
    rows = conn.execute(
        text(f"SELECT id, name, size FROM object_pack WHERE created_ms < :before AND {DEAD}"),  # noqa: S608
        at,
    ).all()
    for pack, name, _ in rows:
        conn.execute(text("INSERT INTO object_pack_dropped (name) VALUES (:name)"), {"name": name})
        conn.execute(text("DELETE FROM object_chunk WHERE pack_id = :pack"), {"pack": pack})
        conn.execute(text("DELETE FROM object_pack WHERE id = :pack"), {"pack": pack})
    return int(gone), sum(int(size) for _, _, size in rows)


def _forget_dropped(conn: Connection, names: list[str]) -> None:
    for name in names:
        conn.execute(text("DELETE FROM object_pack_dropped WHERE name = :name"), {"name": name})


def _unknown(objects: PackedObjects) -> list[Blob]:
    """Packs that the database does not name. The store is listed first: what is committed meanwhile is known."""
    blobs = list(objects.blobs.list("packs"))
    query = text("SELECT name FROM object_pack UNION SELECT name FROM object_pack_dropped")
    known = objects.db.read(lambda conn: set(conn.execute(query).scalars()))
    return [blob for blob in blobs if blob.name.rpartition("/")[2] not in known]


def _read(objects: PackedObjects, name: str, account_id: str, area: str) -> list[tuple[Entry, bytes]]:
    return read_pack(objects.keys.key(account_id, area), objects.blobs.get(pack_blob(name)))


def _checked(conn: Connection, pack: int, now_ms: int) -> None:
    conn.execute(text("UPDATE object_pack SET checked_ms = :now WHERE id = :pack"), {"now": now_ms, "pack": pack})


def _exists(objects: PackedObjects, pack: int) -> bool:
    query = text("SELECT 1 FROM object_pack WHERE id = :pack")
    return objects.db.read(lambda conn: conn.execute(query, {"pack": pack}).first()) is not None


def _entries(conn: Connection, pack: int) -> Iterator[Entry]:
    rows = conn.execute(
        text("SELECT kind, packing, name, start, stored, plain FROM object_chunk WHERE pack_id = :pack"),
        {"pack": pack},
    ).all()
    return iter([Entry(kind, packing, bytes(name), *rest) for kind, packing, name, *rest in rows])


def _owner(objects: PackedObjects, header: bytes) -> tuple[str, str]:
    query = text("SELECT account_id, area FROM object_key WHERE id = :id")
    key_id = read_header(header)
    row = objects.db.read(lambda conn: conn.execute(query, {"id": key_id}).first())
    if row is None:
        raise NotFound("no-key", "There is no key for it.")
    return str(row[0]), str(row[1])
