"""The account's clipboard: one for all its apps, and the device's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system.intents import Piece
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node, Parcel

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

MAX_TEXT = 1 << 20


class _Set(msgspec.Struct):
    text: str = ""
    clip: Piece | None = None


class _Listener(msgspec.Struct):
    listener: Piece


class Clipboard:
    """Its content: as text for the device, as the app parcelled it for apps."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._text = ""
        self._clip: Parcel | None = None
        self._listeners: dict[Node, Process] = {}
        self.methods = {
            "setClip": self._set,
            "getClip": self._get,
            "listenClip": self._listen,
            "unlistenClip": self._unlisten,
        }

    def set_text(self, text: str) -> None:
        """What was copied on the device."""
        if text != self._text:
            self._replace(text[:MAX_TEXT], None)

    def on_end(self, process: Process) -> None:
        for node in [node for node, owner in self._listeners.items() if owner is process]:
            del self._listeners[node]
            self._system.router.let_go(node)

    def _replace(self, text: str, clip: Parcel | None) -> None:
        if self._clip is not None:
            self._system.router.free(self._clip)
        self._text, self._clip = text, self._system.router.keep(clip) if clip else None
        for node, process in self._listeners.items():
            if process.shown:
                process.tell("clipChanged", Said().node("listener", node))

    def _set(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Set)
        clip = asked.piece(wish.clip)
        plain = Parcel(clip.data) if clip is not None and not clip.things else None
        changed = wish.text != self._text
        self._replace(wish.text[:MAX_TEXT], plain)
        if changed:
            self._system.clip(self._text)
        return Said()

    def _get(self, process: Process, asked: Asked) -> Said:
        """Nothing for an app that nobody looks at (ClipboardService.clipboardAccessAllowed)."""
        if not process.shown:
            return Said()
        return Said(text=self._text or None).piece("clip", self._clip)

    def _listen(self, process: Process, asked: Asked) -> Said:
        node = asked.node(asked.read(_Listener).listener)
        if node is not None and node not in self._listeners:
            self._listeners[self._system.router.hold(node)] = process
        return Said()

    def _unlisten(self, process: Process, asked: Asked) -> Said:
        node = asked.node(asked.read(_Listener).listener)
        if node is not None and node in self._listeners:
            del self._listeners[node]
            self._system.router.let_go(node)
        return Said()
