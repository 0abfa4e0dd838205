"""Broadcasts: to receivers that run and to those of manifests, in order or at once (AOSP: BroadcastQueue)."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system import intents
from pileus.surfaces.engines.android.system.intents import Filter, Intent, Kept, Piece
from pileus.surfaces.engines.android.system.manifest import Component
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node, Parcel

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

ANSWER_WITHIN = 10.0
"""Seconds that a receiver has before the broadcast goes on without it."""
NOT_EXPORTED = 4
"""Context.RECEIVER_NOT_EXPORTED."""
MAX_RECEIVERS = 1000
"""Of one process, as Android has it."""
MAX_FILTERS, MAX_FILTER = 2000, 8192
"""Filters of one process's receivers, and characters of each."""

# Implicit ones that apps for Android 8 and later may still name in their manifests
# (developer.android.com/develop/background-work/background-tasks/broadcasts/broadcast-exceptions).
EXEMPT = frozenset(
    {
        "android.intent.action.BOOT_COMPLETED",
        "android.intent.action.LOCKED_BOOT_COMPLETED",
        "android.intent.action.TIMEZONE_CHANGED",
        "android.intent.action.TIME_SET",
        "android.intent.action.LOCALE_CHANGED",
        "android.intent.action.MY_PACKAGE_REPLACED",
        "android.intent.action.PACKAGE_FULLY_REMOVED",
        "android.app.action.NEXT_ALARM_CLOCK_CHANGED",
    }
)
PROTECTED = EXEMPT | {
    "android.intent.action.PACKAGE_ADDED",
    "android.intent.action.PACKAGE_REMOVED",
    "android.intent.action.BATTERY_CHANGED",
    "android.intent.action.SCREEN_ON",
    "android.intent.action.SCREEN_OFF",
}
"""Only the system sends these."""


@dataclass(eq=False)
class Registered:
    """A receiver that an app registered while it runs."""

    node: Node
    process: Process
    filters: list[Filter]
    permission: str | None
    exported: bool


@dataclass(eq=False)
class Broadcast:
    """One on its way. `todo` is what is left of an ordered one."""

    intent: Kept
    uid: int
    package: str
    ordered: bool
    code: int = -1
    data: str | None = None
    extras: Parcel | None = None
    result_to: tuple[Process, Node] | None = None
    todo: list[Registered | Component] = field(default_factory=list)
    at: Registered | Component | None = None


@dataclass(frozen=True)
class _Queued:
    """What a process works on, or will: the objects are kept until it is sent."""

    broadcast: Broadcast
    method: str
    said: Said
    turn: object = field(default_factory=object)


class _Register(msgspec.Struct):
    filter: Filter
    receiver: Piece | None = None
    permission: str | None = None
    flags: int = 0


class _Receiver(msgspec.Struct):
    receiver: Piece


class _Send(msgspec.Struct):
    intent: Intent
    result_to: Piece | None = None
    code: int = -1
    data: str | None = None
    extras: Piece | None = None
    permissions: tuple[str, ...] = ()
    ordered: bool = False


class _Finish(msgspec.Struct):
    code: int = 0
    data: str | None = None
    extras: Piece | None = None
    abort: bool = False


