"""The pack format, version 1, as docs/design/objects.md draws it. Pure: bytes to bytes.

header (32)  "PILEUSPK" | u8 version | 7 zero bytes | key id (16)
bodies       each: nonce (12) | AES-256-GCM(data) | tag (16)
footer       nonce (12) | AES-256-GCM(table) | tag (16)
trailer (16) u32 footer length | u32 entries | "KPSUELIP"

All numbers are little-endian. A body's associated data is the header and its table entry without the place.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pileus.core.compressing import Compressor
from pileus.core.errors import PileusError

VERSION = 1
MAGIC, END = b"PILEUSPK", b"KPSUELIP"
HEADER = struct.Struct("<8sB7s16s")
ZEROS = bytes(7)
ENTRY = struct.Struct("<BB32sIII")
CLAIM = struct.Struct("<BB32sI")
TRAILER = struct.Struct("<II8s")
NONCE, TAG = 12, 16
CHUNK, MANIFEST = 0, 1
"""Kinds of bodies."""
RAW, ZSTD = 0, 1
"""How a body's data was packed before it was encrypted."""
MISNAMED = "Stored data does not have the hash that is its name."

PLAIN, SHARED = 1, 2
"""Versions of manifests: an object with chunks of its own, and one made of chunks that others name too."""

ENCRYPTION = "pileus objects 1 encryption"
NAMING = "pileus objects 1 naming"


class Corrupt(PileusError):
    """What is stored is not what was written: damaged, cut off, or sealed by another key."""

    status = 500
    code = "object-corrupt"


@dataclass(frozen=True)
class Entry:
    """One body: `start` is the place of its nonce in the pack, `stored` counts nonce and tag."""

    kind: int
    packing: int
    name: bytes
    start: int
    stored: int
    plain: int


class Manifest(msgspec.Struct, frozen=True, array_like=True):
    """An object as its packs tell it, in MessagePack: what an index is rebuilt from."""

    version: int
    id: str
    size: int
    blake3: str
    created_ms: int
    chunks: list[tuple[bytes, int]]


class AreaKey:
    """The two keys of an account's area, both derived from one secret (BLAKE3 derive_key)."""

    def __init__(self, key_id: bytes, secret: bytes) -> None:
        self.id = key_id
        self._cipher = AESGCM(blake3(secret, derive_key_context=ENCRYPTION).digest())
        self._naming = blake3(secret, derive_key_context=NAMING).digest()

    def name(self, data: bytes | memoryview) -> bytes:
        """A chunk's name: says nothing about its content to whoever lacks the key."""
        return bytes(blake3(data, key=self._naming).digest())

    def header(self) -> bytes:
        return HEADER.pack(MAGIC, VERSION, ZEROS, self.id)

    @property
    def naming(self) -> bytes:
        """The key of `name`, for the owner's own devices."""
        return self._naming

    def seal(self, nonce: bytes, data: bytes | memoryview, claim: bytes) -> bytes:
        return nonce + self._cipher.encrypt(nonce, data, self.header() + claim)

    def seal_into(self, nonce: bytes, data: bytes | memoryview, claim: bytes, room: memoryview) -> None:
        """The same into `room`, which is longer than the data by nonce and tag; nothing is copied."""
        room[:NONCE] = nonce
        self._cipher.encrypt_into(nonce, data, self.header() + claim, room[NONCE:])

    def unseal(self, sealed: bytes | memoryview, claim: bytes) -> bytes:
        try:
            view = memoryview(sealed)
            return self._cipher.decrypt(view[:NONCE], view[NONCE:], self.header() + claim)
        except (InvalidTag, ValueError):
            raise Corrupt(detail="Stored data does not match its seal: it is damaged.") from None


