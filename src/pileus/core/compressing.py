"""Compression of chunks where it makes them shorter; what cannot be compressed is not tried in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import zstandard

if TYPE_CHECKING:
    from typing_extensions import Buffer

LEVEL = 3
LEAST = 128 << 10
"""Bytes from which samples are looked at first."""
SAMPLES, SAMPLE = 16, 4 << 10
THREADS = 2

Data = bytes | memoryview


class Compressor:
    """zstd frames that say their size; for one thread at a time. Lets other threads run."""

    def __init__(self) -> None:
        self._full = zstandard.ZstdCompressor(level=LEVEL)
        self._quick = zstandard.ZstdCompressor(level=1)

    def shorter(self, data: Data) -> bytes | None:
        """None where the data stays as it is."""
        if self._hopeless(data):
            return None
        packed = self._full.compress(data)
        return packed if len(packed) < len(data) else None

    def each_shorter(self, data: Sequence[Data]) -> list[Data | None]:
        """The same for several, on two processors where there is much to do."""
        worth: list[bytes | bytearray | memoryview] = [one for one in data if not self._hopeless(one)]
        if len(worth) < THREADS or sum(map(len, worth)) < LEAST * THREADS:
            return [self.shorter(one) for one in data]
        packed = iter(self._full.multi_compress_to_buffer(worth, threads=THREADS))
        found: list[Data | None] = []
        hopeful = iter(worth)
        following = next(hopeful, None)
        for one in data:
            if one is not following:
                found.append(None)
                continue
            following = next(hopeful, None)
            made = memoryview(cast("Buffer", next(packed)))
            found.append(made if len(made) < len(one) else None)
        return found

    def _hopeless(self, data: Data) -> bool:
        """Pictures, films and archives: not one of many samples of them can be made shorter.

        The samples are compressed as one, so that a single one of another kind shows.
        """
        if len(data) < LEAST:
            return False
        view, step = memoryview(data), len(data) // SAMPLES
        samples = b"".join(view[start : start + SAMPLE] for start in range(0, step * SAMPLES, step))
        return len(self._quick.compress(samples)) >= len(samples)
