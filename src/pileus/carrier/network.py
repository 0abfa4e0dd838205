"""The carrier: numbers, messages that wait for their phone, calls, reports (a `modem.Network`).

carrier = Carrier()
phone = carrier.handset("+8613900000001", pin="1234")
async with line(phone.modem, "abstract:phone"):  # carrier.line
    carrier.text("+8613900000099", phone.number, "你好")
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pileus.carrier.address import Address
from pileus.carrier.calls import Call, Ending, Party, Stage
from pileus.carrier.card import Card, Operator
from pileus.carrier.centre import Centre, Letter
from pileus.carrier.errors import cme, cms
from pileus.carrier.events import Event, Happening, Watcher
from pileus.carrier.handset import Handset
from pileus.carrier.modem import EMERGENCY, Modem
from pileus.carrier.parts import split
from pileus.carrier.pdu import DELIVERED, Deliver, Submit
from pileus.carrier.scripted import Manner, Scripted
from pileus.carrier.timer import LoopTimer, Timer
from pileus.core.clock import Clock, SystemClock

HOME = Operator("46099", "Pileus")
"""MCC 460 is China's; the network code is assigned to nobody."""
ABROAD = Operator("00101", "Elsewhere")
"""The test network of TS 36.508."""
CHINA_TIME = timezone(timedelta(hours=8))
ACCESS_POINTS = frozenset({"internet", "pileus"})
REACH_AFTER, NO_ANSWER_AFTER = 0.3, 45.0
"""Seconds from the dialling until it rings or is busy, and of ringing. A modem's OK comes before what becomes of a
call, as it does on any network."""


