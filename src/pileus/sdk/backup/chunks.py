"""How a client cuts, names and packs. Part of the format: another cut still reads, but finds no chunk again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import zstandard
from blake3 import blake3
from pyfastcdc import FastCDC

from pileus.core.compressing import Compressor
from pileus.core.errors import PileusError
from pileus.sdk.backup.wire import Chunk

SMALLEST, AVERAGE, LARGEST = 256 << 10, 1 << 20, 4 << 20
"""Bytes of a file's chunk; a smaller file shares one."""
TREE = (16 << 10, 64 << 10, 256 << 10)
"""The same of a tree, where little changes at a time."""
WINDOW = 2 * LARGEST


class DamagedChunk(PileusError):
    """What came is not what the name says."""

    code = "backup-damaged"


class Naming:
    """Names of chunks, by the key of the account's area (docs/design/objects.md)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self, data: bytes | memoryview) -> bytes:
        """32 bytes."""
        return bytes(blake3(data, key=self._key).digest())

    def digest(self, data: bytes | memoryview) -> bytes:
        """16 bytes that tell the content of a file that shares its chunk."""
        return bytes(blake3(data, key=self._key).digest(16))

    def open(self, chunk: Chunk) -> bytes:
        """The plain bytes; raises `DamagedChunk` where they are others than the name says."""
        data = bytes(chunk.data) if not chunk.zstd else _unpacked(chunk)
        if self.name(data) != chunk.name:
            raise DamagedChunk(detail="A chunk came from the cloud damaged.")
        return data


class Packer:
    """Compresses where that makes it shorter; for one thread."""

    def __init__(self) -> None:
        self._compressor = Compressor()

    def pack(self, name: bytes, data: bytes) -> Chunk:
        packed = self._compressor.shorter(data)
        return Chunk(name, len(data), packed is not None, memoryview(data if packed is None else packed))


class Reader:
    """Cuts what a file descriptor gives, in a buffer that is used again; for one thread."""

    def __init__(self) -> None:
        self._cdc = FastCDC(avg_size=AVERAGE, min_size=SMALLEST, max_size=LARGEST)
        self._view = memoryview(bytearray(WINDOW))

    def chunks(self, descriptor: int, size: int | None = None) -> Iterator[bytes]:
        """Chunks from where the descriptor stands, to its end or for `size` bytes."""
        held, left, ended = 0, size, False
        while not ended or held:
            while held < WINDOW and not ended:
                room = WINDOW - held if left is None else min(WINDOW - held, left)
                count = os.readv(descriptor, [self._view[held : held + room]]) if room else 0
                held += count
                left = None if left is None else left - count
                ended = count == 0
            place = 0
            for chunk in self._cdc.cut_buf(self._view[:held]):
                if not ended and held - chunk.offset < LARGEST:
                    break
                place = chunk.offset + chunk.length
                yield bytes(self._view[chunk.offset : place])
            self._view[: held - place] = self._view[place:held]
            held -= place


def cut_tree(data: bytes) -> Iterator[bytes]:
    smallest, average, largest = TREE
    for chunk in FastCDC(avg_size=average, min_size=smallest, max_size=largest).cut_buf(data) if data else ():
        yield data[chunk.offset : chunk.offset + chunk.length]


class Bundle:
    """Small files put together in one chunk.

    It ends where the content of a file says so, or at LARGEST: after a change, later bundles are the same again.
    """

    LEAST, MOST = 256 << 10, 1 << 20
    ONE_IN = 32

    def __init__(self, full: Callable[[bytes], None]) -> None:
        self._full = full
        self._held = bytearray()

    def __len__(self) -> int:
        return len(self._held)

    def add(self, data: bytes, digest: bytes) -> None:
        self._held += data
        if len(self._held) >= self.MOST or (len(self._held) >= self.LEAST and digest[0] % self.ONE_IN == 0):
            self.close()

    def close(self) -> None:
        if self._held:
            data = bytes(self._held)
            self._held.clear()
            self._full(data)


def _unpacked(chunk: Chunk) -> bytes:
    try:
        if zstandard.frame_content_size(chunk.data) != chunk.plain:
            raise DamagedChunk(detail="A chunk came from the cloud with another size than was said.")
        return zstandard.ZstdDecompressor().decompress(chunk.data, max_output_size=chunk.plain)
    except zstandard.ZstdError as error:
        raise DamagedChunk(detail=f"A chunk came from the cloud damaged: {error}") from None
