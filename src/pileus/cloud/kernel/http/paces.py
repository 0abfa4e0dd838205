"""How often an account may ask for what costs much, all its devices and app passwords together.

The numbers leave a person's own use far below them; they bound what a program that runs wild, or a stolen token,
takes from the others or learns of them. In memory: a restart begins anew. See docs/design/accounts.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from pileus.cloud.kernel.service import Caller, Costly
from pileus.core.clock import Clock
from pileus.core.errors import Throttled
from pileus.core.pace import Pace

LIMITS: Mapping[Costly, tuple[int, float]] = {
    "search": (600, 1200),
    "picture": (3000, 3000),
    "import": (120, 60),
    "export": (60, 30),
    "backup": (60, 12),
    "check": (60, 12),
    "send": (600, 300),
    "install": (60, 30),
    "look-up": (300, 60),
    "let-in": (60, 12),
    "call": (60, 12),
    "relay": (120, 30),
}
"""So many at once, then so many a minute."""


class Paces:
    """Raises `Throttled` for what comes too often."""

    def __init__(self, clock: Clock, limits: Mapping[Costly, tuple[int, float]] = LIMITS) -> None:
        self._clock = clock
        self._paces = {costly: Pace(burst, per_minute) for costly, (burst, per_minute) in limits.items()}

    def take(self, costly: Costly, caller: Caller) -> None:
        wait = self._paces[costly].take(caller.account_id, self._clock.monotonic())
        if wait > 0:
            seconds = math.ceil(wait)
            detail = f"This was asked for too often: wait {seconds} seconds."
            raise Throttled("too-many-requests", detail, retry_after=seconds)
