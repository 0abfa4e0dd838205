"""Finding a network and saying how good it is (3GPP TS 27.007 §7.2, §7.3, §8.2, §8.5, §8.9, §10.1)."""

from __future__ import annotations

from collections.abc import Iterable

from pileus.carrier.at import Command, Form
from pileus.carrier.card import Operator
from pileus.carrier.commands.table import command, setting
from pileus.carrier.errors import cme
from pileus.carrier.modem import Modem
from pileus.carrier.radio import AIRPLANE, LTE, MINIMUM, ONLINE

AUTOMATIC, MANUAL, LEAVE, FORMAT_ONLY = 0, 1, 2, 3
LONG, SHORT, NUMERIC = 0, 1, 2


@setting("+CFUN", "(0,1,4),(0,1)", lambda modem: modem.radio.functions)
def functions(modem: Modem, asked: Command) -> None:
    wanted = asked.number(0)
    if wanted not in (MINIMUM, ONLINE, AIRPLANE):
        raise cme(50)
    modem.radio.functions = wanted
    modem.network.timer.later(0, modem.update)


@command("+CREG", "+CGREG", "+CEREG")
def registration(modem: Modem, asked: Command) -> Iterable[str]:
    modes = modem.terminal.wishes.registration
    if asked.form is Form.TEST:
        return [f"{asked.name}: (0-2)"]
    if asked.form is Form.SET:
        modes[asked.name] = asked.number(0, 0, most=2)
        return []
    mode = modes.get(asked.name, 0)
    return [f"{asked.name}: {mode},{modem.registration_text(mode)}"]


@command("+COPS")
def operator(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return [_scan(modem)]
    if asked.form is Form.READ:
        return [_current(modem)]
    mode = asked.number(0, 0, most=4)
    if mode == FORMAT_ONLY:
        modem.terminal.wishes.operator_format = asked.number(1, 0, most=2)
    elif mode == LEAVE:
        modem.radio.detached = True
    elif mode == AUTOMATIC:
        modem.radio.detached = False
    else:
        wanted = modem.terminal.read_text(asked.text(2))
        current = modem.radio.abroad or modem.open_sim().home
        if wanted not in (current.code, current.name):
            raise cme(30)
        modem.radio.detached = False
    modem.network.timer.later(0, modem.update)
    return []


@command("+CSQ")
def signal(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ["+CSQ: (0-31,99),(0-7,99)"]
    strength = modem.radio.signal if modem.radio.in_reach else None
    return [f"+CSQ: {99 if strength is None else strength},99"]


@command("+CIND")
def indicators(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ['+CIND: ("battchg",(0-5)),("signal",(0-5)),("service",(0-1)),("call",(0-1)),("roam",(0-1))']
    now = modem.registration
    call, roaming = int(bool(modem.voice.legs)), int(modem.radio.abroad is not None and now.served)
    return [f"+CIND: 5,{modem.radio.bars},{int(now.served)},{call},{roaming}"]


@command("+CMER")
def indicator_news(modem: Modem, asked: Command) -> Iterable[str]:
    if asked.form is Form.TEST:
        return ["+CMER: (0-3),(0),(0),(0-1),(0)"]
    if asked.form is Form.SET:
        modem.terminal.wishes.indicators = asked.number(0, 0) > 0 and asked.number(3, 0) == 1
    return []


@command("+WS46")
def technologies(modem: Modem, asked: Command) -> Iterable[str]:
    return ["+WS46: (12,22,25,28)"] if asked.form is Form.TEST else ["25"]


def _current(modem: Modem) -> str:
    found = modem.radio.operator(modem.card)
    mode = LEAVE if modem.radio.detached else AUTOMATIC
    if found is None:
        return f"+COPS: {mode}"
    form = modem.terminal.wishes.operator_format
    name = f'"{found.code}"' if form == NUMERIC else modem.terminal.quoted(found.name)
    return f"+COPS: {mode},{form},{name},{LTE}"


def _scan(modem: Modem) -> str:
    if not modem.radio.in_reach:
        raise cme(30)
    current = modem.radio.operator(modem.card)
    known: list[Operator] = modem.network.operators()
    if current is not None and current not in known:
        known = [current, *known]
    found = [
        f"({2 if one == current else 1},{modem.terminal.quoted(one.name)},{modem.terminal.quoted(one.name)},"
        f'"{one.code}",{LTE})'
        for one in known
    ]
    return f"+COPS: {','.join(found)},,(0,1,2,3),(0,1,2)"
