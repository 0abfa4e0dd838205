"""What a broken modem does to its own words: set as a terminal's `fault` for as long as it lasts."""

from __future__ import annotations

import random
from collections.abc import Callable

Fault = Callable[[bytes], bytes]
"""Gets what the modem says, piece by piece, and gives what comes out of the line."""


def garble(chance: random.Random, rate: float = 0.05) -> Fault:
    """Each octet is another one, `rate` of the time."""

    def fault(said: bytes) -> bytes:
        return bytes(chance.randrange(256) if chance.random() < rate else octet for octet in said)

    return fault


def late_by_one() -> Fault:
    """Each reply comes in place of the next one: always the answer to an older question."""
    held = [b""]

    def fault(said: bytes) -> bytes:
        held.append(said)
        return held.pop(0)

    return fault


def mute(pieces: int) -> Fault:
    """The next pieces are not said at all."""
    left = [pieces]

    def fault(said: bytes) -> bytes:
        left[0] -= 1
        return said if left[0] < 0 else b""

    return fault
