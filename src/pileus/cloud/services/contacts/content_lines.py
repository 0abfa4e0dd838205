"""Content lines of vCards: unfolding, parsing, writing. No framework, no I/O.

vCard 2.1 (versit, 1996), 3.0 (RFC 2425, RFC 2426) and 4.0 (RFC 6350 §3; parameters RFC 6868).
"""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pileus.core.errors import Invalid

FOLD_BYTES = 75
MAX_HEAD_BYTES = 64 * 1024
"""A property's name and parameters, before the colon."""
HEAD = re.compile(r"(?:(?P<group>[A-Za-z0-9_-]+)\.)?(?P<name>[A-Za-z0-9_-]+)\s*\Z")
PARAM_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
BASE64_LINE = re.compile(rb"[A-Za-z0-9+/=\s]+\Z")
QUOTED_PRINTABLE = re.compile(rb"[;=]quoted-printable\b", re.IGNORECASE)
BASE64 = re.compile(rb";encoding=(?:base64|b)\b|;base64\b", re.IGNORECASE)
NEEDS_QUOTES = re.compile(r"[:;,]")
CARET = {"^n": "\n", "^'": '"', "^^": "^"}
# What a 2.1 parameter without a name says; all else is a TYPE.
BARE = {"7BIT": "ENCODING", "8BIT": "ENCODING", "BASE64": "ENCODING", "QUOTED-PRINTABLE": "ENCODING"}
BARE |= {"INLINE": "VALUE", "URL": "VALUE", "CONTENT-ID": "VALUE", "CID": "VALUE"}


class BrokenLine(Invalid):
    """A line that is none of a vCard's."""

    code = "vcard-line"


@dataclass(frozen=True)
class Line:
    """One property. `name` as it was written; `params` by upper-case names; `value` as text, escapes and all."""

    name: str
    value: str
    params: Mapping[str, list[str]] = field(default_factory=dict)
    group: str = ""


def unfold(physical: Iterable[bytes]) -> list[bytes]:
    """Logical lines of one card; physical ones come without their line ends.

    Takes together what was folded by white space (RFC 6350 §3.2), by the soft breaks of quoted-printable, and
    base64 of 2.1 that some write without an indent.
    """
    logical: list[bytearray] = []
    soft = base64 = quoted = past = False
    for line in physical:
        if soft:
            del logical[-1][-1:]
            logical[-1] += line
        elif logical and line[:1] in (b" ", b"\t"):
            logical[-1] += line[1:]
        elif base64 and b":" not in line and BASE64_LINE.match(line):
            logical[-1] += line.strip()
        elif line.strip():
            logical.append(bytearray(line))
            base64 = BASE64.search(line.split(b":", 1)[0]) is not None
            quoted = past = False
        else:
            continue
        if not past:  # still in the head, which may be folded anywhere
            head, colon, _ = bytes(logical[-1][-len(line) - 32 :]).partition(b":")
            quoted = quoted or QUOTED_PRINTABLE.search(head) is not None
            past = bool(colon)
        soft = quoted and logical[-1].endswith(b"=")
    return [bytes(line) for line in logical]


def parse(raw: bytes, version: str) -> Line:
    """One logical line; raises `BrokenLine`, with the code `vcard-encoding` for text in no known encoding."""
    colon = _outside_quotes(raw, b":")
    if colon is None:
        raise BrokenLine(detail=f"A line has no colon: {_shown(raw)}")
    if colon > MAX_HEAD_BYTES:
        raise BrokenLine(detail=f"A line has more than {MAX_HEAD_BYTES >> 10} KiB before its colon: {_shown(raw)}")
    head, *parts = _split(_text(raw[:colon], "utf-8"), ";")
    found = HEAD.match(head.strip())
    if found is None:
        raise BrokenLine(detail=f"A line does not begin with a property's name: {_shown(raw)}")
    params = _params(parts, version)
    value = raw[colon + 1 :]
    charset = params.pop("CHARSET", ["utf-8"])[0]
    if [one.upper() for one in params.get("ENCODING", [])] == ["QUOTED-PRINTABLE"]:
        del params["ENCODING"]
        value = quopri.decodestring(value)
    return Line(found["name"], _text(value, charset).replace("\r\n", "\n"), params, found["group"] or "")


def write(line: Line) -> str:
    """The folded line with its line end (RFC 6350 §3.2: no fold within a character)."""
    head = f"{line.group}.{line.name}" if line.group else line.name
    for name, values in line.params.items():
        head += f";{name}=" + ",".join(_param(value) for value in values)
    # A line break in the value is escaped already; a bare one would end the line.
    return fold(f"{head}:{line.value}".replace("\r", "").replace("\n", "\\n"))


def fold(text: str) -> str:
    raw = text.encode()
    parts, at, room = [], 0, FOLD_BYTES
    while len(raw) - at > room:
        end = at + room
        while raw[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(raw[at:end])
        at, room = end, FOLD_BYTES - 1
    return b"\r\n ".join([*parts, raw[at:]]).decode() + "\r\n"


def _params(parts: Iterable[str], version: str) -> dict[str, list[str]]:
    params: dict[str, list[str]] = {}
    for part in parts:
        name, equals, text = part.partition("=")
        if not equals:
            name, text = BARE.get(part.strip().upper(), "TYPE"), part.strip()
        name = name.strip().upper()
        if not PARAM_NAME.match(name):
            raise BrokenLine(detail=f"A parameter has no name: {part[:40]!r}")
        params.setdefault(name, []).extend(_value(one, version) for one in _split(text, ","))
    return params


def _value(text: str, version: str) -> str:
    text = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if version == "4.0":  # RFC 6868 §3.1
        return re.sub(r"\^[n'^]", lambda match: CARET[match[0]], text)
    return text


def _param(value: str) -> str:
    value = (
        value.replace("^", "^^").replace("\n", "^n").replace('"', "^'") if re.search(r'[\n"]', value) else value
    )
    return f'"{value}"' if NEEDS_QUOTES.search(value) else value


def _outside_quotes(raw: bytes, sign: bytes) -> int | None:
    """Where the sign is for the first time; quotes that nobody closes are no quotes."""
    at = raw.find(sign)
    if at < 0:
        return None
    if raw.count(b'"', 0, at) % 2 == 0:
        return at
    quoted = False
    for index in range(len(raw)):
        if raw[index] == 0x22:
            quoted = not quoted
        elif not quoted and raw[index : index + 1] == sign:
            return index
    return at


def _split(text: str, sign: str) -> list[str]:
    if '"' not in text:
        return text.split(sign)
    parts, start, quoted = [], 0, False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == sign and not quoted:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _text(raw: bytes, charset: str) -> str:
    try:
        # GB 18030 has all of GBK and GB 2312, and what phones really write under those names.
        name = codecs.lookup(charset.strip("\"' ")).name
        return raw.decode("gb18030" if name in ("gb2312", "gbk") else name)
    except (LookupError, UnicodeDecodeError):
        raise BrokenLine("vcard-encoding", f"The text is not {charset[:40]}: {_shown(raw)}") from None


def _shown(raw: bytes) -> str:
    return repr(raw[:60].decode(errors="replace"))
