"""Notifications: kept by the system, on the disk too; shown in the shade, whose presses are PendingIntents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from pileus.core.pace import Bucket
from pileus.surfaces.engines.android.system.intents import Piece
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node
from pileus.surfaces.engines.android.system.senders import MAX_LASTING, Lasting, lasting

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

FILE = "notices.json"
MAX_NOTICES = 50
"""Of one package (NotificationManagerService.MAX_PACKAGE_NOTIFICATIONS)."""
RATE, BURST = 5.0, 100.0
"""Of one package a second, and at once; what comes faster is left out
(NotificationManagerService.DEFAULT_MAX_NOTIFICATION_ENQUEUE_RATE)."""
BEGUN = 20.0
"""As `BURST`, of the first that services in the foreground show."""
MAX_TEXT = 4096
MAX_ACTIONS = 5
ONGOING = 0x02
AUTO_CANCEL = 0x10
NO_CLEAR = 0x20
GROUP_SUMMARY = 0x200
LOW = 2
"""NotificationManager.IMPORTANCE_LOW: it makes no sound."""
FOREGROUND_SERVICE = 0x40
"""The system alone sets it: a service in the foreground shows it, and neither app nor owner takes it away."""


@dataclass(eq=False)
class Notice:
    """One notification. Nodes are PendingIntents of the system's own."""

    key: str
    package: str
    flags: int
    content: dict[str, Any]
    opens: Node | None
    deleted: Node | None
    actions: list[Node | None] = field(default_factory=list)


class Stored(msgspec.Struct, kw_only=True):
    """A notification on the disk: it stays in the shade when nothing of its account runs."""

    key: str
    package: str
    flags: int
    content: dict[str, Any]
    opens: Lasting | None = None
    deleted: Lasting | None = None
    actions: list[Lasting | None] = []


class _Action(msgspec.Struct):
    title: str = ""
    sender: Piece | None = None


class _Notify(msgspec.Struct):
    id: int
    tag: str | None = None
    title: str = ""
    text: str = ""
    when_ms: int = 0
    flags: int = 0
    channel: str = ""
    channel_name: str = ""
    importance: int = 3
    group: str = ""
    progress: float | None = None
    opens: Piece | None = None
    deleted: Piece | None = None
    actions: tuple[_Action, ...] = ()


class _Cancel(msgspec.Struct):
    id: int = 0
    tag: str | None = None
    all: bool = False


