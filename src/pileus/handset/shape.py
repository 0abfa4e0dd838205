"""What every capability's state has, and the news of it.

The shape of a state is a Struct in `capabilities/NAME/shape.py`, which the stand-in of the simulated handset fills
as well: the shell knows one shape, whoever stands behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`why` says in a stable word why a capability is not there: `no-bus`, `no-service`, `no-hardware`."""

    present: bool = True
    why: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


class OnChange:
    """Says that a state is another one, where it is: a service repeats itself, and each would wake a shell."""

    def __init__(self, state: Callable[[], Mapping[str, Any]], changed: Callable[[], None]) -> None:
        self._state, self._changed = state, changed
        self._last: Mapping[str, Any] | None = None

    def __call__(self) -> None:
        now = self._state()
        if now != self._last:
            self._last = now
            self._changed()
