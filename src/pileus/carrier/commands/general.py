"""Who the modem is, and how it speaks (ITU-T V.250 §6, 3GPP TS 27.007 §5 and §9.1)."""

from __future__ import annotations

from collections.abc import Iterable

from pileus.carrier.at import Command, Form
from pileus.carrier.commands.table import command, setting
from pileus.carrier.errors import PlainError, cme
from pileus.carrier.modem import Modem
from pileus.carrier.terminal import Wishes

ALPHABETS = ("IRA", "GSM", "UCS2")
NAMES = {"+CGMI": "Pileus", "+GMI": "Pileus", "+CGMM": "Carrier", "+GMM": "Carrier", "+CGMR": "1", "+GMR": "1"}


@command(*NAMES)
def name(modem: Modem, asked: Command) -> Iterable[str]:
    return [] if asked.form is Form.TEST else [NAMES[asked.name]]


@command("+CGSN", "+GSN")
def serial_number(modem: Modem, asked: Command) -> Iterable[str]:
    return [] if asked.form is Form.TEST else [modem.imei]


@command("I")
def about(modem: Modem, asked: Command) -> Iterable[str]:
    return ["Manufacturer: Pileus", "Model: Carrier", "Revision: 1", f"IMEI: {modem.imei}", "+GCAP: +CGSM,+CLTE"]


@command("+GCAP")
def capabilities(modem: Modem, asked: Command) -> Iterable[str]:
    return ["+GCAP: +CGSM,+CLTE"]


@command("E")
def echo(modem: Modem, asked: Command) -> Iterable[str]:
    modem.terminal.wishes.echo = asked.number(0, 0, most=1) == 1
    return []


@command("Z", "&F")
def reset(modem: Modem, asked: Command) -> Iterable[str]:
    modem.terminal.wishes = Wishes()
    return []


@command("V", "X", "Q", "&C", "&D", "&K", "S0", "S3", "S4", "S7", "+FCLASS")
def taken(modem: Modem, asked: Command) -> Iterable[str]:
    """Words are said in any case, and there are no lines of modem control."""
    if asked.name in ("V", "Q") and asked.number(0, 0) != (1 if asked.name == "V" else 0):
        raise PlainError
    return ["000"] if asked.form is Form.READ else []


@setting("+CMEE", "(0-2)", lambda modem: modem.terminal.wishes.error_numbers)
def error_numbers(modem: Modem, asked: Command) -> None:
    modem.terminal.wishes.error_numbers = asked.number(0, 0, most=2)


@setting("+CSCS", '("IRA","GSM","UCS2")', lambda modem: f'"{modem.terminal.wishes.alphabet}"')
def alphabet(modem: Modem, asked: Command) -> None:
    wanted = asked.text(0).upper()
    if wanted not in ALPHABETS:
        raise cme(50)
    modem.terminal.wishes.alphabet = wanted


@command("+CCLK")
def clock(modem: Modem, asked: Command) -> Iterable[str]:
    """The network's time, with its zone in quarters of an hour (§8.15)."""
    if asked.form is not Form.READ:
        return []
    now = modem.network.now()
    offset = now.utcoffset()
    quarters = round(offset.total_seconds() / 900) if offset else 0
    return [f'+CCLK: "{now:%y/%m/%d,%H:%M:%S}{quarters:+03d}"']


@command("+CTZU", "+CTZR")
def time_zone_news(modem: Modem, asked: Command) -> Iterable[str]:
    return [f"{asked.name}: (0,1)"] if asked.form is Form.TEST else []
