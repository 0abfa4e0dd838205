"""PendingIntents: what an app lets others do in its name, once, more often, or until it is called back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system.activities import Ask
from pileus.surfaces.engines.android.system.intents import Intent, Kept, Piece
from pileus.surfaces.engines.android.system.manifest import Component
from pileus.surfaces.engines.android.system.parcels import MAX_EXTRAS, MAX_INTENT, Asked, Refused, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node, Parcel

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

BROADCAST, ACTIVITY, ACTIVITY_RESULT, SERVICE, FOREGROUND_SERVICE = 1, 2, 3, 4, 5
ONE_SHOT, NO_CREATE, CANCEL_CURRENT, UPDATE_CURRENT, IMMUTABLE, MUTABLE = (
    1 << bit for bit in (30, 29, 28, 27, 26, 25)
)
CANCELED = -96
"""ActivityManager.START_CANCELED: the sender was cancelled or used up."""
NOT_RESOLVED = -91
"""ActivityManager.START_INTENT_NOT_RESOLVED."""
MAX_SENDERS = 2000
"""Of one package."""
MAX_INTENTS = 16
"""Of one PendingIntent."""
MAX_TEXT = 4 << 20
"""Characters of the intents of one package's PendingIntents, without their extras."""
MAX_LASTING = 1 << 20
"""Bytes of extras of one package on the disk, of its alarms and of its notifications."""
GRANTS = 0xC3
"""Intent.IMMUTABLE_FLAGS: who gets access to what is its maker's to say."""

_KEY = tuple[object, ...]

log = logging.getLogger("pileus.android.system")


@dataclass(eq=False)
class Sender:
    """One PendingIntent. It belongs to its package, not to the process that made it."""

    node: Node
    package: str
    uid: int
    type: int
    key: _KEY
    who: str | None
    request: int
    flags: int
    intents: list[Kept]
    entry: str | None = None
    """The activity that gets what is sent (`ACTIVITY_RESULT`)."""
    cancelled: bool = False

    @property
    def immutable(self) -> bool:
        return bool(self.flags & IMMUTABLE)


class Lasting(msgspec.Struct, kw_only=True):
    """One as it lies on the disk. Its intents carry no objects: those would not outlive their process."""

    package: str
    type: int
    who: str | None
    request: int
    flags: int
    intents: list[Intent]
    extras: list[bytes | None]
    entry: str | None = None


class _Make(msgspec.Struct):
    type: int
    intents: tuple[Intent, ...]
    request: int = 0
    flags: int = 0
    who: str | None = None
    entry: str | None = None


class _Which(msgspec.Struct):
    sender: Piece


class _Send(msgspec.Struct):
    sender: Piece
    code: int = 0
    intent: Intent | None = None
    result_to: Piece | None = None
    permission: str | None = None


class _Start(msgspec.Struct):
    """What an activity (`entry`) opens by a sender, and the result that it waits for, as in `Ask`."""

    sender: Piece
    intent: Intent | None = None
    mask: int = 0
    values: int = 0
    activity: str | None = None
    entry: str | None = None
    who: str | None = None
    request: int = -1


