"""Time stamps and validity periods (3GPP TS 23.040 §9.2.3.11 and §9.2.3.12)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pileus.carrier.errors import PduError
from pileus.carrier.reading import Reader

QUARTER = timedelta(minutes=15)
FURTHEST_QUARTERS = 79  # two decimal digits of which the first has three bits

_ENHANCED_LENGTH = 7


def write_time(when: datetime) -> bytes:
    """Seven octets of two decimal digits, swapped; the time zone in quarters of an hour."""
    offset = when.utcoffset()
    if offset is None:
        raise ValueError("a time stamp needs its time zone")
    quarters = round(offset / QUARTER)
    fields = (when.year % 100, when.month, when.day, when.hour, when.minute, when.second)
    zone = _swapped(abs(quarters)) | (0x08 if quarters < 0 else 0)
    return bytes([*map(_swapped, fields), zone])


def read_time(reader: Reader) -> datetime:
    """Raises PduError for a time that no calendar has. Years are of this century."""
    octets = reader.take(7)
    year, month, day, hour, minute, second = (_digits(octet) for octet in octets[:6])
    quarters = _digits(octets[6] & ~0x08)
    if octets[6] & 0x08:
        quarters = -quarters
    try:
        zone = timezone(quarters * QUARTER)
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except (ValueError, OverflowError):
        raise PduError("pdu-time", "A time stamp is no time.") from None


def write_validity(period: timedelta) -> int:
    """The shortest relative period that is no shorter than `period`; at most 63 weeks."""
    return next((value for value in range(256) if validity(value) >= period), 255)


def validity(value: int) -> timedelta:
    """What a relative period's octet stands for."""
    if value <= 143:
        return (value + 1) * timedelta(minutes=5)
    if value <= 167:
        return timedelta(hours=12) + (value - 143) * timedelta(minutes=30)
    if value <= 196:
        return timedelta(days=value - 166)
    return timedelta(weeks=value - 192)


def read_enhanced(reader: Reader) -> timedelta | None:
    """The enhanced format: seven octets, whatever of them is used (§9.2.3.12.3)."""
    fields = Reader(reader.take(_ENHANCED_LENGTH))
    indicator = first = fields.octet()
    while indicator & 0x80:
        indicator = fields.octet()
    kind = first & 0x07
    if kind == 1:
        return validity(fields.octet())
    if kind == 2:
        return timedelta(seconds=fields.octet())
    if kind == 3:
        hours, minutes, seconds = (_digits(fields.octet()) for _ in range(3))
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return None


def _swapped(number: int) -> int:
    return number // 10 | number % 10 << 4


def _digits(octet: int) -> int:
    tens, ones = octet & 0xF, octet >> 4
    if tens > 9 or ones > 9:
        raise PduError("pdu-time", "A time stamp has a digit above nine.")
    return 10 * tens + ones
