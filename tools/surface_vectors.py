"""Write `vectors.json` and `refused.json`, the golden vectors that pytest, Vitest and JUnit read.

`tools/surface_vectors.py --check` fails when the files are not what the code writes.
A vector's `fields` are named as in README.md; byte runs are hexadecimal, lists are lists of objects.
"""

from __future__ import annotations

import json
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pileus.surfaces import wire
from pileus.surfaces.wire import Copy, Message, Pointer, Rect, Tile

HERE = Path(__file__).resolve().parent.parent / "contracts/surface"
US = 1_700_000_000_000_000

MESSAGES: list[tuple[str, Message]] = [
    ("hello", wire.Hello(1, {"ticket": "t-1", "codecs": ["h264", "png"], "width": 480, "height": 800})),
    ("ack", wire.Ack(7, 123_456_789_012)),
    ("touch-down", wire.Touch(11, US, 0, 0, (Pointer(0, 10.5, 20.25, 65535),))),
    ("touch-two-fingers", wire.Touch(12, US + 1, 1, 1, (Pointer(0, 1.0, 2.0, 3), Pointer(5, -4.5, 800.0, 0)))),
    ("key-enter", wire.Key(13, 0, 0x0007_0028, 1, 10, 0)),
    ("key-repeat-emoji", wire.Key(9_007_199_254_740_991, 1, 0x000C_0224, 31, 0x1F600, 1)),
    ("text-commit-chinese", wire.TextInput(14, 0, 1, 0, "西湖")),
    ("text-compose-empty", wire.TextInput(15, 1, 1, 0, "")),
    ("text-delete-around", wire.TextInput(16, 3, 2, 1, "")),
    ("text-select-negative", wire.TextInput(17, 4, -1, 2_147_483_647, "")),
    ("clipboard", wire.Clipboard("text/plain", "a\u0000b é".encode())),
    ("resize", wire.Resize(800, 480, 320, 3)),
    ("nav-back", wire.Nav(18, 0)),
    ("visibility-off", wire.Visibility(0)),
    ("audio-in", wire.AudioIn(US, 0, b"\x01\x02")),
    ("sensor", wire.Sensor(0, US, (0.1, -9.80665, 1e300))),
    ("sensor-none", wire.Sensor(5, US, ())),
    ("a11y-action", wire.A11yAction(19, 4_294_967_295, 3, "hello")),
    ("config", wire.Config({"locale": "zh-CN", "theme": "dark", "font_scale": 1.5, "time_zone": "Asia/Shanghai"})),
    ("scroll", wire.Scroll(20, 100.0, 200.0, 0.0, -53.5)),
    ("refresh", wire.Refresh()),
    ("ping", wire.Ping(42)),
    (
        "welcome",
        wire.Welcome(1, {"session": "s", "codec": "h264", "width": 480, "height": 800, "offers": ["touch"]}),
    ),
    ("video-key", wire.Video(1, 11, US, 0, 1, 480, 800, b"\x00\x00\x00\x01\x67")),
    ("image-png", wire.Image(2, 12, US, 1, 8, 16, 32, 64, 480, 800, b"\x89PNG")),
    (
        "tiles",
        wire.Tiles(3, 13, US, 480, 800, (Copy(0, 40, 480, 700, 0, 0),), (Tile(0, 700, 480, 2, b"\xf0\x01"),)),
    ),
    ("tiles-none", wire.Tiles(4, 0, 0, 1, 1, (), ())),
    ("audio", wire.Audio(US, 0, b"")),
    ("a11y", wire.A11y(3, {"node": 1, "text": "确定", "children": []})),
    ("clipboard-changed", wire.ClipboardChanged("text/plain", b"x")),
    ("state-crashed", wire.State(4, {"code": "app-crashed", "message": "The app stopped."})),
    ("ime-active", wire.Ime(1, 0x0001_0001, 6, 10, 20, 2, 30, 3, 5, "你好 abc")),
    ("not-offered", wire.NotOffered(0x0A)),
    ("detached", wire.Detached(0, {"device": "Tablet", "code": "taken-over", "message": "Now on Tablet."})),
    ("title", wire.Title("设置", 0xFF10_2030)),
    ("configured", wire.Configured(800, 480, 320, 1)),
    ("notify", wire.Notify({"key": "k", "title": "T", "text": "x", "when_ms": 1_700_000_000_000, "actions": []})),
    ("pong", wire.Pong(42)),
    ("show", wire.Show({"number": 1_700_000_000_000_000, "app": "org.example", "leave": "org.other"})),
    ("start", wire.Start({"frames": {"path": "f", "slots": 3, "slot_bytes": 6_553_600}})),
    ("release", wire.Release(2)),
    ("stop", wire.Stop(1)),
    ("reply", wire.Reply(5, 0, b"\x00\xff")),
    ("ready", wire.Ready({"engine": "fake", "version": 1, "pid": 123, "offers": ["touch"]})),
    ("frame", wire.Frame(1, 99, 12, US, 480, 800, 1920, 0, (Rect(0, 0, 10, 20), Rect(5, 6, 7, 8)))),
    ("frame-all", wire.Frame(0, 100, 12, US, 480, 800, 1920, 0, ())),
    ("call", wire.Call(6, 1, "notification", 3, b"\x01")),
    ("log", wire.Log(2, "a line")),
]


