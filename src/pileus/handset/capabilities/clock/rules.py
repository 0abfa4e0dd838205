"""Whether a clock can be right, and what timedated says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pileus.handset.capabilities.clock.shape import State
from pileus.handset.values import flag, words

SLACK_MS = 5 * 60 * 1000
"""A clock that is put right goes back by so much at most without anything being wrong."""
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


def wrong(now_ms: int, built_ms: int, last_ms: int) -> bool:
    """Before this program was made, or before the last moment that it ran."""
    return now_ms < max(built_ms, last_ms - SLACK_MS)


def shown(why: str, said: Mapping[str, Any], wrong: bool) -> State:
    zone = words(said, "Timezone", 64)
    return State(
        present=not why,
        why=why,
        zone=zone if _ZONE.fullmatch(zone) else "",
        automatic=flag(said, "NTP"),
        can_automatic=flag(said, "CanNTP"),
        synchronized=flag(said, "NTPSynchronized"),
        wrong=wrong,
    )
