"""What a cloud keeps beside its database and packs, in a second copy (docs/design/objects.md). Blocks.

state/XX/NAME            nonce (12) | AES-256-GCM(zstd of a piece) | tag (16)
snapshots/STAMP/beside   sealed as the snapshot's parts: zstd of MessagePack [1, [[path, bytes, [names]] …]]

Each file or folder that is kept is one stream, cut by its content; a piece has a name that only the server's key
makes, of the path and the bytes, so that what did not change is there already.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pileus.cloud.kernel.objects.blobs import BlobStore
from pileus.cloud.kernel.objects.chunks import LARGEST, Cutter
from pileus.cloud.kernel.objects.pack import NONCE, Corrupt
from pileus.cloud.kernel.objects.snapshot import Sealer
from pileus.core import durable, trees
from pileus.core.compressing import LEVEL
from pileus.core.copying import FolderCopy
from pileus.core.errors import NotFound, TooLarge, Unavailable, refused
from pileus.core.filenames import printable
from pileus.core.settings import Settings
from pileus.surfaces.client import SupervisorClient
from pileus.surfaces.packages import data_folders

OWN = ("keys/vapid.pem", "tls", "app-ports.json")
"""Below the data folder: by what browsers and push services know this cloud again."""
BESIDE = "beside"
CONTEXT, NAMES = "pileus copy 1 state", "pileus copy 1 state names"
CLAIM = b"pileus state 1\0"
STATE = "state"
RESTORING = "restoring"
"""A folder for what has no name yet; left by a kill, it is emptied by the next restore."""
TRIES = 3
"""How often an app is asked to stand still: each time less is left to be copied."""
READ = 1 << 20
LONGEST_HEAD = 64 << 20
FARTHEST = (1 << 63) - 1
"""Nanoseconds: an app may give a file any time."""
FATAL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
"""What ends a restore; whatever else a disk refuses is of the one file or folder."""
NAMED = 20
"""So many files of a place are named that could not be read."""
FILE: Literal[0] = 0
FOLDER: Literal[1] = 1
LINK: Literal[2] = 2
SAME: Literal[3] = 3


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A stream's: u32 bytes that follow, this, then of a file its bytes where it has some.

    `what`: 0 file, 1 folder, 2 symbolic link, 3 another name of a file before; `target`: of the last two.
    `extents`: [start, bytes] of what is no hole.
    """

    path: bytes
    what: Literal[0, 1, 2, 3]
    mode: int = 0o600
    modified_ns: int = 0
    size: int = 0
    target: bytes = b""
    extents: list[tuple[int, int]] = []


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """`path`: below the data folder; the names of its pieces."""

    path: str
    size: int
    pieces: list[bytes]


class Listing(msgspec.Struct, frozen=True, array_like=True):
    version: int
    kept: list[Kept]


class StateKeys:
    """Names, seals and opens pieces."""

    def __init__(self, server_key: bytes) -> None:
        self._cipher = AESGCM(blake3(server_key, derive_key_context=CONTEXT).digest())
        self._names = blake3(server_key, derive_key_context=NAMES).digest()

    def name(self, path: str, piece: bytes | memoryview) -> bytes:
        """Another one for each path: who keeps two things learns nothing by what another one keeps."""
        return blake3(piece, key=blake3(path.encode(), key=self._names).digest()).digest()

    def seal(self, name: bytes, piece: bytes | memoryview) -> bytes:
        nonce = os.urandom(NONCE)
        packed = zstandard.ZstdCompressor(level=LEVEL).compress(piece)
        return nonce + self._cipher.encrypt(nonce, packed, CLAIM + name)

    def open(self, name: bytes, sealed: bytes) -> bytes:
        """Raises `Corrupt`."""
        try:
            packed = self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], CLAIM + name)
        except (InvalidTag, ValueError):
            raise Corrupt(detail="A piece of it is damaged in the copy.") from None
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=LARGEST)


def state_blob(name: bytes) -> str:
    return f"{STATE}/{name.hex()[:2]}/{name.hex()}"


@dataclass(frozen=True)
class Place:
    """What is to be kept; of an app, whose."""

    path: str
    engine: str = ""
    account_id: str = ""
    app: str = ""


