"""ModemManager's modems as they are now: their properties, SIM cards, messages and calls, kept in step by signals.

One job queue a modem: what its messages need is done in order, one at a time, and a modem that does not answer
holds up no other one. Calls are followed as their signals come.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pileus.core.errors import PileusError, StorageFull
from pileus.handset.bus import OBJECTS, PROPERTIES, Bus, Signal, of_type
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.words import (
    CALL,
    MESSAGING,
    MODEM,
    ROOT,
    SERVICE,
    SIM,
    SMS,
    THREE_GPP,
    VOICE,
)

MOST_MODEMS = 4
MOST_ASKED = 5
"""Times that a call is asked for that changes while it is."""
MOST_LISTED = 1000
"""Messages or calls of one modem that are looked at: no service fills the daemon's memory."""

log = logging.getLogger("pileus.handset.telephony")


class Listener:
    """What is done at news of a modem; methods return at once, but those that are jobs."""

    def changed(self) -> None: ...
    def appeared(self, modem: Modem) -> None: ...
    def gone(self, modem: Modem) -> None: ...
    def turned(self, modem: Modem) -> None:
        """The modem's state is another one."""

    async def message(self, modem: Modem, path: str) -> None:
        """A message of the modem's: one that came, or a report. A job."""

    async def settled(self, modem: Modem) -> None:
        """All calls that the modem has were told. A job."""

    def call(self, modem: Modem, path: str, props: Mapping[str, Any]) -> None: ...
    def call_gone(self, modem: Modem, path: str) -> None: ...


