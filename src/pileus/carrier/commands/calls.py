"""Calls (ITU-T V.250 §6.3, 3GPP TS 27.007 §6 and §7)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pileus.carrier.at import Command, Form
from pileus.carrier.commands.table import command, setting
from pileus.carrier.errors import AtError, PlainError, cme
from pileus.carrier.modem import Modem

VOICE_CLASS = 1
_TONE = re.compile(r"[0-9A-D*#]")
_NUMBER = re.compile(r"\+?[0-9*#]+")


@command("D")
def dial(modem: Modem, asked: Command) -> Iterable[str]:
    """A voice call, which ends with a semicolon, or packet data by `*99#`; other data calls find no carrier."""
    dialled = asked.args[0]
    if dialled.upper().lstrip("TP").startswith("*99"):
        return _go_online(modem, dialled.upper().lstrip("TP"))
    number = re.sub(r"[\s\-.()TtPpWw,!@]", "", dialled.rstrip(";"))
    if number[-1:] in "iIgG":
        number = number[:-1]  # with or without one's own number: the network shows it in any case
    if not dialled.endswith(";"):
        raise AtError(-1, "NO CARRIER")
    if not _NUMBER.fullmatch(number):
        raise PlainError
    modem.voice.dial(number)
    return []


def _go_online(modem: Modem, dialled: str) -> Iterable[str]:
    """The line carries packets from now on (TS 27.007 §10.2.1.1); why it does not, +CEER tells."""
    if dialled.endswith(";"):
        raise PlainError
    try:
        modem.packets.dial(dialled)
    except AtError:
        raise AtError(-1, "NO CARRIER") from None
    modem.terminal.connect(modem.packets.hung_up)
    return []


@command("A")
def answer(modem: Modem, asked: Command) -> Iterable[str]:
    modem.voice.answer()
    return []


@command("H", "+CHUP")
def hang_up(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is not Form.TEST:
        modem.voice.hang_up()
    return []


@command("+CHLD")
def rearrange(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ["+CHLD: (0,1,1x,2,2x,3)"]
    modem.voice.rearrange(asked.text(0))
    return []


@command("+CLCC")
def listing(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return []
    return [leg.line(f'"{leg.number}"') for leg in modem.voice.legs.values()]


@command("+VTS")
def tone(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ["+VTS: (0-9,A-D,*,#)"]
    digit = asked.text(0).upper()
    if not _TONE.fullmatch(digit):
        raise cme(50)
    modem.voice.tone(digit)
    return []


@setting("+CLIP", "(0,1)", lambda modem: f"{int(modem.terminal.wishes.caller_number)},1")
def caller_number(modem: Modem, asked: Command) -> None:
    """Whether it is said."""
    modem.terminal.wishes.caller_number = asked.number(0, 0, most=1) == 1


@setting("+CRC", "(0,1)", lambda modem: int(modem.terminal.wishes.ring_kind))
def ring_kind(modem: Modem, asked: Command) -> None:
    """Whether it is said what kind of call it is."""
    modem.terminal.wishes.ring_kind = asked.number(0, 0, most=1) == 1


@setting("+CCWA", "(0,1)", lambda modem: int(modem.terminal.wishes.waiting_news))
def waiting(modem: Modem, asked: Command) -> Iterable[str]:
    """Whether a second call is said (the first field), and whether the network lets it wait (the second)."""
    wishes = modem.terminal.wishes
    if len(asked.args) > 1:
        mode = asked.number(1, most=2)
        if mode == 2:
            return [f"+CCWA: {int(modem.calls_wait)},{VOICE_CLASS}"]
        modem.calls_wait = mode == 1
    wishes.waiting_news = asked.number(0, int(wishes.waiting_news), most=1) == 1
    return []
