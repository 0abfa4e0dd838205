"""One account's system: its processes, and the services that answer them. Effects come in through `Outside`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

import msgspec

from pileus.surfaces.engines.android.system import wire
from pileus.surfaces.engines.android.system.activities import Activities, Choice
from pileus.surfaces.engines.android.system.alarms import Alarms
from pileus.surfaces.engines.android.system.broadcasts import Broadcasts
from pileus.surfaces.engines.android.system.budget import Budget
from pileus.surfaces.engines.android.system.clipboard import Clipboard
from pileus.surfaces.engines.android.system.intents import Intent, Kept
from pileus.surfaces.engines.android.system.jobs import Jobs
from pileus.surfaces.engines.android.system.manifest import Component
from pileus.surfaces.engines.android.system.notices import Notices
from pileus.surfaces.engines.android.system.packages import Packages, described
from pileus.surfaces.engines.android.system.parcels import CALL, Asked, Refused, Said
from pileus.surfaces.engines.android.system.processes import Needs, Process, Rank, rank, to_end
from pileus.surfaces.engines.android.system.providers import Providers
from pileus.surfaces.engines.android.system.router import Incoming, Node, Parcel, Peer, Router
from pileus.surfaces.engines.android.system.senders import Senders
from pileus.surfaces.engines.android.system.services import Binding, Services, Told
from pileus.surfaces.engines.android.system.wire import WireError

SYSTEM_UID = 1000
MAX_FIELDS = 64 << 10
"""Bytes of a message's fields, but for those whose fields are kept short or replaced (`_LONG`)."""
_LONG = frozenset(("setClip", "tasks", "notify", "notifyChange", "finishReceiver"))
MAX_PAGE = 1 << 19
"""Bytes of packages in one answer."""

log = logging.getLogger("pileus.android.system")


class Outside(Protocol):
    """What the system does to the world."""

    def start(self, package: str) -> None:
        """Wants a process; `System.attach` or `System.failed` follows."""

    def kill(self, process: Process) -> None: ...

    def open(
        self, near: Process | None, package: str | None, leave: str | None = None, over: bool = False
    ) -> None:
        """Shows an app on the phone, or its home screen, on the device that looks at `near`. `leave` is the app
        that it comes back from; `over`: which has nothing left to show."""

    def browse(self, near: Process, url: str) -> None:
        """Shows a page in the device's browser."""

    def choose(self, near: Process, number: int, title: str, choices: list[Choice]) -> None:
        """Lets the owner choose; `Activities.chosen` follows."""

    def notify(self, content: dict[str, object]) -> None: ...

    def clip(self, text: str) -> None:
        """The device's clipboard."""

    def keep(self, name: str, value: object) -> None:
        """Writes a file of the system's; on the disk when it returns."""

    def now_ms(self) -> int:
        """Since 1970."""

    def later(self, seconds: float, work: Callable[[], None]) -> None: ...

    def clock(self) -> float:
        """Seconds that never go back."""


class _Page(msgspec.Struct):
    after: int = 0


class _Permission(msgspec.Struct):
    permission: str
    uid: int


Method = Callable[[Process, Asked], Said]