class Beside:
    """What lies in a cloud's data folder now, running or not."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data_dir
        self._settings = settings
        self._client = SupervisorClient(settings)

    def places(self) -> list[Place]:
        """Only those that are there."""
        own = [Place(path) for path in OWN if (self._data / path).exists()]
        apps = [
            Place(one.path.relative_to(self._data).as_posix(), one.engine, one.account_id, one.app)
            for one in data_folders(self._settings)
        ]
        return own + apps

    def copy(self, place: Place, to: Path) -> list[str] | None:
        """Brings it as it is at one moment to `to`, which is not there: what of it could not be read, or
        None where it has gone.

        Raises `OSError`, `PileusError` (`app-busy`: it wrote too much while it was to stand still;
        `app-too-large`: it would take more than half of the room that is left on the disk, which is everybody's).
        """
        source = self._data / place.path
        try:
            if stat.S_ISREG(source.lstat().st_mode):
                to.touch(mode=0o600)
                to.write_bytes(source.read_bytes())
                return []
        except FileNotFoundError:
            return None
        size, _ = trees.measure(source)
        if size > shutil.disk_usage(to.parent).free // 2:
            raise TooLarge("app-too-large", "There is too little room on the disk to copy it to first.")
        copy = FolderCopy(source, to, lambda: None)
        copy.run()
        for _ in range(TRIES):
            with self.still(place) as lasted:
                copy.run()
                there = source.is_dir()
            if lasted() and there:
                return copy.left_out
        if not source.is_dir():
            return None
        raise Unavailable("app-busy", "The app writes too much to be copied while it runs.")

    @contextmanager
    def still(self, place: Place) -> Iterator[Callable[[], bool]]:
        """Within it nothing of the app runs; what it gives says afterwards whether that was so to the end."""
        if not place.app or not self._apps_run():
            yield lambda: True
            return
        lasted = False
        hold = asyncio.run(self._client.hold(place.engine, place.account_id, place.app))
        try:
            yield lambda: lasted
        finally:
            lasted = asyncio.run(self._client.release(hold))

    def _apps_run(self) -> bool:
        """No app outlives its supervisor."""
        with socket.socket(socket.AF_UNIX) as one:
            try:
                one.connect(str(self._settings.supervisor_socket))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True


def stream(root: Path) -> Iterator[bytes]:
    """A file, or a folder with all in it, which nobody changes meanwhile; always the same for the same content."""
    inodes: dict[int, bytes] = {}
    about = root.lstat()
    if stat.S_ISREG(about.st_mode):
        yield from _file(root, b"", about)
        return
    yield _head(Entry(b"", FOLDER, 0o700))
    waiting = [(root, b"")]
    while waiting:
        folder, above = waiting.pop()
        for name in sorted(os.listdir(folder)):
            place, path = folder / name, above + os.fsencode(name)
            about = place.lstat()
            if stat.S_ISDIR(about.st_mode):
                yield _head(Entry(path, FOLDER, 0o700))
                waiting.append((place, path + b"/"))
            elif stat.S_ISLNK(about.st_mode):
                yield _head(Entry(path, LINK, target=os.fsencode(place.readlink())))
            elif about.st_nlink > 1 and (first := inodes.setdefault(about.st_ino, path)) != path:
                yield _head(Entry(path, SAME, target=first))
            else:
                yield from _file(place, path, about)


def _head(entry: Entry) -> bytes:
    head = msgspec.msgpack.encode(entry)
    return len(head).to_bytes(4, "little") + head


def _file(place: Path, path: bytes, about: os.stat_result) -> Iterator[bytes]:
    with place.open("rb", buffering=0) as file:
        extents = list(_extents(file.fileno(), about.st_size))
        mode = about.st_mode & 0o777
        modified = max(-FARTHEST, min(about.st_mtime_ns, FARTHEST))
        yield _head(Entry(path, FILE, mode, modified, about.st_size, extents=extents))
        for start, length in extents:
            file.seek(start)
            while length:
                data = file.read(min(READ, length))
                if not data:
                    raise OSError(f"{place} was cut while it was read")
                length -= len(data)
                yield data


def _extents(file: int, size: int) -> Iterator[tuple[int, int]]:
    place = 0
    while place < size:
        try:
            start = os.lseek(file, place, os.SEEK_DATA)
        except OSError:  # a hole up to its end
            return
        place = min(os.lseek(file, start, os.SEEK_HOLE), size)
        yield start, place - start


def keep(
    keys: StateKeys, path: str, root: Path, there: set[str], put: Callable[[str, bytes], None]
) -> Iterator[Kept | None]:
    """Puts the pieces of what lies at `root` that are not `there`, None after each; last, what the listing is to
    say of it."""
    cutter, size = Cutter(), 0
    names: list[bytes] = []

    def bring(piece: memoryview) -> None:
        name = keys.name(path, piece)
        names.append(name)
        if (blob := state_blob(name)) not in there:
            put(blob, keys.seal(name, piece))
            there.add(blob)

    for data in stream(root):
        size += len(data)
        for piece in cutter.feed(data):
            bring(piece)
            yield None
    for piece in cutter.finish():
        bring(piece)
        yield None
    yield Kept(path, size, names)


def not_read(path: str, names: list[str]) -> dict[str, str]:
    """What is told of files of a place that could not be read."""
    told = {printable(f"{path}/{name}"): "It could not be read." for name in names[:NAMED]}
    more = len(names) - len(told)
    return told | ({path: f"{more} more of its files could not be read."} if more > 0 else {})


def seal_listing(sealer: Sealer, kept: list[Kept]) -> bytes:
    packed = zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(Listing(1, kept)))
    return sealer.seal(BESIDE, packed)


def bring_back(copy: BlobStore, server_key: bytes, sealer: Sealer, data_dir: Path) -> Iterator[tuple[str, str]]:
    """Gives the data folder what it has not: a step each file or folder, with its path and a sentence, empty where
    all is well. Each has its name whole or not at all, and on the disk. Raises `KeyLost`, `Corrupt`,
    `StoreUnavailable`, `OSError`."""
    keys, work = StateKeys(server_key), data_dir / RESTORING
    trees.remove(work)
    for one in _listed(copy, sealer).kept:
        place = data_dir / _checked(one.path)
        if os.path.lexists(place):
            yield one.path, ""
            continue
        work.mkdir(mode=0o700)
        part = work / "part"
        try:
            _lay_out(_Pieces(copy, keys, one.pieces), part)
        except (NotFound, Corrupt) as error:
            yield one.path, error.detail
        except (msgspec.MsgspecError, ValueError, OverflowError) as error:
            yield one.path, f"The copy tells of it in a way that nothing has written: {error}"
        except OSError as error:
            if error.errno in FATAL:
                raise
            yield one.path, printable(refused(error))
        else:
            durable.make_folder(place.parent)
            durable.publish(part, place)
            yield one.path, ""
        finally:
            trees.remove(work)


def _listed(copy: BlobStore, sealer: Sealer) -> Listing:
    try:
        sealed = copy.get(sealer.blob(BESIDE))
    except NotFound as error:
        raise Corrupt(detail=error.detail) from None
    with zstandard.ZstdDecompressor().stream_reader(sealer.open(BESIDE, sealed)) as reader:
        listing = msgspec.msgpack.decode(reader.read(), type=Listing)
    if listing.version != 1:
        raise Corrupt("snapshot-version", f"What lies beside has format version {listing.version}, not 1.")
    return listing


def _checked(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        raise Corrupt(detail=f"The copy names a place outside of the data folder: {path!r}.")
    return path


class _Pieces:
    """A stream out of its pieces."""

    def __init__(self, copy: BlobStore, keys: StateKeys, names: list[bytes]) -> None:
        self._copy, self._keys, self._names = copy, keys, iter(names)
        self._held = memoryview(b"")

    def some(self, most: int) -> memoryview:
        """At least a byte, but at the end."""
        if not self._held and (name := next(self._names, None)) is not None:
            self._held = memoryview(self._keys.open(name, self._copy.get(state_blob(name))))
        found, self._held = self._held[:most], self._held[most:]
        return found

    def take(self, length: int) -> bytes:
        """Empty at the end; raises `Corrupt` where that comes within."""
        found = bytearray()
        while len(found) < length and (data := self.some(length - len(found))):
            found += data
        if found and len(found) < length:
            raise Corrupt(detail="It ends in the midst in the copy.")
        return bytes(found)


def _lay_out(pieces: _Pieces, part: Path) -> None:
    while head := pieces.take(4):
        length = int.from_bytes(head, "little")
        if length > LONGEST_HEAD:
            raise Corrupt(detail="The copy tells of a file in a way that nothing has written.")
        entry = msgspec.msgpack.decode(pieces.take(length), type=Entry)
        place = part / os.fsdecode(entry.path) if entry.path else part
        if b".." in entry.path.split(b"/") or entry.path.startswith(b"/"):
            raise Corrupt(detail="The copy names a place outside of its folder.")
        match entry.what:
            case 1:
                place.mkdir(mode=0o700)
            case 2:
                place.symlink_to(os.fsdecode(entry.target))
            case 3:
                os.link(part / os.fsdecode(entry.target), place)
            case _:
                _write(pieces, entry, place)


def _write(pieces: _Pieces, entry: Entry, place: Path) -> None:
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
        for start, length in entry.extents:
            file.seek(start)
            while length:
                data = pieces.some(length)
                if not data:
                    raise Corrupt(detail="It ends in the midst in the copy.")
                file.write(data)
                length -= len(data)
        file.truncate(entry.size)
        os.fchmod(file.fileno(), 0o600 | entry.mode & 0o777)
    os.utime(place, ns=(entry.modified_ns, entry.modified_ns))
