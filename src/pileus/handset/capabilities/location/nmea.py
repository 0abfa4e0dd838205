"""What a receiver says in NMEA 0183, as modems hand it on: GGA for the place, RMC for speed and course. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

MOST = 20_000
"""Characters that are looked at."""
KNOT = 1852 / 3600
"""Metres a second."""
ERROR = 5.0
"""Metres that a receiver is wrong by where the satellites stand well (a dilution of 1)."""


@dataclass(frozen=True)
class Place:
    """`time` is of the day, as the receiver wrote it; the rest as a `Fix` has it, None for unknown."""

    time: str
    latitude: float
    longitude: float
    accuracy: float
    altitude: float | None = None
    speed: float | None = None
    heading: float | None = None


def place(text: str) -> Place | None:
    """The newest place in sentences whose checksum is right; None where no satellites gave one."""
    found: Place | None = None
    speed: tuple[str, float | None, float | None] = ("", None, None)
    for line in text[:MOST].splitlines():
        fields = _fields(line)
        if not fields:
            continue
        if fields[0].endswith("GGA") and len(fields) >= 10:
            found = _gga(fields) or found
        elif fields[0].endswith("RMC") and len(fields) >= 9 and fields[2] == "A":
            knots = _number(fields[7])
            speed = (fields[1], None if knots is None else knots * KNOT, _number(fields[8]))
    if found and speed[0] == found.time:
        return Place(
            found.time, found.latitude, found.longitude, found.accuracy, found.altitude, speed[1], speed[2]
        )
    return found


def _fields(line: str) -> list[str]:
    line = line.strip()
    body, star, check = line[1:].partition("*")
    if not line.startswith("$") or not star or not body.isascii():
        return []
    wanted = reduce(lambda sum_, letter: sum_ ^ ord(letter), body, 0)
    return body.split(",") if check[:2].upper() == f"{wanted:02X}" else []


def _gga(fields: list[str]) -> Place | None:
    latitude = _angle(fields[2], 2, fields[3], "NS")
    longitude = _angle(fields[4], 3, fields[5], "EW")
    if latitude is None or longitude is None or fields[6] in ("", "0"):
        return None
    dilution = _number(fields[8])
    accuracy = ERROR * max(1.0, dilution) if dilution is not None else 10 * ERROR
    return Place(fields[1], latitude, longitude, accuracy, _number(fields[9]))


def _angle(text: str, digits: int, sign: str, signs: str) -> float | None:
    """Degrees of `dddmm.mmmm` with a letter."""
    whole, minutes = text[:digits], _number(text[digits:])
    if len(sign) != 1 or sign not in signs or not whole.isdecimal() or minutes is None or not 0 <= minutes < 60:
        return None
    value = int(whole) + minutes / 60
    return value if sign == signs[0] else -value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
