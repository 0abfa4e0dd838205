"""The second copy: packs, wrapped keys, the database and what lies beside it, in another store. Blocks.

Nothing in it is ever changed or deleted by this code; it is whole without the first store.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from pileus.cloud.kernel.objects import beside, care
from pileus.cloud.kernel.objects.beside import Beside, Kept, StateKeys
from pileus.cloud.kernel.objects.blobs import BlobStore, Exposure, LocalBlobs
from pileus.cloud.kernel.objects.keys import SIZE, KeyLost, key_blob, key_bytes, unwrap, write_key
from pileus.cloud.kernel.objects.pack import AreaKey, Corrupt, pack_blob, read_pack
from pileus.cloud.kernel.objects.restored import leave_mark
from pileus.cloud.kernel.objects.s3 import S3Blobs
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
from pileus.core import durable, trees
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, NotFound, PileusError, StoreUnavailable, refused
from pileus.core.filenames import printable
from pileus.core.settings import Settings

TRIES = 5
"""A pack that was compacted away while its copy was due makes a new snapshot necessary."""
KEY = "server.key"
"""A copy's own blob of the server's key, where its owner wants it there."""
COPY_KEYS = "PILEUS_COPY_AWS_"
DATABASE = "pileus.db"
WORK = "copying"
"""A folder beside the database for its snapshot; left by a kill, it is emptied by the next run."""

log = logging.getLogger(__name__)


@dataclass
class Copied:
    """`done` blobs `of` those that the copy lacked; `exposures`: what its store would let these keys do to them.

    `left`: packs that are not in the copy because they cannot be read, each with a sentence; `not_kept`: what of
    the data folder is not in it, the same way; `lacking`: how many of its apps and other places are not in it at
    all, which owners are told.
    """

    stamp: str = ""
    packs: int = 0
    of: int = 0
    done: int = 0
    size: int = 0
    exposures: tuple[Exposure, ...] = ()
    left: dict[str, str] = field(default_factory=dict)
    not_kept: dict[str, str] = field(default_factory=dict)
    lacking: int = 0


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
        self,
        db: Database,
        blobs: BlobStore,
        store: BlobStore,
        server_key: bytes,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._db, self._blobs, self.store, self._key, self._clock = db, blobs, store, server_key, clock
        self._folder = settings.data_dir / WORK
        self._beside = Beside(settings)

    def steps(self) -> Iterator[Copied]:
        """One blob a step, so that other work comes between; the last has `stamp` set.

        Each pack is opened before it is copied; one that cannot be read is told in `left`, and the others go on.

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
                    _remove(left)
        finally:
            os.close(descriptor)

    def _copy(self, database: Path) -> Iterator[Copied]:
        named, there = named_in(database), _listed(self.store)
        keys = {blob: data for blob, data in named.keys.items() if blob not in there}
        missing = [pack for pack in named.packs if pack_blob(pack.name) not in there]
        told, ring = Copied(packs=len(named.packs), of=len(keys) + len(missing)), named.ring(self._key)
        for blob, data in keys.items():
            self._put(blob, data, told)
            yield told
        for pack in missing:
            try:
                data = self._whole(pack, ring)
            except (OSError, Corrupt) as error:
                told.left[pack.name] = refused(error) if isinstance(error, OSError) else error.detail
            else:
                self._put(pack_blob(pack.name), data, told)
            yield told
        kept: list[Kept] = []
        for one in self._keep(told):
            kept += [one] if one is not None else []
            yield told
        stamp = stamp_of(self._clock.now_ms())
        sealer = Sealer(self._key, stamp)
        self.store.put(sealer.blob(beside.BESIDE), beside.seal_listing(sealer, kept))
        writer = SnapshotWriter(self.store, sealer)
        with database.open("rb") as file:
            while piece := file.read(PART):
                writer.add(piece)
                yield told
        writer.finish(self._clock.now_ms(), len(named.packs), list(told.left), beside=True)
        told.exposures = self.store.exposures()
        told.stamp = stamp
        now, weak = self._clock.now_ms(), told.exposures
        self._db.write(lambda conn: care.note_done(conn, "copy", now, len(told.left) + told.lacking, weak))
        yield told

    def _keep(self, told: Copied) -> Iterator[Kept | None]:
        """What lies beside the database, one app's folder copied at a time; what cannot be is told."""
        keys, place = StateKeys(self._key), self._folder / "beside"
        there = {blob.name for blob in self.store.list(beside.STATE)}
        for one in self._beside.places():
            try:
                left_out = self._beside.copy(one, place)
            except (OSError, PileusError) as error:
                told.lacking += 1
                told.not_kept[one.path] = printable(refused(error)) if isinstance(error, OSError) else error.detail
            else:
                if left_out is not None:
                    told.not_kept |= beside.not_read(one.path, left_out)
                    yield from beside.keep(
                        keys, one.path, place, there, lambda blob, data: self._put(blob, data, told)
                    )
            finally:
                _remove(place)

    def _put(self, blob: str, data: bytes, told: Copied) -> None:
        with suppress(Conflict):  # a run on another machine brought it
            self.store.put(blob, data)
        told.done, told.size = told.done + 1, told.size + len(data)

    def _whole(self, pack: NamedPack, ring: Mapping[tuple[str, str], AreaKey]) -> bytes:
        """A pack's bytes, every body opened: what is damaged must not take the name that good bytes would need.

        Raises `NotFound` for one that was compacted away, `Corrupt` or `OSError` for one that is lost or damaged.
        """
        try:
            data = self._blobs.get(pack_blob(pack.name))
        except NotFound as error:
            query = text("SELECT 1 FROM object_pack WHERE name = :name")
            if self._db.read(lambda conn: conn.execute(query, {"name": pack.name}).first()) is None:
                raise
            raise Corrupt(detail=error.detail) from None
        key = ring.get((pack.account_id, pack.area))
        if key is None:
            raise Corrupt(detail="The pack belongs to an area without a key.")
        read_pack(key, data)
        return data