class Carrier:
    """All numbers are written as they are dialled from anywhere: `+` and digits, or a short code.

    On an event loop unless another `timer` is given. `country` is put before numbers that are dialled without.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        timer: Timer | None = None,
        *,
        home: Operator = HOME,
        country: str = "86",
        zone: timezone = CHINA_TIME,
    ) -> None:
        self.clock, self.timer = clock or SystemClock(), timer or LoopTimer()
        self.home, self.country, self.zone = home, country, zone
        self.centre = Address.of(f"+{country}13800000500")
        self.messages = Centre(self.timer, self.now)
        self.reach_after, self.no_answer_after = REACH_AFTER, NO_ANSWER_AFTER
        self.access_points = set(ACCESS_POINTS)
        """Those that a card is subscribed to, beside the one without a name; none at all: no packets."""
        self.handsets: dict[str, Handset] = {}
        self.scripted: dict[str, Scripted] = {}
        self.calls: list[Call] = []
        self._watchers: list[Watcher] = []
        self._reference = 0
        for number in EMERGENCY:
            self.script(number, Manner.ANSWERS)

    # Numbers

    def handset(self, number: str, *, pin: str | None = None, puk: str = "12345678", slots: int = 20) -> Handset:
        """A phone with a card in it, switched on and in reach."""
        serial = len(self.handsets) + 1
        card = Card(
            imsi=f"{self.home.code}{serial:010}"[:15],
            iccid=f"8986{serial:016}"[:20],
            number=number,
            home=self.home,
            pin=pin,
            puk=puk,
            slots=slots,
        )
        modem = Modem(self, number, card, imei=f"{35000000000000 + serial}0")
        made = self.handsets[number] = Handset(number, modem, card)
        modem.update()
        return made

    def script(self, number: str, manner: Manner = Manner.ANSWERS, *, echo: bool = False) -> Scripted:
        """A number without a phone; with `echo` it sends back what it is sent, and what is said to it."""
        made = self.scripted[number] = Scripted(number, self.timer, manner, echoes=echo)
        if echo:
            made.texted = lambda sender, text: self.text(number, sender, text)
        return made

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        self._watchers.remove(watcher)

    def normal(self, dialled: str) -> str:
        """The number that is meant: with its country where it was dialled without."""
        if dialled.startswith("00"):
            dialled = f"+{dialled[2:]}"
        known = self.handsets.keys() | self.scripted.keys()
        home = f"+{self.country}{dialled.lstrip('0')}"
        return home if dialled not in known and home in known else dialled

    # Messages

    def text(self, sender: str, recipient: str, text: str, *, validity: timedelta | None = None) -> None:
        """A message from any number or name, in as many parts as it takes."""
        self._reference += 1
        parts = split(text, self._reference)
        for at, body in enumerate(parts):
            deliver = Deliver(Address.of(sender), self.now(), body, more=at < len(parts) - 1)
            self.put(sender, recipient, deliver.encode(), validity=validity)

    def put(self, sender: str, recipient: str, tpdu: bytes, *, validity: timedelta | None = None) -> None:
        """Any octets for a handset, broken ones too."""
        recipient = self.normal(recipient)
        if recipient in self.handsets:
            letter = Letter(sender, recipient, tpdu, self.now())
            self.messages.put(letter, validity, lambda: self._hand_over(recipient))
            self._hand_over(recipient)

    def submit(self, modem: Modem, message: Submit) -> None:
        recipient = self.normal(message.recipient.text)
        self._tell(Happening.SENT, modem.number, recipient, message.body.text)
        reference = message.reference if message.wants_report else None
        deliver = Deliver(Address.of(modem.number), self.now(), message.body, scheme=message.scheme)
        letter = Letter(modem.number, recipient, deliver.encode(), self.now(), reference)
        if recipient in self.scripted:
            self.timer.later(0, lambda: self._script_gets(letter, message))
        elif recipient in self.handsets:
            self.messages.put(letter, message.validity, lambda: self._hand_over(recipient))
            self.timer.later(0, lambda: self._hand_over(recipient))
        else:
            raise cms(1)

    # Calls

    def call(self, caller: str, callee: str) -> Call:
        """Somebody calls: a scripted number, which is made where there is none; "" withholds the number."""
        party = self.scripted.get(caller) or self.script(caller)
        return self._connect(Call(party, callee))

    def dial(self, modem: Modem, number: str, *, shown: str | None = None) -> Call:
        if number in EMERGENCY:
            if not modem.radio.in_reach:
                raise cme(30)
        elif not modem.registration.served:
            raise cme(32 if modem.radio.in_reach else 30)
        return self._connect(Call(modem, number, shown=shown))

    # What a modem says

    def admit(self, modem: Modem, point: str) -> None:
        if not modem.registration.served:
            raise cme(30)
        if not self.access_points:
            raise cme(132)
        if point and point.lower() not in self.access_points:
            raise cme(133)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now_ms() / 1000, self.zone)

    def operators(self) -> list[Operator]:
        return [self.home, ABROAD]

    def ready(self, modem: Modem) -> None:
        self._hand_over(modem.number)
        self._hand_reports(modem.number)

    def ussd(self, modem: Modem, text: str) -> None:
        """*100# is the balance, *101# a menu with two choices; the rest is not known."""
        self._tell(Happening.USSD, modem.number, text)
        menu = {"*101#": ("1 余额 Balance\n2 流量 Data", True), "2": ("100 GB", False)}
        answer, more = menu.get(text, ("?", False))
        if text in ("*100#", "1"):
            answer, more = "余额 Balance: ¥42.00", False
        self.timer.later(0, lambda: modem.ussd(answer, more=more))

    # Steps

    def _hand_over(self, number: str) -> None:
        handset = self.handsets[number]
        for letter, status in self.messages.hand_over(number, handset.modem.deliver):
            kind = Happening.DELIVERED if status == DELIVERED else Happening.EXPIRED
            self._tell(kind, letter.sender, number)
            self._report(letter, status)

    def _script_gets(self, letter: Letter, message: Submit) -> None:
        self._tell(Happening.DELIVERED, letter.sender, letter.recipient)
        self._report(letter, DELIVERED)
        self.scripted[letter.recipient].text(letter.sender, message.body)

    def _report(self, letter: Letter, status: int) -> None:
        self.messages.report(letter, status, lambda: self._hand_reports(letter.sender))

    def _hand_reports(self, number: str) -> None:
        if number in self.handsets:
            for _ in range(self.messages.hand_reports(number, self.handsets[number].modem.report)):
                self._tell(Happening.REPORTED, number, "")

    def _connect(self, call: Call) -> Call:
        self.calls.append(call)
        call.watch(self._call_changed, self._call_held)
        self._call_changed(call)
        self.timer.later(self.reach_after, lambda: self._reach(call))
        return call

    def _reach(self, call: Call) -> None:
        number = self.normal(call.dialled)
        handset = self.handsets.get(number)
        party = handset.modem if handset else self.scripted.get(number)
        if party is None or (handset and not handset.modem.registration.served):
            call.end(Ending.UNREACHABLE)
            return
        call.reach(party)
        self.timer.later(self.no_answer_after, lambda: self._give_up(call))

    def _give_up(self, call: Call) -> None:
        if call.stage is Stage.RINGING:
            call.end(Ending.NO_ANSWER)

    def _call_changed(self, call: Call) -> None:
        kinds = {
            Stage.DIALING: Happening.DIALLED,
            Stage.RINGING: Happening.RINGS,
            Stage.ACTIVE: Happening.ANSWERED,
            Stage.ENDED: Happening.ENDED,
        }
        if call.stage is Stage.ENDED and call in self.calls:
            self.calls.remove(call)
        why = call.why.value if call.why else ""
        self._tell(kinds[call.stage], call.caller.number, self.normal(call.dialled), why)

    def _call_held(self, call: Call, by: Party, on: bool) -> None:
        other = call.other(by)
        self._tell(Happening.HELD if on else Happening.RESUMED, by.number, other.number if other else "")

    def _tell(self, kind: Happening, who: str, other: str, detail: str = "") -> None:
        for watcher in list(self._watchers):
            watcher(Event(kind, who, other, detail))
