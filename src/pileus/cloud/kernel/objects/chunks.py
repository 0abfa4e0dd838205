"""Content-defined cutting (FastCDC): an insertion changes the chunks around it, not all after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyfastcdc import FastCDC

SMALLEST, AVERAGE, LARGEST = 256 << 10, 1 << 20, 4 << 20
"""Bytes. Part of the format: other numbers still read everything, but find no earlier chunk again."""


class Cutter:
    """Cuts a stream that comes in pieces of any size; the cuts are the same however it was cut before.

    What it gives lies in its own memory, which is used again: it is good until the next call, no longer.
    """

    def __init__(self) -> None:
        self._cdc = FastCDC(avg_size=AVERAGE, min_size=SMALLEST, max_size=LARGEST)
        self._memory = bytearray()
        self._start = self._end = 0
        """Where what was held back lies in it."""

    def feed(self, *data: bytes | memoryview) -> Iterator[memoryview]:
        """The chunks that are certain: none while less than the largest chunk is at hand."""
        self._take(data)
        held = memoryview(self._memory)[: self._end]
        if len(held) >= LARGEST:
            for chunk in self._cdc.cut_buf(held):
                if len(held) - chunk.offset < LARGEST:
                    break
                self._start = chunk.offset + chunk.length
                yield held[chunk.offset : self._start]

    def finish(self) -> Iterator[memoryview]:
        """What was held back."""
        held = memoryview(self._memory)[self._start : self._end]
        self._start = self._end = 0
        for chunk in self._cdc.cut_buf(held) if held else ():
            yield held[chunk.offset : chunk.offset + chunk.length]

    def _take(self, data: Sequence[bytes | memoryview]) -> None:
        """Puts it behind what was held back, which moves to the front: new memory costs more than copying."""
        rest = memoryview(self._memory)[self._start : self._end]
        size = len(rest) + sum(map(len, data))
        if size > len(self._memory):
            self._memory = bytearray(size + size // 4)
        room = memoryview(self._memory)
        room[: len(rest)] = rest
        self._start, self._end = 0, len(rest)
        for piece in data:
            room[self._end : self._end + len(piece)] = piece
            self._end += len(piece)
