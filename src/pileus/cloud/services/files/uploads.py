"""Uploads that survive anything: bytes in a file of the service's folder, the safe place in the database."""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from blake3 import blake3
from starlette.requests import ClientDisconnect

from pileus.cloud.kernel.service import ObjectRef, ServiceContext
from pileus.cloud.services.files import rules, store
from pileus.cloud.services.files.along import Along
from pileus.cloud.services.files.store import AREA, Upload
from pileus.cloud.services.files.tus_rules import Checksum
from pileus.core import durable
from pileus.core.errors import Conflict, Invalid, PileusError, Throttled, TooLarge

KEPT_MS = 7 * 24 * 3600 * 1000
MOST = 1000
"""Unfinished uploads of one account."""
PIECE = 1 << 20
SYNC, SYNC_SECONDS = 8 << 20, 2.0
"""Bytes and time after which an upload that is still coming is fsynced and its place kept."""
SETTLED = 500
"""Objects that one transaction settles."""
NEVER = frozenset({"bad-sealed", rules.OTHER_KEY, "no-upload"})
"""Why a whole upload becomes no file however often it is tried: what was stored of it is let go of. The last one:
the vault was started over meanwhile, and its uploads ended."""
ALONG, ALONG_FROM = 2, 8 << 20
"""Uploads that are stored while they come, at most: each holds packs in memory. And bytes from which one is."""
PATIENCE = 5.0
"""Seconds that a newer request waits for the one before it to notice that its client is gone."""

log = logging.getLogger(__name__)


