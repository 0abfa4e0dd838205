"""Messages of which not all parts are there (3GPP TS 23.040 §9.2.3.24.1): how long they are waited for.

ModemManager joins the parts, and gives the text only when it has all. So a message whose last part is late is
shown with a gap in place of its text after some hours. It comes whole when the rest does: as a message of its own,
since the account has the first one already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.handset.capabilities.telephony import rules

GAP = "⟨…⟩"
"""What stands for a text that did not come whole, in every language."""
SHOWN_AFTER = 6 * 3600.0
"""Seconds. Parts come within minutes of each other; a network that could not reach the phone tries for hours."""
LET_GO_AFTER = 7 * 24 * 3600.0
"""Seconds that the daemon waits before the modem's copy, which no one can read, makes room for other messages: no
network delivers so late."""
LOOK_EVERY = 600.0
"""Seconds between two looks at messages that are waited for."""


class Waits:
    """Since when messages are waited for, by ModemManager's life and path, on a clock that nobody sets."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], float] = {}

    def waited(self, life: str, path: str, now: float) -> float:
        """Seconds since it was first seen."""
        return now - self._since.setdefault((life, path), now)

    def over(self, life: str, path: str) -> None:
        self._since.pop((life, path), None)

    def keep(self, lives: set[str]) -> None:
        """Forgets those of modems that are gone."""
        self._since = {key: since for key, since in self._since.items() if key[0] in lives}

    def __bool__(self) -> bool:
        return bool(self._since)


def is_shown(sms: Mapping[str, Any], waited: float, now_ms: int) -> bool:
    """Whether a gap is shown now. The network's time counts as well, over a restart; a clock that is wrong shows a
    gap too early at worst."""
    sent = rules.sent_of(sms)
    return waited >= SHOWN_AFTER or 0 < sent <= now_ms - SHOWN_AFTER * 1000


def is_let_go(waited: float) -> bool:
    """The wall clock has no say in this, since what is deleted does not come back."""
    return waited >= LET_GO_AFTER


def beside(path: str) -> str:
    """Where the ledger knows the gap of a message, beside the message itself."""
    return f"{path}?"
