"""A message's user data: its alphabet, its header and its text (3GPP TS 23.040 §9.2.3.24, TS 23.038 §4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pileus.carrier import gsm7
from pileus.carrier.errors import PduError
from pileus.carrier.reading import Reader

MOST_OCTETS = 140
MOST_SEPTETS = 160
CONCAT_8, CONCAT_16 = 0x00, 0x08
"""Information elements (§9.2.3.24.1 and §9.2.3.24.8)."""


class Coding(Enum):
    """How the text is written; the value is the data coding scheme that we write for it."""

    GSM7 = 0x00
    DATA = 0x04
    UCS2 = 0x08


@dataclass(frozen=True)
class Concat:
    """Which part of which message; `wide` references have 16 bits."""

    reference: int
    total: int
    number: int
    wide: bool = False

    def element(self) -> bytes:
        where = bytes([self.total, self.number])
        if self.wide:
            return bytes([CONCAT_16, 4]) + self.reference.to_bytes(2, "big") + where
        return bytes([CONCAT_8, 3, self.reference]) + where


@dataclass(frozen=True)
class Body:
    """`content` is one septet an octet for GSM7, else octets; `header` is without its own length."""

    coding: Coding
    content: bytes
    header: bytes = b""

    @property
    def text(self) -> str:
        """What is to be read; data as Latin letters. Half a character at an end becomes a mark."""
        if self.coding is Coding.GSM7:
            return gsm7.decode(self.content)
        if self.coding is Coding.UCS2:
            return self.content.decode("utf-16-be", "replace")
        return self.content.decode("latin-1")

    @property
    def concat(self) -> Concat | None:
        """Where it is one part of several; a header that makes no sense counts as none (§9.2.3.24.1)."""
        found = None
        for kind, value in elements(self.header):
            if kind == CONCAT_8 and len(value) == 3:
                found = Concat(value[0], value[1], value[2])
            elif kind == CONCAT_16 and len(value) == 4:
                found = Concat(int.from_bytes(value[:2], "big"), value[2], value[3], wide=True)
        return found if found and 1 <= found.number <= found.total else None

    def encode(self) -> bytes:
        """TP-UDL and TP-UD; raises PduError above 140 octets."""
        header = bytes([len(self.header)]) + self.header if self.header else b""
        if self.coding is Coding.GSM7:
            fill, length = _room(header)
            data = header + gsm7.pack(self.content, fill)
            length += len(self.content)
        else:
            data = header + self.content
            length = len(data)
        if len(data) > MOST_OCTETS:
            raise PduError("pdu-long", "A message has more than fits in one.")
        return bytes([length]) + data


def read_body(reader: Reader, scheme: int, *, has_header: bool) -> Body:
    """TP-UDL and TP-UD, the last field of a message."""
    coding = coding_of(scheme)
    length, data = reader.octet(), reader.rest()
    if len(data) > MOST_OCTETS or length > (MOST_SEPTETS if coding is Coding.GSM7 else MOST_OCTETS):
        raise PduError("pdu-long", "A message has more than fits in one.")
    octets = (7 * length + 7) // 8 if coding is Coding.GSM7 else length
    if len(data) != octets:
        raise PduError("pdu-length", "The text is not as long as it says.")
    header = _header(data) if has_header else b""
    full = bytes([len(header)]) + header if has_header else b""
    if coding is not Coding.GSM7:
        return Body(coding, data[len(full) :], header)
    fill, taken = _room(full)
    if taken > length:
        raise PduError("pdu-header", "A header is longer than its message.")
    return Body(coding, gsm7.unpack(data[len(full) :], length - taken, fill), header)


def coding_of(scheme: int) -> Coding:
    """The alphabet of a data coding scheme; what is reserved is the GSM alphabet (TS 23.038 §4)."""
    group = scheme >> 4
    if group < 0x8:
        if scheme & 0x20:
            raise PduError("pdu-coding", "Compressed texts cannot be read.")
        return {1: Coding.DATA, 2: Coding.UCS2}.get(scheme >> 2 & 0x3, Coding.GSM7)
    if group == 0xE:
        return Coding.UCS2
    if group == 0xF and scheme & 0x04:
        return Coding.DATA
    return Coding.GSM7


def elements(header: bytes) -> list[tuple[int, bytes]]:
    """The information elements of a header that `read_body` let pass."""
    found, at = [], 0
    while at + 1 < len(header):
        kind, length = header[at], header[at + 1]
        found.append((kind, header[at + 2 : at + 2 + length]))
        at += 2 + length
    return found


def _header(data: bytes) -> bytes:
    if not data or 1 + data[0] > len(data):
        raise PduError("pdu-header", "A header is longer than its message.")
    header, at = data[1 : 1 + data[0]], 0
    while at < len(header):
        if at + 1 >= len(header) or at + 2 + header[at + 1] > len(header):
            raise PduError("pdu-header", "A header breaks off.")
        at += 2 + header[at + 1]
    return header


def _room(header: bytes) -> tuple[int, int]:
    """Bits to fill up to the septet boundary after a header, and the septets that both take."""
    septets = (8 * len(header) + 6) // 7
    return 7 * septets - 8 * len(header), septets
