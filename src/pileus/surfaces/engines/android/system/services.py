"""Services: started, bound, in the foreground; restarted when their process ends (AOSP: ActiveServices)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system.intents import Intent, Kept, Piece
from pileus.surfaces.engines.android.system.manifest import Component
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Needs, Process, Rank
from pileus.surfaces.engines.android.system.router import Node

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

AUTO_CREATE = 1
STICKY_COMPATIBILITY, STICKY, NOT_STICKY, REDELIVER = range(4)
STOP_FOREGROUND_REMOVE, STOP_FOREGROUND_DETACH = 1, 2
_START_FLAG_REDELIVERY, _START_FLAG_RETRY = 1, 2
_TYPE_START, _TYPE_STOP = 1, 2
MAX_STARTS = 1000
"""Of one service, that it has not done."""
MAX_CONNECTIONS = 1000
"""Of one process (ActivityManagerConstants.MAX_SERVICE_CONNECTIONS_PER_PROCESS is three times that)."""
RESTART_AFTER = 1.0
MAX_RESTARTS = 5
"""Restarts within a minute after which a service that keeps falling over is left down."""


@dataclass(eq=False)
class Connection:
    """One client's bindService: its IServiceConnection."""

    node: Node
    client: Process
    flags: int


@dataclass(eq=False)
class Binding:
    """All connections of a service with intents that are equal."""

    number: int
    intent: Kept
    asked: bool = False
    service: Node | None = None
    connections: list[Connection] = field(default_factory=list)
    rebind: bool = False
    unbound: bool = False


_One = tuple[int, Kept, int]


@dataclass(eq=False)
class Service:
    """A service that lives, or waits for its process."""

    number: int
    component: Component
    process: Process | None = None
    started: bool = False
    start: int = 0
    starts: list[_One] = field(default_factory=list)
    """Starts that are not done: number, intent, how often they were delivered."""
    sticky: int = NOT_STICKY
    foreground: bool = False
    shows: int = 0
    """The number of the notification that it gave to `startForeground`; 0: none that goes with it."""
    bindings: dict[tuple[object, ...], Binding] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)

    @property
    def wanted(self) -> bool:
        return self.started or any(
            connection.flags & AUTO_CREATE
            for binding in self.bindings.values()
            for connection in binding.connections
        )


class Told:
    """The system's own end of a binding."""

    def __init__(self) -> None:
        self.binding: Binding | None = None

    def hear(self, service: Node | None) -> None:
        raise NotImplementedError


class _Start(msgspec.Struct):
    intent: Intent
    foreground: bool = False


class _Bind(msgspec.Struct):
    intent: Intent
    connection: Piece
    flags: int = 0


class _Connection(msgspec.Struct):
    connection: Piece


class _Publish(msgspec.Struct):
    record: int
    binding: int
    service: Piece | None = None


class _Unbound(msgspec.Struct):
    record: int
    binding: int


class _Done(msgspec.Struct):
    record: int
    type: int = 0
    start: int = 0
    result: int = 0


class _Stop(msgspec.Struct):
    record: int
    start: int = -1


class _Foreground(msgspec.Struct):
    record: int
    on: bool = False
    id: int = 0
    flags: int = 0