class System:
    """Answers calls by method name; a service module adds its own to `methods`."""

    def __init__(self, outside: Outside, uids: dict[str, int]) -> None:
        self._outside = outside
        self.packages = Packages(uids)
        self.router = Router(self._answer)
        self.processes: dict[int, Process] = {}
        self.starting: dict[str, Process] = {}
        self._peers: dict[Peer, Process] = {}
        self._use = 0
        self._recounting = False
        self.own_bindings: list[Told] = []
        self.services = Services(self)
        self.broadcasts = Broadcasts(self)
        self.providers = Providers(self)
        self.senders = Senders(self)
        self.activities = Activities(self)
        self.alarms = Alarms(self)
        self.jobs = Jobs(self)
        self.notices = Notices(self)
        self.clipboard = Clipboard(self)
        self.budget = Budget()
        self.methods: dict[str, Method] = {
            **self.services.methods,
            **self.broadcasts.methods,
            **self.providers.methods,
            **self.senders.methods,
            **self.activities.methods,
            **self.alarms.methods,
            **self.jobs.methods,
            **self.notices.methods,
            **self.clipboard.methods,
            "ready": self._ready,
            "timeZone": self._time_zone,
            "checkPermission": self._check_permission,
            "packages": self._packages,
        }

    def clock(self) -> float:
        return self._outside.clock()

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        self._outside.later(seconds, work)

    def now_ms(self) -> int:
        return self._outside.now_ms()

    def keep(self, name: str, value: object) -> None:
        self._outside.keep(name, value)

    def notify(self, content: dict[str, object]) -> None:
        self._outside.notify(content)

    def clip(self, text: str) -> None:
        self._outside.clip(text)

    @property
    def next_ms(self) -> int:
        """When an alarm or a job is due next; 0 for never."""
        return min((at for at in (self.alarms.next_ms, self.jobs.next_ms) if at), default=0)

    def tick(self) -> None:
        """Does what is due."""
        now = self.now_ms()
        self.alarms.fire(now)
        self.jobs.fire(now)

    def attempt(self, what: str, work: Callable[[], object]) -> bool:
        """Does one thing of several, whatever comes of it: the others are not to wait for it for good. Whether it
        was done."""
        try:
            work()
        except Exception:
            log.exception("%s failed", what)
            return False
        return True

    def forget(self, package: str) -> None:
        """A package was removed from the account."""
        self.packages.remove(package)
        self.alarms.forget(package)
        self.jobs.forget(package)
        self.services.forget(package)
        self.notices.forget(package)
        self.activities.forget(package)
        self.senders.forget(package)

    def show(
        self, near: Process | None, package: str | None, leave: str | None = None, over: bool = False
    ) -> None:
        """The app (None: the home screen) comes to the front of the phone."""
        self._outside.open(near, package, leave, over)

    def browse(self, near: Process, url: str) -> None:
        self._outside.browse(near, url)

    def choose(self, near: Process, number: int, title: str, choices: list[Choice]) -> None:
        self._outside.choose(near, number, title, choices)

    def process(self, package: str) -> Process:
        """The package's process; started where it does not run. Raises `Refused` for one that is not there."""
        for process in self.processes.values():
            if process.package == package and not process.ended:
                return self._touch(process)
        waiting = self.starting.get(package)
        if waiting is None:
            if self.packages.get(package) is None:
                raise Refused(f"{package} is not installed")
            waiting = self.starting[package] = self._made(0, package)
            self._outside.start(package)
        return self._touch(waiting)

    def attach(self, number: int, package: str, screen: bool) -> Process:
        """The engine has a process for a package, wanted or not. Raises `Refused` for one that the system does not
        know: it has no uid."""
        waiting = self.starting.pop(package, None)
        if self.packages.get(package) is None:
            if waiting is not None:
                self._end(waiting)
            raise Refused(f"The account's Android system does not know {package}.")
        process = waiting or self._made(number, package)
        process.number, process.screen = number, screen
        self.processes[number] = process
        return self._touch(process)

    def connected(self, process: Process) -> Peer:
        """It has opened its socket."""
        peer = Peer(process.uid, process.number, process.package)
        process.peer = peer
        self._peers[peer] = process
        self.router.join(peer)
        return peer

    def screen(self, process: Process, screen: bool, shown: bool) -> None:
        """It has got a session or lost it (`screen`); somebody looks at it, or no longer (`shown`)."""
        if process.shown and not shown:
            process.hidden_at = self.clock()
        process.screen, process.shown = screen, shown
        process.takes &= screen
        self.recount()
        if not screen:
            self.activities.without_screen(process)
        if shown:
            self.notices.show_all()  # the device may be a new one

    def failed(self, package: str) -> None:
        process = self.starting.pop(package, None)
        if process is not None:
            self._end(process)

    def ended(self, process: Process) -> None:
        """Its connection or the process itself has ended; may be told twice."""
        self.processes.pop(process.number, None)
        if process.peer is not None:
            self._peers.pop(process.peer, None)
            self.router.leave(process.peer)
        self._end(process)

    def check(self, uid: int, component: Component, permission: str | None = None) -> None:
        """Raises `Refused`; a component that is used sees who uses it from then on."""
        why = self.packages.may_use(uid, component, permission)
        if why is not None:
            raise Refused(why)
        user = self.packages.package_of(uid)
        if user is not None and self.packages.meet(component.package, user.name):
            self.packages_changed(component.package)

    def packages_changed(self, package: str | None = None) -> None:
        """What an app (None: each) may see of the others is another now."""
        for process in self.processes.values():
            if process.ready and package in (None, process.package):
                process.tell("packagesChanged", Said())

    def tell_own(self, binding: Binding, node: Node | None) -> None:
        """A service that the system itself has bound has given its binder."""
        for told in self.own_bindings:
            if told.binding is binding:
                told.hear(node)

    def ranks(self, unseen: Process | None = None) -> dict[Process, Rank]:
        """How much each process is needed: passed on along bindings until nothing changes. `unseen`: one that is
        taken to have no screen."""
        living = [item for item in self.processes.values() if not item.ended]
        seen = {item: replace(item, screen=False, shown=False) if item is unseen else item for item in living}
        ranks = {item: rank(seen[item], Needs()) for item in living}
        for _ in living:
            after = {}
            for item in living:
                needs = self.services.needs(item, ranks)
                users = tuple(ranks[user] for user in self.providers.users(item) if user in ranks)
                bound = (*needs.bound_by, *users)
                after[item] = rank(seen[item], Needs(needs.foreground_service, needs.started, bound))
            if after == ranks:
                break
            ranks = after
        return ranks

    def recount(self) -> None:
        """Something is needed less: soon, the cached processes that are too many are ended."""
        if not self._recounting:
            self._recounting = True
            self.later(1.0, self._trim)

    def _trim(self) -> None:
        self._recounting = False
        for process in to_end(self.ranks().items()):
            self._outside.kill(process)

    def _made(self, number: int, package: str) -> Process:
        process = Process(number, package, self.packages.uids[package])
        process.send = lambda method, said: self._send(process, method, said)
        process.keep, process.free = self.router.keep, self.router.free
        return process

    def _touch(self, process: Process) -> Process:
        self._use += 1
        process.used = self._use
        return process

    def _send(self, process: Process, method: str, said: Said) -> None:
        if process.peer is None or not process.peer.alive:
            return
        root = Node(process.peer, 0, holders=1)
        self.router.call(root, CALL, said.put(m=method).parcel(), None, one_way=True)

    def _end(self, process: Process) -> None:
        if process.ended:
            return
        process.ended = True
        for _, said in process.take_waiting():
            self.router.free(said.objects)
        self.services.on_end(process)
        self.broadcasts.on_end(process)
        self.providers.on_end(process)
        self.alarms.on_end(process)
        self.jobs.on_end(process)
        self.clipboard.on_end(process)
        self.activities.on_end(process)
        process.busy.clear()
        self.recount()

    def _answer(self, incoming: Incoming) -> None:
        incoming.parcel.close()  # descriptors do not pass to the system: nothing that it keeps has any
        process = self._peers.get(incoming.peer)
        if process is None or incoming.node is not None or incoming.code != CALL:
            incoming.answer(wire.REFUSED, Parcel())
            return
        asked = Asked(incoming.parcel, partial(self.budget.charge, process.package))

        def say(said: Said) -> None:
            incoming.answer(wire.OK, said.parcel())

        if asked.method == "getProvider":
            self.providers.get(process, asked, say)
            return
        method = self.methods.get(asked.method)
        if method is None:
            raise WireError(f"the system has no method {asked.method!r}")
        try:
            if asked.length > MAX_FIELDS and asked.method not in _LONG:
                raise Refused(f"{asked.method} has more than {MAX_FIELDS} bytes of fields")
            say(method(process, asked))
        except Refused as refused:
            say(Said(refused=str(refused)))

    def _ready(self, process: Process, asked: Asked) -> Said:
        process.ready = True
        for method, said in process.take_waiting():
            self._send(process, method, said)
            self.router.free(said.objects)
        self.providers.missing(process)
        return Said()

    def _time_zone(self, process: Process, asked: Asked) -> Said:
        intent = Intent(action="android.intent.action.TIMEZONE_CHANGED", package=process.package)
        self.broadcasts.send(Kept(intent), SYSTEM_UID, "android")
        return Said()

    def _check_permission(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Permission)
        return Said(granted=self.packages.granted(wish.uid, wish.permission))

    def _packages(self, process: Process, asked: Asked) -> Said:
        """The other packages that the app may know of, by their uids from `after` on, as many as fit a message;
        `next` is where the rest begins."""
        after = asked.read(_Page).after
        uids = self.packages.uids
        found = [item for item in self.packages if item.name != process.package and uids[item.name] > after]
        seen = [item for item in found if self.packages.sees(process.package, item.name)]
        page: list[dict[str, object]] = []
        size = 0
        for item in sorted(seen, key=lambda one: uids[one.name]):
            size += len(msgspec.json.encode(one := described(item, uids[item.name])))
            if page and size > MAX_PAGE:
                return Said(packages=page, next=page[-1]["uid"])
            page.append(one)
        return Said(packages=page)
