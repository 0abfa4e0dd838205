"""The surface wire format, version 1, and the host link: contracts/surface/README.md in code.

A message is a frozen dataclass whose annotations are its layout, in order. `encode` and `decode` are exact
inverses; `decode` refuses what is malformed with `WireError`. Pure; never blocks.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform, get_args, get_type_hints

import msgspec

from pileus.core.errors import Invalid

VERSION = 1
MAX_POINTERS = 16
MAX_TEXT = 64 << 10
MAX_JSON = 1 << 20
MAX_CLIPBOARD = 1 << 20
MAX_MEDIA = 64 << 20
MAX_LIST = 0xFFFF


class WireError(Invalid):
    """A broken message: unknown-type, truncated, trailing, too-large, bad-text, bad-json or bad-value."""


class Message:
    """Base of all messages; `TYPE` is byte 0."""

    TYPE: ClassVar[int] = 0
    LAYOUT: ClassVar[tuple[_Step, ...]] = ()


class _Step:
    """Reads and writes one field, or one run of fields of fixed size."""

    def read(self, data: memoryview, at: int, out: list[Any]) -> int:
        raise NotImplementedError

    def write(self, values: list[Any], out: bytearray) -> None:
        raise NotImplementedError

    width = 1


class _Fixed(_Step):
    def __init__(self, codes: str, limits: list[int | None]) -> None:
        self.struct = struct.Struct("<" + codes)
        self.width = len(codes)
        self.bounds = [(i, limit) for i, limit in enumerate(limits) if limit is not None]
        self.floats = [i for i, code in enumerate(codes) if code in "fd"]

    def read(self, data: memoryview, at: int, out: list[Any]) -> int:
        try:
            values = self.struct.unpack_from(data, at)
        except struct.error:
            raise WireError("truncated", "The message ends too early.") from None
        for i, limit in self.bounds:
            if values[i] > limit:
                raise WireError("bad-value", f"{values[i]} is over {limit}.")
        for i in self.floats:
            if not math.isfinite(values[i]):
                raise WireError("bad-value", "A coordinate is not a number.")
        out.extend(values)
        return at + self.struct.size

    def write(self, values: list[Any], out: bytearray) -> None:
        for i, limit in self.bounds:
            if values[i] > limit:
                raise WireError("bad-value", f"{values[i]} is over {limit}.")
        try:
            out += self.struct.pack(*values)
        except struct.error as error:
            raise WireError("bad-value", str(error)) from None


class _Bytes(_Step):
    def __init__(self, limit: int) -> None:
        self.limit = limit

    def read(self, data: memoryview, at: int, out: list[Any]) -> int:
        end = at + 4
        if end > len(data):
            raise WireError("truncated", "The message ends too early.")
        size = int.from_bytes(data[at:end], "little")
        if size > self.limit:
            raise WireError("too-large", f"A field of {size} bytes is over its bound of {self.limit}.")
        if end + size > len(data):
            raise WireError("truncated", "The message ends too early.")
        out.append(self.load(bytes(data[end : end + size])))
        return end + size

    def write(self, values: list[Any], out: bytearray) -> None:
        raw = self.dump(values[0])
        if len(raw) > self.limit:
            raise WireError("too-large", f"A field of {len(raw)} bytes is over its bound of {self.limit}.")
        out += len(raw).to_bytes(4, "little")
        out += raw

    def load(self, raw: bytes) -> Any:
        return raw

    def dump(self, value: Any) -> bytes:
        return bytes(value)


class _Str(_Bytes):
    def load(self, raw: bytes) -> Any:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise WireError("bad-text", "A text is not UTF-8.") from None

    def dump(self, value: str) -> bytes:
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise WireError("bad-text", "A text holds half a character.") from None


class _Json(_Bytes):
    def load(self, raw: bytes) -> Any:
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise WireError("bad-json", "A field is not JSON.") from None
        if not isinstance(value, dict):
            raise WireError("bad-json", "A field is not a JSON object.")
        return value

    def dump(self, value: dict[str, Any]) -> bytes:
        return msgspec.json.encode(value)


class _List(_Step):
    def __init__(self, item: type[Any], count: str, limit: int) -> None:
        self.item = item
        self.count = struct.Struct("<" + count)
        self.limit = limit

    def read(self, data: memoryview, at: int, out: list[Any]) -> int:
        if at + self.count.size > len(data):
            raise WireError("truncated", "The message ends too early.")
        (count,) = self.count.unpack_from(data, at)
        if count > self.limit:
            raise WireError("too-large", f"A list of {count} is over its bound of {self.limit}.")
        at += self.count.size
        items: list[Any] = []
        for _ in range(count):
            values: list[Any] = []
            for step in self.item.LAYOUT:
                at = step.read(data, at, values)
            items.append(values[0] if self.item is Number else self.item(*values))
        out.append(tuple(items))
        return at

    def write(self, values: list[Any], out: bytearray) -> None:
        items = values[0]
        if len(items) > self.limit:
            raise WireError("too-large", f"A list of {len(items)} is over its bound of {self.limit}.")
        out += self.count.pack(len(items))
        for item in items:
            _write(Number(item) if self.item is Number else item, out)


@dataclass(frozen=True)
class _Kind:
    """A field's layout: a struct code with its largest value, or a step of its own."""

    code: str = ""
    limit: int | None = None
    step: Callable[[], _Step] | None = None


