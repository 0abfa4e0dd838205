"""Which sessions are frozen, and when. Pure; times are seconds of one clock that never goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GRACE = 5.0
"""Seconds for which a session stays although memory is scarce: a page that is loaded anew is back by then."""
AGAIN = 60.0
"""Seconds after which a session that could not be frozen is asked again."""


@dataclass(frozen=True)
class Unseen:
    """A running session that no device shows, since when, and before what time it is not asked (again)."""

    session: str
    since: float
    not_before: float = 0.0


def due(unseen: Sequence[Unseen], now: float, after: float, scarce: bool) -> list[str]:
    """The sessions to freeze now, oldest first: those unseen for `after` seconds (0: none for that reason).

    While memory is scarce the oldest of all is among them; one at a time, since its end may be enough.
    """
    asked = sorted((one for one in unseen if one.not_before <= now), key=lambda one: one.since)
    found = [one.session for one in asked if after and now - one.since >= after]
    if scarce and not found:
        found = [one.session for one in asked[:1] if now - one.since >= GRACE]
    return found
