"""How much of what an app sends the system may hold at once: extras that wait, PendingIntents, alarms, jobs."""

from __future__ import annotations

import weakref
from collections import Counter

from pileus.surfaces.engines.android.system.parcels import Refused
from pileus.surfaces.engines.android.system.router import Parcel

MOST = 16 << 20
"""Bytes of one package."""


class Budget:
    """Bytes by package: each piece counts as long as it lives, wherever it waits."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    def held(self, package: str) -> int:
        return self._held[package]

    def charge(self, package: str, piece: Parcel) -> None:
        """Counts a piece against its sender's budget; raises `Refused` where it does not fit."""
        size = len(piece.data)
        if self._held[package] + size > self._most:
            raise Refused(f"The system holds {self._held[package]} bytes of {package} already.")
        self._held[package] += size
        weakref.finalize(piece, self._let_go, package, size).atexit = False

    def _let_go(self, package: str, size: int) -> None:
        self._held[package] -= size
        if self._held[package] <= 0:
            del self._held[package]
