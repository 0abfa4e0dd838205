"""Where a phone is: switched on, in reach, on which network (3GPP TS 27.007 §7.2, §8.2, §8.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from pileus.carrier.card import Card, Lock, Operator

FULL, GOOD = 31, 20
"""+CSQ: -51 dBm or better; -73 dBm."""
MINIMUM, ONLINE, AIRPLANE = 0, 1, 4
"""+CFUN."""
LTE = 7


class Registration(IntEnum):
    """<stat> of +CREG."""

    NOT_SEARCHING = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    ROAMING = 5

    @property
    def served(self) -> bool:
        return self in (Registration.HOME, Registration.ROAMING)


@dataclass
class Radio:
    """`signal` is +CSQ's, from 0 to 31, or None out of reach; `abroad` is the network that it roams in."""

    on: bool = True
    functions: int = ONLINE
    signal: int | None = GOOD
    abroad: Operator | None = None
    denied: bool = False
    detached: bool = False
    """The terminal asked to leave the network (+COPS=2)."""

    @property
    def in_reach(self) -> bool:
        """Whether a cell could be spoken to, if for an emergency call alone."""
        return self.on and self.functions == ONLINE and self.signal is not None

    def registration(self, card: Card | None) -> Registration:
        if not self.on or self.functions != ONLINE or self.detached:
            return Registration.NOT_SEARCHING
        if card is None or card.lock is not Lock.NONE:
            return Registration.NOT_SEARCHING
        if self.signal is None:
            return Registration.SEARCHING
        if self.denied:
            return Registration.DENIED
        return Registration.HOME if self.abroad is None else Registration.ROAMING

    def operator(self, card: Card | None) -> Operator | None:
        if card is None or not self.registration(card).served:
            return None
        return self.abroad or card.home

    @property
    def bars(self) -> int:
        """From 0 to 5, as the indicator `signal` has it (§8.9)."""
        return 0 if self.signal is None or not self.in_reach else min(5, (self.signal + 5) // 6)
