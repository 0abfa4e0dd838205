"""Whole vCards: found in a file piece by piece, made into a record's fields, and written. No framework, no I/O."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pileus.cloud.services.contacts import content_lines, properties
from pileus.cloud.services.contacts.content_lines import BrokenLine
from pileus.cloud.services.contacts.names import display_name
from pileus.cloud.services.contacts.properties import Property, Version
from pileus.core.errors import Invalid

MAX_CARD_BYTES = 16 << 20
MAX_PROPERTIES = 1000
VERSIONS = ("2.1", "3.0", "4.0")
FRAME = frozenset({"begin", "end", "version"})
VOLATILE = frozenset({"rev", "prodid"})
"""Written anew by each export: no part of what makes two cards the same."""

Fields = dict[str, list[Property]]


@dataclass(frozen=True)
class Card:
    """`line`: where it begins in the file; `id`: of the record that it is or becomes."""

    line: int
    fields: Fields
    id: str

    @property
    def name(self) -> str:
        return display_name(self.fields)


@dataclass(frozen=True)
class Broken:
    """A card that cannot be read: where, whose (as far as it can be told), and why."""

    line: int
    name: str
    code: str
    why: str


Item = Card | Broken


@dataclass
class _Open:
    """A card under way; `depth` counts the cards within it (2.1 has agents)."""

    line: int
    physical: list[bytes] = field(default_factory=list)
    size: int = 0
    depth: int = 1


def id_of_card(fields: Fields) -> str:
    """The same for the same card from any file: by its UID, or by all that it says."""
    uid = fields.get("uid")
    if uid and uid[0]["value"]:
        return id_of_uid(uid[0]["value"])
    told = {name: value for name, value in fields.items() if name not in VOLATILE}
    return "card-" + _hash(json.dumps(told, sort_keys=True))


def id_of_uid(uid: str) -> str:
    """The record's id; a UUID is the same with and without its `urn:` (groups of Apple's name it so)."""
    return "uid-" + _hash(uid.strip().lower().removeprefix("urn:uuid:"))


class CardReader:
    """Takes bytes by `feed`, gives what they completed; `close` ends the file.

    UTF-16 is known by its mark. A broken card is given as `Broken`, and the next one is read; raises `Invalid`
    at the end where the file had no card at all.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._wide: codecs.IncrementalDecoder | None = None
        self._begun = False
        self._line = 0
        self._dropping = False
        self._open: _Open | None = None
        self._items: list[Item] = []
        self._seen = False

    def feed(self, data: bytes) -> list[Item]:
        piece = self._narrow(data)
        self._rest += piece
        if b"\n" in piece:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                self._take(line.removesuffix(b"\r"))
        if len(self._rest) > MAX_CARD_BYTES:
            self._grow(len(self._rest))
            self._rest.clear()
            self._dropping = True
        return self._given()

    def close(self) -> list[Item]:
        if self._rest.strip():
            for line in bytes(self._rest).split(b"\r"):
                self._take(line)
        if self._open is not None:
            self._break(self._open, "vcard-unfinished", "The file ends within the card.")
        items = self._given()
        if not self._seen:
            raise Invalid("vcard-none", "The file has no vCard.")
        return items

    def _given(self) -> list[Item]:
        items, self._items = self._items, []
        self._seen = self._seen or bool(items)
        return items

    def _narrow(self, data: bytes) -> bytes:
        if not self._begun and data:
            self._begun = True
            if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                self._wide = codecs.getincrementaldecoder("utf-16")("replace")
            data = data.removeprefix(codecs.BOM_UTF8)
        return self._wide.decode(data).encode() if self._wide else data

    def _take(self, line: bytes) -> None:
        self._line += 1
        if self._dropping:  # the end of a line that was too long
            self._dropping = False
            return
        word = line.strip().upper() if len(line) < 40 else b""
        if word == b"BEGIN:VCARD":
            self._begin()
        elif self._open is not None and word == b"END:VCARD":
            self._end(self._open)
            return
        if self._open is not None:
            self._grow(len(line) + 1)
            if self._open.size <= MAX_CARD_BYTES:
                self._open.physical.append(line)

    def _begin(self) -> None:
        if self._open is not None and _expects_card(self._open.physical):
            self._open.depth += 1
            return
        if self._open is not None:
            self._break(self._open, "vcard-unfinished", "Another card begins before this one ends.")
        self._open = _Open(self._line)

    def _end(self, done: _Open) -> None:
        done.depth -= 1
        if done.depth:
            done.physical.append(b"END:VCARD")
            return
        if done.size > MAX_CARD_BYTES:
            self._break(done, "vcard-too-large", f"The card has more than {MAX_CARD_BYTES >> 20} MiB.")
            return
        self._open = None
        try:
            fields = read_card(done.physical)
            self._items.append(Card(done.line, fields, id_of_card(fields)))
        except Invalid as error:
            self._items.append(Broken(done.line, _told_name(done.physical), error.code, error.detail))

    def _grow(self, size: int) -> None:
        if self._open is None:
            return
        self._open.size += size
        if self._open.size > MAX_CARD_BYTES:
            del self._open.physical[20:]

    def _break(self, broken: _Open, code: str, why: str) -> None:
        self._items.append(Broken(broken.line, _told_name(broken.physical), code, why))
        self._open = None


