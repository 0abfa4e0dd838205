"""How much work it is to expand a recurrence rule (RFC 5545 §3.3.10). Pure.

An expansion goes through the instants that a rule may name, from its first on; what an owner or a file wrote
may make that minutes of a processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST = 200_000
"""Instants: every hour for 22 years, or every day for five centuries."""
DAY_OF = {"SECONDLY": 86_400, "MINUTELY": 1_440, "HOURLY": 24}
PARTS = {"SECONDLY": (), "MINUTELY": ("bysecond",), "HOURLY": ("byminute", "bysecond")}
ALL_PARTS = ("byhour", "byminute", "bysecond")
NO_START = date(1970, 1, 1)
CYCLE = 400
"""Years after which the Gregorian calendar repeats, days of the week included."""
FAR = 9200
"""`dateutil` looks until the year 9999: moved here by whole cycles, a rule shows soon whether it ever matches."""
MATCHED = (
    "freq",
    "interval",
    "bymonth",
    "bymonthday",
    "byyearday",
    "byweekno",
    "byday",
    "bysetpos",
    "wkst",
    *ALL_PARTS,
)


def too_dense(rule: Mapping[str, Any], first: date | None, end: date) -> bool:
    """Whether an expansion from the first day until the last goes through more than `MOST` instants.

    One that never matches (30 February, the second of one) goes through all until the year 9999.
    """
    first = first or NO_START
    days = max(1, (end - first).days)
    return days * instants_a_day(rule) > MOST or not _matches(rule, first)


def instants_a_day(rule: Mapping[str, Any]) -> int:
    """At most; days on which the rule says nothing are gone through, too."""
    frequency = str(rule.get("freq", "")).upper()
    a_day = DAY_OF.get(frequency, 1)
    for part in PARTS.get(frequency, ALL_PARTS):
        a_day *= _count(rule.get(part))
    return a_day


def _count(values: Any) -> int:
    return max(1, len(values)) if isinstance(values, list) else 1


def _matches(rule: Mapping[str, Any], first: date) -> bool:
    if "bysetpos" in rule and str(rule.get("freq", "")).upper() in DAY_OF:
        return (
            False  # sets of one, mostly: nobody writes such, and `dateutil` goes through each hour of 8,000 years
        )
    parts = [(name, rule[name]) for name in MATCHED if name in rule]
    told = [f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}" for name, value in parts]
    return _happens(";".join(told).upper(), first)


@lru_cache(4096)
def _happens(rule: str, first: date) -> bool:
    far = datetime(FAR + first.year % CYCLE, first.month, first.day)
    return next(iter(rrulestr(rule, dtstart=far)), None) is not None