class Services:
    """All services of the account."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._all: dict[int, Service] = {}
        self._next = 1
        self.methods = {
            "startService": self._start,
            "stopService": self._stop,
            "stopServiceToken": self._stop_token,
            "setServiceForeground": self._set_foreground,
            "bindService": self._bind,
            "unbindService": self._unbind,
            "publishService": self._publish,
            "unbindFinished": self._unbind_finished,
            "serviceDone": self._done,
        }

    def all(self) -> list[Service]:
        return list(self._all.values())

    def needs(self, process: Process, rank_of: Mapping[Process, Rank]) -> Needs:
        """What of a process's services keeps it; a service takes the rank of those that are bound to it."""
        own = [item for item in self._all.values() if item.process is process]
        clients = [
            connection.client
            for item in own
            for binding in item.bindings.values()
            for connection in binding.connections
            if connection.client is not process
        ]
        ranks = tuple(rank_of[client] for client in clients if client in rank_of)
        return Needs(
            foreground_service=any(item.foreground for item in own),
            started=any(item.started for item in own),
            bound_by=ranks,
        )

    def start(self, component: Component, intent: Kept) -> None:
        """Starts a service for a caller that was checked before."""
        service = self._get(component)
        service.started = True
        service.start += 1
        self._system.router.keep_all(intent.extras)
        service.starts.append((service.start, intent, 0))
        if self._bring_up(service):
            self._deliver(service, len(service.starts) - 1)

    def stop(self, name: str) -> bool:
        """Stops a started service by its component's name."""
        service = next((item for item in self._all.values() if item.component.full == name), None)
        if service is None or not service.started:
            return False
        self._no_start(service)
        return True

    def bind_own(self, component: Component, intent: Kept, told: Told) -> Service:
        """The system itself binds (jobs): `told` hears of the service's binder, or that it is gone."""
        service = self._get(component)
        key = intent.intent.key
        binding = service.bindings.get(key)
        if binding is None:
            binding = service.bindings[key] = Binding(self._number(), intent)
        told.binding = binding
        self._system.own_bindings.append(told)
        if binding.service is not None:
            told.hear(binding.service)
        elif self._bring_up(service):
            self._request(service, binding)
        return service

    def forget(self, package: str) -> None:
        """A package was removed or is another version now: nothing of it comes back by itself."""
        for service in list(self._all.values()):
            if service.component.package == package:
                self._remove(service)

    def unbind_own(self, service: Service, told: Told) -> None:
        if told in self._system.own_bindings:
            self._system.own_bindings.remove(told)
        self._maybe_stop(service)

    def on_end(self, process: Process) -> None:
        """A process has ended: its connections are gone, its services are down, and some come back."""
        for service in list(self._all.values()):
            for binding in list(service.bindings.values()):
                gone = [item for item in binding.connections if item.client is process]
                for connection in gone:
                    self._forget(service, binding, connection)
        for service in list(self._all.values()):
            if service.process is process:
                self._fell(service)

    def _fell(self, service: Service) -> None:
        service.process = None
        service.foreground = False
        self._withdraw(service)
        for binding in service.bindings.values():
            binding.asked = False
            if binding.service is not None:
                self._system.router.let_go(binding.service)
                binding.service = None
        if service.started and not service.starts and service.sticky in (NOT_STICKY, REDELIVER):
            service.started = False
        self._drop_starts(service, lambda item: item[2] >= 2)
        now = self._system.clock()
        service.restarts = [at for at in service.restarts if now - at < 60]
        if service.wanted and len(service.restarts) < MAX_RESTARTS:
            service.restarts.append(now)
            self._system.later(RESTART_AFTER * len(service.restarts), lambda: self._restart(service))
        else:
            self._remove(service)

    def _restart(self, service: Service) -> None:
        if service.number not in self._all or service.process is not None:
            return
        if not service.wanted:
            self._remove(service)
            return
        if service.started and not service.starts and service.sticky in (STICKY, STICKY_COMPATIBILITY):
            service.start += 1
            service.starts.append((service.start, Kept(Intent(component="")), 0))
        if self._bring_up(service):
            self._wake(service)

    def _get(self, component: Component) -> Service:
        for service in self._all.values():
            if service.component.full == component.full:
                return service
        service = Service(self._number(), component)
        self._all[service.number] = service
        return service

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _bring_up(self, service: Service) -> bool:
        """Whether the service is made already; else it is on its way, with all that waits for it."""
        if service.process is not None:
            return True
        process = self._system.process(service.component.package)
        service.process = process
        process.tell("createService", Said(record=service.number, component=service.component.full))
        self._wake(service)
        return False

    def _wake(self, service: Service) -> None:
        for binding in service.bindings.values():
            self._request(service, binding)
        for index in range(len(service.starts)):
            self._deliver(service, index)

    def _deliver(self, service: Service, index: int) -> None:
        number, intent, times = service.starts[index]
        if service.process is None:
            return
        service.starts[index] = (number, intent, times + 1)
        flags = (_START_FLAG_REDELIVERY if service.sticky == REDELIVER else _START_FLAG_RETRY) if times else 0
        said = Said(record=service.number, start=number, flags=flags)
        if intent.intent.component != "":
            said.intent("intent", intent)
        service.process.tell("serviceArgs", said)

    def _request(self, service: Service, binding: Binding) -> None:
        if binding.asked or service.process is None:
            return
        binding.asked = True
        said = Said(record=service.number, binding=binding.number, rebind=binding.rebind)
        service.process.tell("bindService", said.intent("intent", binding.intent))

    def _start(self, process: Process, asked: Asked) -> Said:
        start = asked.read(_Start)
        component = self._find(process, start.intent)
        if component is None:
            return Said()
        kept = asked.kept(start.intent)
        if len(self._get(component).starts) >= MAX_STARTS:
            return Said(refused=f"{component.full} has {MAX_STARTS} starts that it has not done")
        self.start(component, kept)
        return Said(component=component.full)

    def _find(self, process: Process, intent: Intent) -> Component | None:
        found = self._system.packages.resolve("service", intent)
        if not found:
            return None
        self._system.check(process.uid, found[0])
        return found[0]

    def _stop(self, process: Process, asked: Asked) -> Said:
        component = self._find(process, asked.read(_Start).intent)
        service = next((item for item in self._all.values() if item.component is component), None)
        if service is None or not service.started:
            return Said(stopped=0)
        self._no_start(service)
        return Said(stopped=1)

    def _stop_token(self, process: Process, asked: Asked) -> Said:
        stop = asked.read(_Stop)
        service = self._own(process, stop.record)
        if service is None or (stop.start >= 0 and stop.start != service.start):
            return Said(stopped=False)
        self._no_start(service)
        return Said(stopped=True)

    def _no_start(self, service: Service) -> None:
        service.started = False
        self._drop_starts(service, lambda _: True)
        self._maybe_stop(service)

    def _set_foreground(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Foreground)
        service = self._own(process, wish.record)
        if service is None or (wish.on and not wish.id):
            return Said(held=False)
        service.foreground = wish.on
        if wish.on:
            if service.shows != wish.id:
                self._withdraw(service)
            service.shows = wish.id
            return Said(held=True)
        if wish.flags & STOP_FOREGROUND_REMOVE:
            self._withdraw(service)
        else:
            if not self.in_front(service.component.package, service.shows):
                self._system.notices.loosen(service.component.package, service.shows)
            service.shows = 0 if wish.flags & STOP_FOREGROUND_DETACH else service.shows
        self._system.recount()
        return Said(held=False)

    def in_front(self, package: str, number: int) -> bool:
        """Whether a notification of a package is one of a service in the foreground."""
        return any(
            service.foreground and service.shows == number and service.component.package == package
            for service in self._all.values()
        )

    def _withdraw(self, service: Service) -> None:
        """Its notification goes with it, unless another service shows the same."""
        number, service.shows = service.shows, 0
        if number and not self.in_front(service.component.package, number):
            self._system.notices.withdraw(service.component.package, number)

    def _bind(self, process: Process, asked: Asked) -> Said:
        bind = asked.read(_Bind)
        node = asked.node(bind.connection)
        component = self._find(process, bind.intent)
        if component is None or node is None:
            return Said(bound=0)
        if sum(1 for _ in self._connections(process)) >= MAX_CONNECTIONS:
            return Said(refused=f"Too many connections: {MAX_CONNECTIONS}")
        service = self._get(component)
        kept = asked.kept(bind.intent)
        binding = service.bindings.get(bind.intent.key)
        if binding is None:
            self._system.router.keep_all(kept.extras)
            binding = service.bindings[bind.intent.key] = Binding(self._number(), kept)
        connection = Connection(self._system.router.hold(node), process, bind.flags)
        binding.connections.append(connection)
        if binding.service is not None:
            self._connect(service, connection, binding.service)
            if binding.unbound and binding.rebind:
                binding.asked, binding.unbound = False, False
                self._request(service, binding)
        elif (service.process is not None or bind.flags & AUTO_CREATE) and self._bring_up(service):
            self._request(service, binding)
        return Said(bound=1)

    def _connections(self, client: Process) -> Iterator[Connection]:
        for service in self._all.values():
            for binding in service.bindings.values():
                yield from (item for item in binding.connections if item.client is client)

    def _connect(self, service: Service, connection: Connection, node: Node | None) -> None:
        said = Said(component=service.component.full, dead=False).node("connection", connection.node)
        connection.client.tell("connected", said.node("service", node))

    def _publish(self, process: Process, asked: Asked) -> Said:
        publish = asked.read(_Publish)
        service = self._own(process, publish.record)
        node = asked.node(publish.service)
        for binding in service.bindings.values() if service else ():
            if service is not None and binding.number == publish.binding and binding.service is None:
                binding.service = self._system.router.hold(node) if node else None
                for connection in binding.connections:
                    self._connect(service, connection, node)
                self._system.tell_own(binding, node)
        return Said()

    def _unbind(self, process: Process, asked: Asked) -> Said:
        node = asked.node(asked.read(_Connection).connection)
        found = False
        for service in list(self._all.values()):
            for binding in list(service.bindings.values()):
                for connection in [item for item in binding.connections if item.node is node]:
                    found = True
                    self._forget(service, binding, connection)
        return Said(unbound=found)

    def _forget(self, service: Service, binding: Binding, connection: Connection) -> None:
        binding.connections.remove(connection)
        self._system.router.let_go(connection.node)
        if not binding.connections and binding.asked and service.process is not None:
            binding.unbound = True
            service.process.tell("unbindService", Said(record=service.number, binding=binding.number))
        self._maybe_stop(service)

    def _unbind_finished(self, process: Process, asked: Asked) -> Said:
        done = asked.read(_Unbound)
        service = self._own(process, done.record)
        for binding in service.bindings.values() if service else ():
            if binding.number == done.binding:
                binding.rebind = True
        return Said()

    def _done(self, process: Process, asked: Asked) -> Said:
        done = asked.read(_Done)
        service = self._own(process, done.record)
        if service is None or done.type != _TYPE_START:
            return Said()
        service.sticky = done.result
        if done.result != REDELIVER:
            self._drop_starts(service, lambda item: item[0] == done.start)
        return Said()

    def _own(self, process: Process, record: int) -> Service | None:
        service = self._all.get(record)
        return service if service is not None and service.process is process else None

    def _maybe_stop(self, service: Service) -> None:
        if service.wanted or any(told.binding in service.bindings.values() for told in self._system.own_bindings):
            return
        if service.process is not None:
            service.process.tell("stopService", Said(record=service.number))
        self._remove(service)

    def _drop_starts(self, service: Service, over: Callable[[_One], bool]) -> None:
        """Forgets starts, and what they carry."""
        gone = [item for item in service.starts if over(item)]
        service.starts = [item for item in service.starts if not over(item)]
        self._system.router.free_all(extras for _, kept, _ in gone for extras in kept.extras)

    def _remove(self, service: Service) -> None:
        self._all.pop(service.number, None)
        self._withdraw(service)
        self._drop_starts(service, lambda _: True)
        for binding in service.bindings.values():
            if binding.service is not None:
                self._system.router.let_go(binding.service)
            for connection in binding.connections:
                self._system.router.let_go(connection.node)
            self._system.router.free_all(binding.intent.extras)
        self._system.recount()
