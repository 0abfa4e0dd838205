"""Messages in PDU mode (3GPP TS 27.005 §3 and §4) and USSD (TS 27.007 §7.15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pileus.carrier.at import Command, Form
from pileus.carrier.card import Card, Status, Stored
from pileus.carrier.commands.table import command, setting
from pileus.carrier.errors import PduError, cme, cms
from pileus.carrier.modem import Modem
from pileus.carrier.pdu import Submit, read_submit, without_centre
from pileus.carrier.terminal import Wishes, hexadecimal


@setting("+CMGF", "(0)", lambda modem: 0)
def form(modem: Modem, asked: Command) -> None:
    if asked.number(0, 0) != 0:
        raise cms(305)


@command("+CSMS")
def service(modem: Modem, asked: Command) -> Iterable[str]:
    return ["+CSMS: (0)"] if asked.form is Form.TEST else ["+CSMS: 1,1,1"]


@command("+CSCA")
def centre(modem: Modem, asked: Command) -> Iterable[str]:
    return [f'+CSCA: "{modem.network.centre.text}",145'] if asked.form is Form.READ else []


@setting("+CPMS", '("SM"),("SM"),("SM")', lambda modem: ",".join([f'"SM",{_use(modem)}'] * 3))
def storage(modem: Modem, asked: Command) -> Iterable[str]:
    """The card is the one storage there is."""
    use = _use(modem)
    if any(name and name.upper() != "SM" for name in asked.args):
        raise cms(302)
    return [f"+CPMS: {use},{use},{use}"]


@setting("+CNMI", "(0-2),(0-2),(0,2),(0-2),(0,1)", lambda modem: _news(modem.terminal.wishes))
def news(modem: Modem, asked: Command) -> None:
    wishes = modem.terminal.wishes
    wishes.new_messages = asked.number(1, 0, most=2)
    wishes.reports = asked.number(3, 0, most=2)
    modem.network.timer.later(0, lambda: modem.network.ready(modem))


@command("+CMGL")
def listing(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ["+CMGL: (0-4)"]
    wanted, lines = Status(asked.number(0, 0, most=4)), []
    for index, stored in sorted(_card(modem).messages.items()):
        if wanted in (Status.ALL, stored.status):
            lines.append(f"+CMGL: {index},{stored.status.value},,{_length(stored)}\r\n{stored.pdu.hex().upper()}")
            _read(stored)
    return lines


@command("+CMGR")
def reading(modem: Modem, asked: Command) -> Iterable[str]:
    stored = _card(modem).read(asked.number(0))
    line = f"+CMGR: {stored.status.value},,{_length(stored)}\r\n{stored.pdu.hex().upper()}"
    _read(stored)
    modem.was_read()
    return [line]


@command("+CMGD")
def deletion(modem: Modem, asked: Command) -> Iterable[str]:
    """One message, or by the flag all that are read (1), read or sent (2), not unread (3), all (4)."""
    card = _card(modem)
    if asked.form is Form.TEST:
        return [f"+CMGD: ({','.join(map(str, sorted(card.messages)))}),(0-4)"]
    flag = asked.number(1, 0, most=4)
    spared = {1: {0, 2, 3}, 2: {0, 2}, 3: {0}, 4: set[int]()}
    if flag == 0:
        card.delete(asked.number(0))
    else:
        for index in [at for at, stored in card.messages.items() if stored.status.value not in spared[flag]]:
            card.delete(index)
    modem.has_room()
    return []


@command("+CMGS")
def sending(modem: Modem, asked: Command) -> Iterable[str]:
    length = asked.number(0, most=255)

    def take(data: bytes) -> list[str]:
        return [f"+CMGS: {_send(modem, _pdu(data, length))}"]

    _card(modem)
    modem.terminal.ask(take)
    return []


@command("+CMGW")
def storing(modem: Modem, asked: Command) -> Iterable[str]:
    length, status = asked.number(0, most=255), Status(asked.number(1, 2, most=3))

    def take(data: bytes) -> list[str]:
        return [f"+CMGW: {_card(modem).keep(status, _pdu(data, length))}"]

    _card(modem)
    modem.terminal.ask(take)
    return []


@command("+CMSS")
def sending_stored(modem: Modem, asked: Command) -> Iterable[str]:
    stored = _card(modem).read(asked.number(0))
    reference = _send(modem, stored.pdu)
    stored.status = Status.SENT
    return [f"+CMSS: {reference}"]


@setting("+CUSD", "(0-2)", lambda modem: int(modem.terminal.wishes.ussd_news))
def ussd(modem: Modem, asked: Command) -> None:
    wishes = modem.terminal.wishes
    wishes.ussd_news = asked.number(0, 0, most=2) == 1 or wishes.ussd_news
    text = asked.text(1, "")
    if text:
        if not modem.registration.served:
            raise cme(30)
        modem.network.ussd(modem, modem.terminal.read_text(text))


def _card(modem: Modem) -> Card:
    return modem.open_sim()


def _use(modem: Modem) -> str:
    card = _card(modem)
    return f"{len(card.messages)},{card.slots}"


def _news(wishes: Wishes) -> str:
    return f"2,{wishes.new_messages},0,{wishes.reports},0"


def _pdu(data: bytes, length: int) -> bytes:
    """The octets of a PDU that a terminal wrote, whose TPDU is as long as it said."""
    pdu = hexadecimal(data)
    try:
        tpdu = without_centre(pdu)[1]
    except PduError:
        raise cms(304) from None
    if len(tpdu) != length:
        raise cms(304)
    return pdu


def _send(modem: Modem, pdu: bytes) -> int:
    """Its message reference; the modem counts those itself (TS 23.040 §9.2.3.6)."""
    try:
        message: Submit = read_submit(without_centre(pdu)[1])
    except PduError:
        raise cms(304) from None
    if not modem.registration.served:
        raise cms(331)
    reference = modem.next_reference()
    modem.network.submit(modem, replace(message, reference=reference))
    return reference


def _length(stored: Stored) -> int:
    """Octets of the TPDU: the service centre's address does not count."""
    return len(stored.pdu) - 1 - stored.pdu[0]


def _read(stored: Stored) -> None:
    if stored.status is Status.UNREAD:
        stored.status = Status.READ
