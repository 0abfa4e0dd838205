"""Challenges that an authenticator signs (Web Authentication §13.4.3): each good once, for some minutes.

A challenge carries its own end and a proof that this process made it, so that nothing is kept for whoever asks and
never comes back; only those that came back are remembered, until they would have ended. A restart voids all.
"""

from __future__ import annotations

import hmac
import secrets

from pileus.core.clock import Clock

LIFE_MS = 5 * 60_000
RANDOM = 16
END = 8
PROOF = 32


class Challenges:
    """To be used in the event loop's thread alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._spent: dict[bytes, int] = {}

    def make(self, purpose: str) -> bytes:
        """56 bytes, good for that purpose alone."""
        end = self._clock.now_ms() + LIFE_MS
        head = secrets.token_bytes(RANDOM) + end.to_bytes(END, "big")
        return head + self._proof(head, purpose)

    def spend(self, challenge: bytes, purpose: str) -> bool:
        """Whether it was good; it is not again."""
        head, proof = challenge[:-PROOF], challenge[-PROOF:]
        if len(head) != RANDOM + END or not hmac.compare_digest(proof, self._proof(head, purpose)):
            return False
        now, end = self._clock.now_ms(), int.from_bytes(head[RANDOM:], "big")
        self._spent = {one: until for one, until in self._spent.items() if until > now}
        if end <= now or head in self._spent:
            return False
        self._spent[head] = end
        return True

    def _proof(self, head: bytes, purpose: str) -> bytes:
        return hmac.digest(self._key, head + purpose.encode(), "sha256")
