"""Invitations, answers and cancellations as changes of an event (RFC 5546). No framework, no I/O.

People are calendar addresses: `mailto:…` of wherever, and `pileus:NAME` for an account of this cloud.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

from pileus.cloud.services.calendar.events import Fields, by_name, exception_of, properties_of, text_of, version
from pileus.cloud.services.calendar.rules import ANSWER, ANSWERS, CALENDAR, MAX_EXCEPTIONS, ME, PARTS, WAITS

SCHEME = "pileus:"
CANCELLED = [["status", {}, "text", "CANCELLED"]]
STATUS = "schedule-status"
NO_SUCH, NOT_DELIVERED = "3.7", "5.1"
"""What STATUS says of somebody who is not there, or was not reached (RFC 5546 §3.6, RFC 6638 §3.2.9)."""
REPLIED = "x-pileus-replied"
"""Parameter of an attendee: the DTSTAMP of the last reply, so that an older one that comes later is none."""
MOST_TOLD = 50
TIMES = ("dtstart", "dtend", "duration", "rdate")

Prop = list[Any]
Happens = Callable[[str], bool]
"""Whether an occurrence is one of the series, by its RECURRENCE-ID as compact text."""
Became = Literal["updated", "same", "unknown", "stranger", "uninvited", "stale", "malformed"]


def address(name: str) -> str:
    return SCHEME + name


def same(one: str, other: str) -> bool:
    """Addresses of one (RFC 5545 §3.3.3: a URI; people write theirs in any case)."""
    return one.strip().casefold() == other.strip().casefold()


def organizer(fields: Mapping[str, Any]) -> str:
    return text_of(fields, "organizer").strip()


def account_in(person: str) -> str:
    """The name of the account of this cloud that an address is of; "" for any other."""
    return person[len(SCHEME) :] if person.lower().startswith(SCHEME) else ""


def guests(fields: Mapping[str, Any]) -> list[str]:
    """Names of accounts that an event names as attendees."""
    names = (account_in(str(prop[3]).strip()) for prop in fields.get("attendee", []))
    return [name for name in names if name]


def concerns(fields: Mapping[str, Any] | None) -> bool:
    """Whether others of this cloud have to hear of it."""
    return fields is not None and (bool(guests(fields)) or organizer(fields).lower().startswith(SCHEME))


def owned(fields: Mapping[str, Any], name: str) -> Fields:
    """What makes an event with guests its account's own: that account is its organizer."""
    me = address(name)
    put: Fields = {} if fields.get(ME) == me else {ME: me}
    if "organizer" not in fields:
        put["organizer"] = [["organizer", {"cn": name}, "cal-address", me]]
    return put


def delivered(fields: Mapping[str, Any], there: Mapping[str, Any] | None, name: str, calendar: str) -> Fields:
    """What a guest's event becomes: as the organizer has it, but for the calendar it is in, the guest's reminders
    and their answers, which hold as long as the times stand. Only what changes; {} for nothing."""
    me, before = address(name), there or {}
    after = {
        key: value
        for key, value in fields.items()
        if key not in (CALENDAR, ME, PARTS) and not ANSWER.fullmatch(key)
    }
    after[ME] = me
    if there is None:
        after[CALENDAR] = calendar
    stands = there is not None and _times(there) == _times(fields)
    answer = partstat(before, me) if stands else WAITS
    after |= _single_answers(fields, before if stands else {}, me)
    for key in [one for one in after if one.startswith("@")]:
        kind, properties, _ = after[key]
        after[key] = [kind, properties, before[key][2] if key in before else []]
    after["attendee"] = [_without_status(prop) for prop in _answered(after.get("attendee", []), me, answer)]
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    gone = {key: None for key in before if key not in after and key not in (CALENDAR, ME, PARTS)}
    return {**gone, **changed}


def single_answers(fields: Mapping[str, Any], person: str) -> dict[str, str]:
    """What somebody has answered to single occurrences: by the occurrence's field, one of `ANSWERS`."""
    found: dict[str, str] = {}
    for name, said in fields.items():
        if ANSWER.fullmatch(name):
            found.update((name, answer) for one, answer in said.items() if same(one, person))
    return found


def with_single_answers(fields: Mapping[str, Any], person: str, said: Mapping[str, str]) -> Fields:
    """The change by which an organizer's event has somebody's answers to single occurrences, and no others of
    theirs; {} where it has, or has not asked them. One too many, or of no possible occurrence, is left out."""
    if not any(same(str(prop[3]), person) for prop in fields.get("attendee", [])):
        return {}
    put: Fields = {}
    room = MAX_EXCEPTIONS - sum(name.startswith("@") or bool(ANSWER.fullmatch(name)) for name in fields)
    before = single_answers(fields, person)
    for name in sorted(said.keys() | before.keys()):
        new = name not in fields
        if before.get(name) == said.get(name) or (new and (room <= 0 or not _may_be(fields, recurrence(name)))):
            continue
        room -= new
        others = {one: what for one, what in fields.get(name, {}).items() if not same(one, person)}
        put[name] = (others | ({person: said[name]} if name in said else {})) or None
    return put


