"""A system without processes of its own, and what a test's apps are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pileus.surfaces.engines.android.system import wire
from pileus.surfaces.engines.android.system.activities import Choice
from pileus.surfaces.engines.android.system.intents import Filter
from pileus.surfaces.engines.android.system.manifest import Component, Kind
from pileus.surfaces.engines.android.system.packages import Package
from pileus.surfaces.engines.android.system.parcels import CALL
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Peer
from pileus.surfaces.engines.android.system.server import System
from pileus.surfaces.engines.android.system.wire import Call, Item, Reply

NOW = 1_700_000_000_000


class Outside:
    """The world, written down."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.killed: list[Process] = []
        self.opened: list[tuple[str | None, str | None, bool]] = []
        self.pages: list[str] = []
        self.choices: list[tuple[int, str, list[Choice]]] = []
        self.notices: list[dict[str, Any]] = []
        self.clips: list[str] = []
        self.files: dict[str, bytes] = {}
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.now = NOW

    def start(self, package: str) -> None:
        self.started.append(package)

    def kill(self, process: Process) -> None:
        self.killed.append(process)

    def open(
        self, near: Process | None, package: str | None, leave: str | None = None, over: bool = False
    ) -> None:
        self.opened.append((package, leave, over))

    def browse(self, near: Process, url: str) -> None:
        self.pages.append(url)

    def choose(self, near: Process, number: int, title: str, choices: list[Choice]) -> None:
        self.choices.append((number, title, choices))

    def notify(self, content: dict[str, object]) -> None:
        self.notices.append(dict(content))

    def clip(self, text: str) -> None:
        self.clips.append(text)

    def keep(self, name: str, value: object) -> None:
        self.files[name] = msgspec.json.encode(value)

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        self.timers.append((seconds, work))

    def clock(self) -> float:
        return self.now / 1000

    def now_ms(self) -> int:
        return self.now


class World:
    """A system with its packages, and their processes as the test plays them."""

    def __init__(self, found: list[Package]) -> None:
        self.outside = Outside()
        self.system = System(self.outside, {})
        for package in found:
            self.system.packages.put(package)
        self.calls = 0

    def process(self, name: str, screen: bool = False) -> Process:
        number = len(self.system.processes) + 1
        process = self.system.attach(number, name if "." in name else f"dev.pileus.{name}", screen)
        self.system.connected(process)
        if screen:
            self.system.screen(process, True, True)
        self.say(process, "ready")
        self.heard(process)
        return process

    def process_of(self, name: str) -> Process:
        """The process that the system has asked for, started."""
        process = self.system.attach(len(self.system.processes) + 1, name, False)
        self.system.connected(process)
        self.say(process, "ready")
        return process

    def say(
        self,
        process: Process,
        method: str,
        nodes: tuple[int, ...] = (),
        handles: tuple[int, ...] = (),
        tail: bytes = b"",
        **fields: Any,
    ) -> dict[str, Any]:
        """A call of a process, with nodes of its own or handles as pieces, and bytes behind them; the answer's
        fields."""
        json = msgspec.json.encode({**fields, "m": method})
        data = len(json).to_bytes(4, "little") + json + bytes(-len(json) % 4)
        kinds = [*((wire.OWN, node) for node in nodes), *((wire.HANDLE, handle) for handle in handles)]
        items = tuple(Item(kind, len(data) + 8 * at, value) for at, (kind, value) in enumerate(kinds))
        self.calls += 1
        peer: Peer = process.peer  # type: ignore[assignment]
        parcel = data + (1).to_bytes(8, "little") * len(kinds) + tail
        self.system.router.receive(peer, Call(self.calls, 0, CALL, items=items, parcel=parcel))
        replies = [m for to, m, _ in self.system.router.out if to is peer and isinstance(m, Reply)]
        reply = next(message for message in replies if message.call == self.calls)
        size = int.from_bytes(reply.parcel[:4], "little")
        answer: dict[str, Any] = msgspec.json.decode(reply.parcel[4 : 4 + size])
        return answer | ({"handle": reply.items[0].value} if reply.items else {})

    def heard(self, process: Process) -> list[dict[str, Any]]:
        """Takes what the system asked of a process, but for that it may see more packages."""
        found = []
        for to, message, _ in list(self.system.router.out):
            if to is process.peer and isinstance(message, Call):
                size = int.from_bytes(message.parcel[:4], "little")
                found.append(msgspec.json.decode(message.parcel[4 : 4 + size]))
        self.system.router.out.clear()
        return [one for one in found if one["m"] != "packagesChanged"]


def sender(at: int = 0) -> dict[str, int]:
    return {"at": 8 * at, "size": 8}


def component(kind: Kind, package: str, name: str, *filters: Filter, **more: Any) -> Component:
    """One that all may use, but for what `more` says."""
    usual: dict[str, Any] = {"exported": True, "enabled": True, "permission": None}
    return Component(kind=kind, package=package, name=f"{package}.{name}", filters=filters, **usual | more)


def package(name: str, *components: Component, **more: Any) -> Package:
    """A package for Android 16 that asks for nothing, but for what `more` says."""
    usual: dict[str, Any] = {"target_sdk": 36, "version_code": 1, "version_name": "1", "requested": frozenset()}
    return Package(name=name, app=name, folder=Path(), label=name, components=components, **usual | more)