def read_card(physical: Sequence[bytes]) -> Fields:
    """The fields of one card, given by its lines; raises `Invalid` with a code that begins with `vcard-`."""
    version = _version(physical)
    fields: Fields = {}
    count = 0
    for raw in _without_agents(content_lines.unfold(physical)):
        line = content_lines.parse(raw, version)
        if line.name.lower() in FRAME:
            continue
        count += 1
        if count > MAX_PROPERTIES:
            raise Invalid("vcard-too-many", f"The card has more than {MAX_PROPERTIES} properties.")
        name, prop = properties.decode(line, version)
        fields.setdefault(name, []).append(prop)
    if not any(prop["value"] for prop in fields.get("fn", [])):
        fields["fn"] = [{"value": display_name(fields)}]
    if not fields["fn"][0]["value"]:
        raise Invalid("vcard-empty", "The card has no name, number or address.")
    return fields


def write_card(fields: Mapping[str, Sequence[Property]], version: Version) -> str:
    """The card as text with its line ends; binary values have to be whole (`data:`)."""
    lines = [content_lines.Line("BEGIN", "VCARD"), content_lines.Line("VERSION", version)]
    told = dict(fields)
    told.setdefault("fn", [{"value": display_name(fields)}])
    if version == "3.0":
        told.setdefault("n", [{"value": ["", "", "", "", ""]}])
    for name in sorted(told, key=_place):
        lines += [properties.encode(name, prop, version) for prop in told[name]]
    lines.append(content_lines.Line("END", "VCARD"))
    return "".join(map(content_lines.write, lines))


def _place(name: str) -> tuple[int, str]:
    """Names first, as people read; what is large last."""
    first = ("uid", "fn", "n")
    if name in first:
        return first.index(name), ""
    return (99 if properties.kind(name) == "binary" else 50), name


def _version(physical: Sequence[bytes]) -> str:
    depth = 0
    for line in physical:
        word = line.strip().upper() if len(line) < 40 else b""
        depth += {b"BEGIN:VCARD": 1, b"END:VCARD": -1}.get(word, 0)
        if depth == 1 and word.startswith(b"VERSION"):
            told = word.rpartition(b":")[2].strip().decode(errors="replace")
            if told not in VERSIONS:
                raise Invalid("vcard-version", f"vCard {told[:20]} is not known: 2.1, 3.0 and 4.0 are.")
            return told
    return "3.0"


def _without_agents(lines: Sequence[bytes]) -> list[bytes]:
    """A card within a card (AGENT of 2.1) becomes the text of that property."""
    kept: list[bytes] = []
    inner: list[bytes] = []
    depth = 0
    for line in lines:
        word = line.strip().upper() if len(line) < 40 else b""
        if word == b"BEGIN:VCARD":
            depth += 1
        if depth <= 1:
            kept.append(line)
            continue
        inner.append(line)
        if word == b"END:VCARD":
            depth -= 1
        if depth == 1:
            kept[-1] = _with_agent(kept[-1], inner)
            inner = []
    if inner:
        kept[-1] = _with_agent(kept[-1], inner)
    return kept


def _with_agent(line: bytes, inner: Sequence[bytes]) -> bytes:
    return line + (b"" if line.endswith(b":") else b"\\n") + b"\\n".join(inner)


def _expects_card(physical: Sequence[bytes]) -> bool:
    last = next((line for line in reversed(physical) if line.strip()), b"")
    return last.strip().upper().rpartition(b".")[2].startswith(b"AGENT") and last.rstrip().endswith(b":")


def _told_name(physical: Sequence[bytes]) -> str:
    """The name in a card that is broken somewhere else."""
    for wanted in ("fn", "n", "org", "email", "tel"):
        for raw in content_lines.unfold(physical):
            try:
                name, prop = properties.decode(content_lines.parse(raw, "3.0"), "3.0")
            except BrokenLine:
                continue
            if name == wanted and (told := display_name({name: [prop]})):
                return told[:200]
    return ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