class PackBuilder:
    """Collects bodies; `data` closes it. `nonces` is only for the golden vectors of the tests.

    `room` is an earlier pack's memory to be used again, which costs less than new memory from the system.
    """

    def __init__(
        self, key: AreaKey, nonces: Callable[[int], bytes] = os.urandom, room: bytearray | None = None
    ) -> None:
        self._key, self._nonces = key, nonces
        self._data = bytearray() if room is None else room
        self._size = 0
        self._compressor = Compressor()
        self.entries: list[Entry] = []
        header = key.header()
        self._room(len(header))[:] = header

    def __len__(self) -> int:
        return self._size

    def add(self, kind: int, name: bytes, data: bytes) -> Entry:
        packed = self._compressor.shorter(data)
        return self._seal(
            kind, RAW if packed is None else ZSTD, name, data if packed is None else packed, len(data)
        )

    def add_packed(self, packing: int, name: bytes, packed: bytes | memoryview, plain: int) -> Entry:
        """A chunk that was packed before; the caller has looked whether it is what it says."""
        return self._seal(CHUNK, packing, name, packed, plain)

    def copy(self, entry: Entry, sealed: bytes) -> Entry:
        """Takes a body over from another pack of the same key as it is sealed there; raises `Corrupt`.

        Nothing in the seal tells the place, so that nothing is encrypted anew. It is opened first: what is
        damaged must not look whole in a new pack.
        """
        if self._key.name(open_body(self._key, entry, sealed)) != entry.name:
            raise Corrupt(detail=MISNAMED)
        entry = replace(entry, start=self._size)
        self._room(len(sealed))[:] = sealed
        self.entries.append(entry)
        return entry

    def data(self) -> bytearray:
        """The whole pack, not copied; nothing may be added afterwards."""
        table = b"".join(ENTRY.pack(e.kind, e.packing, e.name, e.start, e.stored, e.plain) for e in self.entries)
        footer = self._key.seal(self._nonces(NONCE), table, b"footer")
        end = footer + TRAILER.pack(len(footer), len(self.entries), END)
        self._room(len(end))[:] = end
        del self._data[self._size :]
        return self._data

    def _seal(self, kind: int, packing: int, name: bytes, packed: bytes | memoryview, plain: int) -> Entry:
        entry = Entry(kind, packing, name, self._size, NONCE + len(packed) + TAG, plain)
        claim = CLAIM.pack(kind, packing, name, plain)
        self._key.seal_into(self._nonces(NONCE), packed, claim, self._room(entry.stored))
        self.entries.append(entry)
        return entry

    def _room(self, size: int) -> memoryview:
        """The next bytes, to be filled at once; the view must be gone before more is asked for."""
        start, self._size = self._size, self._size + size
        if (lacking := self._size - len(self._data)) > 0:
            self._data += bytes(lacking)
        return memoryview(self._data)[start : self._size]


def read_header(data: bytes) -> bytes:
    """The key id; raises `Corrupt`, also for a version that this code does not know."""
    if len(data) < HEADER.size:
        raise Corrupt(detail="The pack is cut off in its header.")
    magic, version, zeros, key_id = HEADER.unpack_from(data)
    if magic != MAGIC or zeros != ZEROS:
        raise Corrupt(detail="This is no pack: its first bytes are others.")
    if version != VERSION:
        raise Corrupt("pack-version", f"The pack has format version {version}, this code reads {VERSION}.")
    return bytes(key_id)


def footer_place(size: int, trailer: bytes) -> tuple[int, int]:
    """Start and length of the footer, from a pack's size and its last bytes."""
    if len(trailer) != TRAILER.size:
        raise Corrupt(detail="The pack is cut off: it has no trailer.")
    length, count, end = TRAILER.unpack(trailer)
    start = size - TRAILER.size - length
    if end != END or start < HEADER.size or length != NONCE + count * ENTRY.size + TAG:
        raise Corrupt(detail="The pack is cut off or damaged: its trailer makes no sense.")
    return start, length


def read_footer(key: AreaKey, footer: bytes, start: int) -> list[Entry]:
    """The table of a pack whose footer begins at `start`; every entry lies within the pack."""
    table = key.unseal(footer, b"footer")
    entries = [Entry(*values) for values in ENTRY.iter_unpack(table)]
    place = HEADER.size
    for entry in entries:
        if entry.start != place or entry.kind not in (CHUNK, MANIFEST):
            raise Corrupt(detail="The pack's table does not fit its bodies.")
        place += entry.stored
    if place != start:
        raise Corrupt(detail="The pack's table does not fit its bodies.")
    return entries


def unseal_body(key: AreaKey, entry: Entry, sealed: bytes | memoryview) -> bytes:
    """A body's data as it was packed; raises `Corrupt`."""
    if len(sealed) != entry.stored:
        raise Corrupt(detail="The pack is shorter than its index says.")
    return key.unseal(sealed, CLAIM.pack(entry.kind, entry.packing, entry.name, entry.plain))


def open_body(key: AreaKey, entry: Entry, sealed: bytes | memoryview) -> bytes:
    """A body's plain data; raises `Corrupt`."""
    data = unseal_body(key, entry, sealed)
    if entry.packing == ZSTD:
        try:
            data = zstandard.ZstdDecompressor().decompress(data, max_output_size=entry.plain)
        except zstandard.ZstdError as error:
            raise Corrupt(detail=f"Stored data cannot be decompressed: {error}") from None
    if len(data) != entry.plain:
        raise Corrupt(detail="Stored data has another length than its index says.")
    return data


def read_pack(key: AreaKey, data: bytes) -> list[tuple[Entry, bytes]]:
    """All bodies of a whole pack, each checked against its name."""
    if read_header(data) != key.id:
        raise Corrupt(detail="The pack belongs to another key.")
    start, length = footer_place(len(data), data[-TRAILER.size :])
    found = []
    for entry in read_footer(key, data[start : start + length], start):
        plain = open_body(key, entry, data[entry.start : entry.start + entry.stored])
        if key.name(plain) != entry.name:
            raise Corrupt(detail=MISNAMED)
        found.append((entry, plain))
    return found


def pack_blob(name: str) -> str:
    """A pack's blob: spread over 256 folders."""
    return f"packs/{name[:2]}/{name}"