class Modems:
    """Follows ModemManager, also over its own end and next start."""

    def __init__(self, bus: Bus, listener: Listener) -> None:
        self._bus, self._listener = bus, listener
        self._modems: dict[str, Modem] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._undo: list[Callable[[], None]] = []
        self.present = False
        self._owner = ""

    @property
    def all(self) -> list[Modem]:
        return list(self._modems.values())

    @property
    def owner(self) -> str:
        """Which ModemManager runs, as the bus knows it; "" for none."""
        return self._owner

    async def start(self) -> None:
        self._undo.append(await self._bus.listen(SERVICE, self._heard, under=ROOT))
        self._undo.append(await self._bus.watch(SERVICE, self._owned))
        if not self.present and await self._bus.startable(SERVICE):
            self._spawn(self._wake())

    async def stop(self) -> None:
        for undo in self._undo:
            undo()
        self._undo.clear()
        for path in list(self._modems):
            self._drop(path)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def sms(self, path: str) -> dict[str, Any]:
        return await self.properties(path, SMS)

    async def properties(self, path: str, face: str) -> dict[str, Any]:
        """Of an object, as they are now. Raises as `ask` does."""
        return await self._bus.properties(SERVICE, path, face)

    async def ask(
        self, path: str, face: str, member: str, signature: str = "", *body: Any, patience: float = 60
    ) -> Any:
        """What a method gives, its only value or None. Raises `BusError` and `Unavailable`."""
        answer = await self._bus.call(SERVICE, path, face, member, signature, *body, patience=patience)
        return answer[0] if answer else None

    async def _wake(self) -> None:
        """Where the system starts services when they are asked for, it is asked for."""
        try:
            await self._bus.objects(SERVICE, ROOT)
        except PileusError as error:
            log.info("ModemManager does not start: %s", error.detail)

    def _owned(self, owner: str) -> None:
        if owner == self._owner:
            return
        for path in list(self._modems):
            self._drop(path)
        self._owner, self.present = owner, bool(owner)
        self._listener.changed()
        if owner:
            self._spawn(self._load(owner))

    async def _load(self, owner: str) -> None:
        try:
            found = await self._bus.objects(SERVICE, ROOT)
        except PileusError as error:
            log.warning("ModemManager does not say what it has: %s", error.detail)
            return
        if owner != self._owner:
            return
        for path, faces in found.items():
            self._add(path, faces)

    def _add(self, path: str, faces: Mapping[str, Mapping[str, Any]]) -> None:
        known = self._modems.get(path)
        if known is not None:  # it has more interfaces now, as after its PIN
            known.faces.update({name: dict(values) for name, values in faces.items()})
            self._follow(known, faces)
            return
        if MODEM not in faces or len(self._modems) >= MOST_MODEMS:
            return
        modem = Modem(path, faces, f"{self._owner}{path}")
        self._modems[path] = modem
        modem.worker = self._spawn(modem.work())
        self._listener.appeared(modem)
        self._follow(modem, faces)

    def _follow(self, modem: Modem, faces: Mapping[str, Any]) -> None:
        modem.later(lambda: self._read_sim(modem))
        if MESSAGING in faces:
            modem.later(lambda: self._read_messages(modem))
        if VOICE in faces:
            modem.later(lambda: self._read_calls(modem))
        self._listener.changed()

    def _drop(self, path: str) -> None:
        modem = self._modems.pop(path)
        if modem.worker is not None:
            modem.worker.cancel()
        for call in list(modem.calls):
            self._end_call(modem, call)
        self._listener.gone(modem)
        self._listener.changed()

    def _end_call(self, modem: Modem, path: str) -> None:
        if modem.calls.pop(path, None) is not None:
            self._listener.call_gone(modem, path)

    async def _read_sim(self, modem: Modem) -> None:
        path = modem.sim_path
        modem.sim = await self._bus.properties(SERVICE, path, SIM) if path else {}
        self._listener.changed()

    async def _read_messages(self, modem: Modem) -> None:
        found = of_type(await self.ask(modem.path, MESSAGING, "List"), list, [])
        for path in found[:MOST_LISTED]:
            try:
                await self._message(modem, str(path))
            except StorageFull:
                raise
            except PileusError as error:  # one that cannot be read hides none behind it
                log.warning("%s: %s (%s)", path, error.detail, error.code)

    async def _read_calls(self, modem: Modem) -> None:
        found = of_type(await self.ask(modem.path, VOICE, "ListCalls"), list, [])
        for path in found[:MOST_LISTED]:
            await self.read_call(modem, str(path))
        await self._listener.settled(modem)

    async def settled(self) -> None:
        """Returns when the jobs are done that there are now."""
        await asyncio.gather(*(one.settled() for one in self.all))

    def look_at_all(self) -> None:
        """Tells all messages and calls once more, as after a sleep."""
        for modem in self.all:
            self.look_again(modem)
            if modem.has(VOICE):
                modem.later(partial(self._read_calls, modem))

    def look_again(self, modem: Modem) -> None:
        """Tells all messages of the modem once more."""
        if modem.has(MESSAGING):
            modem.later(lambda: self._read_messages(modem))

    async def _message(self, modem: Modem, path: str) -> None:
        modem.queued.discard(path)
        await self._listener.message(modem, path)

    def _queue(self, modem: Modem, path: str) -> None:
        """A modem that tells the same for ever, or tells for ever, fills no memory."""
        if path not in modem.queued and len(modem.queued) < MOST_LISTED:
            modem.queued.add(path)
            modem.later(partial(self._message, modem, path))

    async def read_call(self, modem: Modem, path: str) -> None:
        """Tells a call as it is now. Raises `PileusError`."""
        if path in modem.asking:  # who asks second gets what the first one is told
            await modem.asked[path].wait()
            return
        if len(modem.asking) >= MOST_LISTED:
            return
        told = modem.asked[path] = asyncio.Event()
        try:
            props: dict[str, Any] = {}
            for _ in range(MOST_ASKED):
                modem.asking[path] = False
                props = await self._bus.properties(SERVICE, path, CALL)
                if not modem.asking[path]:  # else what was answered may be older than what was told
                    break
            if self._modems.get(modem.path) is modem:
                modem.calls[path] = props
                self._listener.call(modem, path, props)
        finally:
            modem.asking.pop(path, None)
            modem.asked.pop(path, None)
            told.set()

    def _heard(self, signal: Signal) -> None:
        body = signal.body
        if signal.interface == OBJECTS and len(body) == 2:
            path = str(body[0])
            if signal.member == "InterfacesAdded":
                self._add(path, of_type(body[1], dict, {}))
            elif path in self._modems and MODEM in of_type(body[1], list, []):
                self._drop(path)
            elif path in self._modems:
                for face in of_type(body[1], list, []):
                    self._modems[path].faces.pop(face, None)
            return
        if signal.interface == PROPERTIES and len(body) == 3:
            self._change(signal.path, str(body[0]), of_type(body[1], dict, {}))
            return
        modem = self._modems.get(signal.path)
        if modem is None or not body:
            return
        path = str(body[0])
        if (signal.interface, signal.member) == (MESSAGING, "Added"):
            self._queue(modem, path)
        elif (signal.interface, signal.member) == (VOICE, "CallAdded"):
            self._spawn(self.read_call(modem, path))
        elif (signal.interface, signal.member) == (VOICE, "CallDeleted"):
            self._end_call(modem, path)

    def _change(self, path: str, face: str, values: Mapping[str, Any]) -> None:
        modem = self._modems.get(path)
        if modem is not None:
            modem.faces.setdefault(face, {}).update(values)
            if face == MODEM and "State" in values:
                self._listener.turned(modem)
            if face == MODEM and "Sim" in values:
                modem.later(lambda: self._read_sim(modem))
            if face in (MODEM, THREE_GPP, VOICE):
                self._listener.changed()
        elif face == SIM:
            for one in self.all:
                if one.sim_path == path:
                    one.sim.update(values)
                    self._listener.changed()
        elif face == CALL:
            for one in self.all:
                if path in one.asking:
                    one.asking[path] = True
                elif path in one.calls:
                    one.calls[path].update(values)
                    self._listener.call(one, path, one.calls[path])
        elif face == SMS and "State" in values:
            for one in self.all:
                if path in one.coming:
                    self._queue(one, path)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        async def safely() -> None:
            try:
                await work
            except PileusError as error:
                log.warning("%s (%s)", error.detail, error.code)

        task: asyncio.Task[None] = asyncio.create_task(safely())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
