"""A carrier whose time stands still, and a terminal at a phone's modem."""

from __future__ import annotations

from pileus.carrier.events import Event, Happening
from pileus.carrier.handset import Handset
from pileus.carrier.network import Carrier
from pileus.carrier.timer import ManualTimer
from pileus.core.clock import ManualClock

ONE, TWO, BANK = "+8613900000001", "+8613900000002", "95588"


class World:
    """`events` is what happened at the carrier."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.timer = ManualTimer(self.clock)
        self.carrier = Carrier(self.clock, self.timer)
        self.events: list[Event] = []
        self.carrier.watch(self.events.append)

    def phone(self, number: str = ONE, *, pin: str | None = None, slots: int = 20) -> Terminal:
        return Terminal(self, self.carrier.handset(number, pin=pin, slots=slots))

    def pass_(self, seconds: float = 1) -> None:
        self.timer.advance(seconds)

    def kinds(self) -> list[Happening]:
        return [event.kind for event in self.events]


class Terminal:
    """Whoever types at the modem; `heard` is what it said since it was last read."""

    def __init__(self, world: World, phone: Handset) -> None:
        self.world, self.phone, self.modem = world, phone, phone.modem
        self.heard = bytearray()
        self.modem.terminal.output = self.heard.extend
        self.said("ATE0")

    def read(self) -> list[str]:
        """The lines since the last time."""
        lines = [line for line in self.heard.decode().split("\r\n") if line]
        self.heard.clear()
        return lines

    def said(self, command: str) -> list[str]:
        """What comes back at once."""
        self.read()
        self.modem.terminal.feed(command.encode() + b"\r")
        return self.read()

    def ready(self) -> Terminal:
        """As ModemManager has it: news of everything."""
        for command in ("+CMEE=1", "+CREG=2", "+CNMI=2,1,2,1,0", "+CLIP=1", "+CRC=1", "+CCWA=1", "+CUSD=1"):
            assert self.said(f"AT{command}") == ["OK"]
        self.world.pass_()
        self.read()
        return self

    def send(self, tpdu: bytes, length: int | None = None) -> list[str]:
        """A PDU by +CMGS, with the service centre of the card."""
        assert self.said(f"AT+CMGS={len(tpdu) if length is None else length}") == ["> "]
        self.modem.terminal.feed(b"00" + tpdu.hex().encode() + b"\x1a")
        return self.read()
