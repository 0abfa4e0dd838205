"""Access points and packet data (3GPP TS 27.007 §10.1, §10.2 and §7.31)."""

from __future__ import annotations

from collections.abc import Iterable

from pileus.carrier.at import Command, Form
from pileus.carrier.commands.table import command, setting
from pileus.carrier.errors import cme
from pileus.carrier.modem import Modem
from pileus.carrier.packets import KINDS, MOST_CONTEXTS


@setting("+CGATT", "(0,1)", lambda modem: int(modem.registration.served))
def attachment(modem: Modem, asked: Command) -> None:
    """Attached as long as there is a network: what is asked of it changes nothing."""


@command("+CGDCONT")
def contexts(modem: Modem, asked: Command) -> Iterable[str]:
    packets = modem.packets
    if asked.form is Form.TEST:
        return [f'+CGDCONT: (1-{MOST_CONTEXTS}),"{kind}",,,(0),(0)' for kind in KINDS]
    if asked.form is Form.READ:
        return [
            f'+CGDCONT: {at},"{one.kind}","{one.point}","",0,0' for at, one in sorted(packets.contexts.items())
        ]
    number = asked.number(0, most=MOST_CONTEXTS)
    if len(asked.args) == 1:
        packets.forget(number)
    else:
        packets.define(number, asked.text(1).upper(), asked.text(2, ""))
    return []


@command("+CGACT")
def activation(modem: Modem, asked: Command) -> Iterable[str]:
    """One or more contexts, or all that are defined (§10.1.10)."""
    packets = modem.packets
    if asked.form is Form.TEST:
        return ["+CGACT: (0,1)"]
    if asked.form is Form.READ:
        return [f"+CGACT: {at},{int(one.active)}" for at, one in sorted(packets.contexts.items())]
    on = asked.number(0, 1, most=1)
    chosen = [asked.number(at, most=MOST_CONTEXTS) for at in range(1, len(asked.args))] or list(packets.contexts)
    for number in chosen:
        (packets.activate if on else packets.deactivate)(number)
    return []


@command("+CGPADDR")
def addresses(modem: Modem, asked: Command) -> Iterable[str]:
    """None: PPP would give them, which nobody speaks here."""
    if asked.form is Form.TEST:
        return [f"+CGPADDR: ({','.join(map(str, sorted(modem.packets.contexts)))})"]
    if any(asked.number(at) not in modem.packets.contexts for at in range(len(asked.args))):
        raise cme(50)
    chosen = [asked.number(at) for at in range(len(asked.args))] or sorted(modem.packets.contexts)
    return [f"+CGPADDR: {number}" for number in chosen]


@command("+CEER")
def why_it_failed(modem: Modem, asked: Command) -> Iterable[str]:
    """Of the last context that was refused (TS 27.007 §6.10)."""
    return [] if asked.form is Form.TEST else [f"+CEER: {modem.packets.why or 'No cause information available'}"]
