"""The fake engine's host: `python -m pileus.surfaces.engines.fake.host SOCKET PARENT_PID`.

Single-threaded: takes what came over the link, then draws once if anything changed and a slot is free.
"""

from __future__ import annotations

import json
import mmap
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pileus.surfaces import wire
from pileus.surfaces.engines.fake.picture import DISC, HEADER, Model, draw, mark_box
from pileus.surfaces.orphans import end_with_parent

TICK = 1 / 60
TEXT_CLASS = 1
OFFERS = ["touch", "keys", "text", "clipboard", "resize", "freeze"]
SAVED = ("text", "scroll", "page", "inputs")
"""Of the model, what comes back after a freeze: what is half typed and the fingers do not."""


class Host:
    """The app: takes messages, changes its model, draws."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._buffer = bytearray()
        self._frames: mmap.mmap | None = None
        self._slot_bytes = 0
        self._free: list[int] = []
        self._model = Model(0, 0)
        self._number = 0
        self._input_id = 0
        self._damage: list[tuple[int, int, int, int]] | None = None
        self._dirty = False
        self._visible = True
        self._animate = False
        self._dpi = 160
        self._running = True
        self._state = Path()

    def run(self) -> None:
        """Until STOP, the last back, or the end of the link."""
        self.send(wire.Ready({"engine": "fake", "version": 1, "pid": os.getpid(), "offers": OFFERS}))
        while self._running:
            ready, _, _ = select.select([self._link], [], [], TICK if self._animate and self._visible else None)
            if ready and not self._receive():
                return
            if self._animate and self._visible and self._free:
                self._model.tick += 1
                self.spoil()
            self._show()

    def send(self, message: wire.Message) -> None:
        data = wire.encode(message)
        self._link.sendall(len(data).to_bytes(4, "little") + data)

    def spoil(self, *areas: tuple[int, int, int, int]) -> None:
        """Marks parts of the picture as changed; none: all of it."""
        if not areas:
            self._damage = None
        elif not self._dirty:
            self._damage = list(areas)
        elif self._damage is not None:
            self._damage.extend(areas)
        self._dirty = True

    def _receive(self) -> bool:
        data = self._link.recv(1 << 16)
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4], "little")
            if end > len(self._buffer):
                break
            self._take(wire.decode(bytes(self._buffer[4:end])))
            del self._buffer[:end]
        return bool(data)

    def _take(self, message: wire.Message) -> None:
        if isinstance(message, wire.Start):
            self._start(message.info)
        elif isinstance(message, wire.Release):
            self._free.append(message.slot)
        elif isinstance(message, wire.Stop):
            self._stop(message.kind)
        elif isinstance(message, wire.Ping):
            self.send(wire.Pong(message.nonce))
        elif isinstance(message, wire.Refresh):
            self.spoil()
        elif isinstance(message, wire.Visibility):
            self._visible = bool(message.visible)
        elif isinstance(message, wire.Resize):
            self._model.width, self._model.height, self._dpi = message.width, message.height, message.dpi
            self.send(wire.Configured(message.width, message.height, message.dpi, message.rotation))
            self.spoil()
        elif isinstance(message, wire.Config):
            self._model.theme = message.info.get("theme", self._model.theme)
            self.spoil()
        elif isinstance(message, wire.Clipboard):
            self._model.clipboard = message.data.decode(errors="replace")
        else:
            self._input(message)

    def _start(self, info: dict[str, Any]) -> None:
        frames, display = info["frames"], info["display"]
        with open(frames["path"], "r+b") as file:
            self._frames = mmap.mmap(file.fileno(), 0)
        self._slot_bytes = frames["slot_bytes"]
        self._free = list(range(frames["slots"]))
        self._model = Model(display["width"], display["height"], display["theme"])
        self._dpi = display["dpi"]
        options = info.get("options", {})
        self._animate, self._model.noise = options.get("animate") == "1", options.get("noise") == "1"
        self._state = Path(info["state"])
        if info.get("restore"):
            self._restore()
        self._state.unlink(missing_ok=True)
        self.send(wire.Title(info["app"]["label"], 0xFF3C6EF0))
        self.send(wire.Configured(self._model.width, self._model.height, self._dpi, 0))
        self.spoil()

    def _stop(self, kind: int) -> None:
        try:
            if kind == 1:
                self._save()
        except OSError:
            self.send(wire.State(1, {"code": "not-kept"}))
            return
        self.send(wire.State(2 if kind == 1 else 3, {}))
        self._running = False

    def _save(self) -> None:
        self._state.parent.mkdir(parents=True, exist_ok=True)
        self._state.write_text(json.dumps({name: getattr(self._model, name) for name in SAVED}))

    def _restore(self) -> None:
        for name, value in json.loads(self._state.read_text()).items():
            setattr(self._model, name, value)

    def _input(self, message: wire.Message) -> None:
        model = self._model
        if isinstance(message, wire.Touch):
            self._touch(message)
        elif isinstance(message, wire.TextInput):
            self._text(message)
        elif isinstance(message, wire.Key):
            self._key(message)
        elif isinstance(message, wire.Scroll):
            model.scroll = max(0, model.scroll + int(message.dy))
            self.spoil()
        elif isinstance(message, wire.Nav):
            model.page += 1
            self.spoil((0, 0, model.width, HEADER + 1))
        else:
            return
        model.inputs += 1
        left, top, right, bottom = mark_box(model)
        self.spoil((left, top, right - left + 1, bottom - top + 1))
        self._input_id = message.input_id

    def _touch(self, message: wire.Touch) -> None:
        fingers = self._model.fingers
        gone = message.pointers[message.changed].id if message.action == 2 else None
        for old in fingers.values():
            self.spoil(_disc(self._model, old))
        fingers.clear()
        if message.action != 3:
            fingers.update({p.id: (int(p.x), int(p.y)) for p in message.pointers if p.id != gone})
        for now in fingers.values():
            self.spoil(_disc(self._model, now))
        if message.action == 2 and message.pointers[message.changed].y < HEADER:
            self._ime()

    def _text(self, message: wire.TextInput) -> None:
        model = self._model
        if message.kind == 0:
            model.text, model.composing = model.text + message.text, ""
        elif message.kind == 1:
            model.composing = message.text
        elif message.kind == 2:
            model.text, model.composing = model.text + model.composing, ""
        elif message.kind == 3 and message.a > 0:
            model.text = model.text[: -message.a]
        self._edited()

    def _key(self, message: wire.Key) -> None:
        if message.action:
            return
        model = self._model
        if message.usage == 0x0007_002A:
            model.text = model.text[:-1]
        elif message.usage == 0x0007_0006 and message.modifiers & 2:
            self.send(wire.ClipboardChanged("text/plain", model.text.encode()))
        elif message.usage == 0x0007_0019 and message.modifiers & 2:
            model.text += model.clipboard
        elif message.usage == 0x0007_0014 and message.modifiers & 2:
            os.kill(os.getpid(), signal.SIGKILL)
        elif message.codepoint >= 32:
            model.text += chr(message.codepoint)
        self._edited()

    def _edited(self) -> None:
        self.spoil((0, 0, self._model.width, HEADER + 1))
        self._ime()

    def _ime(self) -> None:
        text = self._model.text + self._model.composing
        end = len(text)
        self.send(wire.Ime(1, TEXT_CLASS, 6, 12, 44, 2, 30, end, end, text[-256:]))

    def _show(self) -> None:
        if not (self._dirty and self._visible and self._free and self._frames):
            return
        model, slot = self._model, self._free.pop()
        picture = draw(model)
        rows = np.ndarray((model.height, model.width, 4), np.uint8, self._frames, slot * self._slot_bytes)
        rows[:] = np.asarray(_bgra(picture))
        areas = self._damage or []
        rects = tuple(_rect(model, area) for area in areas[:64]) if len(areas) <= 64 else ()
        self._number += 1
        now = time.time_ns() // 1000
        size = (model.width, model.height, model.width * 4)
        self._dirty, self._damage = False, None
        self.send(wire.Frame(slot, self._number, self._input_id, now, *size, 0, rects))


def _bgra(picture: Image.Image) -> np.ndarray[Any, Any]:
    raw = np.frombuffer(picture.tobytes("raw", "BGRX"), np.uint8)
    return raw.reshape(picture.height, picture.width, 4)


def _disc(model: Model, at: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top = max(0, at[0] - DISC), max(0, at[1] - DISC)
    right, bottom = min(model.width, at[0] + DISC + 1), min(model.height, at[1] + DISC + 1)
    return (left, top, max(1, right - left), max(1, bottom - top))


def _rect(model: Model, area: tuple[int, int, int, int]) -> wire.Rect:
    left, top = min(area[0], model.width - 1), min(area[1], model.height - 1)
    return wire.Rect(left, top, min(area[2], model.width - left), min(area[3], model.height - top))


def main() -> None:
    """Connects and runs."""
    end_with_parent(int(sys.argv[2]))
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(sys.argv[1])
        Host(link).run()


if __name__ == "__main__":
    main()
