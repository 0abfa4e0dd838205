"""Alarms: PendingIntents at a time, on the disk, so that the cloud wakes the app also when nothing runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from pileus.surfaces.engines.android.system.intents import Piece
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Node
from pileus.surfaces.engines.android.system.senders import MAX_LASTING, Lasting, Sender, written
from pileus.surfaces.engines.android.system.state import MOST_MS

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

FILE = "alarms.json"
RTC_WAKEUP, RTC, ELAPSED_WAKEUP, ELAPSED = range(4)
MAX_ALARMS = 500
"""Of one package (AlarmManagerService.DEFAULT_MAX_ALARMS_PER_UID)."""
LEAST_INTERVAL_MS = 60_000
LEAST_FUTURE_MS = 5_000
"""An app may not wake itself in a loop (AlarmManagerService)."""


class Alarm(Lasting, kw_only=True):
    """What is sent, and when."""

    at_ms: int
    interval_ms: int = 0


class _Set(msgspec.Struct):
    at_ms: int
    interval_ms: int = 0
    operation: Piece | None = None
    listener: Piece | None = None


class _Which(msgspec.Struct):
    operation: Piece | None = None
    listener: Piece | None = None


class Alarms:
    """The account's alarms. Times are ms since 1970; apps translate their own clocks."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._all: dict[Sender, Alarm] = {}
        self._listeners: dict[Node, tuple[Process, int]] = {}
        self.methods = {"setAlarm": self._set, "cancelAlarm": self._cancel}

    @property
    def next_ms(self) -> int:
        """When the first is due; 0 for none."""
        times = [alarm.at_ms for alarm in self._all.values()] + [at for _, at in self._listeners.values()]
        return min(times, default=0)

    def dump(self) -> list[str]:
        lines = [f"  {alarm.package} at={alarm.at_ms} every={alarm.interval_ms}" for alarm in self._all.values()]
        return ["ALARMS", *lines]

    def load(self, alarms: list[Alarm]) -> None:
        """Those of the disk; what belongs to a package that is gone is left out."""
        for alarm in alarms:
            if self._system.packages.get(alarm.package) is not None:
                self._all[self._system.senders.revive(alarm)] = alarm

    def fire(self, now_ms: int) -> None:
        """Sends what is due; the missed times of a repeating one count once."""
        due = [(sender, alarm) for sender, alarm in self._all.items() if alarm.at_ms <= now_ms]
        due.sort(key=lambda item: item[1].at_ms)
        for sender, alarm in due:
            if alarm.interval_ms and not sender.cancelled:
                missed = (now_ms - alarm.at_ms) // alarm.interval_ms
                alarm.at_ms = min(alarm.at_ms + (1 + missed) * alarm.interval_ms, MOST_MS)
            else:
                del self._all[sender]
        if due:
            self._changed()  # before anything is sent: one that ended this process would do so at each start
        for sender, alarm in due:
            self._system.attempt(f"an alarm of {alarm.package}", partial(self._system.senders.fire, sender))
        for node, (process, at) in list(self._listeners.items()):
            if at <= now_ms:
                del self._listeners[node]
                process.tell("alarm", Said().node("listener", node))
                self._system.router.let_go(node)

    def forget(self, package: str) -> None:
        for sender in [item for item in self._all if item.package == package]:
            del self._all[sender]
        self._changed()

    def on_end(self, process: Process) -> None:
        """Listeners live in their process; PendingIntents do not."""
        for node in [node for node, (owner, _) in self._listeners.items() if owner is process]:
            del self._listeners[node]
            self._system.router.let_go(node)

    def _set(self, process: Process, asked: Asked) -> Said:
        wish = asked.read(_Set)
        now = self._system.now_ms()
        at = min(max(wish.at_ms, now + LEAST_FUTURE_MS), MOST_MS)
        listener = asked.node(wish.listener)
        if listener is not None:
            if listener not in self._listeners:
                self._system.router.hold(listener)
            self._listeners[listener] = (process, at)
            self._changed()
            return Said()
        sender = self._system.senders.of(asked.node(wish.operation))
        if sender is None:
            return Said(illegal="null operation")
        if sender not in self._all and sum(item.package == sender.package for item in self._all) >= MAX_ALARMS:
            return Said(refused="Maximum limit of concurrent alarms 500 reached")
        interval = min(max(wish.interval_ms, LEAST_INTERVAL_MS), MOST_MS) if wish.interval_ms > 0 else 0
        what = msgspec.structs.asdict(written(sender))
        lasting = (
            alarm for item, alarm in self._all.items() if item.package == sender.package and item is not sender
        )
        extras = [piece for alarm in lasting for piece in alarm.extras] + what["extras"]
        if sum(len(piece) for piece in extras if piece is not None) > MAX_LASTING:
            return Said(refused=f"The extras of alarms take more than {MAX_LASTING} bytes")
        self._all[sender] = Alarm(at_ms=at, interval_ms=interval, **what)
        self._changed()
        return Said()

    def _cancel(self, process: Process, asked: Asked) -> Said:
        which = asked.read(_Which)
        listener = asked.node(which.listener)
        if listener is not None and listener in self._listeners:
            del self._listeners[listener]
            self._system.router.let_go(listener)
        sender = self._system.senders.of(asked.node(which.operation))
        if sender is not None:
            # An alarm is known by its intent: another PendingIntent object of the same kind cancels it too.
            self._all.pop(sender, None)
        self._changed()
        return Said()

    def _changed(self) -> None:
        self._system.keep(FILE, list(self._all.values()))
