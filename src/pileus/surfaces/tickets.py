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
        self._signed_out: set[str] = set()

    def issue(self, grant: Grant) -> tuple[str, int]:
        """A new ticket and when it expires (ms since 1970); `Unauthorized` for a device that was signed out."""
        if grant.device_id in self._signed_out:
            raise Unauthorized("signed-out", "This device is not signed in any more.")
        now = self._clock.now_ms()
        self._entries = {v: e for v, e in self._entries.items() if e.expires + MEMORY_MS > now}
        value = secrets.token_urlsafe(24)
        self._entries[value] = _Entry(grant, now + LIFE_MS)
        return value, now + LIFE_MS

    def sign_out(self, device_id: str) -> None:
        """Spends the device's tickets and gives it no other: one may be on its way while it is signed out."""
        self._signed_out.add(device_id)
        self._entries = {v: e for v, e in self._entries.items() if e.grant.device_id != device_id}

    def let_in(self, device_id: str) -> None:
        """A device that was shut out for a time has tickets again."""
        self._signed_out.discard(device_id)

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
