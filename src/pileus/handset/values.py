"""What a service says, looked at before it is used.

A value of another type than its interface promises is as good as none: each of these gives a default then, so that
a broken service costs a value and never the daemon. Texts are cut, numbers are finite.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Values = Mapping[str, Any]
"""Properties of one interface of an object, as they came."""


def of_type(value: object, kind: type[T], default: T) -> T:
    """The value where it is what the interface says, else the default; a bool is no number."""
    if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
        return value
    return default


def words(values: Values, name: str, most: int = 500) -> str:
    """A text among properties, cut; "" for none."""
    return of_type(values.get(name), str, "")[:most]


def number(values: Values, name: str, default: int = 0) -> int:
    """A whole number among properties, of 64 bits with a sign, as a database takes it."""
    found = of_type(values.get(name), int, default)
    return found if -(1 << 63) <= found < 1 << 63 else default


def real(values: Values, name: str, default: float = 0.0) -> float:
    """A finite number among properties."""
    found = values.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return default
    return float(found)


def flag(values: Values, name: str, default: bool = False) -> bool:
    """A yes or no among properties."""
    return of_type(values.get(name), bool, default)


def texts(values: Values, name: str, most: int = 1000) -> list[str]:
    """The texts (or paths) of a list among properties, at most so many."""
    found = values.get(name)
    if not isinstance(found, Sequence) or isinstance(found, str | bytes):
        return []
    return [one[:500] for one in found[:most] if isinstance(one, str)]


def within(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)
