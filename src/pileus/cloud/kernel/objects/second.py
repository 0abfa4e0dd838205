"""The second copy: packs, wrapped keys and snapshots of the database in another store. Blocks.

Nothing in it is ever changed or deleted by this code; it is whole without the first store.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pileus.cloud.kernel.objects.blobs import BlobStore, LocalBlobs, fsync
from pileus.cloud.kernel.objects.keys import SIZE, KeyLost, write_key
from pileus.cloud.kernel.objects.pack import pack_blob
from pileus.cloud.kernel.objects.s3 import PROBE, S3Blobs
from pileus.cloud.kernel.objects.snapshot import (
    PART,
    Sealer,
    SnapshotWriter,
    complete,
    read_end,
    read_parts,
    stamp_of,
)
from pileus.cloud.kernel.service import Database
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, NotFound, PileusError, StoreUnavailable

TRIES = 5
"""A pack that was compacted away while its copy was due makes a new snapshot necessary."""
COPY_KEYS = "PILEUS_COPY_AWS_"
DATABASE = "pileus.db"
WORK = "copying"
"""A folder beside the database for its snapshot; left by a kill, it is emptied by the next run."""

log = logging.getLogger(__name__)


@dataclass
class Copied:
    """`done` blobs `of` those that the copy lacked; `deletable`: its store would let these keys delete."""

    stamp: str = ""
    packs: int = 0
    of: int = 0
    done: int = 0
    size: int = 0
    deletable: bool = False


class NotEmpty(PileusError):
    """A copy is restored into an empty place only."""

    code = "not-empty"


def open_copy(place: str) -> BlobStore:
    """A bucket (its keys may be its own: `PILEUS_COPY_AWS_*` stands for `AWS_*`), or a folder."""
    if not place.startswith("s3://"):
        return LocalBlobs(Path(place))
    own = {name[len("PILEUS_COPY_") :]: value for name, value in os.environ.items() if name.startswith(COPY_KEYS)}
    return S3Blobs(place, own)


class SecondCopy:
    """Copies what the second store lacks, and a snapshot of the database."""

    def __init__(
        self, db: Database, blobs: BlobStore, store: BlobStore, server_key: bytes, clock: Clock, data_dir: Path
    ) -> None:
        self._db, self._blobs, self.store, self._key, self._clock = db, blobs, store, server_key, clock
        self._folder = data_dir / WORK

    def steps(self) -> Iterator[Copied]:
        """One blob a step, so that other work comes between; the last has `stamp` set.

        Raises what stopped it, `Conflict` where another run goes on; what was copied stays, and the next run
        goes on from there.
        """
        with self._alone():
            for _ in range(TRIES):
                database = self._folder / DATABASE
                database.unlink(missing_ok=True)
                self._db.snapshot(database)
                try:
                    yield from self._copy(database)
                except NotFound:
                    log.info("a pack was compacted while it was copied: the copy begins with a new snapshot")
                    continue
                return
        raise StoreUnavailable(detail="Packs went faster than they could be copied; it is tried again.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict("copy-runs", "Another run of the second copy goes on.") from None
            try:
                yield
            finally:
                for left in self._folder.iterdir():
                    left.unlink()
        finally:
            os.close(descriptor)

    def _copy(self, database: Path) -> Iterator[Copied]:
        told, there = Copied(), {blob.name for folder in ("packs", "keys") for blob in self.store.list(folder)}
        packs, keys = named_in(database)
        missing = [name for name in (*keys, *packs) if name not in there]
        told.packs, told.of = len(packs), len(missing)
        for name in missing:
            data = self._blobs.get(name)
            with suppress(Conflict):  # a run on another machine brought it
                self.store.put(name, data)
            told.done, told.size = told.done + 1, told.size + len(data)
            yield told
        stamp = stamp_of(self._clock.now_ms())
        sealer = Sealer(self._key, stamp)
        writer = SnapshotWriter(self.store, sealer)
        with database.open("rb") as file:
            while piece := file.read(PART):
                writer.add(piece)
                yield told
        writer.finish(self._clock.now_ms(), len(packs))
        told.deletable = self._deletable()
        told.stamp = stamp
        yield told

    def _deletable(self) -> bool:
        """Tried on a blob that means nothing; the store has just answered, so that a failure is a refusal."""
        with suppress(Conflict):
            self.store.put(PROBE, b"")
        try:
            self.store.delete(PROBE)
            self.store.get(PROBE)
        except StoreUnavailable:
            return False
        except NotFound:
            return True
        return False


@dataclass(frozen=True)
class Restored:
    """`done` of the snapshot's `packs` are here, `size` bytes of them were fetched now."""

    stamp: str
    packs: int
    done: int
    size: int


def restore_copy(
    copy: BlobStore, server_key: bytes, data_dir: Path, blobs: BlobStore, stamp: str | None = None
) -> Iterator[Restored]:
    """Brings everything of a snapshot (the newest, unless told) to an empty place; a step a blob.

    The database comes last, by a rename: cut off before, it is simply begun again, and what is there already
    is not fetched twice. Raises `NotEmpty`, `NotFound` (no such snapshot), `KeyLost`, `Corrupt`.
    """
    if len(server_key) != SIZE:
        raise KeyLost(detail=f"A server's key has {SIZE} bytes.")
    database = data_dir / DATABASE
    key_file = data_dir / "keys" / "server.key"
    if database.exists() or (key_file.exists() and key_file.read_bytes() != server_key):
        raise NotEmpty(detail=f"{data_dir} holds a cloud already: restore into an empty folder.")
    stamps = complete(copy)
    if not stamps or (stamp is not None and stamp not in stamps):
        raise NotFound("no-snapshot", "The copy has no such snapshot that came to its end.")
    chosen = stamp or stamps[-1]
    sealer = Sealer(server_key, chosen)
    part = data_dir / f"{DATABASE}.part"
    read_parts(copy, sealer, read_end(copy, sealer), part)
    packs, keys = named_in(part)
    there = {blob.name for folder in ("packs", "keys") for blob in blobs.list(folder)}
    size = 0
    for done, name in enumerate((*keys, *packs), 1):
        if name not in there:
            data = copy.get(name)
            blobs.put(name, data)
            size += len(data)
        yield Restored(chosen, len(packs), max(done - len(keys), 0), size)
    write_key(key_file, server_key)
    part.rename(database)
    fsync(data_dir)
    yield Restored(chosen, len(packs), len(packs), size)


def named_in(database: Path) -> tuple[list[str], list[str]]:
    """Blobs of packs and of keys that a database counts on."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        packs = [pack_blob(name) for (name,) in conn.execute("SELECT name FROM object_pack ORDER BY id")]
        keys = [f"keys/{bytes(key).hex()}" for (key,) in conn.execute("SELECT id FROM object_key ORDER BY id")]
    return packs, keys
