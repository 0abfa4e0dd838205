"""When events happen: occurrences and reminders in a range of time, by RFC 5545's rules. No framework, no I/O."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any

import msgspec
import recurring_ical_events

from pileus.cloud.services.calendar.events import calendar_of, text_of

DENSE = frozenset({"SECONDLY", "MINUTELY"})
"""No calendar has such; expanding one from its start would take a processor for minutes."""
MOST = 5000
MOST_OF_ONE = 2000


class Occurrence(msgspec.Struct, frozen=True, order=True):
    """`start` and `end` in milliseconds since 1970; of a whole day those of the reader's zone."""

    start_ms: int
    end_ms: int
    event: str
    all_day: bool
    recurrence: str
    """Which occurrence it is, as RECURRENCE-ID says it; "" for an event that happens once."""
    summary: str
    location: str
    status: str


class Reminder(msgspec.Struct, frozen=True, order=True):
    due_ms: int
    event: str
    start_ms: int
    summary: str


def occurrences(
    events: Mapping[str, Mapping[str, Any]], start: datetime, end: datetime, zone: tzinfo
) -> list[Occurrence]:
    """Those that overlap the range, by their start, at most `MOST`. Times without a zone are the reader's."""
    found = [list(_of_one(one, fields, start, end, zone)) for one, fields in events.items()]
    return list(itertools.islice(heapq.merge(*map(sorted, found)), MOST))


def reminders(
    events: Mapping[str, Mapping[str, Any]], start: datetime, end: datetime, zone: tzinfo
) -> list[Reminder]:
    """Alarms (RFC 5545 §3.6.6) that fall due in the range, by time, at most `MOST`."""
    found: list[Reminder] = []
    for one, fields in events.items():
        if not _has_alarms(fields):
            continue
        query = recurring_ical_events.of(calendar_of([once(fields)]), components=["VALARM"], skip_bad_series=True)
        for alarm in itertools.islice(query.between(start.astimezone(zone), end.astimezone(zone)), MOST_OF_ONE):
            for moment in alarm.alarms.times:
                due = _ms(moment.trigger, zone)
                if _ms(start, zone) <= due < _ms(end, zone):
                    found.append(Reminder(due, one, _ms(alarm.start, zone), str(alarm.get("SUMMARY", ""))))
    return sorted(set(found))[:MOST]


def once(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event without a rule that would be too dense to be expanded."""
    rules = [prop for prop in fields.get("rrule", []) if str(prop[3].get("freq", "")).upper() not in DENSE]
    return fields if len(rules) == len(fields.get("rrule", [])) else {**fields, "rrule": rules}


def _of_one(
    event: str, fields: Mapping[str, Any], start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Occurrence]:
    if "dtstart" not in fields and "due" not in fields:
        return
    query = recurring_ical_events.of(
        calendar_of([once(fields)]), components=["VEVENT", "VTODO"], skip_bad_series=True
    )
    recurs = bool(fields.get("rrule") or fields.get("rdate"))
    for found in itertools.islice(query.between(start.astimezone(zone), end.astimezone(zone)), MOST_OF_ONE):
        begin, finish = found.start, found.end
        told = {name: str(found.get(name.upper(), "")) for name in ("summary", "location", "status")}
        yield Occurrence(
            _ms(begin, zone),
            _ms(finish, zone),
            event,
            not isinstance(begin, datetime),
            _recurrence(found) if recurs else "",
            **told,
        )


def _recurrence(found: Any) -> str:
    at: date = found["RECURRENCE-ID"].dt if "RECURRENCE-ID" in found else found.start
    if not isinstance(at, datetime):
        return at.strftime("%Y%m%d")
    return at.strftime("%Y%m%dT%H%M%SZ" if at.tzname() == "UTC" else "%Y%m%dT%H%M%S")


def _has_alarms(fields: Mapping[str, Any]) -> bool:
    parts = list(fields.get("_parts", []))
    for name, value in fields.items():
        if name.startswith("@"):
            parts += value[2]
    return any(part[0] == "valarm" for part in parts) and bool(text_of(fields, "dtstart"))


def _ms(at: date | datetime, zone: tzinfo) -> int:
    moment = at if isinstance(at, datetime) else datetime.combine(at, time.min)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
