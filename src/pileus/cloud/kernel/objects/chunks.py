"""Content-defined cutting (FastCDC): an insertion changes the chunks around it, not all after it."""

from __future__ import annotations

from collections.abc import Iterator

from pyfastcdc import FastCDC

SMALLEST, AVERAGE, LARGEST = 256 << 10, 1 << 20, 4 << 20
"""Bytes. Part of the format: other numbers still read everything, but find no earlier chunk again."""


class Cutter:
    """Cuts a stream that comes in pieces of any size; the cuts are the same however it was cut before."""

    def __init__(self) -> None:
        self._cdc = FastCDC(avg_size=AVERAGE, min_size=SMALLEST, max_size=LARGEST)
        self._rest: bytes | memoryview = b""

    def feed(self, *data: bytes | memoryview) -> Iterator[memoryview]:
        """The chunks that are certain: none while less than the largest chunk is at hand."""
        held = memoryview(b"".join((self._rest, *data)))
        place = 0
        if len(held) >= LARGEST:
            for chunk in self._cdc.cut_buf(held):
                if len(held) - chunk.offset < LARGEST:
                    break
                place = chunk.offset + chunk.length
                yield held[chunk.offset : place]
        self._rest = held[place:]

    def finish(self) -> Iterator[memoryview]:
        """What was held back."""
        held, self._rest = memoryview(self._rest), b""
        for chunk in self._cdc.cut_buf(held) if held else ():
            yield held[chunk.offset : chunk.offset + chunk.length]
