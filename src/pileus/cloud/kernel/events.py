"""Rings in this process: which accounts changed. A lost ring costs time, never data."""

from __future__ import annotations

from collections.abc import Callable


class LocalEvents:
    """The kernel's `Events`."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[str], None]] = []

    def ring(self, account_id: str) -> None:
        for heard in tuple(self._listeners):
            heard(account_id)

    def listen(self, heard: Callable[[str], None]) -> None:
        self._listeners.append(heard)