def _may_be(fields: Mapping[str, Any], at: str) -> bool:
    """Whether a series can have an occurrence then, as far as is seen without expanding it: that takes seconds of
    a dense one, and this is asked in the midst of a write."""
    first = exception_of(text_of(fields, "dtstart"))[1:]
    form = len(first), first.endswith("Z")
    return "rrule" in fields and (len(at), at.endswith("Z")) == form and at >= first


def told_apart(fields: Mapping[str, Any], happens: Happens) -> Mapping[str, Any]:
    """The event as other programs read it: an exception for each occurrence that somebody answered by itself
    (RFC 5546 §3.2.3), `MOST_TOLD` at most. What cannot be told so is left out. May take seconds for each."""
    exceptions: Fields = {}
    answered = sorted(filter(ANSWER.fullmatch, fields))[-MOST_TOLD:]
    for name in (one for one in answered if happens(recurrence(one))):
        with suppress(ValueError, TypeError, KeyError, IndexError, AttributeError):  # what nobody checked
            exception = "@" + recurrence(name)
            part = _component(fields, exception)
            for person, answer in fields[name].items():
                part["attendee"] = _answered(part.get("attendee", []), person, answer)
            exceptions[exception] = _exception(fields, exception, part)
    return {**fields, **exceptions} if exceptions else fields


def recurrence(answer: str) -> str:
    """Which occurrence the field of an answer is about, as RECURRENCE-ID says it."""
    return answer.removeprefix("_answer")


def _single_answers(fields: Mapping[str, Any], before: Mapping[str, Any], me: str) -> Fields:
    """Everybody's as the organizer has them, but the guest's own as the guest has them."""
    said = single_answers(before, me)
    told = {name: value for name, value in fields.items() if ANSWER.fullmatch(name)}
    asked = {str(prop[3]) for prop in fields.get("attendee", [])}
    merged: Fields = {}
    for name in told.keys() | said.keys():
        others = {one: what for one, what in told.get(name, {}).items() if one in asked and not same(one, me)}
        if both := others | ({me: said[name]} if name in said else {}):
            merged[name] = both
    return merged


def _times(fields: Mapping[str, Any]) -> list[Any]:
    """When it happens, as far as who accepted it has to be asked anew: not where a series ends at another time, or
    leaves a day out."""
    rules = [{**prop[3], "until": None, "count": None} for prop in fields.get("rrule") or [] if _is_rule(prop)]
    return [*(fields.get(time) for time in TIMES), rules]


def _is_rule(prop: Any) -> bool:
    return isinstance(prop, list) and len(prop) > 3 and isinstance(prop[3], dict)


def partstat(fields: Mapping[str, Any], person: str) -> str:
    """What somebody has answered, one of `ANSWERS`."""
    for prop in fields.get("attendee", []):
        if same(str(prop[3]), person):
            return _answer_of(prop)
    return WAITS


def with_answer(fields: Mapping[str, Any], person: str, answer: str) -> Fields:
    """The change by which an organizer's event has somebody's answer; {} where it has, or has not asked them."""
    before = fields.get("attendee", [])
    after = _answered(before, person, answer)
    return {} if after == before else {"attendee": after}


def with_statuses(fields: Mapping[str, Any], statuses: Mapping[str, str]) -> Fields:
    """The change by which an event says which invitations did not arrive, by the guests' names."""
    before = fields.get("attendee", [])
    after = [_with_status(prop, statuses) for prop in before]
    return {} if after == before else {"attendee": after}


def cancelled(fields: Mapping[str, Any]) -> Fields:
    """The change by which an event is cancelled, with each occurrence (RFC 5546 §3.2.5); {} where it is."""
    put: Fields = {} if fields.get("status") == CANCELLED else {"status": CANCELLED}
    for name, value in fields.items():
        if name.startswith("@") and by_name(value[1]).get("status") != CANCELLED:
            put[name] = _exception(fields, name, by_name(value[1]) | {"status": CANCELLED})
    return put


def applied(there: Mapping[str, Any] | None, found: Mapping[str, Any], method: str) -> tuple[Became, Fields]:
    """What a message of METHOD REPLY (RFC 5546 §3.2.3) or CANCEL (§3.2.5) makes of the event that is there."""
    try:
        return _applied(there, found, method)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):  # what others wrote, and nobody checked
        return "malformed", {}


