"""What GeoClue says of a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pileus.handset.capabilities.location.shape import Fix
from pileus.handset.values import of_type, real

LEVELS: dict[Literal["city", "street", "exact"], int] = {"city": 4, "street": 6, "exact": 8}
"""GClueAccuracyLevel."""
_FARTHEST = 40_000_000.0
_NOWHERE = 999.0


def fix(place: Mapping[str, Any], now_ms: int) -> Fix | None:
    """None for what is no place on the earth."""
    latitude, longitude = real(place, "Latitude", _NOWHERE), real(place, "Longitude", _NOWHERE)
    accuracy = real(place, "Accuracy", -1)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 <= accuracy <= _FARTHEST):
        return None
    return Fix(
        latitude=latitude,
        longitude=longitude,
        accuracy=accuracy,
        altitude=_within(place, "Altitude", -12_000, 100_000_000),
        speed=_within(place, "Speed", 0, 100_000),
        heading=_within(place, "Heading", 0, 360),
        at=_moment(place.get("Timestamp"), now_ms),
    )


def _within(place: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    """GeoClue says what it does not know by a number that cannot be."""
    value = real(place, name, least - 1)
    return value if least <= value <= most else None


def _moment(stamp: object, now_ms: int) -> int:
    """Of seconds and microseconds; a moment that is not of the last day is the clock's fault, and becomes now."""
    pair = stamp if isinstance(stamp, list | tuple) and len(stamp) == 2 else (0, 0)
    at = of_type(pair[0], int, 0) * 1000 + of_type(pair[1], int, 0) // 1000
    return at if now_ms - 86_400_000 <= at <= now_ms else now_ms
