"""When room is low."""

from __future__ import annotations

MOST = 500_000_000
PART = 20


def low(total: int, free: int, was: bool) -> bool:
    """Under a twentieth or 500 MB, the smaller one; until twice as much is free again, so that it is not said time
    and again at the border."""
    border = min(total // PART, MOST)
    return free < (2 * border if was else border)
