"""Looking after packs: sweeping what nothing counts on, reading all back, rebuilding the index. All block."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects import index
from pileus.cloud.kernel.objects.index import Part, Stored
from pileus.cloud.kernel.objects.keys import keep_key
from pileus.cloud.kernel.objects.pack import MANIFEST, Entry, read_header, read_pack
from pileus.cloud.kernel.objects.store import Manifest, PackedObjects, pack_blob
from pileus.core.errors import NotFound, PileusError

DAY_MS = 24 * 3600 * 1000
GRACE_MS = 7 * DAY_MS
"""An object can be brought back so long after its deletion; a writer may take so long for one object."""
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


@dataclass
class Report:
    """What a check read; `problems` has a sentence for each pack or object that cannot be read."""

    packs: int = 0
    bodies: int = 0
    size: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rebuilt:
    packs: int
    objects: int
    problems: list[str]


def sweep(objects: PackedObjects, grace_ms: int = GRACE_MS) -> Swept:
    """Takes objects that were deleted before the grace period, then packs in which nothing is counted on.

    Safe beside writers, in this process or another: one transaction decides, and a writer that finds a
    chunk touches it in a transaction of its own; who comes later finds it gone and stores it again.
    A pack in which one chunk still lives stays whole.
    """
    before = objects.clock.now_ms() - grace_ms
    gone, packs = objects.db.write(lambda conn: _forget(conn, before))
    for name, _ in packs:
        objects.blobs.delete(pack_blob(name))
    size = sum(size for _, size in packs)
    strays = _strays(objects, before)
    for name, _ in strays:
        objects.blobs.delete(name)
    return Swept(gone, len(packs) + len(strays), size + sum(size for _, size in strays))


def check(objects: PackedObjects, heard: Callable[[Report], None] | None = None) -> Report:
    """Reads every pack back whole: seals, hashes, and that index and packs say the same."""
    report = Report()
    rows = objects.db.read(
        lambda conn: conn.execute(text("SELECT id, name, account_id, area FROM object_pack ORDER BY id")).all()
    )
    for pack_id, name, account_id, area in rows:
        try:
            found = _read(objects, name, account_id, area)
        except PileusError as error:
            if _exists(objects, pack_id):
                report.problems.append(f"Pack {name}: {error.detail}")
            continue
        report.packs += 1
        report.bodies += len(found)
        report.size += sum(len(data) for _, data in found)
        entries = {entry.name: entry for entry, _ in found}
        for entry in objects.db.read(lambda conn, pack_id=pack_id: _entries(conn, pack_id)):  # type: ignore[misc]
            if entries.get(entry.name) != entry:
                report.problems.append(f"Pack {name}: the index names a chunk that is not in it.")
        if heard is not None:
            heard(report)
    return report


def rebuild(objects: PackedObjects) -> Rebuilt:
    """Puts into the index what the packs hold and it lacks; needs the accounts and the server's key."""
    for blob in objects.blobs.list("keys"):
        told = json.loads(objects.blobs.get(blob.name))
        key_id, wrapped = bytes.fromhex(blob.name.rpartition("/")[2]), bytes.fromhex(told["wrapped"])
        objects.db.write(
            lambda conn, told=told, key_id=key_id, wrapped=wrapped: keep_key(  # type: ignore[misc]
                conn, key_id, told["account"], told["area"], wrapped, objects.clock.now_ms()
            )
        )
    return _Rebuilding(objects).run()


class _Rebuilding:
    def __init__(self, objects: PackedObjects) -> None:
        self._objects = objects
        self._manifests: list[tuple[str, str, bytes, Manifest]] = []
        self._problems: list[str] = []

    def run(self) -> Rebuilt:
        packs = sum(self._pack(blob.name, blob.size) for blob in self._objects.blobs.list("packs"))
        return Rebuilt(packs, sum(self._object(*one) for one in self._manifests), self._problems)

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
        stored = Stored(manifest.id, manifest.size, manifest.blake3, manifest.created_ms, None)
        parts, start = [], 0
        for chunk, plain in manifest.chunks:
            parts.append(Part(start, chunk, plain))
            start += plain

        def keep(conn: Connection) -> bool:
            if index.find(conn, account_id, area, manifest.id) is not None:
                return False
            index.add_object(conn, account_id, area, stored, name, parts)
            self._objects.quota.charge(conn, account_id, area, manifest.size)
            return True

        try:
            return self._objects.db.write(keep)
        except PileusError as error:
            self._problems.append(f"Object {manifest.id}: {error.detail}")
            return False


def _forget(conn: Connection, before: int) -> tuple[int, list[tuple[str, int]]]:
    at = {"before": before}
    old = "SELECT 1 FROM object AS o WHERE o.deleted_ms < :before AND o.id = object_part.object_id"
    conn.execute(
        text(
            f"DELETE FROM object_part WHERE EXISTS ({old}"  # noqa: S608 - constants
            " AND o.account_id = object_part.account_id AND o.area = object_part.area)"
        ),
        at,
    )
    gone = conn.execute(text("DELETE FROM object WHERE deleted_ms < :before"), at).rowcount
    rows = conn.execute(
        text(f"SELECT id, name, size FROM object_pack WHERE created_ms < :before AND {DEAD}"),  # noqa: S608
        at,
    ).all()
    for pack, _, _ in rows:
        conn.execute(text("DELETE FROM object_chunk WHERE pack_id = :pack"), {"pack": pack})
        conn.execute(text("DELETE FROM object_pack WHERE id = :pack"), {"pack": pack})
    return int(gone), [(str(name), int(size)) for _, name, size in rows]


def _strays(objects: PackedObjects, before: int) -> list[tuple[str, int]]:
    """Packs whose writer ended before it told the index; young ones may still be told."""
    old = [blob for blob in objects.blobs.list("packs") if blob.modified_ms < before]
    known = objects.db.read(lambda conn: set(conn.execute(text("SELECT name FROM object_pack")).scalars()))
    return [(blob.name, blob.size) for blob in old if blob.name.rpartition("/")[2] not in known]


def _read(objects: PackedObjects, name: str, account_id: str, area: str) -> list[tuple[Entry, bytes]]:
    return read_pack(objects.keys.key(account_id, area), objects.blobs.get(pack_blob(name)))


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
