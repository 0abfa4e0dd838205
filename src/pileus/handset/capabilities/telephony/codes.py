"""Codes for the network, such as *100#, and what it asks back (USSD, 3GPP TS 22.090)."""

from __future__ import annotations

from typing import Any

from pileus.core.errors import PileusError
from pileus.handset.capabilities.telephony.asking import Asking
from pileus.handset.capabilities.telephony.modem import Modem
from pileus.handset.capabilities.telephony.words import USSD
from pileus.handset.values import number, of_type

IDLE, USER_RESPONSE = 1, 3
"""`MMModem3gppUssdSessionState`."""
PATIENCE = 120.0
"""Seconds that a network may take for its answer."""
MOST_TEXT = 1000


class Codes:
    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def send(self, code: str, card: str) -> dict[str, Any]:
        """A code, or an answer to what the network asked: {text, asks}. Raises `PileusError`."""
        modem = self._asking.ready(card)
        member = "Respond" if await self._state(modem) == USER_RESPONSE else "Initiate"
        text = await self._asking.ask(modem.path, USSD, member, "s", code, patience=PATIENCE)
        asks = await self._state(modem) == USER_RESPONSE
        return {"text": of_type(text, str, "")[:MOST_TEXT], "asks": asks}

    async def cancel(self) -> None:
        """Ends what the network asked, on all modems. Raises `PileusError`."""
        for modem in self._asking.modems.all:
            if modem.has(USSD) and await self._state(modem) > IDLE:
                await self._asking.ask(modem.path, USSD, "Cancel")

    async def _state(self, modem: Modem) -> int:
        """Asked for: ModemManager signals what it is only after it gave the network's answer."""
        try:
            return number(await self._asking.modems.properties(modem.path, USSD), "State")
        except PileusError:
            return number(modem.face(USSD), "State")
