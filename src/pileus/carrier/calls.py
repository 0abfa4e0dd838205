"""One call between two parties, as the exchange sees it. What is heard in it: `sound`."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol


class Ending(Enum):
    """Why a call ended."""

    HUNG_UP = "hung-up"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    NO_ANSWER = "no-answer"

    @property
    def word(self) -> str:
        """What a modem says of it (V.250 §6.3.1)."""
        return {Ending.BUSY: "BUSY", Ending.NO_ANSWER: "NO ANSWER"}.get(self, "NO CARRIER")


class Stage(Enum):
    DIALING = "dialing"
    RINGING = "ringing"
    ACTIVE = "active"
    ENDED = "ended"


class Party(Protocol):
    """An end of a call: a handset's modem, or a number with a script. Nothing here may raise."""

    number: str

    def rings(self, call: Call) -> bool:
        """A call comes in; whether it is taken note of (a busy line says no)."""
        ...

    def alerted(self, call: Call) -> None:
        """It rings at the other end."""
        ...

    def answered(self, call: Call) -> None: ...

    def ended(self, call: Call, why: Ending) -> None: ...

    def tone(self, call: Call, digit: str) -> None:
        """The other end sent a DTMF tone."""
        ...


class Call:
    """What one party does, the other one is told. `shown` is the caller's number, "" where it is withheld."""

    def __init__(self, caller: Party, dialled: str, *, shown: str | None = None) -> None:
        self.caller, self.dialled = caller, dialled
        self.shown = caller.number if shown is None else shown
        self.callee: Party | None = None
        self.stage = Stage.DIALING
        self.why: Ending | None = None
        self.held_by: list[Party] = []
        self._watcher: Callable[[Call], None] = lambda call: None
        self._holds: Callable[[Call, Party, bool], None] = lambda call, by, on: None

    def watch(self, watcher: Callable[[Call], None], holds: Callable[[Call, Party, bool], None]) -> None:
        """Are told of every stage, and of who holds the call or takes it up again."""
        self._watcher, self._holds = watcher, holds

    def reach(self, callee: Party) -> None:
        """Rings at the callee, or ends as busy."""
        if self.stage is not Stage.DIALING:
            return
        self.callee = callee
        if not callee.rings(self):
            self.callee = None
            self.end(Ending.BUSY)
        elif self.stage is Stage.DIALING:  # a script may have answered by now
            self._enter(Stage.RINGING)
            self.caller.alerted(self)

    def answer(self) -> None:
        if self.stage in (Stage.DIALING, Stage.RINGING):
            self._enter(Stage.ACTIVE)
            self.caller.answered(self)

    def hold(self, by: Party, on: bool) -> None:
        if on != (by in self.held_by):
            self.held_by = [party for party in self.held_by if party is not by] + ([by] if on else [])
            self._holds(self, by, on)

    def send(self, by: Party, digit: str) -> None:
        """A DTMF tone to the other end."""
        other = self.other(by)
        if self.stage is Stage.ACTIVE and other is not None:
            other.tone(self, digit)

    def end(self, why: Ending = Ending.HUNG_UP, *, by: Party | None = None) -> None:
        """Tells both ends, but for the one that did it. Once ended stays ended."""
        if self.stage is Stage.ENDED:
            return
        self.why = why
        self._enter(Stage.ENDED)
        for party in (self.caller, self.callee):
            if party is not None and party is not by:
                party.ended(self, why)

    def other(self, party: Party) -> Party | None:
        return self.callee if party is self.caller else self.caller

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self._watcher(self)
