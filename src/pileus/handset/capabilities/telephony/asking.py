"""What is asked of modems, with codes of telephony for what ModemManager refuses."""

from __future__ import annotations

from typing import Any

from pileus.core.errors import Conflict, NotFound, PileusError
from pileus.handset.bus import BusError
from pileus.handset.capabilities.telephony import rules
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.modems import Modems
from pileus.handset.capabilities.telephony.words import READY, SERVICE, VOICE, state_of
from pileus.handset.values import texts

ERRORS = f"{SERVICE}.Error."
_REFUSALS = {
    "MobileEquipment.IncorrectPassword": "sim-wrong-pin",
    "MobileEquipment.SimPuk": "sim-wrong-pin",
    "MobileEquipment.SimWrong": "sim-error",
    "MobileEquipment.NoNetwork": "no-mobile-network",
    "MobileEquipment.NetworkTimeout": "no-mobile-network",
    "MobileEquipment.NotAllowed": "not-allowed",
    "MobileEquipment.NotSupported": "not-supported",
    "Core.Unsupported": "not-supported",
    "Core.WrongState": "modem-not-ready",
    "Core.InProgress": "modem-busy",
    "Core.Retry": "modem-busy",
}
# What a modem says of a message that it surely did not send: the network's and the card's own refusals (+CMS
# ERROR, TS 27.005 §3.2.5; +CME ERROR, TS 27.007 §9.2), and ModemManager's before it begins.
_NOT_SENT = ("Message.", "MobileEquipment.")
_NOT_BEGUN = frozenset({"Core.WrongState", "Core.Unauthorized", "Core.Unsupported", "Core.InvalidArgs"})
_UNSURE = frozenset({"Message.NetworkTimeout", "Message.Unknown", "MobileEquipment.NetworkTimeout"})


def code_of(error: BusError) -> str:
    return _REFUSALS.get(error.name.removeprefix(ERRORS), "modem-refused")


def surely_not_sent(error: BusError) -> bool:
    """Whether a refusal of `Send` means that nothing left; of all others nobody knows."""
    name = error.name.removeprefix(ERRORS)
    return name in _NOT_BEGUN or (name.startswith(_NOT_SENT) and name not in _UNSURE)


class Asking:
    def __init__(self, modems: Modems) -> None:
        self.modems = modems

    async def ask(
        self, path: str, face: str, member: str, signature: str = "", *body: Any, patience: float = 60
    ) -> Any:
        """As `Modems.ask`; what ModemManager refuses is a `PileusError` with a code."""
        try:
            return await self.modems.ask(path, face, member, signature, *body, patience=patience)
        except BusError as error:
            raise PileusError(code_of(error), error.detail, status=409) from error

    def modem(self, path: str) -> Modem:
        """Raises `NotFound`."""
        for one in self.modems.all:
            if one.path == path:
                return one
        raise NotFound("modem-unknown", "There is no such modem.")

    def ready(self, card: str) -> Modem:
        """The modem with this card ("" for any); raises `Conflict`."""
        for one in self._by_readiness():
            if (not card or one.card == card) and one.card and state_of(one.props) in READY:
                return one
        raise Conflict("modem-not-ready", "No modem with this card is ready.")

    def for_call(self, to: str, card: str) -> list[Modem]:
        """Those that may call this number, the best first: of an emergency all. Raises `Conflict` for none."""
        if not self.is_emergency(to):
            return [self.ready(card)]
        found = [one for one in self._by_readiness() if one.has(VOICE)]
        if not found:
            raise Conflict("modem-not-ready", "There is no modem that calls.")
        return found

    def is_emergency(self, to: str) -> bool:
        return rules.is_emergency(to, self.of_cards())

    def of_cards(self) -> list[str]:
        """The emergency numbers of all cards."""
        found = (rules.emergencies(texts(modem.sim, "EmergencyNumbers")) for modem in self.modems.all)
        return sorted(set().union(*found))

    def _by_readiness(self) -> list[Modem]:
        def rank(modem: Modem) -> int:
            state = state_of(modem.props)
            return 0 if state in ("registered", "connected") else 1 if state in READY else 2

        return sorted(self.modems.all, key=rank)
