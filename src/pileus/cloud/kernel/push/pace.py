"""How often something may be asked for: buckets of tokens in memory. Pure but for the time that it is told."""

from __future__ import annotations

from collections import OrderedDict

KEYS = 10_000


class Pace:
    """`burst` at once, then `per_minute`, for each key; the keys that were used least recently are forgotten."""

    def __init__(self, burst: int, per_minute: float) -> None:
        self._burst, self._rate = float(burst), per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Seconds to wait, 0 where it may be; `now` is monotonic."""
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        enough = left >= 1
        self._left[key] = (left - 1 if enough else left, now)
        if len(self._left) > KEYS:
            self._left.popitem(last=False)
        return 0.0 if enough else (1 - left) / self._rate
