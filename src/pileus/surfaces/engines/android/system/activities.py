"""Activities of other apps: who may open them, and what waits until their app has a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system.intents import Intent, Kept
from pileus.surfaces.engines.android.system.packages import Component
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

MAX_WAITING = 16
"""Intents that wait for one app's screen."""


class _Open(msgspec.Struct):
    intent: Intent


class Activities:
    """Opens apps on the phone with the intents that others sent them."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._waiting: dict[str, list[Kept]] = {}
        self.methods = {"startActivity": self._start, "takeIntents": self._take}

    def open(self, kept: Kept, uid: int) -> Component | None:
        """For a caller by its uid; None where nothing answers. Raises `Refused`."""
        found = self._system.packages.resolve("activity", kept.intent, default=not kept.intent.component)
        if not found:
            return None
        component = found[0]
        self._system.check(uid, component)
        named = msgspec.structs.replace(kept.intent, component=component.full)
        self._system.router.keep_all(kept.extras)
        waiting = self._waiting.setdefault(component.package, [])
        waiting.append(Kept(named, kept.extras))
        for old in waiting[:-MAX_WAITING]:
            self._system.router.free_all(old.extras)
        del waiting[:-MAX_WAITING]
        for process in self._system.processes.values():
            if process.package == component.package and process.screen and process.ready:
                self._give(process)
        self._system.show(component.package)
        return component

    def _give(self, process: Process) -> None:
        for kept in self._waiting.pop(process.package, []):
            process.tell("openActivity", Said().intent("intent", kept))
            self._system.router.free_all(kept.extras)

    def _start(self, process: Process, asked: Asked) -> Said:
        intent = asked.read(_Open).intent
        component = self.open(asked.kept(intent), process.uid)
        return Said(component=component.full if component else None)

    def _take(self, process: Process, asked: Asked) -> Said:
        """A process has got its screen: what was sent to its app meanwhile."""
        waiting = self._waiting.pop(process.package, [])
        said = Said()
        fields = [said.intent_fields(kept) for kept in waiting]
        for kept in waiting:
            self._system.router.free_all(kept.extras)
        return said.put(intents=fields)