class Uploads:
    """All unfinished uploads of this cloud."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._folder = ctx.folder("files") / "uploads"
        durable.make_folder(self._folder)
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._arriving: dict[str, asyncio.Timeout] = {}
        self._along: dict[str, Along] = {}

    def tidy(self) -> None:
        """Removes what is too old, and bytes that belong to no upload. Blocks; called at the start."""
        before = self._ctx.clock.now_ms() - KEPT_MS
        self._ctx.db.write(lambda conn: store.expire(conn, before))
        known = self._ctx.db.read(store.open_uploads)
        for path in self._folder.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)

    async def leave(self, account_id: str) -> None:
        """Removes what an account that is being erased had begun to send."""
        for upload in await self._ctx.db.read_async(lambda conn: store.begun(conn, account_id)):
            self._path(upload).unlink(missing_ok=True)

    async def begin(self, upload: Upload) -> Upload:
        """Room is asked for all of it, beside what other uploads still bring; raises `QuotaExceeded`."""
        before = self._ctx.clock.now_ms() - KEPT_MS
        for old in await self._ctx.db.write_async(lambda conn: store.expire(conn, before)):
            self._path(old).unlink(missing_ok=True)
        number, size = await self._ctx.db.read_async(lambda conn: store.waiting(conn, upload.account_id))
        if number >= MOST:
            raise Throttled("too-many-uploads", f"{MOST} uploads are unfinished: finish or give up some.")
        await self._ctx.quota.reserve(upload.account_id, size + upload.size)
        await asyncio.to_thread(_make, self._path(upload.id))
        await self._ctx.db.write_async(lambda conn: store.add_upload(conn, upload))
        return await self._finish(upload) if upload.size == 0 else upload

    async def find(self, account_id: str, upload: str) -> Upload:
        return await self._ctx.db.read_async(lambda conn: store.find_upload(conn, account_id, upload))

    async def append(
        self,
        account_id: str,
        upload_id: str,
        offset: int,
        length: int | None,
        body: AsyncIterator[bytes],
        checksum: Checksum | None = None,
    ) -> Upload:
        """Takes bytes; whatever arrived is safe, even where the body was cut. Complete, it becomes a file.

        With a checksum all of the body is taken, or nothing: raises `ChecksumMismatch`.
        """
        await self.find(account_id, upload_id)  # before it takes the upload from whoever sends to it
        async with self._alone(upload_id):
            upload = await self.find(account_id, upload_id)
            if upload.file_name is not None:
                return upload
            if offset != upload.place:
                raise Conflict(
                    "wrong-offset",
                    f"The upload has {upload.place} bytes, not {offset}.",
                    offset=upload.place,
                )
            if length is not None and offset + length > upload.size:
                raise _too_long(upload)
            try:
                upload = await self._take(upload, body, checksum)
                return await self._whole(upload) if upload.place == upload.size else upload
            except BaseException:
                self._not_along(upload)
                raise

    async def give_up(self, account_id: str, upload_id: str) -> None:
        await self.find(account_id, upload_id)
        async with self._alone(upload_id):
            upload = await self.find(account_id, upload_id)
            if upload.file_name is None:
                await self._drop(upload)

    async def settle(self, account_id: str | None) -> None:
        """Deletes objects that no record names any more, and restores those that one names again.

        None: of all accounts. Never raises for one of them: a doubt that cannot be settled stays for the next
        time.
        """
        found = await self._ctx.db.read_async(lambda conn: store.doubts(conn, account_id))
        wanted = [(account, name) for account, name, used in found if used]
        for start in range(0, len(wanted), SETTLED):
            some = wanted[start : start + SETTLED]
            await self._ctx.db.write_async(lambda conn, some=some: store.settle_used(conn, some))  # type: ignore[misc]
        for account, name, used in found:
            try:
                if not used:
                    await self._ctx.objects.settle(account, AREA, name, partial(store.wanted, (account, name)))
            except Exception:
                log.exception("whether the object %s is still wanted could not be settled", name)

    async def _whole(self, upload: Upload) -> Upload:
        """It becomes a file, which is what is answered. Where that fails, its bytes are kept as any others."""
        try:
            return await self._finish(upload)
        except Exception:
            path = self._path(upload.id)
            if path.exists():
                coming = await asyncio.to_thread(Coming, path, upload.place)
                try:
                    await self._keep(upload, coming)
                finally:
                    await coming.close()
            raise

    async def _take(self, upload: Upload, body: AsyncIterator[bytes], checksum: Checksum | None) -> Upload:
        """With a place that is safe, but for a complete upload: its end is written, and `_whole` makes it safe."""
        clock = self._ctx.clock
        kept = clock.monotonic()
        along = self._beside(upload)
        coming = await asyncio.to_thread(Coming, self._path(upload.id), upload.place, checksum, along)
        try:
            while piece := await self._piece(upload.id, body):
                if coming.seen + len(piece) > upload.size:
                    raise _too_long(upload)
                if coming.add(piece):
                    await coming.write()
                much = checksum is None and coming.written - upload.place >= SYNC
                if much and clock.monotonic() - kept >= SYNC_SECONDS:
                    upload = await self._keep(upload, coming)
                    kept = clock.monotonic()
                    await self._ctx.quota.reserve(upload.account_id, upload.size)
        except (ClientDisconnect, TimeoutError):
            await self._keep_part(upload, coming)
            raise PileusError("cut-off", "The request ended before all of it came.", status=400) from None
        except PileusError:
            await self._keep_part(upload, coming)
            raise
        else:
            await coming.write()
            await coming.rest()
            if checksum is not None:
                checksum.check()
            if coming.written == upload.size:
                return replace(upload, place=coming.written)
            return await self._keep(upload, coming)
        finally:
            await coming.close()

    async def _keep_part(self, upload: Upload, coming: Coming) -> None:
        """Of a body that has to be whole nothing is kept: the next one begins at its place."""
        if coming.checksum is None:
            await self._keep(upload, coming)

    async def _piece(self, upload_id: str, body: AsyncIterator[bytes]) -> bytes:
        """The next bytes, b"" at the end; raises `TimeoutError` when a newer request wants the upload."""
        async with asyncio.timeout(None) as self._arriving[upload_id]:
            try:
                async for piece in body:
                    if piece:
                        return piece
                return b""
            finally:
                del self._arriving[upload_id]

    async def _keep(self, upload: Upload, coming: Coming) -> Upload:
        """fsync first, then the place: an acknowledged byte is on the disk."""
        place = await coming.sync()
        now = self._ctx.clock.now_ms()
        await self._ctx.db.write_async(lambda conn: store.save_place(conn, upload.id, place, now))
        return await self.find(upload.account_id, upload.id)

    async def _finish(self, upload: Upload) -> Upload:
        path = self._path(upload.id)
        if upload.blake3 is not None:
            found = await asyncio.to_thread(hash_of, path, upload.size)
            if found != upload.blake3:
                await self._drop(upload)
                raise Invalid(
                    "hash-mismatch",
                    f"What arrived has the hash {found}, not {upload.blake3}: send it again.",
                    status=422,
                )
        try:
            if upload.sealed:
                rules.check_content(await asyncio.to_thread(head_of, path), upload.sealed)
            kept = await self._stored_along(upload)
            if kept is None:
                kept = await self._ctx.objects.put(upload.account_id, AREA, read_file(path), object_id=upload.id)
            done = await self._ctx.db.write_async(lambda conn: store.commit(conn, self._ctx.journal, upload, kept))
        except PileusError as error:
            if error.code in NEVER:
                await self._drop(upload)
            raise
        await asyncio.to_thread(_remove, path)  # which takes the longer, the larger it is
        return done

    def _beside(self, upload: Upload) -> Along | None:
        """What stores an upload while it comes: from its first byte on, and only where it has had every one.

        What is sealed is looked at first.
        """
        along = self._along.get(upload.id)
        if along is not None and along.given != upload.place:
            along.stop()
            return None
        worth = upload.place == 0 and upload.size >= ALONG_FROM and not upload.sealed
        if along is None and worth and len(self._along) < ALONG:
            put = partial(self._ctx.objects.put, upload.account_id, AREA, object_id=upload.id)
            along = self._along[upload.id] = Along(put, upload.size, lambda: self._along.pop(upload.id))
        return along

    async def _stored_along(self, upload: Upload) -> ObjectRef | None:
        along = self._along.get(upload.id)
        return None if along is None else await along.end()

    def _not_along(self, upload: Upload) -> None:
        if (along := self._along.get(upload.id)) is not None:
            along.stop()

    async def _drop(self, upload: Upload) -> None:
        self._not_along(upload)
        await self._ctx.db.write_async(lambda conn: store.drop_upload(conn, upload))
        self._path(upload.id).unlink(missing_ok=True)

    @asynccontextmanager
    async def _alone(self, upload: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(upload, asyncio.Lock())
        if (arriving := self._arriving.get(upload)) is not None:
            # A phone that changed its network sends anew while the old connection hangs without a word.
            arriving.reschedule(asyncio.get_running_loop().time())
        try:
            await asyncio.wait_for(lock.acquire(), PATIENCE)
        except TimeoutError:
            raise Conflict("upload-busy", "Another request is still sending to this upload.") from None
        try:
            yield
        finally:
            lock.release()

    def _path(self, upload: str) -> Path:
        return self._folder / upload


class Coming:
    """The file that an upload's bytes go to, from the safe place on: what a crash left after it is cut off.

    Opening it blocks. What was added is written while more comes; a failure to do so is raised by a later call.
    """

    def __init__(
        self, path: Path, place: int, checksum: Checksum | None = None, along: Along | None = None
    ) -> None:
        self.checksum, self._along = checksum, along
        self._file = os.open(path, os.O_WRONLY)
        if os.fstat(self._file).st_size < place:
            os.close(self._file)
            raise PileusError("upload-lost", "The bytes of this upload are gone from the disk: begin again.")
        os.ftruncate(self._file, place)
        os.lseek(self._file, place, os.SEEK_SET)
        self._held: list[bytes] = []
        self._held_size = 0
        self._working: asyncio.Future[None] | None = None
        self.seen = self.written = place

    def add(self, piece: bytes) -> bool:
        """Holds a piece; whether it is time to write."""
        self._held.append(piece)
        self._held_size += len(piece)
        self.seen += len(piece)
        return self._held_size >= PIECE

    async def write(self) -> None:
        """Begins to write what is held, and gives it to what is stored meanwhile."""
        await self.rest()
        held, place = b"".join(self._held), self.seen - self._held_size
        self._held, self._held_size = [], 0
        self._begin(partial(self._write, held))
        if self._along is not None:
            await self._along.give(place, held)

    async def rest(self) -> None:
        """Returns when what was to be written is. Given up meanwhile, it leaves the thread at work to `close`."""
        if self._working is not None:
            await asyncio.shield(self._working)
            self._working = None

    async def sync(self) -> int:
        """The place up to which all is on the disk."""
        await self.write()
        await self.rest()
        self._begin(self._sync)
        await self.rest()
        return self.written

    async def close(self) -> None:
        """No thread works on it any more then: the system may give the descriptor's number to another file."""
        if self._working is not None:
            await asyncio.wait([self._working])
        os.close(self._file)

    def _begin(self, work: Callable[[], None]) -> None:
        self._working = asyncio.get_running_loop().run_in_executor(None, work)

    def _sync(self) -> None:
        os.fsync(self._file)

    def _write(self, held: bytes) -> None:
        if self.checksum is not None:
            self.checksum.hasher.update(held)
        data = memoryview(held)
        while data:
            count = os.write(self._file, data)
            self.written += count
            data = data[count:]


async def read_file(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes, read in threads."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()


def head_of(path: Path) -> bytes:
    """What tells a content of the vault, and its key. Blocks."""
    with path.open("rb") as file:
        return file.read(rules.KEY_AT + rules.KEY_ID)


def hash_of(path: Path, size: int) -> str:
    """BLAKE3 in hex. Blocks; lets other threads run."""
    return str((blake3().update_mmap(path) if size else blake3()).hexdigest())


def _make(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _too_long(upload: Upload) -> TooLarge:
    return TooLarge("upload-too-long", f"The upload was announced with {upload.size} bytes; more were sent.")
