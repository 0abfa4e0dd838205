"""Flow control of one connection: how many bytes may be on their way. Pure; times are seconds.

Not a number of frames: two frames in flight would be 20 a second at 100 ms. The window grows while
acknowledgements come back about as fast as they ever did and shrinks when they start to queue
(delay-based, as in TCP Vegas), so that what a finger causes does not wait behind old pictures.
"""

from __future__ import annotations

from collections import deque

START = 256 << 10
LEAST = 24 << 10
MOST = 4 << 20
STALL = 10.0
"""Seconds without any acknowledgement after which a connection is too slow."""


class Window:
    """Media bytes sent and confirmed."""

    def __init__(self, size: int = START) -> None:
        self.size = size
        self.sent = 0
        self.confirmed = 0
        self.round_trip: float | None = None
        self._fastest = float("inf")
        self._flying: deque[tuple[int, float]] = deque()
        self._waiting_since = 0.0
        self._shrunk = 0.0

    @property
    def in_flight(self) -> int:
        return self.sent - self.confirmed

    @property
    def open(self) -> bool:
        """Whether another frame may be encoded now."""
        return self.in_flight < self.size

    def send(self, size: int, now: float) -> None:
        """A media message of `size` bytes was handed to the connection."""
        if not self._flying:
            self._waiting_since = now
        self.sent += size
        self._flying.append((self.sent, now))

    def confirm(self, total: int, now: float) -> bool:
        """The client consumed `total` bytes so far; False where that cannot be."""
        if total > self.sent:
            return False
        if total <= self.confirmed:
            return True
        gained = total - self.confirmed
        self.confirmed = total
        self._waiting_since = now
        at = now
        while self._flying and self._flying[0][0] <= total:
            at = self._flying.popleft()[1]
        self._adapt(now - at, gained, now)
        return True

    def stalled(self, now: float) -> bool:
        """Whether something has been in flight for `STALL` seconds and nothing was confirmed."""
        return self.in_flight > 0 and now - self._waiting_since > STALL

    def _adapt(self, trip: float, gained: int, now: float) -> None:
        self.round_trip = trip if self.round_trip is None else 0.8 * self.round_trip + 0.2 * trip
        self._fastest = min(self._fastest, trip)
        if trip <= self._fastest * 1.5 + 0.03:
            self.size = min(MOST, self.size + gained // 2)
        elif trip > self._fastest * 2 + 0.08 and now - self._shrunk > trip:
            self._shrunk = now
            self.size = max(LEAST, int(self.size * 0.7))