class Notices:
    """What the account's apps have to say."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._all: dict[str, Notice] = {}
        self._rates: dict[str, Bucket] = {}
        self._begun: dict[str, Bucket] = {}
        self.methods = {"notify": self._notify, "cancelNotice": self._cancel, "notices": self._list}

    def dump(self) -> list[str]:
        return ["NOTIFICATIONS", *(f"  {notice.key}" for notice in self._all.values())]

    def load(self, stored: list[Stored]) -> None:
        """Those of the disk."""
        stale = False
        for item in stored:
            if self._system.packages.get(item.package) is None:
                continue
            if item.flags & FOREGROUND_SERVICE:  # its service has ended with the system
                self._system.notify({"key": item.key, "cancelled": True})
                stale = True
                continue
            opens, deleted, *actions = (self._revived(kept) for kept in (item.opens, item.deleted, *item.actions))
            self._all[item.key] = Notice(item.key, item.package, item.flags, item.content, opens, deleted, actions)
        if stale:
            self._changed()

    def act(self, key: str, action: int) -> str | None:
        """The owner pressed it (-1) or one of its actions; the package that the phone has to show, if any."""
        notice = self._all.get(key)
        if notice is None:
            return None
        node = notice.opens if action < 0 else notice.actions[action] if action < len(notice.actions) else None
        sender = self._system.senders.of(node)
        shown = self._system.senders.press(sender) if sender is not None else None
        if action < 0 and notice.flags & AUTO_CANCEL:
            self._remove(notice)
        return shown

    def dismiss(self, key: str) -> None:
        """The owner wiped it away."""
        notice = self._all.get(key)
        if notice is None or notice.flags & (ONGOING | NO_CLEAR | FOREGROUND_SERVICE):
            return
        sender = self._system.senders.of(notice.deleted)
        if sender is not None:
            self._system.senders.press(sender)
        self._remove(notice)

    def forget(self, package: str) -> None:
        for notice in [item for item in self._all.values() if item.package == package]:
            self._remove(notice)

    def withdraw(self, package: str, number: int) -> None:
        """The service whose it was is no longer in the foreground, or has ended."""
        notice = self._all.get(self._key(package, None, number))
        if notice is not None:
            self._remove(notice)

    def loosen(self, package: str, number: int) -> None:
        """Its service is no longer in the foreground, and leaves it to the app and the owner."""
        notice = self._all.get(self._key(package, None, number))
        if notice is not None and notice.flags & FOREGROUND_SERVICE:
            notice.flags &= ~FOREGROUND_SERVICE
            if self._loose(package) > MAX_NOTICES:
                self._remove(notice)
                return
            if not notice.flags & (ONGOING | NO_CLEAR):
                notice.content.pop("ongoing", None)
            self._changed()
            self._system.notify(notice.content)

    def show_all(self) -> None:
        """A device has come: what there is."""
        for notice in self._all.values():
            self._system.notify(notice.content)

    def _notify(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Notify)
        held = not wish.tag and self._system.services.in_front(process.package, wish.id)
        wish.flags = wish.flags | FOREGROUND_SERVICE if held else wish.flags & ~FOREGROUND_SERVICE
        key = self._key(process.package, wish.tag, wish.id)
        old = self._all.get(key)
        begins = held and not (old is not None and old.flags & FOREGROUND_SERVICE)
        # That a service runs is shown whatever else its app has to say.
        rates, burst = (self._begun, BEGUN) if begins else (self._rates, BURST)
        rate = rates.setdefault(process.package, Bucket(RATE, burst))
        full = old is None and not begins and self._loose(process.package) >= MAX_NOTICES
        if not rate.take(1, self._system.clock()) or full:
            return Said()
        package = self._system.packages.get(process.package)
        actions = wish.actions[:MAX_ACTIONS]
        notice = Notice(
            key=key,
            package=process.package,
            flags=wish.flags,
            content={
                "key": key,
                "app": package.app if package else "",
                "title": wish.title[:MAX_TEXT],
                "text": wish.text[:MAX_TEXT],
                "when_ms": wish.when_ms,
                "actions": [item.title[:MAX_TEXT] for item in actions],
                **_traits(wish),
            },
            opens=self._hold(asked.node(wish.opens)),
            deleted=self._hold(asked.node(wish.deleted)),
            actions=[self._hold(asked.node(item.sender)) for item in actions],
        )
        if old is not None:
            self._let_go(old)
        self._all[key] = notice
        self._changed()
        self._system.notify(notice.content)
        return Said()

    def _cancel(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Cancel)
        if wish.all:
            own = [item for item in self._all.values() if item.package == process.package]
            for notice in [item for item in own if not item.flags & FOREGROUND_SERVICE]:
                self._remove(notice)
            return Said()
        notice_ = self._all.get(self._key(process.package, wish.tag, wish.id))
        if notice_ is not None and not notice_.flags & FOREGROUND_SERVICE:
            self._remove(notice_)
        return Said()

    def _loose(self, package: str) -> int:
        """How many a package has beside those of its services in the foreground."""
        own = (item for item in self._all.values() if item.package == package)
        return sum(not item.flags & FOREGROUND_SERVICE for item in own)

    def _list(self, process: Process, asked: Asked) -> Said:
        """What there is of the caller's, each as its tag and number."""
        start = len(self._key(process.package, "", 0)) - len("/0")
        return Said(keys=[item.key[start:] for item in self._all.values() if item.package == process.package])

    def _remove(self, notice: Notice) -> None:
        self._all.pop(notice.key, None)
        self._let_go(notice)
        self._changed()
        self._system.notify({"key": notice.key, "cancelled": True})

    def _changed(self) -> None:
        stored = [self._stored(notice) for notice in self._all.values()]
        room: dict[str, int] = {}
        for item in reversed(stored):  # the newest first: what does not fit comes back without its extras
            for sender in (item.opens, item.deleted, *item.actions):
                if sender is None:
                    continue
                size = sum(len(piece) for piece in sender.extras if piece is not None)
                if room.get(item.package, MAX_LASTING) < size:
                    sender.extras = [None] * len(sender.extras)
                else:
                    room[item.package] = room.get(item.package, MAX_LASTING) - size
        self._system.keep(FILE, stored)

    def _stored(self, notice: Notice) -> Stored:
        of = self._system.senders.of
        return Stored(
            key=notice.key,
            package=notice.package,
            flags=notice.flags,
            content=notice.content,
            opens=lasting(of(notice.opens)),
            deleted=lasting(of(notice.deleted)),
            actions=[lasting(of(node)) for node in notice.actions],
        )

    def _revived(self, kept: Lasting | None) -> Node | None:
        return self._hold(self._system.senders.revive(kept).node) if kept is not None else None

    def _hold(self, node: Node | None) -> Node | None:
        return self._system.router.hold(node) if node is not None else None

    def _let_go(self, notice: Notice) -> None:
        for node in (notice.opens, notice.deleted, *notice.actions):
            if node is not None:
                self._system.router.let_go(node)

    def _key(self, name: str, tag: str | None, number: int) -> str:
        package = self._system.packages.get(name)
        return f"{package.app if package else name}/{tag or ''}/{number}"


def _traits(wish: _Notify) -> dict[str, Any]:
    """What the shade goes by, beside the texts; what is usual is left out."""
    found: dict[str, Any] = {
        "channel": wish.channel[:MAX_TEXT],
        "channel_name": wish.channel_name[:MAX_TEXT],
        "group": wish.group[:MAX_TEXT],
        "summary": bool(wish.flags & GROUP_SUMMARY),
        "ongoing": bool(wish.flags & (ONGOING | NO_CLEAR | FOREGROUND_SERVICE)),
        "quiet": wish.importance <= LOW,
        "stays": not wish.flags & AUTO_CANCEL,
        "progress": wish.progress,
    }
    return {name: value for name, value in found.items() if value not in (None, "", False)}
