"""What a service says of its objects, held in memory and kept true by its signals.

A capability asks the mirror, never the bus, for what it shows: its state costs nothing, and a service that comes
late, goes away or comes back is followed here, once for all. What is held is as the service said it: look at it
with `pileus.handset.values`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from pileus.core.errors import PileusError, Unavailable
from pileus.handset.bus import DAEMON, DAEMON_PATH, OBJECTS, PROPERTIES, Bus, Signal, Undo
from pileus.handset.values import of_type

MOST_OBJECTS = 5000
"""A service that goes on adding objects is held to these."""
Values = Mapping[str, Any]
Objects = dict[str, dict[str, dict[str, Any]]]
_NONE: Values = {}

log = logging.getLogger("pileus.handset.mirror")


class Mirror:
    """One service. `why` is "" while it is there and was read, else `no-bus` or `no-service`.

    `changed` is called after anything that is held became another; `came` after a service that came was read;
    `heard` gets every signal that is no news of a property. `manager` is the path of the service's object manager,
    where it has one; other objects are named by `follow`. A service that `rests` leaves the bus when it has
    nothing to do, and the next call starts it: what it said stays true then.
    """

    def __init__(
        self,
        bus: Bus | None,
        service: str,
        *,
        changed: Callable[[], None],
        manager: str = "",
        came: Callable[[], Awaitable[None]] | None = None,
        heard: Callable[[Signal], None] | None = None,
        rests: bool = False,
    ) -> None:
        self.why = "no-service" if bus else "no-bus"
        self.service = service
        self._bus, self._changed, self._manager, self._rests = bus, changed, manager, rests
        self._came, self._hears = came, heard
        self._objects: Objects = {}
        self._followed: list[tuple[str, str]] = []
        self._asking = 0
        self._waiting: list[Signal] = []
        self._task: asyncio.Task[None] | None = None
        self._reads: set[asyncio.Task[None]] = set()
        self._undo: list[Undo] = []

    async def start(self) -> None:
        """Begins to watch; returns before the service was read. Raises nothing; may be repeated."""
        if self._bus is None or self._undo:
            return
        try:
            self._undo.append(await self._bus.listen(self.service, self._signal))
            self._undo.append(await self._bus.watch(self.service, self._owned))
        except PileusError as error:
            log.warning("%s cannot be watched: %s", self.service, error)

    async def stop(self) -> None:
        """May be repeated."""
        for undo in self._undo:
            undo()
        self._undo.clear()
        running = [task for task in (self._task, *self._reads) if task]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._task = None
        self._forget()

    async def settled(self) -> None:
        """Waits until what is being read was read."""
        while running := [one for one in (self._task, *self._reads) if one and not one.done()]:
            await asyncio.wait(running)

    def of(self, path: str, interface: str) -> Values:
        """The properties of an object, none for one that is not there."""
        return self._objects.get(path, {}).get(interface, _NONE)

    def all(self, interface: str) -> dict[str, Values]:
        """The properties of all objects of a kind, by path."""
        return {path: parts[interface] for path, parts in self._objects.items() if interface in parts}

    def follow(self, path: str, interface: str) -> None:
        """Holds an object that no manager tells of, now or when the service comes."""
        if (path, interface) not in self._followed:
            self._followed.append((path, interface))
            if not self.why:
                self._later(self._read(path, interface))

    def leave(self, path: str, interface: str) -> None:
        """Holds it no longer."""
        with contextlib.suppress(ValueError):
            self._followed.remove((path, interface))
        self._objects.get(path, {}).pop(interface, None)

    async def call(
        self, path: str, interface: str, member: str, signature: str = "", *body: Any, **how: Any
    ) -> Any:
        """Calls the service. Raises as `Bus.call` does, and `service-absent` where there is no bus."""
        return await self._on().call(self.service, path, interface, member, signature, *body, **how)

    async def set(self, path: str, interface: str, name: str, value: Any) -> None:
        """Sets a property to a `Variant`. Raises as `call` does."""
        await self._on().set(self.service, path, interface, name, value)

    async def read(self, path: str, interface: str) -> None:
        """Reads an object's properties anew, for services that do not tell of them. Raises as `call` does."""
        with self._in_order():
            found = await self._on().properties(self.service, path, interface)
            if len(self._objects) < MOST_OBJECTS or path in self._objects:
                self._objects.setdefault(path, {})[interface] = found
        self._changed()

    def _on(self) -> Bus:
        if self._bus is None:
            raise Unavailable("bus-absent", "There is no message bus on this device.")
        return self._bus

    def _owned(self, owner: str) -> None:
        if self._task:
            self._task.cancel()
        if not owner:
            self._task = asyncio.create_task(self._left())
            return
        self._task = asyncio.create_task(self._take_up())

    async def _left(self) -> None:
        """Nobody answers to the name: starts who would, once; else forgets what was said."""
        try:
            startable = await self._on().startable(self.service)
        except PileusError:
            startable = False
        if startable and self._rests and not self.why:
            return
        self._forget()
        if startable:
            with contextlib.suppress(PileusError):
                await self._on().call(DAEMON, DAEMON_PATH, DAEMON, "StartServiceByName", "su", self.service, 0)

    def _forget(self) -> None:
        self.why = "no-service" if self._bus else "no-bus"
        self._objects = {}
        self._changed()

    async def _take_up(self) -> None:
        try:
            with self._in_order():
                self._objects = await self._all_objects()
                self.why = ""
        except PileusError as error:
            log.warning("%s cannot be read: %s", self.service, error)
            self._forget()
            return
        if self._came:
            try:
                await self._came()
            except PileusError as error:
                log.warning("%s could not be taken up whole: %s", self.service, error)
        self._changed()

    @contextlib.contextmanager
    def _in_order(self) -> Iterator[None]:
        """Keeps signals back while an answer is on its way. One that came meanwhile is older than the answer or
        newer: said again in order after it, all of them end in the present."""
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            while self._waiting and not self._asking:
                try:
                    self._signal(self._waiting.pop(0))
                except Exception:
                    log.exception("what %s said could not be taken", self.service)

    async def _all_objects(self) -> Objects:
        bus = self._on()
        objects: Objects = await bus.objects(self.service, self._manager) if self._manager else {}
        objects = dict(list(objects.items())[:MOST_OBJECTS])
        for path, interface in self._followed:
            objects.setdefault(path, {})[interface] = await bus.properties(self.service, path, interface)
        return objects

    def _signal(self, signal: Signal) -> None:
        if self._asking:
            if len(self._waiting) < MOST_OBJECTS:
                self._waiting.append(signal)
            return
        if signal.interface == PROPERTIES and signal.member == "PropertiesChanged":
            self._properties(signal)
        elif signal.interface == OBJECTS and signal.path == self._manager:
            self._object(signal)
        elif self._hears:
            self._hears(signal)

    def _properties(self, signal: Signal) -> None:
        interface, values, stale = (*signal.body, "", {}, [])[:3]
        held = self._objects.get(signal.path, {}).get(str(interface))
        if held is None:
            return
        held.update(of_type(values, dict, {}))
        if stale := of_type(stale, list, []):
            for name in stale:
                held.pop(name, None)
            self._later(self._read(signal.path, str(interface)))
        self._changed()

    def _object(self, signal: Signal) -> None:
        path, parts = (*signal.body, "", None)[:2]
        if signal.member == "InterfacesAdded" and isinstance(parts, dict) and len(self._objects) < MOST_OBJECTS:
            held = self._objects.setdefault(str(path), {})
            held.update({str(name): of_type(values, dict, {}) for name, values in parts.items()})
        if signal.member == "InterfacesRemoved" and isinstance(parts, list):
            held = self._objects.get(str(path), {})
            for name in parts:
                held.pop(str(name), None)
            if not held:
                self._objects.pop(str(path), None)
        self._changed()

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)

    async def _read(self, path: str, interface: str) -> None:
        try:
            await self.read(path, interface)
        except PileusError as error:
            log.info("%s of %s cannot be read: %s", interface, path, error)
