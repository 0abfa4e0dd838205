"""Small pictures of pictures, in a process of its own: a hostile picture meets decoders in C.

Run by `thumbnails` as a file, in a sandbox, without the rest of Pileus. In: u32 (little-endian) bytes of a
picture | the picture; out, for each: u32 bytes of a WebP (0: it cannot be drawn) | the WebP.
"""

from __future__ import annotations

import resource
import struct
import sys
from typing import Any

SIDE = 256
"""Pixels of the longer side."""
MOST_BYTES = 64 << 20
MOST_PIXELS = 120_000_000
MOST_OUT = 64 << 10
MEMORY = 2 << 30
SECONDS = 120
"""Of processor time in all; `thumbnails` gives each picture less."""
BANDS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
LENGTH = struct.Struct("<I")
READY = b"+"


def main() -> None:
    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(kind, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    import pyvips  # noqa: F401 - its time is the start's, not the first picture's

    out.write(READY)
    out.flush()
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        (size,) = LENGTH.unpack(head)
        if size > MOST_BYTES:
            return
        drawn = draw(source.read(size)) or b""
        out.write(LENGTH.pack(len(drawn)) + drawn)
        out.flush()


def draw(data: bytes) -> bytes | None:
    """A WebP of at most `MOST_OUT` bytes, turned as the picture says; None where it cannot be drawn."""
    import pyvips

    try:
        image = _opened(pyvips, data)
        if image is None:
            return None
        for quality in (75, 50, 20):
            drawn: bytes = image.webpsave_buffer(Q=quality, keep="none")
            if len(drawn) <= MOST_OUT:
                return drawn
    except Exception:  # whatever a decoder says of it
        return None
    return None


def is_plain(data: bytes) -> bool:
    """JPEG, PNG, GIF, WebP, TIFF, AVIF: no other reader of libvips is asked."""
    starts = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
    boxes = (data[:4], data[8:12]) == (b"RIFF", b"WEBP") or data[4:12] in (b"ftypavif", b"ftypavis")
    return boxes or data.startswith(starts)


def is_heif(data: bytes) -> bool:
    """HEIC by its file type box (ISO/IEC 23008-12, annex B)."""
    return data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


def _opened(pyvips: Any, data: bytes) -> Any:
    if is_plain(data):
        whole = pyvips.Image.new_from_buffer(data, "", access="sequential")
        if whole.width * whole.height > MOST_PIXELS:
            return None
        return pyvips.Image.thumbnail_buffer(data, SIDE, height=SIDE, size="down")
    if not is_heif(data):
        return None
    import pi_heif

    file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    if file.size[0] * file.size[1] > MOST_PIXELS:
        return None
    bands = BANDS[file.mode]
    width, height = file.size
    rows, stride = bytes(file.data), file.stride
    packed = b"".join(rows[line * stride : line * stride + width * bands] for line in range(height))
    whole = pyvips.Image.new_from_memory(packed, width, height, bands, "uchar")
    return whole.thumbnail_image(SIDE, height=SIDE, size="down")


if __name__ == "__main__":
    main()
