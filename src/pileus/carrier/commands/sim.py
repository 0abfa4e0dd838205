"""The card: its lock, and the files that are read of it (3GPP TS 27.007 §8.3, §7.4, §8.17, §8.18)."""

from __future__ import annotations

from collections.abc import Iterable

from pileus.carrier import gsm7
from pileus.carrier.address import to_semi_octets
from pileus.carrier.at import Command, Form
from pileus.carrier.card import Card, Lock
from pileus.carrier.commands.table import command
from pileus.carrier.errors import PlainError, cme
from pileus.carrier.modem import EMERGENCY, Modem

ICCID, ADMINISTRATIVE, PROVIDER_NAME, EMERGENCY_CODES = 12258, 28589, 28486, 28599
"""Elementary files that are read before the PIN (EF_ICCID, EF_ECC), and after it (EF_AD, EF_SPN)."""
BEFORE_PIN = {ICCID, EMERGENCY_CODES}
READ_BINARY = 176


@command("+CPIN")
def pin(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return []
    lock = modem.lock
    if asked.form is Form.READ:
        if lock is Lock.DEAD:
            raise cme(13)
        return [f"+CPIN: {lock.value}"]
    if lock is Lock.NONE:
        raise cme(3)
    if len(asked.args) > 1:
        modem.sim.unblock(asked.text(0), asked.text(1))
    else:
        modem.sim.unlock(asked.text(0))
    # The network is found after the OK, as it takes a moment.
    modem.network.timer.later(0, modem.update)
    return []


@command("+CLCK")
def facility(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ['+CLCK: ("SC")']
    if asked.text(0).upper() != "SC":
        raise cme(4)
    card, mode = modem.sim, asked.number(1, most=2)
    if mode == 2:
        return [f"+CLCK: {int(card.asks)}"]
    card.ask(asked.text(2), mode == 1)
    return []


@command("+CPWD")
def change_pin(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ['+CPWD: ("SC",8)']
    if asked.text(0).upper() != "SC":
        raise cme(4)
    modem.sim.change(asked.text(1), asked.text(2))
    return []


@command("+CIMI")
def subscriber(modem: Modem, asked: Command) -> Iterable[str]:
    return [] if asked.form is Form.TEST else [modem.open_sim().imsi]


@command("+CCID", "+ICCID")
def serial_number(modem: Modem, asked: Command) -> Iterable[str]:
    return [] if asked.form is Form.TEST else [f"{asked.name}: {modem.sim.iccid}"]


@command("+CNUM")
def own_number(modem: Modem, asked: Command) -> Iterable[str]:
    number = modem.open_sim().number
    return [f'+CNUM: "","{number}",{145 if number.startswith("+") else 129}'] if number else []


@command("+CSIM")
def tries_left(modem: Modem, asked: Command) -> Iterable[str]:
    """VERIFY and UNBLOCK without a PIN, which say how many tries are left (TS 102 221 §11.1.9)."""
    card = modem.sim
    left = {
        "0020000100": card.pin_tries,
        "002C000100": card.puk_tries,
        "0020008100": 3,
        "002C008100": 10,
    }.get(asked.text(1).upper())
    if left is None:
        raise cme(4)
    return [f'+CSIM: 4,"{0x63C0 + left:04X}"']


@command("+CRSM")
def read_file(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is not Form.SET:
        raise PlainError
    kind, file = asked.number(0), asked.number(1)
    card = modem.sim if file in BEFORE_PIN else modem.open_sim()
    content = _file(card, file) if kind == READ_BINARY else None
    if content is None:
        return ["+CRSM: 106,130"]  # 6A 82: file not found
    return [f'+CRSM: 144,0,"{content.hex().upper()}"']


def _file(card: Card, file: int) -> bytes | None:
    if file == ICCID:
        return to_semi_octets(card.iccid)
    if file == ADMINISTRATIVE:
        return bytes([0, 0, 0, len(card.home.code) - 3])
    if file == PROVIDER_NAME:
        name = card.home.name
        text = gsm7.encode(name) if gsm7.fits(name) else b"\x80" + name.encode("utf-16-be")
        return b"\x00" + text[:16].ljust(16, b"\xff")
    if file == EMERGENCY_CODES:
        codes = card.emergency or sorted(EMERGENCY)[:5]
        return b"".join(to_semi_octets(code).ljust(3, b"\xff") for code in codes)
    return None
