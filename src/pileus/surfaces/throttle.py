"""How much of something may pass in a time, as water in a bucket. Pure; the caller says what time it is."""

from __future__ import annotations


class Bucket:
    """`rate` a second pass without end, `burst` more at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left = burst
        self._then: float | None = None

    def take(self, amount: float, now: float) -> bool:
        """Takes an amount if anything is left; what is too much at once is owed."""
        self._fill(now)
        if self._left <= 0:
            return False
        self._left -= amount
        return True

    def wait(self, now: float) -> float:
        """Seconds until something is left."""
        self._fill(now)
        return max(0.0, -self._left / self._rate)

    def _fill(self, now: float) -> None:
        if self._then is not None:
            self._left = min(self._burst, self._left + self._rate * max(0.0, now - self._then))
        self._then = now
