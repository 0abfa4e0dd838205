"""The calls of one modem: their numbers, states and what may be done with them (3GPP TS 27.007 §7.13, §7.18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from pileus.carrier.calls import Call, Ending, Party, Stage
from pileus.carrier.errors import PlainError, cme

MOST_CALLS = 7


class State(IntEnum):
    """The <stat> of +CLCC."""

    ACTIVE = 0
    HELD = 1
    DIALING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5


@dataclass
class Leg:
    """This modem's end of a call."""

    index: int
    call: Call
    outgoing: bool
    state: State
    number: str

    def line(self, number: str) -> str:
        """As +CLCC lists it; `number` is quoted as the modem's alphabet has it."""
        kind = 145 if self.number.startswith("+") else 129
        return f"+CLCC: {self.index},{int(not self.outgoing)},{self.state.value},0,0,{number},{kind}"


class Voice:
    """What the modem's terminal may do; raises AtError for what it may not."""

    def __init__(self, party: Party, dial: Callable[[str], Call]) -> None:
        self._party, self._dial = party, dial
        self.legs: dict[int, Leg] = {}

    def add(self, call: Call, state: State, *, outgoing: bool, number: str) -> Leg:
        index = next(index for index in range(1, MOST_CALLS + 1) if index not in self.legs)
        self.legs[index] = leg = Leg(index, call, outgoing, state, number)
        return leg

    @property
    def full(self) -> bool:
        """It has as many calls as it may."""
        return len(self.legs) >= MOST_CALLS

    def of(self, call: Call) -> Leg | None:
        return next((leg for leg in self.legs.values() if leg.call is call), None)

    def within(self, *states: State) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.state in states]

    # From the terminal

    def dial(self, number: str) -> None:
        if self.within(State.DIALING, State.ALERTING) or len(self.legs) >= MOST_CALLS:
            raise cme(3)
        for leg in self.within(State.ACTIVE):
            self._hold(leg, True)
        call = self._dial(number)
        if call.stage is not Stage.ENDED:
            self.add(call, State.DIALING, outgoing=True, number=number)

    def answer(self) -> None:
        leg = next(iter(self.within(State.INCOMING)), None)
        if leg is None:
            raise PlainError
        self._answer(leg)

    def hang_up(self) -> None:
        """ATH and +CHUP: what is active or being set up or rings, not what is held or waits (§6.5)."""
        for leg in self.within(State.ACTIVE, State.DIALING, State.ALERTING, State.INCOMING) or self.within(
            State.HELD, State.WAITING
        ):
            self._end(leg)

    def release_all(self, why: Ending = Ending.HUNG_UP) -> None:
        """The phone is off or out of reach: every call ends, and the other ends hear of it."""
        for leg in list(self.legs.values()):
            self._end(leg, why)

    def tone(self, digit: str) -> None:
        active = self.within(State.ACTIVE)
        if not active:
            raise cme(3)
        for leg in active:
            leg.call.send(self._party, digit)

    def rearrange(self, what: str) -> None:
        """+CHLD (TS 27.007 §7.13, TS 22.030 §6.5.5.1)."""
        index = int(what[1:]) if len(what) == 2 and what[1:].isdecimal() else None
        if index is not None and index not in self.legs:
            raise cme(21)
        if what[:1] == "1" and index is not None:
            self._end(self.legs[index])
        elif what == "0":
            self._release_held_or_waiting()
        elif what == "1":
            for leg in self.within(State.ACTIVE):
                self._end(leg)
            self._resume()
        elif what == "2":
            active = self.within(State.ACTIVE)
            self._resume()
            for leg in active:
                self._hold(leg, True)
        elif what[:1] == "2" and index is not None:
            for leg in self.within(State.ACTIVE):
                self._hold(leg, leg.index != index)
            if self.legs[index].state is State.WAITING:
                self._answer(self.legs[index])
            self._hold(self.legs[index], False)
        elif what == "3":
            for leg in self.within(State.HELD):
                self._hold(leg, False)
        else:
            raise cme(4)

    # Steps

    def _release_held_or_waiting(self) -> None:
        for leg in self.within(State.WAITING) or self.within(State.HELD):
            self._end(leg, Ending.BUSY if leg.state is State.WAITING else Ending.HUNG_UP)

    def _resume(self) -> None:
        """The waiting call is answered, else held ones go on."""
        waiting = self.within(State.WAITING)
        if waiting:
            self._answer(waiting[0])
            return
        for leg in self.within(State.HELD):
            self._hold(leg, False)

    def _answer(self, leg: Leg) -> None:
        leg.state = State.ACTIVE
        leg.call.answer()

    def _hold(self, leg: Leg, on: bool) -> None:
        if leg.state in (State.ACTIVE, State.HELD):
            leg.state = State.HELD if on else State.ACTIVE
            leg.call.hold(self._party, on)

    def _end(self, leg: Leg, why: Ending = Ending.HUNG_UP) -> None:
        if leg.state in (State.INCOMING, State.WAITING) and why is Ending.HUNG_UP:
            why = Ending.BUSY  # refused: the caller hears that
        del self.legs[leg.index]
        leg.call.end(why, by=self._party)
