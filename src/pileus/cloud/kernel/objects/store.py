"""`Objects` on packs. Heavy work runs in threads of its own with a lower priority, in bounded memory."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import msgspec
from blake3 import blake3
from sqlalchemy import Connection

from pileus.cloud.kernel.objects import deposit, index
from pileus.cloud.kernel.objects.blobs import BlobStore
from pileus.cloud.kernel.objects.chunks import Cutter
from pileus.cloud.kernel.objects.index import Part, Place, Stored
from pileus.cloud.kernel.objects.keys import Keyring
from pileus.cloud.kernel.objects.pack import (
    MANIFEST,
    PLAIN,
    RAW,
    ZSTD,
    AreaKey,
    Entry,
    Manifest,
    PackBuilder,
    open_body,
    pack_blob,
)
from pileus.cloud.kernel.service import Checked, Database, ObjectRef, PackedChunk, Quota
from pileus.core.clock import Clock
from pileus.core.compressing import Compressor
from pileus.core.errors import Conflict, NotFound
from pileus.core.ids import new_id

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects.second import SecondCopy

T = TypeVar("T")

BATCH = 4 << 20
"""Bytes that are gathered before a thread works on them."""
PACK = 16 << 20
"""A pack is closed when it has so many bytes; the last of an object may be shorter."""
WORKERS = 2
NICE = 10
TEND_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 3600.0
"""After a failure, as of a store that was away."""

log = logging.getLogger(__name__)


class PackedObjects:
    """The kernel's `Objects`."""

    tend: Callable[[PackedObjects], object] | None = None
    """Called in a worker once a day while something is stored or deleted: the sweep."""
    copy: SecondCopy | None = None
    """Where a second copy is kept up to date each day."""

    def __init__(self, db: Database, blobs: BlobStore, keys: Keyring, clock: Clock, quota: Quota) -> None:
        self.db, self.blobs, self.keys, self.clock, self.quota = db, blobs, keys, clock, quota
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="objects", initializer=_step_back)
        self._stores = ThreadPoolExecutor(WORKERS, thread_name_prefix="packs", initializer=_step_back)
        self._tended: float | None = None

    async def put(
        self, account_id: str, area: str, data: AsyncIterator[bytes], object_id: str | None = None
    ) -> ObjectRef:
        """As in the border; with an `object_id` it is stored once: a repeated call does not read `data`."""
        if object_id is not None and (there := await self._there(account_id, area, object_id)):
            return there
        self._look_after()
        writer = await self.work(lambda: Writer(self, account_id, area))
        writer.begin(object_id or new_id())
        held, size, seen = list[bytes](), 0, 0
        feeding: asyncio.Future[None] | None = None
        try:
            async for piece in data:
                held.append(piece)
                size, seen = size + len(piece), seen + len(piece)
                if size >= BATCH:
                    await self.quota.reserve(account_id, seen)
                    if feeding is not None:
                        await feeding
                    batch, held, size = held, [], 0
                    feeding = self.work(lambda batch=batch: writer.feed(*batch))  # type: ignore[misc]
        finally:
            if feeding is not None:  # a writer has one caller at a time
                await asyncio.wait([feeding])
        if feeding is not None:
            feeding.result()
        await self.quota.reserve(account_id, seen)
        return (await self.work(lambda: _last(writer, *held)))[0]

    async def put_many(self, account_id: str, area: str, contents: Mapping[str, bytes]) -> dict[str, ObjectRef]:
        """As in the border: small objects share packs and one transaction."""
        stored = await self.db.read_async(lambda conn: index.stored_among(conn, account_id, area, list(contents)))
        there = {name: ref for name in stored if (ref := await self._there(account_id, area, name))}
        new = {name: data for name, data in contents.items() if name not in there}
        if not new:
            return there
        self._look_after()
        await self.quota.reserve(account_id, sum(len(data) for data in new.values()))
        made = await self.work(lambda: _several(Writer(self, account_id, area), new))
        return {**there, **{ref.id: ref for ref in made}}

    async def get(
        self, account_id: str, area: str, object_id: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        key = await self.work(lambda: self.keys.key(account_id, area))
        stop = (1 << 62) if end is None else end
        _, found = await self.db.read_async(
            lambda conn: index.places(conn, account_id, area, object_id, start, stop)
        )
        ahead: asyncio.Future[bytes] | None = None
        try:
            for number, place in enumerate(found):
                plain = await (ahead or self._read(account_id, area, key, place))
                following = found[number + 1 : number + 2]
                ahead = self._read(account_id, area, key, following[0]) if following else None
                yield plain[max(start - place.start, 0) : stop - place.start]
        finally:
            if ahead is not None:
                ahead.cancel()

    async def delete(self, account_id: str, area: str, object_id: str, keep_ms: int = 0) -> None:
        """Frees its bytes at once; the sweep takes the chunks after the grace period, and after `keep_ms`."""
        self._look_after()
        now = self.clock.now_ms()

        def mark(conn: Connection) -> None:
            index.keep_until(conn, account_id, area, object_id, now + keep_ms)
            size = index.set_deleted(conn, account_id, area, object_id, now)
            if size:
                self.quota.charge(conn, account_id, area, -size)

        await self.db.write_async(mark)

    async def naming_key(self, account_id: str, area: str) -> bytes:
        return await self.work(lambda: self.keys.key(account_id, area).naming)

    async def is_empty(self, account_id: str, area: str) -> bool:
        return await self.db.read_async(lambda conn: index.is_empty(conn, account_id, area))

    async def known(self, account_id: str, area: str, names: Sequence[bytes]) -> set[bytes]:
        return await self.work(lambda: deposit.known(self, account_id, area, names))

    async def bring(self, account_id: str, area: str, chunks: Sequence[PackedChunk]) -> int:
        self._look_after()
        return await self.work(lambda: deposit.bring(self, account_id, area, chunks))

    async def compose(
        self,
        account_id: str,
        area: str,
        object_id: str,
        names: Sequence[bytes],
        chunks: Sequence[PackedChunk],
        within: Callable[[Connection, ObjectRef], T],
    ) -> T:
        self._look_after()
        wish = deposit.Wish(account_id, area, object_id, names, chunks)
        return await self.work(lambda: deposit.compose(self, wish, within))

    def bodies(self, account_id: str, area: str, names: Sequence[bytes]) -> AsyncIterator[list[PackedChunk]]:
        return deposit.bodies(self, account_id, area, names)

    def check(self, account_id: str, area: str, since_ms: int) -> AsyncIterator[Checked]:
        return deposit.check(self, account_id, area, since_ms)

    async def restore(self, account_id: str, area: str, object_id: str) -> bool:
        """Takes a deletion back that is not swept yet; False where there is nothing left to take back.

        Its bytes count again whatever the limit: they were never gone, and who asks cannot make room first.
        """
        return await self.db.write_async(lambda conn: index.take_back(conn, account_id, area, object_id))

    async def settle(
        self, account_id: str, area: str, object_id: str, wanted: Callable[[Connection], bool]
    ) -> None:
        self._look_after()
        now = self.clock.now_ms()

        def decide(conn: Connection) -> None:
            if wanted(conn):
                index.take_back(conn, account_id, area, object_id)
            else:
                index.let_go(conn, account_id, area, object_id, now)

        await self.db.write_async(decide)

    def close(self) -> None:
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._stores.shutdown(wait=True)

    async def _there(self, account_id: str, area: str, object_id: str) -> ObjectRef | None:
        stored = await self.db.read_async(lambda conn: index.find(conn, account_id, area, object_id))
        if stored is None:
            return None
        if stored.found:
            await self.restore(account_id, area, object_id)
        elif stored.deleted_ms is not None:
            raise Conflict("object-deleted", "An object of this id was deleted.")
        return ObjectRef(stored.id, stored.size, stored.blake3)

    def _look_after(self) -> None:
        now = self.clock.monotonic()
        if self.tend is None or (self._tended is not None and now - self._tended < TEND_SECONDS):
            return
        self._tended = now
        self._workers.submit(self._tend)

    def _tend(self) -> None:
        try:
            if self.tend is not None:
                self.tend(self)
        except Exception:
            self._tended = self.clock.monotonic() - TEND_SECONDS + AGAIN_SECONDS
            log.exception("looking after the packs failed; it is tried again in an hour")

    def _read(self, account_id: str, area: str, key: AreaKey, place: Place) -> asyncio.Future[bytes]:
        return self.work(lambda: self._body(account_id, area, key, place.pack, place.entry))

    def _body(self, account_id: str, area: str, key: AreaKey, pack: str, entry: Entry) -> bytes:
        """Blocks; raises `Corrupt`, or `NotFound` where the pack is gone and the chunk was not moved."""
        while True:
            try:
                return open_body(key, entry, self.blobs.read(pack_blob(pack), entry.start, entry.stored))
            except NotFound:
                name = entry.name
                now = self.db.read(lambda conn, name=name: index.chunk_place(conn, account_id, area, name))  # type: ignore[misc]
                if now is None or now[0] == pack:
                    raise
                pack, entry = now

    def store_pack(self, data: bytes | bytearray) -> str:
        """Gives a pack a new name; durable when it returns. Blocks."""
        name = os.urandom(16).hex()
        try:
            self.blobs.put(pack_blob(name), data)
        except Conflict:
            # A put whose answer was lost on its way is repeated, and finds that its own name is taken.
            if self.blobs.get(pack_blob(name)) != data:
                raise
        return name

    def storing(self, function: Callable[[], T]) -> Future[T]:
        """Runs what waits for the disk in a thread beside the workers, who may wait for it."""
        return self._stores.submit(function)

    def work(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Runs what blocks in a worker of low priority."""
        return asyncio.get_running_loop().run_in_executor(self._workers, function)


class Writer:
    """Objects on their way in, one after the other; blocks, one call at a time, from any thread.

    Full packs are stored while the next one is made: what went wrong with one is raised by a later call, the last
    by `commit`.
    """

    def __init__(self, objects: PackedObjects, account_id: str, area: str) -> None:
        self._objects, self._account, self._area = objects, account_id, area
        self._key = objects.keys.key(account_id, area)
        self._pack = PackBuilder(self._key)
        self._compressor = Compressor()
        self._pending: set[bytes] = set()
        self._storing: deque[tuple[Future[bytearray], set[bytes]]] = deque()
        """Packs on their way, the oldest first, and the names of their chunks."""
        self._ended: list[tuple[Stored, bytes, list[Part]]] = []

    def begin(self, object_id: str) -> None:
        self._id = object_id
        self._cutter, self._hash = Cutter(), blake3()
        self._parts: list[Part] = []
        self.size = 0
        self._cut = 0

    def feed(self, *data: bytes) -> None:
        for piece in data:
            self.size += len(piece)
            self._hash.update(piece)
        self._take(list(self._cutter.feed(*data)))

    def end(self, *data: bytes) -> None:
        """The object has all its bytes; `commit` makes it one."""
        self.feed(*data)
        self._take(list(self._cutter.finish()))
        now = self._objects.clock.now_ms()
        stored = Stored(self._id, self.size, str(self._hash.hexdigest()), now, None)
        chunks = [(part.name, part.plain) for part in self._parts]
        manifest = msgspec.msgpack.encode(Manifest(PLAIN, self._id, self.size, stored.blake3, now, chunks))
        name = self._key.name(manifest)
        self._pack.add(MANIFEST, name, manifest)
        self._ended.append((stored, name, self._parts))

    def commit(self) -> list[ObjectRef]:
        """Durable when it returns: the last pack, then its rows and the objects in one transaction."""
        self._settled()
        now = self._objects.clock.now_ms()
        pack, size, entries = self._store_pack()

        def commit(conn: Connection) -> None:
            index.add_pack(conn, self._account, self._area, pack, size, entries, now)
            for stored, name, parts in self._ended:
                if index.take_back(conn, self._account, self._area, stored.id):
                    continue  # a rebuild found the pack before its writer could name it
                index.add_object(conn, self._account, self._area, stored, name, parts)
                if stored.size:
                    self._objects.quota.charge(conn, self._account, self._area, stored.size)

        self._objects.db.write(commit)
        return [ObjectRef(stored.id, stored.size, stored.blake3) for stored, _, _ in self._ended]

    def _take(self, chunks: list[memoryview]) -> None:
        names = [self._key.name(chunk) for chunk in chunks]
        there = self._there(names).union(self._pending, *(on_their_way for _, on_their_way in self._storing))
        new: dict[bytes, memoryview] = {}
        for name, chunk in zip(names, chunks, strict=True):
            self._parts.append(Part(self._cut, name, len(chunk)))
            self._cut += len(chunk)
            if name not in there:
                new[name] = chunk
        packed = self._compressor.each_shorter(list(new.values()))
        for (name, chunk), shorter in zip(new.items(), packed, strict=True):
            data, packing = (chunk, RAW) if shorter is None else (shorter, ZSTD)
            self._pack.add_packed(packing, name, data, len(chunk))
            self._pending.add(name)
            if len(self._pack) >= PACK:
                self._flush()

    def _there(self, names: list[bytes]) -> set[bytes]:
        if not names:
            return set()
        db, now = self._objects.db, self._objects.clock.now_ms()
        if not db.read(lambda conn: index.usable(conn, self._account, self._area, names)):
            return set()
        return db.write(lambda conn: index.touch(conn, self._account, self._area, names, now))

    def _flush(self) -> None:
        room = self._settled(self._objects.blobs.ahead - 1)
        full = self._pack
        self._storing.append((self._objects.storing(lambda: self._store(full)), self._pending))
        self._pack, self._pending = PackBuilder(self._key, room=room), set()

    def _settled(self, most: int = 0) -> bytearray | None:
        """Waits until at most so many packs are on their way; gives the memory of one. Raises what went wrong."""
        room = None
        while len(self._storing) > most:
            storing, _ = self._storing.popleft()
            room = storing.result()
        return room

    def _store_pack(self) -> tuple[str, int, list[Entry]]:
        data = self._pack.data()
        return self._objects.store_pack(data), len(data), self._pack.entries

    def _store(self, full: PackBuilder) -> bytearray:
        data = full.data()
        pack, now = self._objects.store_pack(data), self._objects.clock.now_ms()
        self._objects.db.write(
            lambda conn: index.add_pack(conn, self._account, self._area, pack, len(data), full.entries, now)
        )
        return data


def _last(writer: Writer, *data: bytes) -> list[ObjectRef]:
    writer.end(*data)
    return writer.commit()


def _several(writer: Writer, contents: Mapping[str, bytes]) -> list[ObjectRef]:
    for name, data in contents.items():
        writer.begin(name)
        writer.end(data)
    return writer.commit()


def _step_back() -> None:
    """A finger in an app goes first (Linux: a thread has a priority of its own)."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
