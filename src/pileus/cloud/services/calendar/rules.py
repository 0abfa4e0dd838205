"""What a calendar and an event may be. No framework, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pileus.cloud.services.calendar.density import FREQUENCIES
from pileus.core.errors import Invalid, TooLarge
from pileus.core.ids import is_record_id

CALENDAR = "_calendar"
COMPONENT = "_component"
PARTS = "_parts"
ZONES = "_zones"
ME = "_me"
"""The calendar address under which the account takes part in an event with guests."""
COMPONENTS = ("vevent", "vtodo", "vjournal")
OWN = frozenset({CALENDAR, COMPONENT, PARTS, ZONES, ME})
RECURRENCE_RULES = ("rrule", "exrule")
EXCEPTION = re.compile(r"@\d{8}(?:T\d{6}Z?)?")
"""A field that holds the exception for one occurrence, named by its RECURRENCE-ID."""
ANSWER = re.compile(r"_answer(\d{8}(?:T\d{6}Z?)?)")
"""A field with guests' answers to one occurrence, by their addresses, where they are others than to the series."""
WAITS = "NEEDS-ACTION"
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", WAITS)
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
COLOUR = re.compile(r"#[0-9a-f]{6}")
MAX_NAME_BYTES = 256
MAX_PROPERTIES = 1000
MAX_PARTS = 1000
"""Components within one."""
MAX_DEPTH = 3
"""A VALARM within an exception is the deepest of RFC 5545; there is room for what others put into it."""
MAX_EXCEPTIONS = 400
"""A record has at most 500 fields."""


def check_calendar(fields: Mapping[str, Any]) -> None:
    """Refuses what is no calendar: raises `Invalid`."""
    if not set(fields) <= {"name", "colour", "hidden"}:
        raise Invalid("calendar-field", "A calendar has a name, a colour and is hidden or not.")
    name = fields.get("name")
    if (
        not isinstance(name, str)
        or not name.strip()
        or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES
    ):
        raise Invalid("calendar-name", f"A calendar's name is a text of at most {MAX_NAME_BYTES} bytes.")
    colour = fields.get("colour", "#000000")
    if not isinstance(colour, str) or not COLOUR.fullmatch(colour):
        raise Invalid("calendar-colour", "A colour is written as #2f7bf6.")
    if not isinstance(fields.get("hidden", False), bool):
        raise Invalid("calendar-hidden", "A calendar is hidden or not: true or false.")


def check_event(fields: Mapping[str, Any]) -> None:
    """Refuses what is no event (or task, or journal) in jCal's form (RFC 7265): raises `Invalid`, `TooLarge`."""
    if fields.get(COMPONENT) not in COMPONENTS:
        raise Invalid("event-component", f"The component is one of {', '.join(COMPONENTS)}.")
    calendar = fields.get(CALENDAR)
    if not isinstance(calendar, str) or not is_record_id(calendar):
        raise Invalid("event-calendar", "An event names the calendar that it is in.")
    me = fields.get(ME, "")
    if not isinstance(me, str) or len(me.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        raise Invalid("event-field", "_me is a calendar address.")
    for name, value in fields.items():
        if name in OWN:
            continue
        if ANSWER.fullmatch(name):
            _check_answers(value)
        elif EXCEPTION.fullmatch(name):
            _check_component(value, fields[COMPONENT])
        elif NAME.fullmatch(name):
            _check_properties(value, name)
        else:
            raise Invalid("event-field", f"{name[:80]!r} is no property's name.")
    for parts in (PARTS, ZONES):
        components = _list(fields.get(parts, []), parts)
        if len(components) > MAX_PARTS:
            raise TooLarge("event-parts", f"An event holds at most {MAX_PARTS} parts.")
        for component in components:
            _check_component(component, None)
    if sum(name.startswith("@") or ANSWER.match(name) is not None for name in fields) > MAX_EXCEPTIONS:
        raise TooLarge("event-exceptions", f"An event has at most {MAX_EXCEPTIONS} exceptions.")
    for needed in ("uid", "dtstart") if fields[COMPONENT] == "vevent" else ("uid",):
        if needed not in fields:
            raise Invalid("event-incomplete", f"An event has a {needed.upper()}.")


def _check_answers(value: Any) -> None:
    if (
        not isinstance(value, dict)
        or len(value) > MAX_PROPERTIES
        or not all(one in ANSWERS for one in value.values())
    ):
        raise Invalid("event-answer", f"An answer to one occurrence is one of {', '.join(ANSWERS)}, by the guest.")


def _check_properties(value: Any, name: str | None) -> None:
    properties = _list(value, name or "a component")
    if len(properties) > MAX_PROPERTIES:
        raise TooLarge("event-too-many", f"There are at most {MAX_PROPERTIES} properties.")
    for one in properties:
        if not isinstance(one, list) or len(one) < 4 or not isinstance(one[0], str):
            raise Invalid("event-property", "A property is [name, parameters, type, value…].")
        if not isinstance(one[1], dict) or not isinstance(one[2], str) or (name is not None and one[0] != name):
            raise Invalid("event-property", "A property is [name, parameters, type, value…] under its own name.")
        if one[0] in RECURRENCE_RULES:
            _check_rule(one[3])


def _check_rule(value: Any) -> None:
    """A recurrence rule (RFC 5545 §3.3.10) as jCal writes it (RFC 7265 §3.6.10)."""
    if not isinstance(value, dict) or str(value.get("freq", "")).upper() not in FREQUENCIES:
        raise Invalid("event-rule", "A recurrence rule says how often: its freq is one of RFC 5545's.")
    if _number(value.get("interval", 1)) < 1 or _number(value.get("count", 1)) < 1:
        raise Invalid("event-rule", "A recurrence rule's interval and count are numbers from 1 on.")


def _number(value: Any) -> int:
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _check_component(value: Any, name: str | None, depth: int = 1) -> None:
    if not isinstance(value, list) or len(value) != 3 or (name is not None and value[0] != name):
        raise Invalid("event-part", "A component is [name, properties, components].")
    if not isinstance(value[0], str):
        raise Invalid("event-part", "A component has a name.")
    _check_properties(value[1], None)
    parts = _list(value[2], "a component")
    if depth > MAX_DEPTH or len(parts) > MAX_PARTS:
        raise TooLarge(
            "event-parts", f"A component holds at most {MAX_PARTS} others, and they lie {MAX_DEPTH} deep at most."
        )
    for inner in parts:
        _check_component(inner, None, depth + 1)


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise Invalid("event-field", f"{name} is a list.")
    return value
