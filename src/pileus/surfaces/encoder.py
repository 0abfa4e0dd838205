"""The encoder process of one session: pixels of the shared frame file to H.264, VP8, JPEG or PNG.

`python -m pileus.surfaces.encoder FD FRAMES_PATH PARENT_PID`. x264 lives in this process and in no other.
It keeps a copy of the last frame, so a key frame or a sharper picture needs nothing from the app.
One command is answered by `Taken` (when it named a slot: the slot is free again), then by `Done`.
"""

from __future__ import annotations

import io
import os
import socket
import sys
from fractions import Fraction
from typing import Any

import av
import msgspec
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image

from pileus.surfaces.orphans import end_with_parent

NICENESS = 5
CRF = {"h264": "20", "vp8": "12"}
SMALL = 1 << 16
"""Pixels up to which a sharp picture is a PNG (exact); beyond, a JPEG with full colour resolution."""


class Command(msgspec.Struct, frozen=True):
    """`mode`: h264, vp8, jpeg (quick) or sharp. `offset` -1: the frame that was taken last.

    `rows` (first, number): the only ones that differ from that; None: all may. `rect`: what a picture covers.
    """

    mode: str
    offset: int = -1
    width: int = 0
    height: int = 0
    stride: int = 0
    key: bool = False
    rect: tuple[int, int, int, int] | None = None
    rows: tuple[int, int] | None = None


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """The pixels were copied."""


class Done(msgspec.Struct, frozen=True, tag="done"):
    """An encoded frame; `kind` is h264, vp8, jpeg or png, `rect` what it covers (x, y, width, height)."""

    kind: str
    data: bytes
    key: bool
    rect: tuple[int, int, int, int]
    width: int
    height: int


Answer = Taken | Done


class Video:
    """One video stream; made anew when the size or codec changes, which gives a key frame."""

    def __init__(self, codec: str, width: int, height: int) -> None:
        self.shape = (codec, width, height)
        self._colours: Any = VideoReformatter()
        self._context = _h264(width, height) if codec == "h264" else _vp8(width, height)
        self._count = 0

    def encode(self, canvas: Canvas, key: bool) -> tuple[bytes, bool]:
        wanted = {"format": "yuv420p", "dst_colorspace": "ITU709", "dst_color_range": "MPEG"}
        frame = self._colours.reformat(canvas.cropped(*self.shape[1:]), **wanted)
        frame.pts = self._count
        key = key or self._count == 0
        frame.pict_type = av.video.frame.PictureType.I if key else av.video.frame.PictureType.NONE
        self._count += 1
        packets = self._context.encode(frame)
        return b"".join(bytes(packet) for packet in packets), any(packet.is_keyframe for packet in packets)


class Canvas:
    """A picture as rows of BGRA, in memory of the codecs' library, so that a video frame needs no copy of it."""

    def __init__(self, width: int, height: int) -> None:
        self._frame: Any = av.VideoFrame(width, height, "bgra")
        plane = self._frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8)[: height * plane.line_size].reshape(
            height, plane.line_size
        )
        rows[:] = 0
        self.pixels: np.ndarray[Any, Any] = rows[:, : width * 4].reshape(height, width, 4)

    def cropped(self, width: int, height: int) -> Any:
        """As a frame without what is right of and below a size: video has even sides."""
        if self.pixels.shape[:2] == (height, width):
            return self._frame
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(self.pixels[:height, :width]), format="bgra")


class Encoder:
    """Answers commands; holds the last frame.

    `frames` is the open frame file. It is read, not mapped: the app can cut it off at any time, and a process
    that touches a mapped page beyond the end is killed.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._canvas = Canvas(2, 2)
        self._video: Video | None = None

    def take(self, command: Command) -> None:
        shape = (command.height, command.width, 4)
        if self._canvas.pixels.shape != shape:
            self._canvas = Canvas(command.width, command.height)
            command = msgspec.structs.replace(command, rows=None)
        top, number = command.rows or (0, command.height)
        part = self._canvas.pixels[top : top + number]
        if command.stride == command.width * 4 and part.flags.c_contiguous:
            os.preadv(self._frames, [part.data], command.offset + top * command.stride)
            return
        rows = np.zeros((number, command.stride), np.uint8)
        os.preadv(self._frames, [rows.data], command.offset + top * command.stride)
        np.copyto(part, rows[:, : command.width * 4].reshape(part.shape))

    def encode(self, command: Command) -> Done:
        pixels = self._canvas.pixels
        height, width = pixels.shape[:2]
        if command.mode in CRF:
            wanted = (command.mode, max(2, width & ~1), max(2, height & ~1))
            if self._video is None or self._video.shape != wanted:
                self._video = Video(*wanted)
            data, key = self._video.encode(self._canvas, command.key)
            return Done(command.mode, data, key, (0, 0, width, height), width, height)
        x, y, w, h = command.rect or (0, 0, width, height)
        part = np.ascontiguousarray(pixels[y : y + h, x : x + w])
        kind, data = _picture(part, sharp=command.mode == "sharp")
        return Done(kind, data, True, (x, y, w, h), width, height)


def main() -> None:
    """Serves commands until the socket closes."""
    end_with_parent(int(sys.argv[3]))
    os.nice(NICENESS)
    av.logging.set_level(av.logging.ERROR)
    encoder = Encoder(os.open(sys.argv[2], os.O_RDONLY))
    with socket.socket(fileno=int(sys.argv[1])) as link, link.makefile("rb") as reader:
        decoder = msgspec.msgpack.Decoder(Command)
        while head := reader.read(4):
            command = decoder.decode(reader.read(int.from_bytes(head, "little")))
            if command.offset >= 0:
                encoder.take(command)
                _answer(link, Taken())
            _answer(link, encoder.encode(command))


def _answer(link: socket.socket, answer: Answer) -> None:
    data = msgspec.msgpack.encode(answer)
    link.sendall(len(data).to_bytes(4, "little") + data)


def _h264(width: int, height: int) -> Any:
    context: Any = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, 60)
    context.gop_size = 1 << 20
    context.max_b_frames = 0
    context.thread_count = 1
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "crf": CRF["h264"],
        "forced-idr": "1",
        "x264-params": "scenecut=0:colorprim=bt709:transfer=bt709:colormatrix=bt709",
    }
    return context


def _vp8(width: int, height: int) -> Any:
    context: Any = av.CodecContext.create("libvpx", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, 60)
    context.gop_size = 1 << 20
    context.thread_count = 1
    context.bit_rate = 6_000_000
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "crf": CRF["vp8"]}
    return context


def _picture(part: np.ndarray[Any, Any], *, sharp: bool) -> tuple[str, bytes]:
    height, width = part.shape[:2]
    image = Image.frombuffer("RGB", (width, height), part.tobytes(), "raw", "BGRX", 0, 1)
    out = io.BytesIO()
    if width * height <= SMALL:
        image.save(out, "PNG", compress_level=1)
        return "png", out.getvalue()
    image.save(out, "JPEG", quality=92 if sharp else 80, subsampling=0 if sharp else 2)
    return "jpeg", out.getvalue()


if __name__ == "__main__":
    main()
