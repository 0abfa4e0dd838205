"""How much of something may pass in a time, as water in a bucket. Pure; the caller says what time it is."""

from __future__ import annotations

from collections import OrderedDict

KEYS = 10_000


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

    def take_one(self, now: float) -> float:
        """Takes one where there is a whole one: 0; else the seconds until there is."""
        self._fill(now)
        if self._left < 1:
            return (1 - self._left) / self._rate
        self._left -= 1
        return 0.0

    def wait(self, now: float) -> float:
        """Seconds until something is left."""
        self._fill(now)
        return max(0.0, -self._left / self._rate)

    def _fill(self, now: float) -> None:
        if self._then is not None:
            self._left = min(self._burst, self._left + self._rate * max(0.0, now - self._then))
        self._then = now


class Pace:
    """A bucket a key: `burst` at once, then `per_minute`; the keys that were used least recently are forgotten."""

    def __init__(self, burst: int, per_minute: float) -> None:
        self._burst, self._rate = float(burst), per_minute / 60
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Seconds to wait, 0 where it may be; `now` is monotonic."""
        bucket = self._buckets.pop(key, None) or Bucket(self._rate, self._burst)
        self._buckets[key] = bucket
        if len(self._buckets) > KEYS:
            self._buckets.popitem(last=False)
        return bucket.take_one(now)