class Broadcasts:
    """All receivers of the account, and the broadcasts between them."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._registered: list[Registered] = []
        self._running: list[Broadcast] = []
        self._queues: dict[Process, deque[_Queued]] = {}
        self.methods = {
            "registerReceiver": self._register,
            "unregisterReceiver": self._unregister,
            "broadcast": self._broadcast,
            "finishReceiver": self._finish,
        }

    def send(
        self,
        intent: Kept,
        uid: int,
        package: str,
        permissions: tuple[str, ...] = (),
        ordered: bool = False,
        result_to: tuple[Process, Node] | None = None,
        first: tuple[int, str | None, Parcel | None] = (-1, None, None),
    ) -> None:
        """Sends one for a caller that may."""
        everyone = self._receivers(intent.intent, uid, permissions)
        if not ordered:
            for receiver in everyone:
                self._give(Broadcast(intent, uid, package, False), receiver)
            if result_to is not None:
                self._answer(result_to, intent, first[0], first[1], first[2])
            return
        broadcast = Broadcast(intent, uid, package, True, first[0], first[1], first[2], result_to, everyone)
        self._system.router.keep_all(intent.extras)
        if result_to is not None:
            self._system.router.hold(result_to[1])
        self._running.append(broadcast)
        self._next(broadcast)

    def dump(self) -> list[str]:
        return [f"RECEIVERS {len(self._registered)}", f"BROADCASTS {len(self._running)}"]

    def on_end(self, process: Process) -> None:
        for item in [item for item in self._registered if item.process is process]:
            self._registered.remove(item)
            self._system.router.let_go(item.node)
        for at, queued in enumerate(self._queues.pop(process, ())):
            if at > 0:
                self._system.router.free(queued.said.objects)
            self._next(queued.broadcast)

    def _receivers(self, intent: Intent, uid: int, permissions: tuple[str, ...]) -> list[Registered | Component]:
        packages = self._system.packages
        found: list[tuple[int, int, Registered | Component]] = []
        steps: defaultdict[str, intents.Steps] = defaultdict(intents.Steps)
        for item in self._registered:
            best = self._fits(item, intent, uid, permissions, steps[item.process.package])
            if best is not None:
                found.append((-best, len(found), item))
        if not intent.flags & intents.FLAG_RECEIVER_REGISTERED_ONLY:
            for component in packages.resolve("receiver", intent):
                package = packages.get(component.package)
                implicit = not intent.explicit and intent.action not in EXEMPT
                if package is None or (implicit and package.target_sdk >= 26 and uid >= 10_000):
                    continue
                own = packages.uids[component.package]
                if packages.may_use(uid, component) or not all(
                    packages.granted(own, name) for name in permissions
                ):
                    continue
                priority = max((item.priority for item in component.filters), default=0)
                found.append((-priority, len(found), component))
        return [item for _, _, item in sorted(found, key=lambda entry: entry[:2])]

    def _fits(
        self, item: Registered, intent: Intent, uid: int, permissions: tuple[str, ...], steps: intents.Steps
    ) -> int | None:
        packages = self._system.packages
        if intent.component is not None or intent.package not in (None, item.process.package):
            return None
        own = item.process.uid
        if not item.exported and uid not in (own, 1000):
            return None
        if item.permission and not packages.granted(uid, item.permission):
            return None
        if not all(packages.granted(own, name) for name in permissions):
            return None
        found = (entry.priority for entry in item.filters if intents.matches(intent, entry, steps))
        return max(found, default=None)

    def _give(self, broadcast: Broadcast, receiver: Registered | Component) -> None:
        said = Said(code=broadcast.code, data=broadcast.data, ordered=broadcast.ordered)
        said.put(uid=broadcast.uid, package=broadcast.package).intent("intent", broadcast.intent)
        said.piece("extras", broadcast.extras)
        if isinstance(receiver, Registered):
            said.node("receiver", receiver.node)
            if broadcast.ordered:
                self._queue(receiver.process, broadcast, "deliver", said)
            else:
                receiver.process.tell("deliver", said)
            return
        process = self._system.process(receiver.package)
        if not broadcast.ordered:
            # Its process has to live until it has worked: the framework tells when a manifest's receiver is done.
            self._running.append(broadcast)
        self._queue(process, broadcast, "receive", said.put(component=receiver.full))

    def _queue(self, process: Process, broadcast: Broadcast, method: str, said: Said) -> None:
        """A process works on one at a time: what it says to be done is the first of its queue."""
        process.busy.add(broadcast)
        queue = self._queues.setdefault(process, deque())
        queue.append(_Queued(broadcast, method, said))
        self._system.router.keep(said.objects)
        if len(queue) == 1:
            self._begin(process)

    def _begin(self, process: Process) -> None:
        first = self._queues[process][0]
        process.tell(first.method, first.said)
        self._system.router.free(first.said.objects)
        turn = first.turn  # and not all of it: what it carries is not to live as long as the timer

        def late() -> None:
            queue = self._queues.get(process)
            if queue and queue[0].turn is turn:
                self._done(process)

        self._system.later(ANSWER_WITHIN, late)

    def _done(self, process: Process) -> None:
        queue = self._queues[process]
        broadcast = queue.popleft().broadcast
        process.busy.discard(broadcast)
        if queue:
            self._begin(process)
        self._next(broadcast)

    def _next(self, broadcast: Broadcast) -> None:
        if not broadcast.ordered:
            self._over(broadcast)
            return
        while broadcast.todo:
            broadcast.at = broadcast.todo.pop(0)
            at = broadcast.at
            if at not in self._registered if isinstance(at, Registered) else self._is_gone(at):
                continue
            self._give(broadcast, broadcast.at)
            return
        if broadcast.result_to is not None:
            self._answer(broadcast.result_to, broadcast.intent, broadcast.code, broadcast.data, broadcast.extras)
        self._over(broadcast)

    def _is_gone(self, component: Component) -> bool:
        return self._system.packages.get(component.package) is None

    def _over(self, broadcast: Broadcast) -> None:
        if broadcast in self._running:
            self._running.remove(broadcast)
        if broadcast.ordered:
            self._system.router.free_all(broadcast.intent.extras)
            if broadcast.result_to is not None:
                self._system.router.let_go(broadcast.result_to[1])
        self._system.recount()

    def _answer(
        self, to: tuple[Process, Node], intent: Kept, code: int, data: str | None, extras: Parcel | None
    ) -> None:
        process, node = to
        said = Said(code=code, data=data, ordered=False).intent("intent", intent).piece("extras", extras)
        process.tell("deliver", said.node("receiver", node))

    def _register(self, process: Process, asked: Asked) -> Said:
        register = asked.read(_Register)
        node = asked.node(register.receiver)
        if node is None:
            return Said()
        mine = [item for item in self._registered if item.process is process]
        filters = [entry for item in mine for entry in item.filters]
        if register.filter.length > MAX_FILTER or len(filters) >= MAX_FILTERS:
            return Said(refused="The receiver's filter is too large, or one too many")
        known = next((item for item in mine if item.node is node), None)
        if known is not None:
            known.filters.append(register.filter)
        elif len(mine) >= MAX_RECEIVERS:
            return Said(illegal="Too many receivers, total of 1000, registered for pid: " + str(process.number))
        else:
            exported = not register.flags & NOT_EXPORTED
            entry = Registered(
                self._system.router.hold(node), process, [register.filter], register.permission, exported
            )
            self._registered.append(entry)
        return Said()

    def _unregister(self, process: Process, asked: Asked) -> Said:
        node = asked.node(asked.read(_Receiver).receiver)
        for item in [item for item in self._registered if item.node is node and item.process is process]:
            self._registered.remove(item)
            self._system.router.let_go(item.node)
            # One that is on its way to it goes on when the process says that it is done, or says nothing.
        return Said()

    def _broadcast(self, process: Process, asked: Asked) -> Said:
        send = asked.read(_Send)
        if send.intent.action in PROTECTED:
            return Said(refused=f"Permission Denial: not allowed to send broadcast {send.intent.action}")
        node = asked.node(send.result_to)
        self.send(
            asked.kept(send.intent),
            process.uid,
            process.package,
            send.permissions,
            send.ordered,
            (process, node) if node else None,
            (send.code, send.data, asked.piece(send.extras)),
        )
        return Said()

    def _finish(self, process: Process, asked: Asked) -> Said:
        finish = asked.read(_Finish)
        queue = self._queues.get(process)
        if not queue:
            return Said()
        broadcast = queue[0].broadcast
        if broadcast.ordered:
            broadcast.code, broadcast.data = finish.code, finish.data
            extras = asked.piece(finish.extras)
            broadcast.extras = Parcel(extras.data) if extras else None  # results carry values, no objects
            if finish.abort:
                broadcast.todo.clear()
        self._done(process)
        return Said()
