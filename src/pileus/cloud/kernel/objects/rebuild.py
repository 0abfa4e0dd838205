"""Putting packs that the database does not name into its index. Blocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects import index, restored
from pileus.cloud.kernel.objects.index import Part, Stored
from pileus.cloud.kernel.objects.keys import keep_key
from pileus.cloud.kernel.objects.pack import MANIFEST, SHARED, Manifest, read_header
from pileus.cloud.kernel.objects.packs import ASIDE_MS, PackRow, Stock, ids, read_whole, take_stock
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.core.errors import NotFound, PileusError, StoreUnavailable, Unavailable, refused


@dataclass(frozen=True)
class Rebuilt:
    packs: int
    objects: int
    problems: list[str]


def rebuild(objects: PackedObjects, heard: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Puts packs that the index lacks into it, and brings back what a sweep found and set aside.

    Needs the accounts and the server's key. What was deleted comes back only where its pack was unknown.
    Services hear that the database may be an older one.
    """
    objects.db.write(lambda conn: restored.note(conn, objects.clock.now_ms()))
    told = Rebuilding(objects).run(take_stock(objects), heard)
    return Rebuilt(
        told.packs, told.objects + objects.db.write(lambda conn: _take_up(objects, conn)), told.problems
    )


class Rebuilding:
    """`aside`: objects are kept as deleted and uncounted; a later rebuild, or their writer, takes them up."""

    def __init__(self, objects: PackedObjects, *, aside: bool = False) -> None:
        self._objects, self._aside = objects, aside
        self._manifests: list[tuple[str, str, bytes, Manifest]] = []
        self._problems: list[str] = []

    def run(self, stock: Stock, heard: Callable[[int, int], None] | None = None) -> Rebuilt:
        """A chunk of a lost pack is found again where an unknown one holds it: the lost one was compacted."""
        for blob in self._objects.blobs.list("keys"):
            self._area_key(blob.name)
        packs = 0
        for done, blob in enumerate(stock.unknown, 1):
            packs += self._pack(blob.name, blob.size, stock.lost)
            if heard is not None:
                heard(done, len(stock.unknown))
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

    def _pack(self, blob: str, size: int, lost: Sequence[PackRow]) -> bool:
        objects, name = self._objects, blob.rpartition("/")[2]
        try:
            account_id, area = _owner(objects, objects.blobs.read(blob, 0, 32))
            found = read_whole(objects, name, account_id, area)
        except StoreUnavailable:
            raise
        except PileusError as error:
            self._problems.append(f"Pack {name}: {error.detail}")
            return False
        except OSError as error:
            self._problems.append(f"Pack {name}: {refused(error)}")
            return False
        entries, now = [entry for entry, _ in found], objects.clock.now_ms()

        def keep(conn: Connection) -> None:
            index.add_pack(conn, account_id, area, name, size, entries, now)
            index.move(conn, account_id, area, name, entries, ids(conn, lost))

        try:
            objects.db.write(keep)
        except Unavailable:
            return False  # it was named and dropped meanwhile
        for entry, data in found:
            if entry.kind == MANIFEST:
                manifest = msgspec.msgpack.decode(data, type=Manifest)
                self._manifests.append((account_id, area, entry.name, manifest))
        return True

    def _object(self, account_id: str, area: str, name: bytes, manifest: Manifest) -> bool:
        told = (manifest.id, manifest.size, manifest.blake3, manifest.created_ms)
        aside_ms = self._objects.clock.now_ms() if self._aside else None
        stored = Stored(*told, aside_ms, self._aside, manifest.version == SHARED)
        parts, start = [], 0
        for chunk, plain in manifest.chunks:
            parts.append(Part(start, chunk, plain))
            start += plain

        def keep(conn: Connection) -> bool:
            if index.find(conn, account_id, area, manifest.id) is not None:
                return False
            index.add_object(conn, account_id, area, stored, name, parts)
            if self._aside and stored.shared:
                until = self._objects.clock.now_ms() + ASIDE_MS
                index.keep_until(conn, account_id, area, stored.id, until)
            if not self._aside:
                size = index.counted(conn, account_id, area, stored)
                self._objects.quota.count(conn, account_id, area, size)
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


def _owner(objects: PackedObjects, header: bytes) -> tuple[str, str]:
    query = text("SELECT account_id, area FROM object_key WHERE id = :id")
    key_id = read_header(header)
    row = objects.db.read(lambda conn: conn.execute(query, {"id": key_id}).first())
    if row is None:
        raise NotFound("no-key", "There is no key for it.")
    return str(row[0]), str(row[1])
