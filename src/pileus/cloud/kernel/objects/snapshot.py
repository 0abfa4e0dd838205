"""A database in sealed parts, as a second copy holds it (docs/design/objects.md). Blocks.

snapshots/STAMP/NUMBER   nonce (12) | AES-256-GCM(zstd of 4 MiB of the database) | tag (16)
snapshots/STAMP/end      nonce (12) | AES-256-GCM(JSON of what is in it) | tag (16), made last

Associated data: "pileus snapshot 1" NUL STAMP NUL NUMBER or "end". The key is derived from the server's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pileus.cloud.kernel.objects.blobs import BlobStore
from pileus.cloud.kernel.objects.keys import KeyLost
from pileus.cloud.kernel.objects.pack import NONCE, Corrupt
from pileus.core.compressing import LEVEL
from pileus.core.errors import NotFound

FOLDER, END = "snapshots", "end"
CONTEXT = "pileus copy 1 snapshot"
CLAIM = "pileus snapshot 1"
PART = 4 << 20
"""Bytes of the database in a part; AES-GCM holds the interpreter's lock for the length of one."""


class End(msgspec.Struct, frozen=True):
    """What the last blob of a snapshot says: there are `parts`, and they make `size` bytes with this hash.

    `left`: packs that could not be read when it was made, so that the copy may lack them. `beside`: whether what
    lies beside the database is in it; in copies of before it is not.
    """

    version: int
    made_ms: int
    parts: int
    size: int
    blake3: str
    packs: int
    left: list[str] = []
    beside: bool = False


class Sealer:
    """Seals and opens what belongs to one snapshot."""

    def __init__(self, server_key: bytes, stamp: str) -> None:
        self._cipher = AESGCM(blake3(server_key, derive_key_context=CONTEXT).digest())
        self._stamp = stamp

    def blob(self, what: str) -> str:
        return f"{FOLDER}/{self._stamp}/{what}"

    def seal(self, what: str, data: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, data, self._claim(what))

    def open(self, what: str, sealed: bytes) -> bytes:
        """Raises `KeyLost`: the bytes are damaged, or another server's key sealed them."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self._claim(what))
        except (InvalidTag, ValueError):
            raise KeyLost(
                detail=f"The key does not open {self.blob(what)}: it is another server's, or the copy is damaged."
            ) from None

    def _claim(self, what: str) -> bytes:
        return "\0".join((CLAIM, self._stamp, what)).encode()


def stamp_of(now_ms: int) -> str:
    """The name of a snapshot made now: names sort as times do."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dt%H%M%S%f")[:-3] + "z"


class SnapshotWriter:
    """Puts a database into a store, a piece at a time; it counts once `finish` has returned."""

    def __init__(self, store: BlobStore, sealer: Sealer) -> None:
        self._store, self._sealer = store, sealer
        self._parts, self._size, self._hash = 0, 0, blake3()

    def add(self, piece: bytes) -> None:
        """The next bytes, `PART` of them but for the last."""
        what = f"{self._parts:06}"
        self._put(what, zstandard.ZstdCompressor(level=LEVEL).compress(piece))
        self._hash.update(piece)
        self._parts, self._size = self._parts + 1, self._size + len(piece)

    def finish(self, now_ms: int, packs: int, left: Sequence[str] = (), *, beside: bool = False) -> None:
        end = End(1, now_ms, self._parts, self._size, str(self._hash.hexdigest()), packs, list(left), beside)
        self._put(END, msgspec.json.encode(end))

    def _put(self, what: str, data: bytes) -> None:
        self._store.put(self._sealer.blob(what), self._sealer.seal(what, data))


def complete(store: BlobStore) -> list[str]:
    """Stamps of the snapshots that came to their end, the newest last."""
    names = (blob.name.split("/") for blob in store.list(FOLDER))
    return sorted(name[1] for name in names if len(name) == 3 and name[2] == END)


def read_end(store: BlobStore, sealer: Sealer) -> End:
    end = msgspec.json.decode(sealer.open(END, store.get(sealer.blob(END))), type=End)
    if end.version != 1:
        raise Corrupt("snapshot-version", f"The snapshot has format version {end.version}, this code reads 1.")
    return end


def read_parts(store: BlobStore, sealer: Sealer, end: End, database: Path) -> None:
    """Writes the database to a new file, fsynced; raises `Corrupt` where anything is missing or another."""
    hasher, size = blake3(), 0
    with os.fdopen(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for number in range(end.parts):
            try:
                sealed = store.get(sealer.blob(f"{number:06}"))
            except NotFound as error:
                raise Corrupt(detail=error.detail) from None
            piece = zstandard.ZstdDecompressor().decompress(
                sealer.open(f"{number:06}", sealed), max_output_size=PART
            )
            hasher.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if size != end.size or hasher.hexdigest() != end.blake3:
        raise Corrupt(detail="The parts of the database do not make what the snapshot's end says.")
