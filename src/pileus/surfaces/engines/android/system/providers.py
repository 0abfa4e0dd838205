"""Content providers across processes, and the observers of what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system import intents
from pileus.surfaces.engines.android.system.intents import Piece
from pileus.surfaces.engines.android.system.manifest import Component
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

MAX_OBSERVERS = 1000
"""Of one process."""
MAX_URI = 8192


@dataclass(eq=False)
class Observer:
    node: Node
    process: Process
    uri: str
    below: bool


class _Get(msgspec.Struct):
    authority: str


class _Publish(msgspec.Struct):
    authority: str
    provider: Piece


class _Observe(msgspec.Struct):
    observer: Piece
    uri: str = ""
    below: bool = False


class _Changed(msgspec.Struct):
    uris: tuple[str, ...]
    self: bool = False
    flags: int = 0
    observer: Piece | None = None


class Providers:
    """Who offers which authority, and who waits for it."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._published: dict[str, tuple[Process, Node]] = {}
        self._waiting: dict[str, list[Callable[[Said], None]]] = {}
        self._users: dict[Process, set[Process]] = {}
        self._observers: list[Observer] = []
        self.methods = {
            "publishProvider": self._publish,
            "observe": self._observe,
            "unobserve": self._unobserve,
            "notifyChange": self._changed,
        }

    def users(self, process: Process) -> set[Process]:
        """The processes that use a provider of this one."""
        return {item for item in self._users.get(process, set()) if not item.ended and item is not process}

    def dump(self) -> list[str]:
        lines = [f"  {name} pid={process.number}" for name, (process, _) in self._published.items()]
        return ["PROVIDERS", *lines, f"OBSERVERS {len(self._observers)}"]

    def get(self, process: Process, asked: Asked, answer: Callable[[Said], None]) -> None:
        """Answers when the provider is there: its process may have to start first."""
        authority = asked.read(_Get).authority
        component = self._system.packages.provider(authority)
        if component is None:
            answer(Said())
            return
        why = self._refusal(process, component)
        if why is not None:
            answer(Said(refused=why))
            return
        if process.package == component.package:
            answer(self._describe(component).put(local=True))
            return
        published = self._published.get(authority)
        if published is not None:
            self._users.setdefault(published[0], set()).add(process)
            answer(self._describe(component).node("provider", published[1]))
            return
        target = self._system.process(component.package)
        if target.ready:
            answer(Said())  # its application runs without this provider
            return
        self._waiting.setdefault(authority, []).append(answer)
        self._users.setdefault(target, set()).add(process)

    def on_end(self, process: Process) -> None:
        for authority, (owner, node) in list(self._published.items()):
            if owner is process:
                del self._published[authority]
                self._system.router.let_go(node)
        for item in [item for item in self._observers if item.process is process]:
            self._observers.remove(item)
            self._system.router.let_go(item.node)
        for authority in list(self._waiting):
            component = self._system.packages.provider(authority)
            if component is None or component.package == process.package:
                self.give_up(authority)
        self._users.pop(process, None)

    def missing(self, process: Process) -> None:
        """A process is ready: what it has not published by now it never will."""
        for authority in list(self._waiting):
            component = self._system.packages.provider(authority)
            if component is not None and component.package == process.package:
                self.give_up(authority)

    def give_up(self, authority: str) -> None:
        for answer in self._waiting.pop(authority, []):
            answer(Said())

    def _refusal(self, process: Process, component: Component) -> str | None:
        packages = self._system.packages
        if packages.uids.get(component.package) == process.uid:
            return None
        if not component.exported and not component.grants:
            return (
                f"Permission Denial: opening provider {component.name} that is not exported from UID {process.uid}"
            )
        wanted = (component.read, component.write)
        if (
            component.grants
            or None in wanted
            or any(packages.granted(process.uid, name) for name in wanted if name)
        ):
            return None
        return (
            f"Permission Denial: opening provider {component.name} requires {component.read} or {component.write}"
        )

    def _describe(self, component: Component) -> Said:
        said = Said(name=component.name, package=component.package, authorities=";".join(component.authorities))
        return said.put(uid=self._system.packages.uids[component.package])

    def _publish(self, process: Process, asked: Asked) -> Said:
        publish = asked.read(_Publish)
        node = asked.node(publish.provider)
        for authority in publish.authority.split(";"):
            component = self._system.packages.provider(authority)
            if component is None or component.package != process.package or node is None:
                continue
            if authority in self._published:
                continue
            self._published[authority] = (process, self._system.router.hold(node))
            for answer in self._waiting.pop(authority, []):
                answer(self._describe(component).node("provider", node))
        return Said()

    def _observe(self, process: Process, asked: Asked) -> Said:
        observe = asked.read(_Observe)
        node = asked.node(observe.observer)
        if len(observe.uri) > MAX_URI:
            return Said(refused=f"The address of what is observed has more than {MAX_URI} characters")
        if node is not None and sum(item.process is process for item in self._observers) < MAX_OBSERVERS:
            self._observers.append(Observer(self._system.router.hold(node), process, observe.uri, observe.below))
        return Said()

    def _unobserve(self, process: Process, asked: Asked) -> Said:
        node = asked.node(asked.read(_Observe).observer)
        for item in [item for item in self._observers if item.node is node and item.process is process]:
            self._observers.remove(item)
            self._system.router.let_go(item.node)
        return Said()

    def _changed(self, process: Process, asked: Asked) -> Said:
        changed = asked.read(_Changed)
        origin = asked.node(changed.observer)
        told: dict[Node, tuple[Observer, list[str]]] = {}
        for item in self._observers:
            uris = [uri for uri in changed.uris if intents.covers(item.uri, item.below, uri)]
            if uris and (item.node is not origin or changed.self):
                told.setdefault(item.node, (item, []))[1].extend(uris)
        for node, (item, uris) in told.items():
            said = Said(uris=list(dict.fromkeys(uris)), self=node is origin, flags=changed.flags)
            item.process.tell("changed", said.node("observer", node))
        return Said()
