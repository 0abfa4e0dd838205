"""The modem of one handset: a terminal on one side, the network on the other. No I/O of its own.

What a terminal may say is in `commands`; this is what the modem knows and what the network tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from pileus.carrier import at
from pileus.carrier.address import Address
from pileus.carrier.calls import Call, Ending
from pileus.carrier.card import Card, Lock, Operator, Status
from pileus.carrier.errors import PlainError, cme
from pileus.carrier.packets import Packets
from pileus.carrier.pdu import Submit, with_centre
from pileus.carrier.radio import LTE, Radio, Registration
from pileus.carrier.terminal import Terminal
from pileus.carrier.timer import Pending, Timer
from pileus.carrier.voice import State, Voice

RING_EVERY = 4.0
"""Seconds."""
READ_WITHIN, SETTLE = 10.0, 0.8
"""Seconds that a terminal gets to read a message before the next one comes, and that pass between its reading or
deleting one and the next. ModemManager drops the news of a message that comes while it fetches another one, or in
the place of one that it has not forgotten yet. Networks leave more time."""
EMERGENCY = frozenset({"112", "911", "110", "119", "120", "122"})
"""With any card or none: TS 22.101 §10.1.1, and China's."""


class Network(Protocol):
    """What a modem asks of its network; `ready` and `ussd` never raise, the others raise AtError."""

    timer: Timer
    centre: Address

    def now(self) -> datetime:
        """The network's time, with its zone."""
        ...

    def operators(self) -> list[Operator]:
        """All that a scan finds, the home network first."""
        ...

    def dial(self, modem: Modem, number: str, *, shown: str | None = None) -> Call: ...

    def submit(self, modem: Modem, message: Submit) -> None:
        """Takes a message over; from then on it is the network's to deliver."""
        ...

    def admit(self, modem: Modem, point: str) -> None:
        """Lets packets to an access point through."""
        ...

    def ready(self, modem: Modem) -> None:
        """The modem can be reached again, or has room again."""
        ...

    def ussd(self, modem: Modem, text: str) -> None:
        """Answers with `Modem.ussd`."""
        ...


