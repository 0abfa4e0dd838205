"""The connections that NetworkManager keeps, as far as they are needed; their secrets are never asked for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dbus_fast import Variant

from pileus.core.errors import PileusError
from pileus.handset.bus import Signal
from pileus.handset.capabilities.network import rules
from pileus.handset.mirror import Mirror
from pileus.handset.values import of_type, words

CONNECTION = "org.freedesktop.NetworkManager.Settings.Connection"
MOST = 2000
_SIGNATURES = {str: "s", bool: "b", bytes: "ay"}


@dataclass(frozen=True)
class Connection:
    """`type` as NetworkManager names it; `ssid` in hexadecimal; `own` for a network of the device's own; `card`:
    the only one that it is for."""

    type: str
    ssid: str
    own: bool
    uuid: str = ""
    card: str = ""


class Saved:
    """By path. What is new is read as it comes."""

    def __init__(self, mirror: Mirror, changed: Callable[[], None]) -> None:
        self._mirror, self._changed = mirror, changed
        self._held: dict[str, Connection | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, path: str) -> Connection | None:
        return self._held.get(path)

    def wifi(self, ssid: str = "", *, own: bool = False) -> dict[str, Connection]:
        return {
            path: one
            for path, one in self._held.items()
            if one and one.type == "802-11-wireless" and one.ssid and one.own == own and ssid in ("", one.ssid)
        }

    def mobile(self, card: str) -> str:
        """The connection of a card, else one that is for any; "" for none."""
        found = [
            (one.card != card, path)
            for path, one in self._held.items()
            if one and one.type == "gsm" and one.card in ("", card)
        ]
        return min(found, default=(False, ""))[1]

    @property
    def read(self) -> bool:
        """Whether all that there are were read."""
        return None not in self._held.values()

    def follow(self) -> None:
        """Reads those that came, forgets those that went."""
        there = list(self._mirror.all(CONNECTION))[:MOST]
        for path in self._held.keys() - set(there):
            del self._held[path]
        for path in there:
            if path not in self._held:
                self._held[path] = None
                self._later(path)

    def heard(self, signal: Signal) -> None:
        if signal.interface == CONNECTION and signal.member == "Updated" and signal.path in self._held:
            self._later(signal.path)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._held.clear()

    async def delete(self, *paths: str) -> None:
        """Those that are still there. Raises as `Bus.call` does."""
        for path in paths:
            await self._mirror.call(path, CONNECTION, "Delete")

    async def change(self, path: str, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Another content for one that stays the same to NetworkManager. Raises as `Bus.call` does."""
        held = self._held.get(path)
        about = {**settings["connection"], **({"uuid": held.uuid} if held and held.uuid else {})}
        await self._mirror.call(
            path, CONNECTION, "Update", "a{sa{sv}}", wrapped({**settings, "connection": about})
        )

    def _later(self, path: str) -> None:
        task = asyncio.create_task(self._read(path))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, path: str) -> None:
        with contextlib.suppress(PileusError):
            found = [*await self._mirror.call(path, CONNECTION, "GetSettings"), {}][0]
            parts = of_type(found, dict, {})
            wireless = of_type(parts.get("802-11-wireless"), dict, {})
            gsm = of_type(parts.get("gsm"), dict, {})
            about = of_type(parts.get("connection"), dict, {})
            ssid, mode = rules.ssid_of(wireless.get("ssid")), words(wireless, "mode")
            if path in self._held:
                self._held[path] = Connection(
                    words(about, "type"), ssid, mode == "ap", words(about, "uuid", 80), words(gsm, "sim-id", 40)
                )
                self._changed()


def wrapped(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Variant]]:
    """Settings of a connection as the bus takes them."""
    return {
        part: {name: Variant(_SIGNATURES[type(value)], value) for name, value in values.items()}
        for part, values in settings.items()
    }