class Senders:
    """All PendingIntents of the account."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._all: dict[_KEY, Sender] = {}
        self.methods = {
            "makeSender": self._make,
            "cancelSender": self._cancel,
            "sendSender": self._send,
            "startSender": self._start,
            "senderInfo": self._info,
        }

    def of(self, node: Node | None) -> Sender | None:
        """The sender that a system's node stands for."""
        return node.tag if node is not None and isinstance(node.tag, Sender) else None

    def revive(self, lasting: Lasting) -> Sender:
        """One of the disk."""
        intents = [
            Kept(intent, (Parcel(extras),) if extras is not None else ())
            for intent, extras in zip(lasting.intents, lasting.extras, strict=True)
        ]
        made = (lasting.package, lasting.type, lasting.who, lasting.request, lasting.entry)
        key: _KEY = (*made, intents[-1].intent.key if intents else None)
        return self._all.get(key) or self._new(key, *made, lasting.flags, intents)

    def press(self, sender: Sender) -> str | None:
        """Does it for the owner; the package that the phone has to show then, if any."""
        if sender.type != ACTIVITY or sender.cancelled:
            self.fire(sender)
            return None
        shown = None
        for item in sender.intents:
            found = self._open(sender, item, quiet=True)
            shown = found.package if found else shown
        self._used(sender)
        return shown

    def fire(
        self,
        sender: Sender,
        code: int = 0,
        fill: Kept | None = None,
        result_to: tuple[Process, Node] | None = None,
        permission: str | None = None,
        by: Process | None = None,
    ) -> int:
        """Does what it stands for, as its maker; 0, or `CANCELED`. `by`: the process that sends it."""
        if sender.cancelled or not sender.intents:
            return CANCELED
        filled = _filled(sender, fill)
        system, kept = self._system, filled[-1]
        if sender.type == BROADCAST:
            permissions = (permission,) if permission else ()
            first = (code, None, None)
            ordered = result_to is not None
            system.broadcasts.send(kept, sender.uid, sender.package, permissions, ordered, result_to, first)
        elif sender.type in (SERVICE, FOREGROUND_SERVICE):
            found = system.packages.resolve("service", kept.intent)
            if found and system.packages.may_use(sender.uid, found[0]) is None:
                system.services.start(found[0], kept)
        elif sender.type == ACTIVITY and self._may_open(sender, by):
            for item in filled:
                self._open(sender, item)
        elif sender.type == ACTIVITY_RESULT:
            system.activities.deliver(sender.package, sender.entry, sender.who, sender.request, code, kept)
        if result_to is not None and sender.type != BROADCAST:
            said = Said(code=code).intent("intent", kept).node("receiver", result_to[1])
            result_to[0].tell("deliver", said)
        self._used(sender)
        return 0

    def _open(self, sender: Sender, kept: Kept, quiet: bool = False) -> Component | None:
        """Opens an activity as its maker; what that may not open is not opened, and whoever sends it does not
        hear of it."""
        try:
            return self._system.activities.open(kept, sender.uid, quiet)
        except Refused as refused:
            log.info("a PendingIntent of %s opens nothing: %s", sender.package, refused)
            return None

    def _may_open(self, sender: Sender, by: Process | None) -> bool:
        """Since Android 10 an app that nobody sees opens nothing by itself."""
        now = self._system.clock()
        seen = [item for item in self._system.processes.values() if item.opens(now)]
        return by in seen or any(item.package == sender.package for item in seen)

    def cancel(self, sender: Sender) -> None:
        sender.cancelled = True
        if self._all.get(sender.key) is sender:
            del self._all[sender.key]
            for kept in sender.intents:
                self._system.router.free_all(kept.extras)

    def _used(self, sender: Sender) -> None:
        if sender.flags & ONE_SHOT:
            self.cancel(sender)

    def forget(self, package: str) -> None:
        """The package is gone."""
        for sender in [item for item in self._all.values() if item.package == package]:
            self.cancel(sender)

    def _new(
        self,
        key: _KEY,
        package: str,
        type_: int,
        who: str | None,
        request: int,
        entry: str | None,
        flags: int,
        kept: list[Kept],
    ) -> Sender:
        node = self._system.router.own_node(None)
        uid = self._system.packages.uids[package]
        sender = Sender(node, package, uid, type_, key, who, request, flags, kept, entry)
        node.tag = sender
        for item in kept:
            self._system.router.keep_all(item.extras)
        self._all[key] = sender
        return sender

    def _make(self, process: Process, asked: Asked) -> Said:
        make = asked.read(_Make)
        if not 0 < len(make.intents) <= MAX_INTENTS:
            return Said(illegal=f"A PendingIntent has 1 to {MAX_INTENTS} intents")
        last = make.intents[-1].key
        made = (process.package, make.type, make.who, make.request, make.entry)
        key: _KEY = (*made, last)
        known = self._all.get(key)
        package = self._system.packages.get(process.package)
        if package and package.target_sdk >= 31 and not make.flags & (IMMUTABLE | MUTABLE):
            return Said(
                illegal=f"{process.package}: Targeting S+ (version 31 and above) requires that one of"
                " FLAG_IMMUTABLE or FLAG_MUTABLE be specified when creating a PendingIntent."
            )
        if known is not None and make.flags & CANCEL_CURRENT:
            self.cancel(known)
            known = None
        if make.flags & NO_CREATE:
            return Said().node("sender", known.node if known else None)
        kept = [asked.kept(intent) for intent in make.intents]
        if known is not None:
            if make.flags & UPDATE_CURRENT and not known.immutable:
                for item in kept:
                    self._system.router.keep_all(item.extras)
                for item in known.intents:
                    self._system.router.free_all(item.extras)
                known.intents = kept
            return Said().node("sender", known.node)
        own = [item for item in self._all.values() if item.package == process.package]
        texts = (kept_.intent.length for item in own for kept_ in item.intents)
        if len(own) >= MAX_SENDERS or sum(texts) + sum(item.intent.length for item in kept) > MAX_TEXT:
            return Said(refused="Too many PendingIntents created")
        return Said().node("sender", self._new(key, *made, make.flags, kept).node)

    def _cancel(self, process: Process, asked: Asked) -> Said:
        sender = self.of(asked.node(asked.read(_Which).sender))
        if sender is not None and sender.package != process.package:
            return Said(refused="Permission Denial: cancelIntentSender() from another package")
        if sender is not None:
            self.cancel(sender)
        return Said()

    def _send(self, process: Process, asked: Asked) -> Said:
        send = asked.read(_Send)
        sender = self.of(asked.node(send.sender))
        if sender is None:
            return Said(result=CANCELED)
        fill = asked.kept(send.intent) if send.intent is not None else None
        node = asked.node(send.result_to)
        result_to = (process, node) if node else None
        return Said(result=self.fire(sender, send.code, fill, result_to, send.permission, process))

    def _start(self, process: Process, asked: Asked) -> Said:
        """IActivityTaskManager.startActivityIntentSender: an activity is opened as the maker, for the one that
        asks: in its task, and with its result for it."""
        start = asked.read(_Start)
        sender = self.of(asked.node(start.sender))
        fill = asked.kept(start.intent) if start.intent is not None else None
        if sender is None or sender.cancelled:
            return Said(result=CANCELED)
        if sender.type != ACTIVITY:
            return Said(result=self.fire(sender, 0, fill, by=process))
        filled = _filled(sender, fill, start.mask & ~GRANTS, start.values)
        several = len(filled) > 1  # on Android nobody hears of the results of several
        found = False
        try:
            for kept in filled:
                ask = Ask(
                    intent=kept.intent,
                    activity=start.activity,
                    entry=start.entry,
                    who=start.who,
                    request=-1 if several else start.request,
                )
                found = self._system.activities.begin(process, ask, kept, sender.uid)
        except Refused as refused:
            log.info("%s opens nothing by a PendingIntent of %s: %s", process.package, sender.package, refused)
            found = True  # the one that sends it does not hear of what its maker may not
        self._used(sender)
        return Said(result=0 if found else NOT_RESOLVED)

    def _info(self, process: Process, asked: Asked) -> Said:
        sender = self.of(asked.node(asked.read(_Which).sender))
        if sender is None:
            return Said()
        return Said(package=sender.package, uid=sender.uid, immutable=sender.immutable, type=sender.type)


