"""A SIM card: who it is, its PIN and PUK, and its slots of messages (3GPP TS 51.011, TS 31.102, TS 27.005)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum

from pileus.carrier.errors import cme, cms

PIN_TRIES, PUK_TRIES = 3, 10


class Lock(Enum):
    """What `AT+CPIN?` says (TS 27.007 §8.3)."""

    NONE = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    DEAD = "DEAD"
    """The PUK was wrong ten times: the card is of no more use."""


class Status(IntEnum):
    """The <stat> of a stored message (TS 27.005 §3.1)."""

    UNREAD = 0
    READ = 1
    UNSENT = 2
    SENT = 3
    ALL = 4


@dataclass(frozen=True)
class Operator:
    """`code` is country and network (MCC, MNC), five or six digits; `name` may be in any script."""

    code: str
    name: str


@dataclass
class Stored:
    status: Status
    pdu: bytes
    """With the service centre's address."""


@dataclass
class Card:
    """`pin` is None where the card asks for none; `slots` is how many messages it holds."""

    imsi: str
    iccid: str
    number: str
    home: Operator
    pin: str | None = None
    puk: str = "12345678"
    slots: int = 20
    emergency: tuple[str, ...] = ()
    """The card's own emergency numbers, of up to six digits; () for some that everybody has."""
    messages: dict[int, Stored] = field(default_factory=dict)
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES
    verified: bool = False
    code: str = "0000"
    """The PIN; also of a card that does not ask for it."""

    def __post_init__(self) -> None:
        self.asks = self.pin is not None
        self.code = self.pin or self.code

    # PIN and PUK

    @property
    def lock(self) -> Lock:
        if self.puk_tries == 0:
            return Lock.DEAD
        if self.pin_tries == 0:
            return Lock.PUK
        return Lock.NONE if self.verified or not self.asks else Lock.PIN

    def restart(self) -> None:
        """The phone was switched off and on: the PIN is asked again, tries stay used."""
        self.verified = False

    def unlock(self, pin: str) -> None:
        """Raises AtError: wrong, or a PUK is asked for."""
        if self.pin_tries == 0:
            raise cme(12 if self.puk_tries else 13)
        if pin != self.code:
            self.pin_tries -= 1
            raise cme(16 if self.pin_tries else 12)
        self.pin_tries = PIN_TRIES
        self.verified = True

    def unblock(self, puk: str, pin: str) -> None:
        """A new PIN by the PUK; raises AtError."""
        if self.puk_tries == 0:
            raise cme(13)
        if puk != self.puk:
            self.puk_tries -= 1
            raise cme(16 if self.puk_tries else 13)
        self.pin_tries, self.puk_tries = PIN_TRIES, PUK_TRIES
        self.code, self.verified = _pin(pin), True

    def ask(self, pin: str, wanted: bool) -> None:
        """Asks for the PIN from the next start on, or no more; raises AtError where `pin` is wrong."""
        self.unlock(pin)
        self.asks = wanted

    def change(self, old: str, new: str) -> None:
        new = _pin(new)
        self.unlock(old)
        self.code = new

    # Messages

    @property
    def full(self) -> bool:
        return len(self.messages) >= self.slots

    def keep(self, status: Status, pdu: bytes) -> int:
        """The slot it is kept in, from 1; raises AtError where the card is full."""
        if self.full:
            raise cms(322)
        index = next(index for index in range(1, self.slots + 1) if index not in self.messages)
        self.messages[index] = Stored(status, pdu)
        return index

    def read(self, index: int) -> Stored:
        try:
            return self.messages[index]
        except KeyError:
            raise cms(321) from None

    def delete(self, index: int) -> None:
        self.read(index)
        del self.messages[index]


def _pin(pin: str) -> str:
    if not (pin.isascii() and pin.isdecimal() and 4 <= len(pin) <= 8):
        raise cme(50)
    return pin
