"""What GeoClue and a modem's receiver say of a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pileus.handset.capabilities.location import nmea
from pileus.handset.capabilities.location.shape import Fix
from pileus.handset.values import number, of_type, real, words

LEVELS: dict[Literal["city", "street", "exact"], int] = {"city": 4, "street": 6, "exact": 8}
"""GClueAccuracyLevel."""
RAW, NMEA = 1 << 1, 1 << 2
"""MMModemLocationSource."""
SATELLITES = RAW | NMEA
_RAW_ACCURACY = 50.0
"""Metres: a place without a word of how sure it is."""
_GRIDS = {"city": (0.05, 5000.0), "street": (0.002, 300.0)}
"""Degrees and metres that are told to who may not know better."""
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


def sources(held: Mapping[str, Any]) -> int:
    """How a modem's receiver can be asked; 0 where it has none."""
    return number(held, "Capabilities") & SATELLITES


def of_satellites(
    told: Mapping[Any, Any], accuracy: Literal["city", "street", "exact"], now_ms: int
) -> tuple[str, Fix | None]:
    """A place of `GetLocation`, no finer than it was asked for, and the receiver's own time of it."""
    found = nmea.place(of_type(told.get(NMEA), str, ""))
    if found is None:
        raw = of_type(told.get(RAW), dict, {})
        latitude, longitude = real(raw, "latitude", _NOWHERE), real(raw, "longitude", _NOWHERE)
        altitude = real(raw, "altitude", _NOWHERE) if "altitude" in raw else None
        found = nmea.Place(words(raw, "utc-time", 40), latitude, longitude, _RAW_ACCURACY, altitude)
    said = {
        "Latitude": found.latitude,
        "Longitude": found.longitude,
        "Accuracy": found.accuracy,
        "Altitude": found.altitude,
        "Speed": found.speed,
        "Heading": found.heading,
    }
    exact = fix(said, now_ms)
    return found.time, coarse(exact, accuracy) if exact else None


def coarse(place: Fix, accuracy: Literal["city", "street", "exact"]) -> Fix:
    """On a grid: more places of one walk give nobody a finer one."""
    if accuracy == "exact":
        return place
    grid, least = _GRIDS[accuracy]
    return Fix(
        latitude=max(-90.0, min(90.0, round(place.latitude / grid) * grid)),
        longitude=max(-180.0, min(180.0, round(place.longitude / grid) * grid)),
        accuracy=max(least, place.accuracy),
        at=place.at,
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
