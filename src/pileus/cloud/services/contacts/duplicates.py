"""Contacts that may be one person: the same number, mail address or name. No framework, no I/O.

Numbers are compared by E.164 (libphonenumber's rules). One without a country is read as of the region that the
caller names, and as of the one that most of the account's international numbers have: people travel.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from pileus.cloud.services.contacts.cards import Fields
from pileus.cloud.services.contacts.names import display_name
from pileus.cloud.services.contacts.rules import number

Reason = Literal["number", "mail", "name"]
SHORTEST = 5
"""Digits: shorter numbers are those of services, which many contacts may have."""
MOST = 20
"""Contacts that share something: more of them are no duplicates, but share a switchboard."""


@dataclass(frozen=True)
class Suggestion:
    """Ids by rising order, and what they share."""

    contacts: tuple[str, ...]
    reasons: tuple[Reason, ...]


def suggestions(
    contacts: Mapping[str, Fields], region: str | None = None, distinct: Iterable[frozenset[str]] = ()
) -> list[Suggestion]:
    """Groups of contacts that share something; none whose members the owner called distinct."""
    people = {one: fields for one, fields in contacts.items() if not _is_group(fields)}
    regions = {region, usual_region(people.values())}
    sharing: defaultdict[tuple[Reason, str], list[str]] = defaultdict(list)
    for one, fields in people.items():
        for key in set(_keys(fields, regions)):
            sharing[key].append(one)
    places = _Places(people)
    shared = [(key[0], ids) for key, ids in sharing.items() if 1 < len(ids) <= MOST]
    for _, ids in shared:
        for one in ids[1:]:
            places.join(ids[0], one)
    reasons: defaultdict[str, set[Reason]] = defaultdict(set)
    for reason, ids in shared:
        reasons[places.of(ids[0])].add(reason)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for one in people:
        groups[places.of(one)].append(one)
    told = set(distinct)
    found = [
        Suggestion(tuple(sorted(ids)), tuple(sorted(reasons[place])))
        for place, ids in groups.items()
        if len(ids) > 1 and not any(frozenset(ids) <= one for one in told)
    ]
    return sorted(found, key=lambda one: (-len(one.reasons), one.contacts))


def usual_region(contacts: Iterable[Fields]) -> str | None:
    """The region (ISO 3166) of most international numbers; None where there is none."""
    regions: Counter[str] = Counter()
    for fields in contacts:
        for prop in fields.get("tel", []):
            parsed = _parsed(prop["value"], None)
            found = phonenumbers.region_code_for_number(parsed) if parsed else None
            if found:
                regions[found] += 1
    return regions.most_common(1)[0][0] if regions else None


def e164(value: str, region: str | None) -> str:
    """The number in E.164 where it is a possible one, else without what is only for the eye."""
    parsed = _parsed(value, region)
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return number(value)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def folded_name(name: str) -> str:
    """A name without case, marks and the order of its words."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char)).split()
    return " ".join(sorted(words))


def _keys(fields: Fields, regions: Collection[str | None]) -> Iterator[tuple[Reason, str]]:
    for prop in fields.get("tel", []):
        for region in regions:
            if len(found := e164(prop["value"], region)) > SHORTEST:
                yield "number", found
    for prop in fields.get("email", []):
        if "@" in prop["value"]:
            yield "mail", prop["value"].strip().casefold()
    if name := folded_name(display_name(fields)):
        yield "name", name


def _parsed(value: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number(value), region)
    except phonenumbers.NumberParseException:
        return None


def _is_group(fields: Fields) -> bool:
    return any(prop["value"].lower() == "group" for prop in fields.get("kind", []))


class _Places:
    """Which of them belong together (disjoint sets)."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._above = {one: one for one in ids}

    def of(self, one: str) -> str:
        while self._above[one] != one:
            self._above[one] = self._above[self._above[one]]
            one = self._above[one]
        return one

    def join(self, one: str, other: str) -> None:
        self._above[self.of(other)] = self.of(one)
