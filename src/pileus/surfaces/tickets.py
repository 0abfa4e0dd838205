"""Single-use tickets: who holds one may attach one device to one session, once, for 30 s."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pileus.core.clock import Clock
from pileus.core.errors import Unauthorized

LIFE_MS = 30_000
MEMORY_MS = 300_000
"""How long a spent ticket is remembered, so that the sentence can say why it is refused."""


@dataclass(frozen=True)
class Grant:
    """What a ticket lets its bearer do."""

    session_id: str
    account_id: str
    device_id: str
    device_name: str


@dataclass
class _Entry:
    grant: Grant
    expires: int
    used: bool = False


class TicketBook:
    """The tickets that were given out and not yet forgotten; lives as long as the supervisor."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}

    def issue(self, grant: Grant) -> tuple[str, int]:
        """A new ticket and when it expires (ms since 1970)."""
        now = self._clock.now_ms()
        self._entries = {v: e for v, e in self._entries.items() if e.expires + MEMORY_MS > now}
        value = secrets.token_urlsafe(24)
        self._entries[value] = _Entry(grant, now + LIFE_MS)
        return value, now + LIFE_MS

    def redeem(self, value: str, device_id: str | None = None) -> Grant:
        """Spends a ticket; raises `Unauthorized` ticket-unknown, -used, -expired or -wrong-device."""
        entry = self._entries.get(value)
        if entry is None:
            raise Unauthorized("ticket-unknown")
        if entry.used:
            raise Unauthorized("ticket-used")
        if self._clock.now_ms() >= entry.expires:
            raise Unauthorized("ticket-expired")
        entry.used = True
        if device_id not in (None, entry.grant.device_id):
            raise Unauthorized("ticket-wrong-device")
        return entry.grant
