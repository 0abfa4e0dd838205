"""A phone at the carrier, with what may befall it. What it does itself, it does through its modem's terminal."""

from __future__ import annotations

from dataclasses import dataclass

from pileus.carrier.address import Address
from pileus.carrier.card import Card, Operator, Status
from pileus.carrier.modem import Modem
from pileus.carrier.parts import split
from pileus.carrier.pdu import Deliver, with_centre
from pileus.carrier.radio import GOOD


@dataclass(eq=False)
class Handset:
    """`card` is its own, in the phone or taken out."""

    number: str
    modem: Modem
    card: Card

    def switch_off(self) -> None:
        """Its modem answers no more, and its calls end."""
        self.modem.power(False)

    def switch_on(self) -> None:
        """Asks for the PIN again."""
        self.modem.power(True)

    def signal(self, strength: int | None = GOOD) -> None:
        """From 0 to 31, as +CSQ has it; None is out of reach."""
        self.modem.radio.signal = strength
        self.modem.update()

    def roam(self, network: Operator | None) -> None:
        """Into a foreign network; None is home again."""
        self.modem.radio.abroad = network
        self.modem.update()

    def deny(self, on: bool = True) -> None:
        """The network does not let it in, but for emergency calls."""
        self.modem.radio.denied = on
        self.modem.update()

    def take_card_out(self) -> None:
        self.card.restart()
        self.modem.card = None
        self.modem.update()

    def put_card_in(self) -> None:
        self.modem.card = self.card
        self.modem.update()

    def fill(self, text: str = "old") -> int:
        """Fills the card with read messages; how many."""
        count = self.card.slots - len(self.card.messages)
        old = Deliver(Address.of("10086"), self.modem.network.now(), split(text)[0])
        for _ in range(count):
            self.card.keep(Status.READ, with_centre(old.encode(), self.modem.network.centre))
        return count

    def empty(self) -> None:
        """Deletes what is on the card, as its owner in another phone would: what waits for room comes."""
        self.card.messages.clear()
        self.modem.network.ready(self.modem)
