"""One vCard property as a record keeps it, and back. No framework, no I/O.

A property is `{"value": …, "params"?: {NAME: [text…]}, "group"?: text, "name"?: text}`. The value is a text
without escapes where the property is known to be one, a list of texts (NICKNAME, CATEGORIES), a list of
components (N, ADR, ORG, GENDER; a component is a text or a list of texts), and else what the file said,
untouched. TYPE is in lower case, `pref` is PREF=1 as in 4.0. `name` is kept where it was not in upper case.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Literal

from pileus.cloud.services.contacts.content_lines import BrokenLine, Line

Property = dict[str, Any]
Kind = Literal["text", "list", "parts", "uri", "date", "binary", "raw"]
Version = Literal["2.1", "3.0", "4.0"]

TEXTS = """fn note title role mailer kind sort-string prodid label tel email tz lang x-ablabel x-abdate
x-abrelatednames x-phonetic-first-name x-phonetic-middle-name x-phonetic-last-name x-phonetic-org
x-maidenname x-socialprofile x-pileus-starred"""
KINDS: dict[str, Kind] = {
    **dict.fromkeys(TEXTS.split(), "text"),
    **dict.fromkeys(("nickname", "categories"), "list"),
    **dict.fromkeys(("n", "adr", "org", "gender"), "parts"),
    **dict.fromkeys(("url", "impp", "uid", "geo", "source", "member", "fburl", "caluri", "caladruri"), "uri"),
    **dict.fromkeys(("bday", "anniversary", "deathdate"), "date"),
    **dict.fromkeys(("photo", "logo", "sound", "key"), "binary"),
}
# Names that 3.0 has no standard for (right), and what 4.0 calls them.
RENAMED = {
    "kind": "X-ADDRESSBOOKSERVER-KIND",
    "member": "X-ADDRESSBOOKSERVER-MEMBER",
    "anniversary": "X-ANNIVERSARY",
    "gender": "X-GENDER",
}
OURS = {name.lower(): field for field, name in RENAMED.items()}
WRITTEN = {"x-ablabel": "X-ABLabel", "x-abdate": "X-ABDATE"}
COMPONENTS = {"n": 5, "adr": 7}
NO_YEAR = 1604
"""The year that Apple writes where there is none; a leap year."""
DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})\Z")
NO_YEAR_DATE = re.compile(r"--(\d{2})-?(\d{2})\Z")
DATA = re.compile(r"data:(?P<media>[^;,]*)(?:;[^;,]*)*;base64,", re.IGNORECASE)
MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}


MAX_VALUE_BYTES = 512 * 1024
"""Characters of a value that is no picture; what a record takes as one."""


def kind(field: str, params: Mapping[str, list[str]] | None = None) -> Kind:
    """How the field's values are written; a text may say of itself that it is a URI."""
    how = KINDS.get(field, "raw")
    is_uri = [one.lower() for one in (params or {}).get("VALUE", [])] == ["uri"]
    return "uri" if how == "text" and is_uri else how


def decode(line: Line, version: str) -> tuple[str, Property]:
    """The record's field and what stands there; raises `BrokenLine` (`vcard-binary` for broken base64)."""
    field = OURS.get(line.name.lower(), line.name.lower())
    params = {name: list(values) for name, values in line.params.items()}
    how = kind(field, params)
    if how != "binary" and len(line.value) > MAX_VALUE_BYTES:
        raise BrokenLine("vcard-too-large", f"A {field.upper()[:80]} has more than {MAX_VALUE_BYTES >> 10} KiB.")
    if how != "raw":
        _tidy(params)
    prop: Property = {"value": _decoded(how, line.value, params, version, field)}
    if params:
        prop["params"] = params
    if line.group:
        prop["group"] = line.group
    if how == "raw" and line.name != line.name.upper():
        prop["name"] = line.name
    return field, prop


def encode(field: str, prop: Property, version: Version) -> Line:
    """The property as a line of 3.0 or 4.0; what stands for an object has its whole data put in before."""
    params = {name: list(values) for name, values in prop.get("params", {}).items()}
    how = kind(field, params)
    value = prop["value"]
    if how in ("text", "list", "parts"):
        value = _joined(how, value, COMPONENTS.get(field, 0))
    elif how == "date" and version == "3.0":
        value = _dated(value, params)
    elif how == "binary":
        value = _binary_out(value, params, version)
    if how != "raw" and version == "3.0" and params.pop("PREF", []) == ["1"]:
        params.setdefault("TYPE", []).append("pref")
    name = prop.get("name") or WRITTEN.get(field) or field.upper()
    if version == "3.0" and field in RENAMED:
        name = RENAMED[field]
    return Line(name, value, {one: values for one, values in params.items() if values}, prop.get("group", ""))