U8 = Annotated[int, _Kind("B")]
U16 = Annotated[int, _Kind("H")]
U32 = Annotated[int, _Kind("I")]
U64 = Annotated[int, _Kind("Q")]
I32 = Annotated[int, _Kind("i")]
F32 = Annotated[float, _Kind("f")]
F64 = Annotated[float, _Kind("d")]
Flag = Annotated[int, _Kind("B", 1)]
UpTo2 = Annotated[int, _Kind("B", 2)]
UpTo3 = Annotated[int, _Kind("B", 3)]
UpTo4 = Annotated[int, _Kind("B", 4)]
UpTo5 = Annotated[int, _Kind("B", 5)]
Text = Annotated[str, _Kind(step=lambda: _Str(MAX_TEXT))]
Json = Annotated[dict[str, Any], _Kind(step=lambda: _Json(MAX_JSON))]
Clip = Annotated[bytes, _Kind(step=lambda: _Bytes(MAX_CLIPBOARD))]
Media = Annotated[bytes, _Kind(step=lambda: _Bytes(MAX_MEDIA))]

_M = TypeVar("_M", bound=type[Any])
TYPES: dict[int, type[Message]] = {}


@dataclass_transform(frozen_default=True)
def _message(code: int = 0) -> Callable[[_M], _M]:
    def make(plain: _M) -> _M:
        made: Any = dataclass(frozen=True, slots=False)(plain)
        made.TYPE = code
        made.LAYOUT = _layout(made)
        if code:
            TYPES[code] = made
        return made  # type: ignore[no-any-return]

    return make


def _layout(made: Any) -> tuple[_Step, ...]:
    hints = get_type_hints(made, include_extras=True)
    steps: list[_Step] = []
    codes, limits = "", []
    for field in fields(made):
        kind: _Kind = get_args(hints[field.name])[1]
        if kind.step is None:
            codes += kind.code
            limits.append(kind.limit)
            continue
        if codes:
            steps.append(_Fixed(codes, limits))
            codes, limits = "", []
        steps.append(kind.step())
    if codes:
        steps.append(_Fixed(codes, limits))
    return tuple(steps)


@_message()
class Number(Message):
    """One reading in a list of them."""

    value: F64


@_message()
class Pointer(Message):
    """One finger, in surface pixels; pressure 0–65535."""

    id: U8
    x: F32
    y: F32
    pressure: U16


@_message()
class Rect(Message):
    """A rectangle of pixels."""

    x: U16
    y: U16
    w: U16
    h: U16


@_message()
class Copy(Message):
    """Pixels that moved from (sx, sy) to (dx, dy)."""

    sx: U16
    sy: U16
    w: U16
    h: U16
    dx: U16
    dy: U16


@_message()
class Tile(Message):
    """New pixels: LZ4 block of BGRA rows."""

    x: U16
    y: U16
    w: U16
    h: U16
    data: Media


Pointers = Annotated[tuple[Pointer, ...], _Kind(step=lambda: _List(Pointer, "B", MAX_POINTERS))]
Readings = Annotated[tuple[float, ...], _Kind(step=lambda: _List(Number, "B", 16))]
Rects = Annotated[tuple[Rect, ...], _Kind(step=lambda: _List(Rect, "H", MAX_LIST))]
Copies = Annotated[tuple[Copy, ...], _Kind(step=lambda: _List(Copy, "H", MAX_LIST))]
TileRun = Annotated[tuple[Tile, ...], _Kind(step=lambda: _List(Tile, "H", MAX_LIST))]


@_message(0x01)
class Hello(Message):
    version: U8
    info: Json


@_message(0x02)
class Ack(Message):
    frame_id: U64
    bytes: U64


@_message(0x03)
class Touch(Message):
    input_id: U64
    time_us: U64
    action: UpTo3
    changed: U8
    pointers: Pointers


@_message(0x04)
class Key(Message):
    input_id: U64
    action: Flag
    usage: U32
    modifiers: U32
    codepoint: U32
    repeat: Flag


@_message(0x05)
class TextInput(Message):
    input_id: U64
    kind: UpTo5
    a: I32
    b: I32
    text: Text


@_message(0x06)
class Clipboard(Message):
    mime: Text
    data: Clip


