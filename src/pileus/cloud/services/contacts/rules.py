"""What a contact may be, and how two of them become one. No framework, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pileus.cloud.services.contacts.cards import Fields
from pileus.cloud.services.contacts.properties import MAX_VALUE_BYTES, Property, kind
from pileus.core.errors import Invalid, TooLarge
from pileus.core.ids import is_record_id

MAX_DISTINCT = 100
MAX_OF_ONE = 1000
"""Properties of one name."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\Z")
PARAM = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,79}\Z")
GROUP = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
MEMBERS = frozenset({"value", "params", "group", "name", "object", "media", "size"})
SINGLE = frozenset({"fn", "n", "kind", "uid", "bday", "anniversary", "deathdate", "gender", "rev", "prodid"}) | {
    "photo",
    "sort-string",
    "x-pileus-starred",
}
"""Of which a contact shows one."""


def check_contact(fields: Mapping[str, Any]) -> None:
    """Refuses what can't be kept as a contact: raises `Invalid` or `TooLarge`."""
    for name, props in fields.items():
        if not NAME.match(name):
            raise Invalid("contact-field", f"{name[:80]!r} is not a property's name in lower case.")
        if not isinstance(props, list) or not props:
            raise Invalid("contact-field", f"A contact's {name} is a list of properties.")
        if len(props) > MAX_OF_ONE:
            raise TooLarge("contact-too-large", f"A contact has at most {MAX_OF_ONE} properties {name}.")
        for prop in props:
            _check_property(name, prop)
    if not any(prop["value"] for prop in fields.get("fn", [])):
        raise Invalid("contact-nameless", "A contact has a name to be shown by: its fn.")


def check_distinct(fields: Mapping[str, Any]) -> None:
    """Contacts that the owner says are different people: raises `Invalid`."""
    ids = fields.get("contacts")
    if set(fields) != {"contacts"} or not isinstance(ids, list) or not 2 <= len(ids) <= MAX_DISTINCT:
        raise Invalid("contact-distinct", f"2 to {MAX_DISTINCT} contacts are told to be different.")
    if not all(isinstance(one, str) and is_record_id(one) for one in ids):
        raise Invalid("contact-distinct", "Contacts are told to be different by their ids.")


def united(mine: Fields, theirs: Fields) -> tuple[Fields, Fields]:
    """One contact of two, and what of `theirs` found no place in it.

    Of what there can be one, mine stays; of the others all are kept, the same number, mail or text once. A
    name of theirs becomes a nickname. Groups of theirs are numbered anew where mine has them.
    """
    whole: Fields = {name: list(props) for name, props in mine.items()}
    left: Fields = {}
    regroup = _regrouping(mine, theirs)
    for name, props in theirs.items():
        if name in SINGLE and name in mine:
            if differing := [prop for prop in props if identity(name, prop) not in _identities(name, mine[name])]:
                left[name] = differing
            continue
        known = _identities(name, whole.get(name, []))
        for prop in props:
            if (one := identity(name, prop)) not in known:
                known.add(one)
                whole.setdefault(name, []).append(_regrouped(prop, regroup))
    for prop in left.pop("fn", []):
        nickname: Property = {"value": [prop["value"]]}
        if identity("nickname", nickname) not in _identities("nickname", whole.get("nickname", [])):
            whole.setdefault("nickname", []).append(nickname)
    for name in ("uid", "rev", "prodid", "n"):
        left.pop(name, None)
    return whole, left


def identity(name: str, prop: Mapping[str, Any]) -> str:
    """What makes two properties the same, whatever their labels."""
    value = prop["value"]
    if "object" in prop:
        return str(prop["object"])
    if isinstance(value, list):
        parts = [one if isinstance(one, str) else " ".join(one) for one in value]
        return "\n".join(one.strip().casefold() for one in parts).rstrip("\n")
    if name == "tel":
        return number(value)
    return str(value).strip().casefold() if kind(name) in ("text", "uri") else str(value)


def number(value: str) -> str:
    """A telephone number without what is only for the eye; `+` stays."""
    plain = re.sub(r"[^\d+*#,;]", "", value.lower().removeprefix("tel:").split(";")[0])
    return "+" + plain[2:] if plain.startswith("00") else plain or value.strip().casefold()


def _identities(name: str, props: Sequence[Property]) -> set[str]:
    return {identity(name, prop) for prop in props}


def _regrouping(mine: Fields, theirs: Fields) -> dict[str, str]:
    taken = {prop["group"] for props in mine.values() for prop in props if "group" in prop}
    wanted = dict.fromkeys(prop["group"] for props in theirs.values() for prop in props if "group" in prop)
    names: dict[str, str] = {}
    for group in wanted:
        new, count = group, 1
        while new in taken:
            new, count = f"item{count}", count + 1
        names[group] = new
        taken.add(new)
    return names


def _regrouped(prop: Property, names: Mapping[str, str]) -> Property:
    return {**prop, "group": names[prop["group"]]} if "group" in prop else prop


def _check_property(name: str, prop: Any) -> None:
    if not isinstance(prop, dict) or not set(prop) <= MEMBERS or "value" not in prop:
        raise Invalid("contact-field", f"A property of {name} is {{value, params?, group?, name?}}.")
    how = kind(name, prop.get("params") if _is_params(prop.get("params", {})) else None)
    if not _is_value(prop["value"], how):
        raise Invalid("contact-value", f"The value of {name} has not the form of such a property.")
    if not _is_params(prop.get("params", {})):
        raise Invalid("contact-params", f"The parameters of {name} are lists of texts by names in upper case.")
    group, written = prop.get("group", "a"), prop.get("name", name)
    if not isinstance(group, str) or not GROUP.match(group) or not isinstance(written, str):
        raise Invalid("contact-group", f"The group or name of {name} is malformed.")
    if written.lower() != name:
        raise Invalid("contact-name", f"The name that {name} was written by is another one.")
    if "object" in prop and (how != "binary" or not isinstance(prop["object"], str)):
        raise Invalid("contact-object", f"{name} cannot stand for an object.")


def _is_value(value: Any, how: str) -> bool:
    if how == "parts":
        return isinstance(value, list) and all(_is_text(one) or _are_texts(one) for one in value)
    return _are_texts(value) if how == "list" else _is_text(value)


def _is_params(params: Any) -> bool:
    return isinstance(params, dict) and all(
        PARAM.match(name) and _are_texts(value) for name, value in params.items()
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(one) for one in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_VALUE_BYTES
