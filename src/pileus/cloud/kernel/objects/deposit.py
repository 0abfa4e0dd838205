"""Chunks that a client cuts, names and packs itself, and objects made of them. Blocks, but for `bodies`.

A client is told what names the chunks of its own area, asks which it has to bring, and brings those; each is
opened and named again here before it is kept, so a client that lies about a hash or a size is refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
import zstandard
from blake3 import blake3
from sqlalchemy import Connection

from pileus.cloud.kernel.objects import index
from pileus.cloud.kernel.objects.check import Report, area_packs, check_pack
from pileus.cloud.kernel.objects.index import Part, Place, Stored
from pileus.cloud.kernel.objects.pack import (
    MANIFEST,
    RAW,
    SHARED,
    ZSTD,
    AreaKey,
    Corrupt,
    Manifest,
    PackBuilder,
    pack_blob,
    unseal_body,
)
from pileus.cloud.kernel.service import Checked, ObjectRef, PackedChunk
from pileus.core.errors import Invalid, NotFound, PileusError, StoreUnavailable, TooLarge, Unavailable

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects.store import PackedObjects

T = TypeVar("T")

LARGEST = 8 << 20
"""Bytes of a chunk before packing."""
READ = 4 << 20
"""Bytes of neighbouring bodies that are read at once."""
NAME = 32


@dataclass(frozen=True)
class Wish:
    """An object to be made: `names` in order, each once; `chunks` are the last of them, brought with it."""

    account_id: str
    area: str
    object_id: str
    names: Sequence[bytes]
    chunks: Sequence[PackedChunk]


def known(objects: PackedObjects, account_id: str, area: str, names: Sequence[bytes]) -> set[bytes]:
    """Which are stored; touched, so that no sweep takes them for the grace period."""
    if not objects.db.read(lambda conn: index.usable(conn, account_id, area, names)):
        return set()
    now = objects.clock.now_ms()
    return objects.db.write(lambda conn: index.touch(conn, account_id, area, names, now))


def bring(objects: PackedObjects, account_id: str, area: str, chunks: Sequence[PackedChunk]) -> int:
    """One pack; gives the plain bytes that were new."""
    key = objects.keys.key(account_id, area)
    builder = PackBuilder(key)
    new = _add(objects, key, builder, account_id, area, chunks)
    if not builder.entries:
        return 0
    data = builder.data()
    pack, now = objects.store_pack(data), objects.clock.now_ms()

    def commit(conn: Connection) -> None:
        index.add_pack(conn, account_id, area, pack, len(data), builder.entries, now)
        index.count_brought(conn, account_id, area, new)

    objects.db.write(commit)
    return new


def compose(objects: PackedObjects, wish: Wish, within: Callable[[Connection, ObjectRef], T]) -> T:
    """The last chunks and the manifest in one pack, then the rows, the object and `within` in one transaction."""
    account_id, area, now = wish.account_id, wish.area, objects.clock.now_ms()
    there = objects.db.read(lambda conn: index.find(conn, account_id, area, wish.object_id))
    if there is not None and there.deleted_ms is None:
        ref = ObjectRef(there.id, there.size, there.blake3)
        return objects.db.write(lambda conn: within(conn, ref))
    key = objects.keys.key(account_id, area)
    builder = PackBuilder(key)
    new = _add(objects, key, builder, account_id, area, wish.chunks)
    plain = objects.db.read(lambda conn: index.sizes(conn, account_id, area, wish.names))
    plain |= {chunk.name: chunk.plain for chunk in wish.chunks}
    if any(name not in plain for name in wish.names):
        raise Unavailable("object-swept", index.SWEPT)
    parts, size = [], 0
    for name in wish.names:
        parts.append(Part(size, name, plain[name]))
        size += plain[name]
    digest = str(blake3(b"".join(wish.names)).hexdigest())
    stored = Stored(wish.object_id, size, digest, now, None, shared=True)
    told = Manifest(SHARED, stored.id, size, digest, now, [(part.name, part.plain) for part in parts])
    manifest = msgspec.msgpack.encode(told)
    manifest_name = key.name(manifest)
    builder.add(MANIFEST, manifest_name, manifest)
    data = builder.data()
    pack = objects.store_pack(data)

    def commit(conn: Connection) -> T:
        index.add_pack(conn, account_id, area, pack, len(data), builder.entries, now)
        if not index.take_back(conn, account_id, area, stored.id):
            index.add_object(conn, account_id, area, stored, manifest_name, parts)
            rise = index.counted(conn, account_id, area, stored)
            objects.quota.charge(conn, account_id, area, rise)
            index.count_brought(conn, account_id, area, new - rise)
        return within(conn, ObjectRef(stored.id, size, digest))

    return objects.db.write(commit)


async def bodies(
    objects: PackedObjects, account_id: str, area: str, names: Sequence[bytes]
) -> AsyncIterator[list[PackedChunk]]:
    """In the order of the names, neighbours of one pack read at once."""
    key = await objects.work(lambda: objects.keys.key(account_id, area))
    found = await objects.db.read_async(lambda conn: index.named_places(conn, account_id, area, names))
    if any(name not in found for name in names):
        raise NotFound("no-chunk", "A chunk of this backup is not in the cloud any more.")
    runs = _runs([found[name] for name in names])
    ahead = None
    for number, run in enumerate(runs):
        read = ahead or objects.work(lambda run=run: _read(objects, account_id, area, key, run))  # type: ignore[misc]
        given = await read
        ahead = None
        if number + 1 < len(runs):
            following = runs[number + 1]
            ahead = objects.work(lambda run=following: _read(objects, account_id, area, key, run))  # type: ignore[misc]
        yield given


def _add(
    objects: PackedObjects,
    key: AreaKey,
    builder: PackBuilder,
    account_id: str,
    area: str,
    chunks: Sequence[PackedChunk],
) -> int:
    """Adds those that are not stored yet, each looked at; gives their plain bytes, for which there is room."""
    names = [chunk.name for chunk in chunks]
    there = known(objects, account_id, area, names) if names else set()
    new = 0
    for chunk in chunks:
        if chunk.name in there:
            continue
        there.add(chunk.name)
        _check(key, chunk)
        assert chunk.data is not None  # noqa: S101 - it was looked at
        builder.add_packed(ZSTD if chunk.zstd else RAW, chunk.name, chunk.data, chunk.plain)
        new += chunk.plain
    if new:
        objects.db.read(lambda conn: _room(objects, conn, account_id, area, new))
    return new


def _room(objects: PackedObjects, conn: Connection, account_id: str, area: str, size: int) -> None:
    objects.quota.check(conn, account_id, index.brought(conn, account_id, area) + size)


def _check(key: AreaKey, chunk: PackedChunk) -> None:
    """Raises `Invalid` where a chunk is not what it says it is."""
    if not 0 < chunk.plain <= LARGEST:
        raise TooLarge("chunk-size", f"A chunk has 1 to {LARGEST} bytes, not {chunk.plain}.")
    data = chunk.data
    if data is None or len(chunk.name) != NAME:
        raise Invalid("chunk-wrong", "A chunk without a name or bytes was sent.")
    if chunk.zstd:
        data = _unpacked(data, chunk.plain)
    if len(data) != chunk.plain or key.name(data) != chunk.name:
        raise Invalid(
            "chunk-wrong", "A chunk is not what its name and size say: it was damaged on its way.", status=422
        )


def _unpacked(data: bytes | memoryview, plain: int) -> bytes:
    """One zstd frame that says its size itself: nothing larger is ever made room for."""
    try:
        told = zstandard.frame_content_size(data)
        if told != plain or len(data) >= plain:
            raise Invalid("chunk-wrong", "A chunk's compressed bytes have another size than was said.", status=422)
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=plain, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Invalid("chunk-wrong", f"A chunk cannot be decompressed: {error}", status=422) from None


def _runs(places: Sequence[Place]) -> list[list[Place]]:
    """Places cut where the next one is no neighbour, or much was gathered."""
    runs: list[list[Place]] = []
    end, pack, held = 0, "", 0
    for place in places:
        entry = place.entry
        if place.pack != pack or entry.start != end or held + entry.stored > READ:
            runs.append([])
            held = 0
        runs[-1].append(place)
        pack, end, held = place.pack, entry.start + entry.stored, held + entry.stored
    return runs


def _read(
    objects: PackedObjects, account_id: str, area: str, key: AreaKey, run: Sequence[Place]
) -> list[PackedChunk]:
    """One run; a body that cannot be read is told by itself."""
    first, last = run[0].entry, run[-1].entry
    try:
        data = objects.blobs.read(pack_blob(run[0].pack), first.start, last.start + last.stored - first.start)
        view = memoryview(data)
        return [
            _opened(key, place, view[place.entry.start - first.start :][: place.entry.stored]) for place in run
        ]
    except StoreUnavailable:
        raise
    except (Corrupt, NotFound, OSError):
        return [_moved(objects, account_id, area, key, place) for place in run]


def _opened(key: AreaKey, place: Place, sealed: memoryview) -> PackedChunk:
    entry = place.entry
    return PackedChunk(entry.name, entry.plain, entry.packing == ZSTD, unseal_body(key, entry, sealed))


def _moved(objects: PackedObjects, account_id: str, area: str, key: AreaKey, place: Place) -> PackedChunk:
    """A body by itself, asked for again where it lies: its pack may have been compacted meanwhile."""
    name = place.entry.name
    now = objects.db.read(lambda conn: index.named_places(conn, account_id, area, [name])).get(name, place)
    try:
        sealed = objects.blobs.read(pack_blob(now.pack), now.entry.start, now.entry.stored)
        return _opened(key, now, memoryview(sealed))
    except StoreUnavailable:
        raise
    except (PileusError, OSError):
        return PackedChunk(name, place.entry.plain, False, None)


async def check(objects: PackedObjects, account_id: str, area: str, since_ms: int) -> AsyncIterator[Checked]:
    """One pack at a time in a worker of low priority; what cannot be read is noted as any check does."""
    rows = await objects.db.read_async(lambda conn: area_packs(conn, account_id, area, since_ms))
    report = Report(of=len(rows))
    for row in rows:
        before = len(report.problems)
        await objects.work(lambda row=row: check_pack(objects, row, report))  # type: ignore[misc]
        yield Checked(report.done, report.of, report.size, tuple(report.problems[before:]))