@_message(0x07)
class Resize(Message):
    width: U16
    height: U16
    dpi: U16
    rotation: UpTo3


@_message(0x08)
class Nav(Message):
    input_id: U64
    button: U8


@_message(0x09)
class Visibility(Message):
    visible: Flag


@_message(0x0A)
class AudioIn(Message):
    time_us: U64
    codec: U8
    data: Media


@_message(0x0B)
class Sensor(Message):
    kind: UpTo5
    time_us: U64
    values: Readings


@_message(0x0C)
class A11yAction(Message):
    input_id: U64
    node: U32
    action: UpTo5
    argument: Text


@_message(0x0D)
class Config(Message):
    info: Json


@_message(0x0E)
class Scroll(Message):
    input_id: U64
    x: F32
    y: F32
    dx: F32
    dy: F32


@_message(0x0F)
class Refresh(Message):
    pass


@_message(0x10)
class Ping(Message):
    nonce: U64


@_message(0x40)
class Welcome(Message):
    version: U8
    info: Json


@_message(0x41)
class Video(Message):
    frame_id: U64
    input_id: U64
    time_us: U64
    codec: Flag
    flags: U8
    width: U16
    height: U16
    data: Media


@_message(0x42)
class Image(Message):
    frame_id: U64
    input_id: U64
    time_us: U64
    format: Flag
    x: U16
    y: U16
    width: U16
    height: U16
    surface_width: U16
    surface_height: U16
    data: Media


@_message(0x43)
class Tiles(Message):
    frame_id: U64
    input_id: U64
    time_us: U64
    surface_width: U16
    surface_height: U16
    copies: Copies
    tiles: TileRun


@_message(0x44)
class Audio(Message):
    time_us: U64
    codec: U8
    data: Media


@_message(0x45)
class A11y(Message):
    revision: U64
    tree: Json


@_message(0x46)
class ClipboardChanged(Message):
    mime: Text
    data: Clip


@_message(0x47)
class State(Message):
    state: UpTo4
    info: Json


@_message(0x48)
class Ime(Message):
    active: Flag
    input_type: U32
    ime_options: U32
    x: U16
    y: U16
    width: U16
    height: U16
    selection_start: I32
    selection_end: I32
    text_around: Text


@_message(0x49)
class NotOffered(Message):
    refused: U8


@_message(0x4A)
class Detached(Message):
    reason: UpTo4
    info: Json


@_message(0x4B)
class Title(Message):
    title: Text
    colour: U32


@_message(0x4C)
class Configured(Message):
    width: U16
    height: U16
    dpi: U16
    rotation: UpTo3


@_message(0x4D)
class Notify(Message):
    info: Json


@_message(0x4E)
class Pong(Message):
    nonce: U64


@_message(0x4F)
class Show(Message):
    info: Json


@_message(0x80)
class Start(Message):
    info: Json


@_message(0x81)
class Release(Message):
    slot: U8


@_message(0x82)
class Stop(Message):
    kind: Flag


@_message(0x83)
class Reply(Message):
    call_id: U32
    status: U8
    parcel: Media


@_message(0xC0)
class Ready(Message):
    info: Json


@_message(0xC1)
class Frame(Message):
    slot: U8
    number: U64
    input_id: U64
    time_us: U64
    width: U16
    height: U16
    stride: U32
    format: U8
    rects: Rects


@_message(0xC2)
class Call(Message):
    call_id: U32
    one_way: Flag
    service: Text
    code: U32
    parcel: Media


@_message(0xC3)
class Log(Message):
    level: U8
    line: Text


def encode(message: Message) -> bytes:
    """The message's bytes; raises `WireError` where a value does not fit its field."""
    _check(message)
    out = bytearray((message.TYPE,))
    _write(message, out)
    return bytes(out)


def decode(data: bytes | memoryview) -> Message:
    """The one message that `data` is; raises `WireError`."""
    if not data:
        raise WireError("truncated", "The message is empty.")
    made = TYPES.get(data[0])
    if made is None:
        raise WireError("unknown-type", f"There is no message of type 0x{data[0]:02x}.")
    view = memoryview(data)
    values: list[Any] = []
    at = 1
    for step in made.LAYOUT:
        at = step.read(view, at, values)
    if at != len(view):
        raise WireError("trailing", f"{len(view) - at} bytes follow the message.")
    message = made(*values)
    _check(message)
    return message


def _write(message: Message, out: bytearray) -> None:
    values = list(vars(message).values())
    at = 0
    for step in message.LAYOUT:
        step.write(values[at : at + step.width], out)
        at += step.width


def _check(message: Message) -> None:
    """What one field alone does not show."""
    if isinstance(message, Touch) and message.changed >= len(message.pointers):
        raise WireError("bad-value", "The pointer that changed is not among the pointers.")