def _applied(there: Mapping[str, Any] | None, found: Mapping[str, Any], method: str) -> tuple[Became, Fields]:
    if there is None:
        return "unknown", {}
    if not same(organizer(there), organizer(found)):
        return "stranger", {}
    if version(found)[0] < version(there)[0]:
        return "stale", {}
    at = text_of(found, "recurrence-id")
    own = properties_of(found)
    parts = {name: by_name(value[1]) for name, value in found.items() if name.startswith("@")}
    parts[exception_of(at) if at else ""] = own
    if method == "CANCEL" and not at:  # of all of a series, also of occurrences that the message does not name
        parts = {name: own for name in there if name.startswith("@")} | parts
    put: Fields = {}
    became: Became = "same"
    for name, part in parts.items():
        before = _component(there, name)
        after = _replied(before, part) if method == "REPLY" else _struck(before, part)
        if isinstance(after, str):
            became = after
        elif after != before:
            changed = {key: value for key, value in after.items() if before.get(key) != value}
            put |= {name: _exception(there, name, after)} if name else changed
    return ("updated" if put else became), put


def _replied(before: Fields, found: Mapping[str, Any]) -> Fields | Became:
    stamp = text_of(found, "dtstamp")
    for prop in found.get("attendee", [])[:1]:
        person, answer = str(prop[3]), _answer_of(prop)
        mine = next((one for one in before.get("attendee", []) if same(str(one[3]), person)), None)
        if mine is None:
            return "uninvited"
        if stamp < str(mine[1].get(REPLIED, "")):
            return "stale"
        return before | {"attendee": _answered(before["attendee"], person, answer, {REPLIED: stamp})}
    return "uninvited"


def _answer_of(prop: Prop) -> str:
    """Whatever else somebody wrote is none."""
    said = str(prop[1].get("partstat", WAITS)).upper()
    return said if said in ANSWERS else WAITS


def _struck(before: Fields, found: Mapping[str, Any]) -> Fields:
    newer = {name: found[name] for name in ("sequence", "dtstamp") if name in found}
    return before | newer | {"status": CANCELLED}


def _answered(people: list[Prop], person: str, answer: str, more: Mapping[str, str] | None = None) -> list[Prop]:
    return [
        [prop[0], {**prop[1], "partstat": answer, **(more or {})}, *prop[2:]]
        if same(str(prop[3]), person)
        else prop
        for prop in people
    ]


def _with_status(prop: Prop, statuses: Mapping[str, str]) -> Prop:
    [name, *_] = guests({"attendee": [prop]}) or [""]
    if not name:
        return prop
    plain = _without_status(prop)
    return [plain[0], {**plain[1], STATUS: statuses[name]}, *plain[2:]] if name in statuses else plain


def _without_status(prop: Prop) -> Prop:
    return [prop[0], {key: value for key, value in prop[1].items() if key != STATUS}, *prop[2:]]


def _component(fields: Mapping[str, Any], name: str) -> Fields:
    """The properties of the event, or of one of its occurrences, which are the event's where it has none yet."""
    if name and name in fields:
        return by_name(fields[name][1])
    properties = properties_of(fields)
    return properties if not name else _occurrence(properties, name)


def _occurrence(properties: Fields, name: str) -> Fields:
    """Of a series, the one that begins when `name` says."""
    [start] = properties["dtstart"][:1]
    digits = name[1:]
    at = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    if len(digits) > 8:
        at += f"T{digits[9:11]}:{digits[11:13]}:{digits[13:]}"
    one = {key: value for key, value in properties.items() if key not in ("rrule", "rdate", "exdate", "exrule")}
    one["recurrence-id"] = [["recurrence-id", *start[1:3], at]]
    one["dtstart"] = [["dtstart", *start[1:3], at]]
    if "dtend" in one:
        end = one["dtend"][0]
        one["dtend"] = [["dtend", *end[1:3], _later(at, str(start[3]), str(end[3]))]]
    return one


def _later(at: str, start: str, end: str) -> str:
    zulu = "Z" if end.endswith("Z") else ""
    begin, first, last = (datetime.fromisoformat(one.removesuffix("Z")) for one in (at, start, end))
    moved = begin + (last - first)
    return moved.date().isoformat() if len(end) == 10 else moved.isoformat(timespec="seconds") + zulu


def _exception(there: Mapping[str, Any], name: str, properties: Fields) -> list[Any]:
    listed = sorted((prop for props in properties.values() for prop in props), key=lambda prop: str(prop[0]))
    inner = there[name][2] if name in there else []
    return ["vevent", listed, inner]