def _filled(sender: Sender, fill: Kept | None, mask: int = 0, values: int = 0) -> list[Kept]:
    """Its intents, the last as the one that sends it changes it, where it may."""
    filled = [*sender.intents]
    if sender.immutable or not filled:
        return filled
    if fill is not None:
        filled[-1] = fill_in(filled[-1], fill)
    flags = filled[-1].intent.flags & ~mask | values & mask
    filled[-1] = Kept(msgspec.structs.replace(filled[-1].intent, flags=flags), filled[-1].extras)
    return filled


def lasting(sender: Sender | None) -> Lasting | None:
    """How it outlives the system's process; None where it is none or is used up."""
    return None if sender is None or sender.cancelled else written(sender)


def written(sender: Sender) -> Lasting:
    """As it lies on the disk."""
    return Lasting(
        package=sender.package,
        type=sender.type,
        who=sender.who,
        request=sender.request,
        flags=sender.flags,
        intents=[msgspec.structs.replace(kept.intent, extras=None) for kept in sender.intents],
        extras=[kept.plain for kept in sender.intents],
        entry=sender.entry,
    )


def fill_in(kept: Kept, fill: Kept) -> Kept:
    """Intent.fillIn without its flags: what is missing is taken over; extras are joined by whom gets it. Raises
    `Refused` where both are too large together."""
    intent, other = kept.intent, fill.intent
    changed = msgspec.structs.replace(
        intent,
        action=intent.action or other.action,
        data=intent.data or other.data,
        type=intent.type or other.type,
        own_type=intent.own_type or other.own_type,
        categories=intent.categories or other.categories,
    )
    filled = Kept(changed, (*kept.extras, *fill.extras))
    if filled.size > MAX_EXTRAS + MAX_INTENT:
        raise Refused("The intent with what it is filled with is too large to go through the system.")
    return filled
