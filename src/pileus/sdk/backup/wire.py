"""What client and cloud say to each other about backups. Pure; the server's service parses with the same types."""

from __future__ import annotations

import struct

import msgspec

MEDIA = "application/msgpack"
STREAM = "application/octet-stream"
NAME = 32
MOST_NAMES = 16_384
"""Names in one question."""
MOST_BYTES = 48 << 20
"""Bytes of one request with chunks."""
MOST_COMMIT = 256 << 20
"""Bytes of the request that makes a snapshot: 40 bytes a chunk."""
CHUNK = struct.Struct(">BBB32sBIBBI")
"""A chunk's array as MessagePack has it, up to its data: 4 members, bin 8, uint 32, bool, bin 32."""
FRAME = struct.Struct("<BII")
"""Before each chunk that is read: packing, plain bytes, bytes that follow."""
RAW, ZSTD, LOST = 0, 1, 2
PHONE = "phone"
"""Host and tag of the backups that the cloud makes of the phone."""
PHONE_PATHS = ["/about.json", "/apps", "/records"]


class Chunk(msgspec.Struct, array_like=True, frozen=True):
    """A chunk on its way in; `data` is `plain` bytes, or one zstd frame of them that says its size."""

    name: bytes
    plain: int
    zstd: bool
    data: memoryview


def encode_chunks(chunks: list[Chunk]) -> list[bytes | memoryview]:
    """A MessagePack array of chunks in parts: what is large is not copied for it."""
    parts: list[bytes | memoryview] = [b"\xdd" + len(chunks).to_bytes(4, "big")]
    for chunk in chunks:
        parts.append(
            CHUNK.pack(
                0x94,
                0xC4,
                NAME,
                chunk.name,
                0xCE,
                chunk.plain,
                0xC3 if chunk.zstd else 0xC2,
                0xC6,
                len(chunk.data),
            )
        )
        parts.append(chunk.data)
    return parts


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot tells about itself; the record `backups.snapshot` has the same members."""

    time_ms: int
    host: str
    user: str
    paths: list[str]
    tags: list[str] = []
    excludes: list[str] = []
    parent: str | None = None
    tree: str
    """The name of the chunk that lists the tree's chunks, in hex."""
    files: int = 0
    folders: int = 0
    bytes: int = 0
    added: int = 0
    """Plain bytes that were not in the cloud before."""
    seconds: float = 0.0
    skipped: int = 0
    """Items that could not be read."""


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """Makes a snapshot. `id` is the client's own (32 hexadecimal digits), so that it can be repeated."""

    id: str
    facts: Facts
    names: list[bytes] = []
    """All its chunks, the tree's first; none where `same_as` names a snapshot with the same ones."""
    same_as: str | None = None
    chunks: list[Chunk] = []
    """The last ones, which no request brought before."""


class Snapshot(Facts, frozen=True, kw_only=True):
    """As the cloud lists it."""

    id: str

    @property
    def of_phone(self) -> bool:
        """Whether it is the phone's own backup: its owner may tag backups of folders as they like."""
        return self.host == PHONE and PHONE in self.tags and self.paths == PHONE_PATHS


class Forget(msgspec.Struct, frozen=True):
    ids: list[str]
    present: str
    """The account's password."""


class Forgotten(msgspec.Struct, frozen=True):
    forgotten: int


class Area(msgspec.Struct, frozen=True):
    """`naming`: the key (hex) of the keyed BLAKE3 that names chunks; `used`, `limit`: bytes of the account.

    `empty`: no chunk is stored yet, so that nobody needs to ask which are.
    """

    naming: str
    empty: bool
    used: int
    limit: int


class Step(msgspec.Struct, frozen=True):
    """A line of a check's answer; the last has `end`. `since_ms` goes on with a check that was cut off."""

    since_ms: int
    done: int
    of: int
    bytes: int
    problems: list[str] = []
    end: bool = False