class Modem:
    """`card` may be taken out (None). `imei` is its serial number."""

    def __init__(self, network: Network, number: str, card: Card | None, imei: str) -> None:
        self.network, self.number, self.card, self.imei = network, number, card, imei
        self.radio = Radio()
        self.voice = Voice(self, lambda dialled: network.dial(self, dialled))
        self.terminal = Terminal(self._run)
        self.packets = Packets(lambda point: network.admit(self, point), self.terminal.hang_up)
        self.heard: list[str] = []
        """DTMF tones from other ends, in their order."""
        self.calls_wait = True
        """Whether the network lets a second call wait, rather than say busy."""
        self._last_reference = 0
        self._said = Registration.NOT_SEARCHING
        self._bars = self.radio.bars
        self._ringing: Pending | None = None
        self._reading: Pending | None = None

    # State

    @property
    def registration(self) -> Registration:
        return self.radio.registration(self.card)

    @property
    def lock(self) -> Lock:
        """Raises AtError where there is no card."""
        return self.sim.lock

    @property
    def sim(self) -> Card:
        if self.card is None:
            raise cme(10)
        return self.card

    def open_sim(self) -> Card:
        """The card where it may be read: raises AtError where its PIN is missing."""
        if self.sim.lock is not Lock.NONE:
            raise cme(11 if self.sim.lock is Lock.PIN else 12 if self.sim.lock is Lock.PUK else 13)
        return self.sim

    def next_reference(self) -> int:
        self._last_reference = (self._last_reference + 1) % 256
        return self._last_reference

    # From its surroundings

    def update(self) -> None:
        """Something about card or radio changed: says so, and to the network that it is there."""
        if not self.radio.in_reach:
            self.voice.release_all(Ending.UNREACHABLE)
        now, bars = self.registration, self.radio.bars
        if bars != self._bars:
            self._bars = bars
            if self.terminal.wishes.indicators:
                self.terminal.tell(f"+CIEV: 2,{bars}")
        if now != self._said:
            self._said = now
            for name, mode in self.terminal.wishes.registration.items():
                if mode:
                    self.terminal.tell(f"{name}: {self.registration_text(mode)}")
        if now.served:
            self.network.ready(self)
        else:
            self.packets.release()

    def registration_text(self, mode: int) -> str:
        now = self.registration
        place = f',"1A2B","0001F00D",{LTE}' if mode >= 2 and now.served else ""
        return f"{now.value}{place}"

    def power(self, on: bool) -> None:
        """Switches the phone off or on: calls end, the PIN is asked again, the terminal starts over."""
        self.voice.release_all(Ending.UNREACHABLE)
        self._stop_ringing()
        self.radio.on = on
        if self.card is not None:
            self.card.restart()
        self.packets.release()
        self.packets.contexts.clear()
        self.terminal.restart()
        self._said = Registration.NOT_SEARCHING
        self.update()

    # From the network: messages

    def deliver(self, tpdu: bytes) -> bool:
        """A message; False where it cannot be taken now: the network keeps it."""
        if not self.registration.served or self.card is None or self.card.full or self._reading is not None:
            return False
        pdu = with_centre(tpdu, self.network.centre)
        if self.terminal.wishes.new_messages == 2 and self.terminal.attached:
            self.terminal.tell(f"+CMT: ,{len(tpdu)}\r\n{pdu.hex().upper()}")
            return True
        index = self.card.keep(Status.UNREAD, pdu)
        if self.terminal.wishes.new_messages == 1 and self.terminal.attached:
            self.terminal.tell(f'+CMTI: "SM",{index}')
            self._next_after(READ_WITHIN)
        return True

    def was_read(self) -> None:
        """The terminal fetched a message, so that the next one may come."""
        if self._reading is not None:
            self._next_after(SETTLE)

    def has_room(self) -> None:
        """The terminal deleted a message."""
        self._next_after(SETTLE)

    def report(self, tpdu: bytes) -> bool:
        """What became of a message that it sent; False where nobody wants to know now."""
        mode = self.terminal.wishes.reports
        if not self.registration.served or not self.terminal.attached or not mode:
            return False
        pdu = with_centre(tpdu, self.network.centre)
        if mode == 1:
            self.terminal.tell(f"+CDS: {len(tpdu)}\r\n{pdu.hex().upper()}")
            return True
        if self.card is None or self.card.full:
            return False
        self.terminal.tell(f'+CDSI: "SM",{self.card.keep(Status.UNREAD, pdu)}')
        return True

    def ussd(self, text: str, *, more: bool = False) -> None:
        """An answer, or news from the network; `more` asks for a reply (TS 27.007 §7.15)."""
        if self.terminal.wishes.ussd_news:
            self.terminal.tell(f"+CUSD: {int(more)},{self.terminal.quoted(text)},72")

    # From the network: calls (a Party)

    def rings(self, call: Call) -> bool:
        busy = bool(self.voice.legs)
        if self.voice.full or (busy and (not self.calls_wait or self.voice.within(State.INCOMING, State.WAITING))):
            return False
        state = State.WAITING if busy else State.INCOMING
        self.voice.add(call, state, outgoing=False, number=call.shown)
        if not busy:
            self._ring(call)
        elif self.terminal.wishes.waiting_news:
            self.terminal.tell(f"+CCWA: {self._shown(call)},1")
        return True

    def alerted(self, call: Call) -> None:
        self._set(call, State.ALERTING)

    def answered(self, call: Call) -> None:
        self._set(call, State.ACTIVE)

    def ended(self, call: Call, why: Ending) -> None:
        leg = self.voice.of(call)
        if leg is None:
            return
        del self.voice.legs[leg.index]
        if leg.state is not State.INCOMING:
            self.terminal.tell(why.word)

    def tone(self, call: Call, digit: str) -> None:
        self.heard.append(digit)

    # Steps

    def _run(self, line: str) -> Iterator[str]:
        from pileus.carrier.commands import COMMANDS  # they know the modem, not the other way round

        if not self.radio.on:
            raise PlainError
        for command in at.parse(line):
            try:
                answer = COMMANDS[command.name]
            except KeyError:
                raise PlainError from None
            yield from answer(self, command)

    def _set(self, call: Call, state: State) -> None:
        leg = self.voice.of(call)
        if leg is not None:
            leg.state = state

    def _shown(self, call: Call) -> str:
        kind = 145 if call.shown.startswith("+") else 129 if call.shown else 128
        return f'"{call.shown}",{kind}'

    def _ring(self, call: Call) -> None:
        leg = self.voice.of(call)
        if leg is None or leg.state is not State.INCOMING:
            return
        wishes = self.terminal.wishes
        lines = ["+CRING: VOICE" if wishes.ring_kind else "RING"]
        if wishes.caller_number:
            lines.append(f"+CLIP: {self._shown(call)}{'' if call.shown else ',,,,1'}")
        self.terminal.tell(*lines)
        self._ringing = self.network.timer.later(RING_EVERY, lambda: self._ring(call))

    def _next_after(self, seconds: float) -> None:
        if self._reading is not None:
            self._reading.cancel()

        def go_on() -> None:
            self._reading = None
            self.network.ready(self)

        self._reading = self.network.timer.later(seconds, go_on)

    def _stop_ringing(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
            self._ringing = None