def keep_key(copy: BlobStore, server_key: bytes) -> None:
    """Puts the server's key into a copy: it opens everything there. Raises `Conflict` where another one is."""
    try:
        copy.put(KEY, server_key)
    except Conflict:
        if copy.get(KEY) != server_key:
            raise


def kept_key(copy: BlobStore) -> bytes:
    """The key that `keep_key` has put into a copy; raises `KeyLost`."""
    try:
        return copy.get(KEY)
    except NotFound:
        raise KeyLost(detail="The server's key is not in this copy: name yours with --key.") from None


@dataclass
class Restored:
    """`done` of the snapshot's `packs` were looked at, `size` bytes of them were fetched now.

    `left`: packs that the copy lacks, so that what is in them does not come back; by name, with a sentence.
    `not_kept`: what of the data folder does not, the same way; `old`: a copy of before, which has nothing of it.
    """

    stamp: str
    packs: int
    done: int = 0
    size: int = 0
    left: dict[str, str] = field(default_factory=dict)
    not_kept: dict[str, str] = field(default_factory=dict)
    old: bool = False


def restore_copy(
    copy: BlobStore, server_key: bytes, data_dir: Path, blobs: BlobStore, stamp: str | None = None
) -> Iterator[Restored]:
    """Brings everything of a snapshot (the newest, unless told) to an empty place; a step a blob.

    The database comes last, by a rename: cut off before, it is simply begun again, and what is there already
    is not fetched twice. Packs that the copy lacks are told, the others come. Raises `NotEmpty`, `NotFound` (no
    such snapshot), `KeyLost`, `Corrupt`.
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
    end = read_end(copy, sealer)
    read_parts(copy, sealer, end, part)
    named, there = named_in(part), _listed(blobs)
    for blob, data in named.keys.items():
        if blob not in there:
            blobs.put(blob, data)
    told = Restored(chosen, len(named.packs))
    for pack in named.packs:
        if pack_blob(pack.name) not in there:
            _bring(copy, blobs, pack.name, told, end.left)
        told.done += 1
        yield told
    told.old = not end.beside
    for path, problem in beside.bring_back(copy, server_key, sealer, data_dir) if end.beside else ():
        if problem:
            told.not_kept[path] = problem
        yield told
    write_key(key_file, server_key)
    leave_mark(data_dir)
    durable.publish(part, database)
    yield told


def _bring(copy: BlobStore, blobs: BlobStore, pack: str, told: Restored, left: Collection[str]) -> None:
    try:
        data = copy.get(pack_blob(pack))
    except NotFound:
        known = "it could not be read when the snapshot was made" if pack in left else "it is gone from there"
        told.left[pack] = f"The copy lacks it: {known}."
        return
    blobs.put(pack_blob(pack), data)
    told.size += len(data)


@dataclass(frozen=True)
class NamedPack:
    name: str
    account_id: str
    area: str


@dataclass(frozen=True)
class Named:
    """What a database counts on: packs, and by their blobs' names the wrapped keys, which it holds itself."""

    packs: list[NamedPack]
    keys: dict[str, bytes]
    wrapped: dict[tuple[str, str], tuple[bytes, bytes]]

    def ring(self, server_key: bytes) -> dict[tuple[str, str], AreaKey]:
        """Keys by account and area; raises `KeyLost`."""
        return {
            (account, area): AreaKey(key_id, unwrap(server_key, key_id, account, area, wrapped))
            for (account, area), (key_id, wrapped) in self.wrapped.items()
        }


def named_in(database: Path) -> Named:
    """Packs and keys that a database names. The keys are taken from it: a lost blob of one stops no copy."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        packs = conn.execute("SELECT name, account_id, area FROM object_pack ORDER BY id").fetchall()
        rows = conn.execute("SELECT id, account_id, area, wrapped FROM object_key ORDER BY id").fetchall()
    keys = {key_blob(bytes(one)): key_bytes(account, area, bytes(wrapped)) for one, account, area, wrapped in rows}
    wrapped = {(account, area): (bytes(one), bytes(data)) for one, account, area, data in rows}
    return Named([NamedPack(*row) for row in packs], keys, wrapped)


def _remove(place: Path) -> None:
    if place.is_dir():
        trees.remove(place)
    else:
        place.unlink(missing_ok=True)


def _listed(store: BlobStore) -> set[str]:
    return {blob.name for folder in ("packs", "keys") for blob in store.list(folder)}
