"""A HEIC picture (ISO/IEC 23008-12) of one colour, made here: the smallest file that is one."""

from __future__ import annotations

import io
import struct

import av
import numpy as np


def heic(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """One coded image, item 1, whose data is at the file's end."""
    config, data = _coded(width, height, colour)
    ispe = _full(b"ispe", 0, struct.pack(">II", width, height))
    properties = _box(b"ipco", _box(b"hvcC", config) + ispe)
    properties += _full(b"ipma", 0, struct.pack(">IHBBB", 1, 1, 2, 0x81, 0x02))
    item = _full(b"infe", 2 << 24, struct.pack(">HH", 1, 0) + b"hvc1" + b"\0")
    head = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")

    def meta(place: int) -> bytes:
        extent = struct.pack(">HHHII", 1, 0, 1, place, len(data))
        return _full(
            b"meta",
            0,
            _full(b"hdlr", 0, bytes(4) + b"pict" + bytes(13))
            + _full(b"pitm", 0, struct.pack(">H", 1))
            + _full(b"iloc", 0, struct.pack(">BBH", 0x44, 0, 1) + extent)
            + _full(b"iinf", 0, struct.pack(">H", 1) + item)
            + _box(b"iprp", properties),
        )

    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", data)


def _coded(width: int, height: int, colour: tuple[int, int, int]) -> tuple[bytes, bytes]:
    """An HEVC configuration record (ISO/IEC 14496-15) and one frame."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx265", rate=1, options={"x265-params": "log-level=none", "tag": "hvc1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), colour, np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            packet.pts = packet.dts = 0  # what the encoder leaves there is no time that the container can take
            out.mux(packet)
    file.seek(0)
    with av.open(file) as back:
        stream = back.streams.video[0]
        packet = next(packet for packet in back.demux(stream) if packet.size)
        return bytes(stream.codec_context.extradata or b""), bytes(packet)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, version_and_flags: int, body: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version_and_flags) + body)