def refused() -> list[dict[str, str]]:
    """Bytes that every decoder must refuse, with the code it gives."""
    touch = wire.encode(wire.Touch(1, 2, 0, 0, (Pointer(0, 1.0, 2.0, 3),)))
    text = wire.encode(wire.TextInput(1, 0, 1, 0, "ab"))
    cases = [
        ("empty", b"", "truncated"),
        ("unknown-type", b"\x7f", "unknown-type"),
        ("type-zero", b"\x00", "unknown-type"),
        ("touch-cut", touch[:-1], "truncated"),
        ("touch-trailing", touch + b"\x00", "trailing"),
        ("touch-action", touch[:17] + b"\x04" + touch[18:], "bad-value"),
        ("touch-changed", touch[:18] + b"\x01" + touch[19:], "bad-value"),
        ("touch-no-pointers", touch[:19] + b"\x00", "bad-value"),
        ("touch-17-pointers", touch[:19] + b"\x11" + touch[20:] * 17, "too-large"),
        ("touch-not-a-number", touch[:21] + b"\x00\x00\xc0\x7f" + touch[25:], "bad-value"),
        ("text-cut-length", text[:-4], "truncated"),
        ("text-over-bound", text[:18] + (wire.MAX_TEXT + 1).to_bytes(4, "little") + b"ab", "too-large"),
        ("text-not-utf8", text[:-2] + b"\xff\xfe", "bad-text"),
        ("text-half-character", text[:-6] + b"\x03\x00\x00\x00\xed\xa0\x80", "bad-text"),
        ("hello-not-json", b"\x01\x01\x02\x00\x00\x00{x", "bad-json"),
        ("hello-not-object", b"\x01\x01\x02\x00\x00\x00[]", "bad-json"),
        ("refresh-trailing", b"\x0f\x00", "trailing"),
        ("clipboard-over-bound", b"\x06\x00\x00\x00\x00\xff\xff\xff\xff", "too-large"),
    ]
    return [{"name": name, "hex": data.hex(), "code": code} for name, data, code in cases]


def vectors() -> list[dict[str, Any]]:
    return [
        {"name": name, "type": message.TYPE, "hex": wire.encode(message).hex(), "fields": plain(message)}
        for name, message in MESSAGES
    ]


def plain(value: Any) -> Any:
    """A message as JSON: bytes as hexadecimal, parts as objects."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def texts() -> dict[Path, str]:
    made: dict[str, list[Any]] = {"vectors.json": vectors(), "refused.json": refused()}
    return {
        HERE / name: "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
        for name, rows in made.items()
    }


def main() -> int:
    stale = [
        path for path, text in texts().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.name} is not what tools/surface_vectors.py writes; run make generate.", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(texts()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
