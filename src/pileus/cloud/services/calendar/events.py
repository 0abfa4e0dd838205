"""Components of iCalendar as records, and back. No framework, no I/O.

A record holds what has one UID: the master's properties by name, each a list of jCal properties (RFC 7265);
`_parts` are its alarms and other inner components, `_zones` the VTIMEZONEs it names, and `@RECURRENCE-ID` the
component that stands in for one occurrence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from icalendar import Calendar, Component

from pileus.cloud.services.calendar.reading import Block, Broken
from pileus.cloud.services.calendar.rules import ANSWER, CALENDAR, COMPONENT, OWN, PARTS, ZONES

Fields = dict[str, Any]
Jcal = list[Any]
PRODID = "-//Pileus//Calendar//EN"


@dataclass(frozen=True)
class Found:
    """A record of a file: `line` is where its first component begins."""

    line: int
    id: str
    fields: Fields

    @property
    def name(self) -> str:
        return text_of(self.fields, "summary")


def records(blocks: Sequence[Block], calendar: str) -> list[Found | Broken]:
    """Records of a file's components by UID; what `icalendar` finds wrong is given as `Broken`."""
    out: list[Found | Broken] = []
    zones: dict[str, Jcal] = {}
    families: dict[str, tuple[int, list[Jcal]]] = {}
    for block in blocks:
        component = _parsed(block)
        if isinstance(component, Broken):
            out.append(component)
        elif block.name == "VTIMEZONE":
            zones[_first(component, "tzid")] = component
        else:
            uid = _first(component, "uid") or "sha-" + _hash(block.text)
            if not _first(component, "uid"):
                component[1].append(["uid", {}, "text", uid])
            families.setdefault(uid, (block.line, []))[1].append(component)
    out += [
        Found(line, "uid-" + _hash(uid), _fields(family, zones, calendar))
        for uid, (line, family) in families.items()
    ]
    return sorted(out, key=lambda one: one.line)


def components(fields: Mapping[str, Any]) -> list[Jcal]:
    """The master and its exceptions."""
    own = properties_of(fields)
    properties = [prop for name in sorted(own) for prop in own[name]]
    master = [fields[COMPONENT], properties, fields.get(PARTS, [])]
    return [master, *(fields[name] for name in sorted(fields) if name.startswith("@"))]


def calendar_of(events: Iterable[Mapping[str, Any]]) -> Calendar:
    """One VCALENDAR of records, each zone once."""
    zones: dict[str, Jcal] = {}
    inner: list[Jcal] = []
    for fields in events:
        for zone in fields.get(ZONES, []):
            zones.setdefault(_first(zone, "tzid"), zone)
        inner += components(fields)
    head = [["version", {}, "text", "2.0"], ["prodid", {}, "text", PRODID]]
    return cast(Calendar, Component.from_jcal(["vcalendar", head, [*zones.values(), *inner]]))


def whole_calendar(events: Iterable[Mapping[str, Any]]) -> Calendar:
    """As other programs want it: with the VTIMEZONE of each zone that is named (RFC 5545 §3.2.19)."""
    calendar = calendar_of(events)
    calendar.add_missing_timezones()
    return calendar


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """The first value of a property, "" where it is not there."""
    props = fields.get(name) or []
    return str(props[0][3]) if props else ""


def version(fields: Mapping[str, Any]) -> tuple[int, str]:
    """What says which of two is newer (RFC 5546 §2.1.5): SEQUENCE, then DTSTAMP."""
    number = text_of(fields, "sequence")
    return (int(number) if number.isascii() and number.isdigit() else 0, text_of(fields, "dtstamp"))


def _parsed(block: Block) -> Jcal | Broken:
    try:
        component = Component.from_ical(block.text)
        # As plain JSON: it has kinds of text of its own.
        jcal: Jcal = _ordered(json.loads(json.dumps(component.to_jcal())))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        return Broken(block.line, _summary(block), "ical-malformed", f"It cannot be read: {error}"[:300])
    if component.errors:
        return Broken(block.line, _summary(block), "ical-malformed", str(component.errors[0][1])[:300])
    if block.name == "VEVENT" and not _first(jcal, "dtstart"):
        return Broken(block.line, _summary(block), "ical-no-start", "An event says when it begins.")
    return jcal


def _ordered(component: Jcal) -> Jcal:
    """Properties by name, those of one name as they came: so a component that is written and read is the same."""
    name, properties, inner = component
    return [name, sorted(properties, key=lambda prop: str(prop[0])), [_ordered(one) for one in inner]]


def _fields(family: Sequence[Jcal], zones: Mapping[str, Jcal], calendar: str) -> Fields:
    masters = [one for one in family if not _first(one, "recurrence-id")]
    # Exceptions alone come where somebody is invited to one occurrence: the first of them stands for all.
    master = masters[-1] if masters else family[0]
    fields: Fields = {CALENDAR: calendar, COMPONENT: master[0]}
    fields |= by_name(master[1])
    if master[2]:
        fields[PARTS] = master[2]
    for one in family:
        at = _first(one, "recurrence-id")
        if at and one is not master:
            fields[exception_of(at)] = one
    named = {prop[1].get("tzid") for one in family for prop in one[1]}
    used = [zone for name, zone in zones.items() if name in named]
    if used:
        fields[ZONES] = used
    return fields


def _is_property(name: str) -> bool:
    return name not in OWN and not name.startswith("@") and not ANSWER.fullmatch(name)


def properties_of(fields: Mapping[str, Any]) -> Fields:
    """The master's own, by name."""
    return {name: value for name, value in fields.items() if _is_property(name)}


def by_name(properties: Iterable[list[Any]]) -> Fields:
    """A component's properties as a record has them."""
    found: Fields = {}
    for prop in properties:
        found.setdefault(prop[0], []).append(prop)
    return found


def exception_of(at: str) -> str:
    """The field of the exception for an occurrence, by its RECURRENCE-ID."""
    return "@" + at.replace("-", "").replace(":", "")


def _first(component: Jcal, name: str) -> str:
    return next((str(prop[3]) for prop in component[1] if prop[0] == name), "")


def _summary(block: Block) -> str:
    told = next((line for line in block.text.splitlines() if line.upper().startswith("SUMMARY")), "")
    return told.partition(":")[2][:200]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
