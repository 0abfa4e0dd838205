"""The capability: what the shell sees of modems and calls, and what it may ask of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Mapping
from typing import Any

from pileus.core.errors import Conflict, Invalid, PileusError, Unavailable
from pileus.core.telephone import EMERGENCY
from pileus.handset.capabilities.telephony import inbox, letters, rules
from pileus.handset.capabilities.telephony.alone import Alone
from pileus.handset.capabilities.telephony.asking import Asking
from pileus.handset.capabilities.telephony.blocking import Block, Blocking
from pileus.handset.capabilities.telephony.calling import Calling
from pileus.handset.capabilities.telephony.carrying import Carrying, Cloud
from pileus.handset.capabilities.telephony.codes import Codes
from pileus.handset.capabilities.telephony.handing import Hand, Sent
from pileus.handset.capabilities.telephony.letters import Send, Standing
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.modems import Listener, Modems
from pileus.handset.capabilities.telephony.post import Post
from pileus.handset.capabilities.telephony.shown import shown
from pileus.handset.capabilities.telephony.wishes import Airplane, Code, Decide, Dial, OfCall, Shows, Tones, Unlock
from pileus.handset.capabilities.telephony.words import MODEM, READY, SIM, lock_of, state_of
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.ledger import Ledger, count_owed, set_setting, setting

AIRPLANE, SHOWS = "airplane", "shows"
LOW_POWER, FULL_POWER = 2, 3
"""`MMModemPowerState`."""
RADIO_WITHIN = 8.0
"""Seconds that a radio has to come on for an emergency call."""

log = logging.getLogger("pileus.handset.telephony")


class Telephony(Listener):
    def __init__(self, around: Surroundings) -> None:
        self._around, self._clock = around, around.clock
        self._ledger = Ledger(around.folder / "ledger.db")
        self._modems = Modems(around.system, self) if around.system is not None else None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lasting: set[asyncio.Task[None]] = set()
        """Those of them that go on for as long as this does: nothing waits for their end."""
        self._carrying: Carrying | None = None
        self._airplane = False
        self._owed = 0
        self._letters: list[Standing] = []
        self._whose = ""
        self._blocking = blocking = Blocking(self._ledger)

        def unwanted(address: str) -> bool:
            return blocking.has(self._whose, address)

        self._started = False
        self._shows = "all"
        self._hand = Hand(self._ledger, self)
        self._alone = Alone(self._ledger, self._hand, self._clock, lambda: self._whose, self._stepped)
        if self._modems is not None:
            asking = self._asking = Asking(self._modems)
            self._post = Post(
                asking, self._ledger, self._clock, lambda: self._whose, self._came, self._reported, unwanted
            )
            self._calling = Calling(
                asking,
                self._ledger,
                self._clock,
                lambda: self._whose,
                around.changed,
                self._ended,
                self._spawn,
                unwanted,
            )

    # The capability

    async def start(self) -> None:
        self._airplane = await self._ledger.read(lambda db: setting(db, AIRPLANE)) == "on"
        await self._blocking.start()
        self._started = True
        self._shows = await self._ledger.read(lambda db: setting(db, SHOWS)) or self._shows
        await self._count()
        if self._modems is None:
            return
        self._lasting.add(self._begin(self._alone.run()))
        await self._calling.start()
        with contextlib.suppress(PileusError):
            await self._modems.start()
        if not self._modems.present:
            await self._calling.close_left("", "")

    async def stop(self) -> None:
        if self._modems is not None:
            await self._modems.stop()
            await self._post.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ledger.close()

    def state(self) -> Mapping[str, Any]:
        if self._modems is None:
            return absent("no-bus")
        if not self._modems.present:
            return absent("no-service")
        modems = self._modems.all
        return {
            "present": bool(modems),
            **({} if modems else {"why": "no-hardware"}),
            "airplane": self._airplane,
            "storage_full": self._post.full,
            "shows": self._shows,
            "owed": self._owed,
            "letters": [{"id": one.record, "state": one.state, "error": one.error} for one in self._letters],
            "modems": [shown(one.path, one.faces, one.sim) for one in modems],
            "calls": self._calling.shown(),
            "emergency": sorted(EMERGENCY.union(self._asking.of_cards())),
        }

    def belongs(self, whose: str) -> None:
        """To whom what comes from now on belongs; "" for whoever signs in next."""
        self._whose = whose
        if not whose:
            self._spawn(self._blocking.forget())
        self._alone.ring()
        if self._started:
            self._spawn(self._count())

    async def carry(self, cloud: Cloud, rung: asyncio.Event) -> None:
        """Keeps the account in step until it is cancelled; `rung`: the account may have something."""
        self._carrying = carrying = Carrying(
            self._ledger, cloud, self._hand, self._clock, self._count, lambda: self._alone.busy
        )

        async def hear() -> None:
            while True:
                await rung.wait()
                rung.clear()
                carrying.ring()

        hearing = asyncio.create_task(hear())
        try:
            await carrying.run()
        finally:
            hearing.cancel()
            self._carrying = None

    async def sleep(self, sleeps: bool) -> None:
        """Before: what came is in the ledger. After: what came meanwhile is looked for."""
        if self._modems is None:
            return
        if sleeps:
            await self._modems.settled()
            if passing := self._tasks - self._lasting:
                await asyncio.wait(passing)  # which cancels none of them where the time is over
        else:
            self._modems.look_at_all()
            self._owe()

    def cards(self) -> list[dict[str, str]]:
        """As `handing.Sender` has it."""
        return self._post.cards() if self._modems is not None else []

    async def send(self, card: str, person: str, text: str) -> Sent:
        """As `handing.Sender` has it."""
        return await self._post.send(card, person, text)

    # What the shell may ask

    @method
    async def dial(self, wish: Dial) -> dict[str, str]:
        """Calls a number; the call shows in the state. Emergency numbers go by any modem, one after the other, its
        radio switched on for that, without a card too."""
        to = rules.dialled(wish.number)
        if not to:
            raise Invalid("number-malformed", f"{wish.number[:40]!r} is no number.")
        asking = self._known
        refused: PileusError | None = None
        for modem in asking.for_call(to, wish.card):
            if asking.is_emergency(to):
                await self._radio_on(modem)
            try:
                return {"call": await self._calling.dial(modem, to)}
            except PileusError as error:
                refused = error
        raise refused or Conflict("modem-not-ready", "There is no modem that calls.")

    @method
    async def answer(self, wish: OfCall) -> None:
        """Takes a call; one that is under way is held."""
        await self._known_calls.answer(wish.call)

    @method
    async def hang_up(self, wish: OfCall) -> None:
        """Ends a call, or declines it. One that is over already is no mistake."""
        await self._known_calls.hang_up(wish.call)

    @method
    async def swap(self, wish: OfCall) -> None:
        """Holds the call that is under way and takes up the other one; a single one is held, or taken up."""
        await self._known_calls.swap(wish.call)

    @method
    async def tones(self, wish: Tones) -> None:
        """Presses keys in a call (DTMF)."""
        await self._known_calls.tones(wish.call, wish.keys)

    @method
    async def send_letter(self, wish: Send) -> dict[str, str]:
        """Sends a text by a card of this handset, for a shell whose cloud is away: {state}. Asked again it is the
        same message. Refused where it cannot leave now, and nothing of it is kept then."""

        def refusal() -> PileusError | None:
            if not all(rules.dialled(person) for person in wish.people):
                return Invalid("number-malformed", "This is no number.")
            try:
                modem = self._known.ready(wish.card)
            except PileusError as error:
                return error
            if state_of(modem.props) not in ("registered", "connected"):
                return Conflict("no-mobile-network", "This card's network is out of reach.")
            return None

        return {"state": (await self._alone.take(wish, refusal)).state}

    @method
    async def decide(self, wish: Decide) -> None:
        """The owner's word about a message that `send_letter` took, and that failed or may have left."""
        await self._alone.decide(wish.id, wish.decision)

    @method
    async def shows(self, wish: Shows) -> None:
        """What may be told of messages that come: by what whoever looks at the shell may read; kept."""
        await self._ledger.write(lambda db: set_setting(db, SHOWS, wish.what))
        self._shows = wish.what
        self._around.changed()

    @method
    async def unlock(self, wish: Unlock) -> None:
        """Opens a card by its PIN, or by its PUK with a new PIN. Wrong: `sim-wrong-pin`, with the tries that are
        left in the state."""
        modem = self._known.modem(wish.modem)
        if not modem.sim_path:
            raise Conflict("sim-missing", "There is no card in this modem.")
        if lock_of(modem.props) == "sim-puk" or wish.puk:
            if not wish.puk:  # an empty one would cost one of few tries
                raise Invalid("method-params", "This card wants its PUK.")
            await self._known.ask(modem.sim_path, SIM, "SendPuk", "ss", wish.puk, wish.pin)
        else:
            await self._known.ask(modem.sim_path, SIM, "SendPin", "s", wish.pin)

    @method
    async def airplane(self, wish: Airplane) -> None:
        """Switches the radios off or on; kept over a restart. Raises what the last modem that refused says."""
        await self._ledger.write(lambda db: set_setting(db, AIRPLANE, "on" if wish.on else "off"))
        self._airplane = wish.on
        self._around.changed()
        refused: PileusError | None = None
        for modem in self._modems.all if self._modems else []:
            try:
                await self._power(modem)
            except PileusError as error:
                refused = error
        if refused is not None:
            raise refused

    @method
    async def block(self, wish: Block) -> None:
        """The account's whole block list: calls of these do not ring, their messages come as read. Holds until
        another list comes, or nobody is signed in any more."""
        await self._blocking.take(self._whose, wish.addresses)

    @method
    async def ussd(self, wish: Code) -> dict[str, Any]:
        """Sends a code such as *100# to the network, or an answer to what it asked: {text, asks}."""
        return await Codes(self._known).send(wish.code, wish.card)

    @method
    async def ussd_cancel(self) -> None:
        if self._modems is not None:
            await Codes(self._asking).cancel()

    # What the modems tell

    def changed(self) -> None:
        self._around.changed()
        self._alone.ring()
        self._owe()

    def appeared(self, modem: Modem) -> None:
        if self._modems is None:
            return
        modem.later(lambda: self._power(modem))
        owner = self._modems.owner
        modem.later(lambda: self._ledger.write(lambda db: inbox.forget_lives(db, owner)))

    def turned(self, modem: Modem) -> None:
        if self._modems is not None and state_of(modem.props) == "disabled":  # as after its PIN
            modem.later(lambda: self._power(modem))

    async def message(self, modem: Modem, path: str) -> None:
        full = self._post.full
        try:
            await self._post.message(modem, path)
        finally:
            if self._post.full != full:
                self._around.changed()

    def call(self, modem: Modem, path: str, props: Mapping[str, Any]) -> None:
        self._calling.call(modem, path, props)

    def call_gone(self, modem: Modem, path: str) -> None:
        self._calling.gone(modem, path)

    async def settled(self, modem: Modem) -> None:
        await self._calling.close_left(modem.life, self._modems.owner if self._modems else "")

    # How

    @property
    def _known(self) -> Asking:
        if self._modems is None:
            raise Unavailable("bus-absent", "There is no message bus on this device.")
        return self._asking

    @property
    def _known_calls(self) -> Calling:
        if self._modems is None:
            raise Unavailable("bus-absent", "There is no message bus on this device.")
        return self._calling

    async def _power(self, modem: Modem) -> None:
        """The radio as it is to be."""
        state = state_of(modem.props)
        if self._airplane:
            if state in READY or state == "enabling":
                await self._known.ask(modem.path, MODEM, "Enable", "b", False, patience=90)
            with contextlib.suppress(PileusError):  # not every modem can
                await self._known.ask(modem.path, MODEM, "SetPowerState", "u", LOW_POWER)
        elif state in ("disabled", "disabling"):
            await self._known.ask(modem.path, MODEM, "Enable", "b", True, patience=90)

    async def _radio_on(self, modem: Modem) -> None:
        """For an emergency call, whatever the airplane mode; what cannot be done keeps no call away."""
        if state_of(modem.props) in READY:
            return
        for member, signature, value in (("SetPowerState", "u", FULL_POWER), ("Enable", "b", True)):
            with contextlib.suppress(PileusError):
                await self._known.ask(modem.path, MODEM, member, signature, value, patience=RADIO_WITHIN)

    async def _came(self, wish: Mapping[str, Any]) -> None:
        await self._count()
        if (told := rules.told(wish, self._shows)) is not None:
            self._around.tell("message", told)
        self._owe()

    async def _ended(self, wish: Mapping[str, Any], why: str) -> None:
        await self._count()
        self._around.tell("ended", {"id": wish["id"], "why": why})
        if wish["kind"] == "missed":
            self._around.tell("missed", wish)
        self._owe()

    def _owe(self) -> None:
        if self._carrying is not None:
            self._carrying.ring()

    async def _count(self) -> None:
        """How much the account does not have yet."""
        owed = await self._ledger.read(count_owed) + await self._ledger.read(letters.count)
        shown = await self._alone.shown()
        if (owed, shown) != (self._owed, self._letters):
            self._owed, self._letters = owed, shown
            self._around.changed()

    def _reported(self) -> None:
        self._spawn(self._stepped())

    async def _stepped(self) -> None:
        """A letter of the shell's is another step on."""
        await self._count()
        self._owe()

    def _spawn(self, work: Awaitable[None]) -> None:
        self._begin(work)

    def _begin(self, work: Awaitable[None]) -> asyncio.Task[None]:
        async def safely() -> None:
            try:
                await work
            except PileusError as error:
                log.warning("%s (%s)", error.detail, error.code)
            except Exception:
                log.exception("something of a call failed")

        task: asyncio.Task[None] = asyncio.create_task(safely())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
