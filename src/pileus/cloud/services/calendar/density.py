"""How much work it is to expand a recurrence rule (RFC 5545 §3.3.10). Pure.

An expansion goes through the instants that a rule may name, from its first on; what an owner or a file wrote
may make that minutes of a processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST = 200_000
"""Instants: every hour for 22 years, or every day for five centuries."""
DAY_OF = {"SECONDLY": 86_400, "MINUTELY": 1_440, "HOURLY": 24}
PARTS = {"SECONDLY": (), "MINUTELY": ("bysecond",), "HOURLY": ("byminute", "bysecond")}
ALL_PARTS = ("byhour", "byminute", "bysecond")
NO_START = date(1970, 1, 1)


def too_dense(rule: Mapping[str, Any], first: date | None, end: date) -> bool:
    """Whether an expansion from the first day until the last goes through more than `MOST` instants."""
    days = max(1, (end - (first or NO_START)).days)
    return days * instants_a_day(rule) > MOST


def instants_a_day(rule: Mapping[str, Any]) -> int:
    """At most; days on which the rule says nothing are gone through, too."""
    frequency = str(rule.get("freq", "")).upper()
    a_day = DAY_OF.get(frequency, 1)
    for part in PARTS.get(frequency, ALL_PARTS):
        a_day *= _count(rule.get(part))
    return a_day


def _count(values: Any) -> int:
    return max(1, len(values)) if isinstance(values, list) else 1
