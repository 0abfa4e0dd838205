"""Messages in and out of the modems: what came is kept, then deleted there; what is handed over is followed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dbus_fast import Variant

from pileus.core.clock import Clock
from pileus.core.errors import Invalid, PileusError, StorageFull, Unavailable
from pileus.handset.bus import BusError
from pileus.handset.capabilities.telephony import inbox, outgoing, parts, rules
from pileus.handset.capabilities.telephony.asking import Asking, code_of, surely_not_sent
from pileus.handset.capabilities.telephony.handing import Sent
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.words import (
    DELIVER,
    MESSAGING,
    READY,
    RECEIVED,
    RECEIVING,
    REPORT,
    SMS,
    label_of,
    number_of,
    state_of,
)
from pileus.handset.ledger import Ledger
from pileus.handset.values import number, words

LOOK_AGAIN = 60.0
"""Seconds before messages are looked for again that could not be kept, or not be deleted."""
SEND_WITHIN = 60.0
"""Seconds that ModemManager has to send: with those before it less than the cloud waits (`SEND_MS`)."""
_GONE = frozenset(
    {
        "org.freedesktop.DBus.Error.UnknownObject",
        "org.freedesktop.DBus.Error.UnknownMethod",
        "org.freedesktop.ModemManager1.Error.Core.NotFound",
    }
)
"""What is said of a message that the modem does not have."""

log = logging.getLogger("pileus.handset.telephony")


def _reference(sms: Mapping[str, Any]) -> int:
    """Of eight bits; -1 for none, which no report is of."""
    found = number(sms, "MessageReference", -1)
    return found if 0 <= found <= 0xFF else -1


class Post:
    """`whose()` is the account; `news(came)` is told of a new message, `owe()` that there is more to tell;
    `unwanted` knows the senders that are blocked."""

    def __init__(
        self,
        asking: Asking,
        ledger: Ledger,
        clock: Clock,
        whose: Callable[[], str],
        news: Callable[[Mapping[str, Any]], Awaitable[None]],
        owe: Callable[[], None],
        unwanted: Callable[[str], bool],
    ) -> None:
        self._asking, self._ledger, self._clock = asking, ledger, clock
        self._whose, self._news, self._owe, self._unwanted = whose, news, owe, unwanted
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._waits = parts.Waits()
        self._watching: asyncio.Task[None] | None = None
        self.full = False
        """The disk took the last message not."""

    async def stop(self) -> None:
        waiting = [*self._looking.values(), *([self._watching] if self._watching else [])]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def message(self, modem: Modem, path: str) -> None:
        """A message of a modem's, new or found again. Raises `PileusError`."""
        modem.coming.add(path)  # before it is asked for: what comes of it meanwhile is not missed
        sms = await self._asking.modems.sms(path)
        kind, state = number(sms, "PduType"), number(sms, "State")
        if not (kind == DELIVER and state == RECEIVING):
            modem.coming.discard(path)
        if kind == REPORT:
            await self._reported(modem, path, sms)
        elif kind == DELIVER and state == RECEIVED:
            await self._take(modem, path, sms)
            self._waits.over(modem.life, path)
        elif kind == DELIVER and state == RECEIVING:
            await self._wait(modem, path, sms)

    def cards(self) -> list[dict[str, str]]:
        """As `handing.Sender` has it."""
        return [
            {"id": modem.card, "label": label_of(modem.sim, modem.faces), "number": number_of(modem.props)}
            for modem in self._asking.modems.all
            if modem.card and modem.has(MESSAGING) and state_of(modem.props) in READY
        ]

    async def send(self, card: str, person: str, text: str) -> Sent:
        """As `handing.Sender` has it."""
        to = rules.dialled(person)
        if not to:
            raise Invalid("number-malformed", f"{person[:40]!r} is no number.")
        modem = self._asking.ready(card)
        wish = {
            "number": Variant("s", to),
            "text": Variant("s", text),
            "delivery-report-request": Variant("b", True),
        }
        try:
            path = str(await self._asking.ask(modem.path, MESSAGING, "Create", "a{sv}", wish, patience=20))
        except Unavailable as error:  # it was only to be written down
            raise PileusError("modem-refused", error.detail, status=409) from error
        try:
            await self._asking.modems.ask(path, SMS, "Send", patience=SEND_WITHIN)
        except BusError as error:
            if surely_not_sent(error):
                raise PileusError(code_of(error), error.detail, status=409) from error
            raise Unavailable("send-unknown", f"The modem does not say whether it left: {error.detail}") from error
        else:
            return Sent(modem.card, await self._reference(path))
        finally:
            with contextlib.suppress(PileusError):
                await self._asking.ask(modem.path, MESSAGING, "Delete", "o", path, patience=10)

    async def _reference(self, path: str) -> int:
        try:
            return _reference(await self._asking.modems.sms(path))
        except PileusError:
            return -1  # it left; only its report will not be known

    async def _wait(self, modem: Modem, path: str, sms: dict[str, Any]) -> None:
        """A message of which parts are missing."""
        waited = self._waits.waited(modem.life, path, self._clock.monotonic())
        if parts.is_shown(sms, waited, self._clock.now_ms()):
            await self._keep(modem, parts.beside(path), {**sms, "Text": parts.GAP})
        if parts.is_let_go(waited):
            modem.coming.discard(path)
            self._waits.over(modem.life, path)
            await self._forget(modem, path)
        elif self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Looks again at what is waited for, as long as there is something: no signal tells that nothing came."""
        while self._waits:
            await asyncio.sleep(parts.LOOK_EVERY)
            self._waits.keep({modem.life for modem in self._asking.modems.all})
            for modem in self._asking.modems.all:
                self._asking.modems.look_again(modem)

    async def _take(self, modem: Modem, path: str, sms: dict[str, Any]) -> None:
        await self._keep(modem, path, sms)
        await self._forget(modem, path)

    async def _keep(self, modem: Modem, path: str, sms: dict[str, Any]) -> None:
        """Into the ledger, once. Raises `StorageFull`, and looks again later."""
        try:
            came = await self._ledger.write(
                lambda db: inbox.take(
                    db, modem.life, path, modem.card, sms, self._clock, self._whose(), self._unwanted
                )
            )
        except StorageFull:
            self.full = True
            self._look_again(modem)
            raise
        self.full = False
        if came.new:
            await self._news(came.wish)

    async def _reported(self, modem: Modem, path: str, sms: dict[str, Any]) -> None:
        state = number(sms, "DeliveryState", 0x100)
        if state < 0x20 or 0x40 <= state < 0x80:  # 3GPP TS 23.040 §9.2.3.15: done, or given up
            report = outgoing.Report(
                modem.card,
                words(sms, "Number", 80),
                _reference(sms),
                state < 0x20,
                self._clock.now_ms(),
            )

            def write(db: Any) -> None:
                if inbox.is_new(db, modem.life, path):
                    outgoing.reported(db, report)

            await self._ledger.write(write)
            self._owe()
        await self._forget(modem, path)

    async def _forget(self, modem: Modem, path: str) -> None:
        """Deletes the modem's copy; one that it does not let go of is tried again later."""
        try:
            await self._asking.modems.ask(modem.path, MESSAGING, "Delete", "o", path)
        except BusError as error:
            if error.name not in _GONE:
                log.warning("%s does not delete a message: %s", modem.path, error.detail)
                self._look_again(modem)
                return
        await self._ledger.write(lambda db: inbox.deleted(db, modem.life, path))

    def _look_again(self, modem: Modem) -> None:
        """Once a modem, however many of its messages ask for it."""
        if modem.life in self._looking:
            return

        async def later() -> None:
            await asyncio.sleep(LOOK_AGAIN)
            del self._looking[modem.life]
            self._asking.modems.look_again(modem)

        self._looking[modem.life] = asyncio.create_task(later())