def split_data(value: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a `data:` value; None where it is none, or no base64."""
    found = DATA.match(value)
    if found is None:
        return None
    try:
        return found["media"].lower(), base64.b64decode(value[found.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None


def join_data(media: str, data: bytes) -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def unescape(text: str, version: str) -> str:
    """RFC 6350 §3.4; 2.1 knows the semicolon alone, and is read with the comma as phones write it."""
    if "\\" not in text:
        return text
    signs = r"\\([;,])" if version == "2.1" else r"\\([;,:nN\\])"
    return re.sub(signs, lambda match: "\n" if match[1] in "nN" else match[1], text)


def escape(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\r\n", "\n").replace("\n", "\\n")


def split_escaped(text: str, sign: str) -> list[str]:
    """Parts between signs that no backslash escapes."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _decoded(how: Kind, text: str, params: dict[str, list[str]], version: str, field: str) -> Any:
    if how == "text":
        return unescape(text, version)
    if how == "list":
        return [one for part in split_escaped(text, ",") if (one := unescape(part, version).strip())]
    if how == "parts":
        return [_component(part, version) for part in split_escaped(text, ";")]
    if how == "date":
        return _date(text.strip(), params)
    if how == "binary":
        return _binary_in(text, params, field)
    if how == "uri":
        return unescape(text, version).strip() if version != "4.0" else text.strip()
    return text.replace("\n", "\\n")


def _component(text: str, version: str) -> str | list[str]:
    values = [unescape(one, version) for one in split_escaped(text, ",")] if version != "2.1" else []
    return values if len(values) > 1 else unescape(text, version)


def _joined(how: Kind, value: Any, components: int) -> str:
    if how == "text":
        return escape(value)
    if how == "list":
        return ",".join(escape(one) for one in value)
    parts = [",".join(map(escape, one)) if isinstance(one, list) else escape(one) for one in value]
    return ";".join(parts + [""] * (components - len(parts)))


def _tidy(params: dict[str, list[str]]) -> None:
    types = list(dict.fromkeys(one.strip().lower() for text in params.pop("TYPE", []) for one in text.split(",")))
    if "pref" in types:
        types.remove("pref")
        params.setdefault("PREF", ["1"])
    if any(types):
        params["TYPE"] = [one for one in types if one]


def _date(text: str, params: dict[str, list[str]]) -> str:
    """A date without its year is `--MMDD` (RFC 6350 §4.3.1), however it came."""
    omitted = params.pop("X-APPLE-OMIT-YEAR", [""])[0]
    whole = DATE.match(text)
    if whole and omitted and whole[1] == omitted:
        return f"--{whole[2]}{whole[3]}"
    return text


def _dated(text: str, params: dict[str, list[str]]) -> str:
    """3.0 has no date without a year (RFC 2426 §3.1.5)."""
    found = NO_YEAR_DATE.match(text)
    if found is None:
        return text
    params["X-APPLE-OMIT-YEAR"] = [str(NO_YEAR)]
    return f"{NO_YEAR}-{found[1]}-{found[2]}"


def _binary_in(text: str, params: dict[str, list[str]], field: str) -> str:
    encoding = [one.upper() for one in params.pop("ENCODING", [])]
    if not encoding or encoding == ["8BIT"]:
        text = text.strip()
        return text.replace("\\,", ",") if text.startswith("data:") else text
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BrokenLine("vcard-binary", f"The {field.upper()} is not written in base64.") from None
    told = params.pop("TYPE", [""])[0]
    params.pop("VALUE", None)
    media = next((media for magic, media in MAGIC.items() if data.startswith(magic)), "")
    if not media:
        media = told if "/" in told else f"image/{told}" if told and field in ("photo", "logo") else ""
    return join_data(media or "application/octet-stream", data)


def _binary_out(value: str, params: dict[str, list[str]], version: Version) -> str:
    parts = split_data(value) if version == "3.0" else None
    if parts is None:
        if version == "3.0" or not value.startswith("data:"):
            params.setdefault("VALUE", ["uri"])
        return value
    params["ENCODING"] = ["b"]
    if parts[0].partition("/")[2] not in ("", "octet-stream"):
        params["TYPE"] = [parts[0].partition("/")[2].upper()]
    return base64.b64encode(parts[1]).decode()
