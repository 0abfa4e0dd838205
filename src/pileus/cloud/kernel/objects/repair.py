"""Mending what a check found, from whatever else holds it; what nothing holds is listed. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects.blobs import BlobStore
from pileus.cloud.kernel.objects.care import damaged
from pileus.cloud.kernel.objects.check import bodies, known_problems
from pileus.cloud.kernel.objects.compact import drop_empty, replace_packs
from pileus.cloud.kernel.objects.pack import (
    TRAILER,
    Corrupt,
    Entry,
    PackBuilder,
    footer_place,
    pack_blob,
    read_footer,
)
from pileus.cloud.kernel.objects.packs import GRACE_MS, PackRow, delete_dropped, ids
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.cloud.kernel.objects.structure import missing_keys
from pileus.core.errors import NotFound

Source = Callable[[bytes], Iterator[tuple[Entry, bytes]]]
"""Bodies, sealed, that may hold a chunk of this name."""


@dataclass
class Repaired:
    """`chunks` were found elsewhere; `lost` has a sentence for each object of which bytes are gone."""

    packs: int = 0
    chunks: int = 0
    keys: int = 0
    lost: list[str] = field(default_factory=list)


def repair(
    objects: PackedObjects, copy: BlobStore | None = None, heard: Callable[[int, int], None] | None = None
) -> Repaired:
    """Mends the packs of which the last check said that they cannot be read.

    A chunk is looked for in other packs of its area (two writers may have brought it, a compaction may have
    left it) and in `copy`, a second store. What of a pack can be read moves to a new one; what cannot stays
    where it is, so that the pack's own bytes, put back in its place, still mend it.
    """
    told = Repaired(keys=_keys(objects))
    harmed = objects.db.read(_harmed)
    for done, pack in enumerate(harmed, 1):
        told.packs += _pack(objects, pack, copy, told)
        if heard is not None:
            heard(done, len(harmed))
    told.lost = objects.db.read(lost_objects)
    return told


def lost_objects(conn: Connection) -> list[str]:
    """A sentence for each object, not deleted or held for a moment, that names a chunk which could not be read."""
    return [
        f"Object {one.object_id} of {one.account}'s {one.area}: {one.lost} of {one.size} bytes cannot be read."
        " Storing the same file again mends it."
        for one in damaged(conn)
    ]


def _pack(objects: PackedObjects, pack: PackRow, copy: BlobStore | None, told: Repaired) -> bool:
    """Whether nothing of the pack is lost any more."""
    builder = PackBuilder(objects.keys.key(pack.account_id, pack.area))
    sources: list[Source] = [_Others(objects, pack)]
    if copy is not None:
        sources.insert(0, _Twin(objects, pack, copy))
    whole = True
    for entry, body in list(bodies(objects, pack)):
        if body is not None:
            builder.copy(entry, body)
        elif _found(builder, entry.name, sources):
            told.chunks += 1
        else:
            whole = False
    if builder.entries:
        replace_packs(objects, [pack], builder)

    def forget(conn: Connection) -> None:
        conn.execute(text("DELETE FROM object_problem WHERE pack = :pack"), {"pack": pack.name})
        drop_empty(conn, ids(conn, [pack]), objects.clock.now_ms() - GRACE_MS)

    if whole:
        objects.db.write(forget)
        delete_dropped(objects)
    return whole


def _found(builder: PackBuilder, name: bytes, sources: list[Source]) -> bool:
    for source in sources:
        for entry, body in source(name):
            try:
                builder.copy(entry, body)
            except Corrupt:
                continue
            return True
    return False


class _Others:
    """The other packs of the area, by their own tables: the index knows one place for a chunk only."""

    def __init__(self, objects: PackedObjects, pack: PackRow) -> None:
        self._objects, self._pack = objects, pack
        self._places: dict[bytes, list[tuple[str, Entry]]] | None = None

    def __call__(self, name: bytes) -> Iterator[tuple[Entry, bytes]]:
        if self._places is None:
            self._places = {}
            for pack, entry in self._tables():
                self._places.setdefault(entry.name, []).append((pack, entry))
        for pack, entry in self._places.get(name, ()):
            yield entry, self._objects.blobs.read(pack_blob(pack), entry.start, entry.stored)

    def _tables(self) -> Iterator[tuple[str, Entry]]:
        objects, pack = self._objects, self._pack
        query = text("SELECT name, size FROM object_pack WHERE account_id = :a AND area = :r AND name <> :name")
        at = {"a": pack.account_id, "r": pack.area, "name": pack.name}
        key = objects.keys.key(pack.account_id, pack.area)
        for name, size in objects.db.read(lambda conn: conn.execute(query, at).all()):
            blob = pack_blob(name)
            try:
                trailer = objects.blobs.read(blob, size - TRAILER.size, TRAILER.size)
                start, length = footer_place(size, trailer)
                table = read_footer(key, objects.blobs.read(blob, start, length), start)
            except (Corrupt, NotFound):
                continue
            yield from ((str(name), entry) for entry in table)


class _Twin:
    """The same pack in another store."""

    def __init__(self, objects: PackedObjects, pack: PackRow, copy: BlobStore) -> None:
        self._entries = {entry.name: entry for entry, _ in bodies(objects, pack)}
        try:
            self._data = copy.get(pack_blob(pack.name))
        except NotFound:
            self._data = b""

    def __call__(self, name: bytes) -> Iterator[tuple[Entry, bytes]]:
        entry = self._entries.get(name)
        if entry is not None:
            yield entry, self._data[entry.start : entry.start + entry.stored]


def _harmed(conn: Connection) -> list[PackRow]:
    names = known_problems(conn)
    query = text("SELECT id, name, account_id, area FROM object_pack ORDER BY id")
    return [PackRow(*row) for row in conn.execute(query) if row[1] in names]


def _keys(objects: PackedObjects) -> int:
    """Areas' keys that lie no longer beside the packs are put there."""
    kept = {blob.name.rpartition("/")[2] for blob in objects.blobs.list("keys")}
    missing = missing_keys(objects, kept)
    for key in missing:
        objects.keys.keep_again(bytes.fromhex(key))
    return len(missing)
