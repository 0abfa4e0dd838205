"""The calls that there are, as ModemManager's news make them, and what is asked of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dbus_fast import Variant

from pileus.core.clock import Clock
from pileus.core.errors import Conflict, NotFound, PileusError, StorageFull
from pileus.handset.capabilities.telephony import calls
from pileus.handset.capabilities.telephony.asking import Asking
from pileus.handset.capabilities.telephony.calls import Call
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.words import CALL, VOICE
from pileus.handset.ledger import Ledger

FULL_AGAIN = 60.0
"""Seconds before a full disk is tried again."""
START_WITHIN = 90.0
"""Seconds until a modem says that it dials."""
Spawn = Callable[[Awaitable[None]], None]


class Calling:
    """`ended(wish, why)` is told of each call that is over, `changed()` of any news; `spawn` runs what is not
    waited for, in the order of asking; `unwanted` knows the numbers that are blocked."""

    def __init__(
        self,
        asking: Asking,
        ledger: Ledger,
        clock: Clock,
        whose: Callable[[], str],
        changed: Callable[[], None],
        ended: Callable[[Mapping[str, Any], str], Awaitable[None]],
        spawn: Spawn,
        unwanted: Callable[[str], bool],
    ) -> None:
        self._asking, self._ledger, self._clock, self._whose = asking, ledger, clock, whose
        self._changed, self._ended, self._spawn = changed, ended, spawn
        self._unwanted = unwanted
        self._calls: dict[tuple[str, str], Call] = {}
        self._left: dict[tuple[str, str], dict[str, Any]] = {}

    async def start(self) -> None:
        self._left = await self._ledger.read(calls.left_open)

    def shown(self) -> list[dict[str, Any]]:
        return [
            one.shown()
            for one in self._calls.values()
            if not one.over and (not (one.blocked or one.hushed) or one.answered_at is not None)
        ]

    # What the shell asks

    async def dial(self, modem: Modem, to: str) -> str:
        """Calls, and gives the call's id. Raises `PileusError`; then there is no call."""
        wish = {"number": Variant("s", to)}
        path = str(await self._asking.ask(modem.path, VOICE, "CreateCall", "a{sv}", wish))
        try:
            await self._asking.modems.read_call(modem, path)
            call = self._calls.get((modem.life, path))
            if call is None:
                raise NotFound("call-unknown", "The modem has let go of this call.")
            await self._asking.ask(path, CALL, "Start", patience=START_WITHIN)
        except PileusError:
            self.gone(modem, path)
            await self._delete(modem, path)
            raise
        return call.record

    async def answer(self, record: str) -> None:
        call = self._found(record)
        others = any(one.state == "active" for one in self._calls.values() if one is not call and not one.over)
        if others and call.state == "waiting":
            self._no_other_waits(call)
            await self._asking.ask(call.modem, VOICE, "HoldAndAccept")
        else:
            await self._asking.ask(call.path, CALL, "Accept")

    async def hang_up(self, record: str) -> None:
        call = self._found(record)
        call.declined = call.incoming and call.answered_at is None
        if call.state == "waiting" and any(one is not call and not one.over for one in self._calls.values()):
            # ModemManager 1.20 says +CHUP of it, which ends the other one (TS 22.030 §6.5.5.1 has no such word)
            call.hushed = True
            self._changed()
            return
        try:
            await self._asking.ask(call.path, CALL, "Hangup")
        except PileusError:
            if not call.over:
                call.declined = False
                raise

    async def swap(self, record: str) -> None:
        call = self._found(record)
        self._no_other_waits(call)
        await self._asking.ask(call.modem, VOICE, "HoldAndAccept")

    async def tones(self, record: str, keys: str) -> None:
        call = self._found(record)
        for key in keys:
            await self._asking.ask(call.path, CALL, "SendDtmf", "s", key)

    # What the modems tell

    def call(self, modem: Modem, path: str, props: Mapping[str, Any]) -> None:
        key = (modem.life, path)
        known = self._calls.get(key)
        if known is None:
            known = calls.begun(path, modem.path, modem.card, props, self._clock, self._whose())
            left = self._left.pop(key, None)
            if left is not None:  # it went on while the daemon began anew
                known.record, known.began_ms = str(left["id"]), int(left["date_ms"])
            self._calls[key] = known
            self._judge(known)
            self._spawn(self._keep_open(modem.life, known, known.wish(self._clock.monotonic())))
        elif not known.over:
            calls.change(known, props, self._clock)
            self._judge(known)
        if known.state == "terminated" and not known.over:
            self._finish(known, key)
            self._spawn(self._delete(modem, path))
        self._refuse()
        self._changed()

    def gone(self, modem: Modem, path: str) -> None:
        """The modem has it no more."""
        key = (modem.life, path)
        known = self._calls.get(key)
        if known is not None and not known.over:
            self._finish(known, key)
            self._refuse()

    async def close_left(self, life: str, owner: str) -> None:
        """Calls that ended while the daemon did not run: of a modem all of whose calls were told (`life`), and of
        lives of any ModemManager but `owner`, which runs now ("" for none)."""
        for key in list(self._left):
            if key[0] == life or not owner or not key[0].startswith(f"{owner}/"):
                wish = self._left.pop(key)
                await self._ledger.write(lambda db, one=wish: calls.keep_over(db, "", str(one["id"]), one))  # type: ignore[misc]

    async def _keep_open(self, life: str, call: Call, wish: dict[str, Any]) -> None:
        await self._ledger.write(lambda db: calls.keep_open(db, life, call, wish))

    def _judge(self, call: Call) -> None:
        """Its number may come after its first sign."""
        if call.incoming and call.answered_at is None and not call.blocked:
            call.blocked = self._unwanted(call.number)

    def _refuse(self) -> None:
        """Ends a call that is blocked or was declined and rings, or still waits where the other one is over. While
        another one is under way it rings out unheard instead: a modem may take the word to hang up for that other
        one."""
        there = [one for one in self._calls.values() if not one.over]
        for one in there:
            if (
                (one.blocked or one.hushed)
                and not one.refused
                and one.state in ("ringing-in", "waiting")
                and len(there) == 1
            ):
                one.refused = True
                self._spawn(self._asking.ask(one.path, CALL, "Hangup"))

    def _no_other_waits(self, call: Call) -> None:
        """Raises `modem-busy` while a call that is not shown waits beside this one: a modem that is to hold takes
        up whoever waits, and that would be somebody whom nobody sees."""
        others = [one for one in self._calls.values() if one is not call and one.modem == call.modem]
        for one in others:
            if (one.blocked or one.hushed) and one.state == "waiting" and not one.over:
                raise Conflict("modem-busy", "Another call waits that is not shown. Try again in a moment.")

    def _finish(self, call: Call, key: tuple[str, str]) -> None:
        call.over = True
        self._spawn(self._keep_over(call, call.wish(self._clock.monotonic()), key))
        self._changed()

    async def _keep_over(self, call: Call, wish: dict[str, Any], key: tuple[str, str]) -> None:
        while True:
            try:
                await self._ledger.write(lambda db: calls.keep_over(db, call.whose, call.record, wish))
                break
            except StorageFull:  # nobody else has it
                await asyncio.sleep(FULL_AGAIN)
        self._calls.pop(key, None)
        await self._ended(wish, call.why)

    async def _delete(self, modem: Modem, path: str) -> None:
        with contextlib.suppress(PileusError):
            await self._asking.modems.ask(modem.path, VOICE, "DeleteCall", "o", path)

    def _found(self, record: str) -> Call:
        for one in self._calls.values():
            if one.record == record and not one.over:
                return one
        raise NotFound("call-unknown", "This call is over.")
