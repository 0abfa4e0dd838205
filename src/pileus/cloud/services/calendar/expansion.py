"""When events happen: occurrences and reminders in a range of time, by RFC 5545's rules. No framework, no I/O."""

from __future__ import annotations

import heapq
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar

import msgspec
import recurring_ical_events

from pileus.cloud.services.calendar.density import instants_a_day, too_dense
from pileus.cloud.services.calendar.events import calendar_of, text_of

MOST = 5000
MOST_OF_ONE = 2000
MOST_REPEATS = 100
"""Of one alarm; one that repeats more often rings once."""
log = logging.getLogger(__name__)
Item = TypeVar("Item", bound="Occurrence | Reminder")


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


class Unread(msgspec.Struct, frozen=True):
    """An event that does not say when it happens: `event-unreadable`; or only the first time: `rule-too-dense`."""

    event: str
    code: str


Events = Mapping[str, Mapping[str, Any]]
Of = Callable[[str, Mapping[str, Any], datetime, datetime, tzinfo], Iterator[Item]]


def occurrences(
    events: Events, start: datetime, end: datetime, zone: tzinfo
) -> tuple[list[Occurrence], list[Unread]]:
    """Those that overlap the range, by their start, at most `MOST`. Times without a zone are the reader's."""
    return _all(events, start, end, zone, _of_one)


def reminders(events: Events, start: datetime, end: datetime, zone: tzinfo) -> tuple[list[Reminder], list[Unread]]:
    """Alarms (RFC 5545 §3.6.6) that fall due in the range, by time, at most `MOST`."""
    return _all(events, start, end, zone, _alarms_of_one)


def happens(fields: Mapping[str, Any], recurrence: str) -> bool:
    """Whether a series has the occurrence of that RECURRENCE-ID (`20260403T090000`), moved ones too."""
    try:
        about = datetime.strptime(recurrence[:8], "%Y%m%d").replace(tzinfo=UTC)
        start, end = about - timedelta(days=1), about + timedelta(days=2)
        exception = fields.get(f"@{recurrence}")
        if exception is not None:
            return True
        found = _of_one("", once(fields, end), start, end, UTC)
        return any(one.recurrence == recurrence for one in itertools.islice(found, MOST_OF_ONE))
    except Exception as error:  # values that nobody checked, in the hands of a library
        log.info("an event cannot be expanded: %s", type(error).__name__)
        return False


def once(fields: Mapping[str, Any], end: datetime) -> Mapping[str, Any]:
    """The event without the rules that would be too dense to be expanded, and none within its exceptions
    (RFC 5545 §3.8.4.4: they stand for one occurrence each), which are cancelled where all of it is."""
    first = _day(text_of(fields, "dtstart"))
    rules = [prop for prop in fields.get("rrule", []) if not too_dense(prop[3], first, end.date())]
    exceptions = {
        name: _tame([value[0], _within(fields, value[1]), value[2]])
        for name, value in fields.items()
        if name.startswith("@")
    }
    if "_parts" in fields:
        exceptions["_parts"] = [_tame(part) for part in fields["_parts"]]
    plain = {name: value for name, value in fields.items() if name != "rrule"} | exceptions
    return {**plain, "rrule": rules} if rules else plain


def _within(fields: Mapping[str, Any], props: list[Any]) -> list[Any]:
    """What of an exception counts. A series that is cancelled is so with all its occurrences (RFC 5546 §3.2.5)."""
    status = fields.get("status") if text_of(fields, "status").upper() == "CANCELLED" else None
    own = ("rrule", "rdate", "status") if status else ("rrule", "rdate")
    return [*(prop for prop in props if prop[0] not in own), *(status or [])]


def _all(
    events: Events, start: datetime, end: datetime, zone: tzinfo, of: Of[Item]
) -> tuple[list[Item], list[Unread]]:
    found: list[list[Item]] = []
    unread: list[Unread] = []
    for one, fields in events.items():
        try:
            plain = once(fields, end)
            if len(plain.get("rrule", [])) < len(fields.get("rrule", [])):
                unread.append(Unread(one, "rule-too-dense"))
            found.append(sorted(set(itertools.islice(of(one, plain, start, end, zone), MOST_OF_ONE))))
        except Exception as error:  # values that nobody checked, in the hands of a library
            log.info("the event %s cannot be expanded: %s", one, type(error).__name__)
            unread.append(Unread(one, "event-unreadable"))
    return list(itertools.islice(heapq.merge(*found), MOST)), unread


def _alarms_of_one(
    event: str, fields: Mapping[str, Any], start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Reminder]:
    if not _has_alarms(fields):
        return
    for alarm in _between(_timed(fields), ["VALARM"], start.astimezone(zone), end.astimezone(zone)):
        if str(alarm.get("STATUS", "")).upper() == "CANCELLED":
            continue
        for moment in alarm.alarms.times:
            due = _ms(moment.trigger, zone)
            if _ms(start, zone) <= due < _ms(end, zone):
                yield Reminder(due, event, _ms(alarm.start, zone), str(alarm.get("SUMMARY", "")))


def _of_one(
    event: str, fields: Mapping[str, Any], start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Occurrence]:
    if "dtstart" not in fields and "due" not in fields:
        return
    recurs = bool(fields.get("rrule") or fields.get("rdate"))
    for found in _between(fields, ["VEVENT", "VTODO"], start.astimezone(zone), end.astimezone(zone)):
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


def _between(fields: Mapping[str, Any], kinds: list[str], start: datetime, end: datetime) -> Iterator[Any]:
    """Components in the range, a part of it at a time: the library makes a list of all that it is asked for.

    What lies on a border comes twice.
    """
    query = recurring_ical_events.of(calendar_of([fields]), components=kinds, skip_bad_series=True)
    often = sum(instants_a_day(prop[3]) for prop in fields.get("rrule", []))
    part = timedelta(days=max(MOST_OF_ONE // often, 1)) if often else end - start
    while start < end:
        until = min(start + part, end)
        yield from query.between(start, until)
        start = until


def _timed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whole days as beginning at the reader's midnight: the library gives no alarms of days."""
    if all(prop[2] != "date" for prop in fields.get("dtstart", [])):
        return fields
    timed: dict[str, Any] = {}
    for name, value in fields.items():
        if name.startswith("@"):
            timed[f"{name}T000000"] = [value[0], [_at_midnight(prop) for prop in value[1]], value[2]]
        else:
            timed[name] = value if name.startswith("_") else [_at_midnight(prop) for prop in value]
    return timed


def _at_midnight(prop: list[Any]) -> list[Any]:
    if prop[2] != "date":
        return prop
    params = {name: value for name, value in prop[1].items() if name != "value"}
    return [prop[0], params, "date-time", *(f"{value}T00:00:00" for value in prop[3:])]


def _tame(component: list[Any]) -> list[Any]:
    """A component whose alarms do not repeat without end."""
    name, properties, inner = component
    kept = [prop for prop in properties if prop[0] != "repeat" or int(prop[3]) <= MOST_REPEATS]
    return [name, kept, [_tame(one) for one in inner]]


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


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _ms(at: date | datetime, zone: tzinfo) -> int:
    moment = at if isinstance(at, datetime) else datetime.combine(at, time.min)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
