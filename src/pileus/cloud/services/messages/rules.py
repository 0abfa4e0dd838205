"""What a message is, its identity, and the words by which it is found: no framework, no I/O."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pileus.core.errors import Invalid, TooLarge

MAX_BODY_BYTES = 256 * 1024
MAX_ADDRESS_BYTES = 320
"""A long mail address; telephone numbers have 15 digits at most (ITU-T E.164)."""
MAX_CONTACT_BYTES = 512
MAX_QUERY_TOKENS = 64
LATEST_MS = 253_402_300_799_999
DIRECTIONS = frozenset({"in", "out"})
STATES = frozenset({"received", "sent", "failed", "unsent"})
KNOWN = frozenset({"address", "thread", "contact", "date_ms", "direction", "state", "body", "read"})

# Scripts that are written without spaces: Han with its extensions, Kana, Bopomofo, Hangul.
CJK = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Message:
    """One message as an import gives it. `date_ms`: milliseconds since 1970, UTC."""

    address: str
    date_ms: int
    direction: str
    body: str
    contact: str = ""
    state: str = ""
    read: bool = True

    @property
    def id(self) -> str:
        """The same for the same message from any device or file."""
        identity = [normal_address(self.address), self.date_ms, self.direction, self.body]
        text = json.dumps(identity, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def fields(self) -> dict[str, object]:
        """As the record has them; an unknown contact is left out."""
        state = self.state or ("received" if self.direction == "in" else "sent")
        named = {"contact": self.contact} if self.contact else {}
        return {
            "address": self.address,
            "thread": normal_address(self.address),
            "date_ms": self.date_ms,
            "direction": self.direction,
            "state": state,
            "body": self.body,
            "read": self.read,
            **named,
        }


def normal_address(address: str) -> str:
    """What two spellings of one address share: separators and a leading 00 go, names lose their case."""
    plain = unicodedata.normalize("NFKC", address).strip()
    digits = re.sub(r"[\s().\-/\u2010-\u2015]+", "", plain)
    if re.fullmatch(r"\+?\d+", digits):
        return "+" + digits[2:] if digits.startswith("00") and len(digits) > 8 else digits
    return " ".join(plain.casefold().split())


def check_message(fields: Mapping[str, object]) -> None:
    """Refuses what can't be kept as a message: raises `Invalid` or `TooLarge`."""
    unknown = sorted(set(fields) - KNOWN)
    if unknown:
        raise Invalid("message-field", f"A message has no field {unknown[0][:80]!r}.")
    address = _text(fields, "address", MAX_ADDRESS_BYTES)
    if not address.strip():
        raise Invalid("message-address", "A message has an address: a number or a name.")
    _text(fields, "thread", MAX_ADDRESS_BYTES * 3)
    _text(fields, "contact", MAX_CONTACT_BYTES)
    _text(fields, "body", MAX_BODY_BYTES)
    date = fields.get("date_ms")
    if isinstance(date, bool) or not isinstance(date, int) or not 0 <= date <= LATEST_MS:
        raise Invalid("message-date", "A message's date is a whole number of milliseconds since 1970.")
    if fields.get("direction") not in DIRECTIONS:
        raise Invalid("message-direction", 'A message\'s direction is "in" or "out".')
    if fields.get("state", "sent") not in STATES:
        raise Invalid("message-state", f"A message's state is one of {', '.join(sorted(STATES))}.")
    if not isinstance(fields.get("read", True), bool):
        raise Invalid("message-read", "A message's read is true or false.")


def tokens(text: str) -> Iterator[str]:
    """The words of a text for the index: CJK runs as pairs and single characters, others in lower case."""
    for word in WORD.findall(_normal(text)):
        for run, cjk in _runs(word):
            if not cjk:
                yield run
                continue
            yield from run
            for index in range(len(run) - 1):
                yield run[index : index + 2]


def search_expression(query: str) -> str:
    """An FTS5 expression in which all parts must be there; "" where the query has no word.

    A CJK run of two or more characters asks for its pairs, one character for itself, any other word for
    its beginning. Everything is quoted, so that no character of the query is an operator of FTS5.
    """
    parts: dict[str, None] = {}
    for word in WORD.findall(_normal(query)):
        for run, cjk in _runs(word):
            if not cjk:
                parts[f'"{run}"*'] = None
            elif len(run) == 1:
                parts[f'"{run}"'] = None
            else:
                parts.update(dict.fromkeys(f'"{run[i : i + 2]}"' for i in range(len(run) - 1)))
    if len(parts) > MAX_QUERY_TOKENS:
        raise TooLarge("query-too-long", "The search has too many words: try fewer.")
    return " AND ".join(parts)


def _normal(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in composed if unicodedata.category(char) not in {"Mn", "Cs"})


def _runs(word: str) -> Iterator[tuple[str, bool]]:
    start = 0
    for match in CJK.finditer(word):
        if match.start() > start:
            yield word[start : match.start()], False
        yield match.group(), True
        start = match.end()
    if start < len(word):
        yield word[start:], False


def _text(fields: Mapping[str, object], name: str, limit: int) -> str:
    text = fields.get(name, "")
    if not isinstance(text, str):
        raise Invalid("message-text", f"A message's {name} is a text.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise TooLarge("message-too-large", f"The message's {name} has {size} bytes; at most {limit} are kept.")
    return text
