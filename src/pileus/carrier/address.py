"""Address fields: numbers, short codes and names of senders (3GPP TS 23.040 §9.1.2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from pileus.carrier import gsm7
from pileus.carrier.errors import PduError
from pileus.carrier.reading import Reader

MOST_DIGITS = 20
MOST_LETTERS = 11
_NUMBER = re.compile(r"\+?[0-9*#]+")
_DIGITS = "0123456789*#abc"
_TELEPHONE_PLAN = 1


class Kind(IntEnum):
    """Type of number; what we don't know is read as UNKNOWN."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK = 3
    SUBSCRIBER = 4
    ALPHANUMERIC = 5
    SHORT = 6
    RESERVED = 7


@dataclass(frozen=True)
class Address:
    """`text` is what a person reads: with its plus where it is international, or a name."""

    text: str
    kind: Kind = Kind.UNKNOWN

    @classmethod
    def of(cls, text: str) -> Address:
        """A number, or else a name of at most 11 characters of the GSM alphabet; raises PduError."""
        plain = re.sub(r"[\s()\-]", "", text)
        if not _NUMBER.fullmatch(plain):
            if not text or len(gsm7.encode(text)) > MOST_LETTERS:
                raise PduError("pdu-address", "A sender's name has 1 to 11 characters.")
            return cls(text, Kind.ALPHANUMERIC)
        if len(plain.lstrip("+")) > MOST_DIGITS:
            raise PduError("pdu-address", "A number has at most 20 digits.")
        return cls(plain, Kind.INTERNATIONAL if plain.startswith("+") else Kind.UNKNOWN)

    @property
    def type_octet(self) -> int:
        plan = 0 if self.kind is Kind.ALPHANUMERIC else _TELEPHONE_PLAN
        return 0x80 | self.kind << 4 | plan

    def encode(self) -> bytes:
        """Length in useful semi-octets, type, value."""
        if self.kind is Kind.ALPHANUMERIC:
            septets = gsm7.encode(self.text)
            return bytes([(7 * len(septets) + 3) // 4, self.type_octet]) + gsm7.pack(septets)
        digits = self.text.removeprefix("+")
        return bytes([len(digits), self.type_octet]) + to_semi_octets(digits)


def read_address(reader: Reader) -> Address:
    """An address whose length counts semi-octets, as in TPDUs."""
    length = reader.octet()
    if length > MOST_DIGITS + 2:  # 11 letters take 20, and some networks count the last half octet
        raise PduError("pdu-address", "An address is too long.")
    return _value(reader.octet(), reader.take((length + 1) // 2), length)


def read_centre(reader: Reader) -> Address | None:
    """The service centre's address, whose length counts octets (TS 27.005 §3.1, TS 24.011 §8.2.5.1)."""
    length = reader.octet()
    if length == 0:
        return None
    if length > 1 + (MOST_DIGITS + 1) // 2:
        raise PduError("pdu-address", "An address is too long.")
    kind, octets = reader.octet(), reader.take(length - 1)
    digits = 2 * len(octets) - (1 if octets and octets[-1] >> 4 == 0xF else 0)
    return _value(kind, octets, digits)


def write_centre(centre: Address | None) -> bytes:
    if centre is None:
        return b"\0"
    digits = to_semi_octets(centre.text.removeprefix("+"))
    return bytes([1 + len(digits), centre.type_octet]) + digits


def to_semi_octets(digits: str) -> bytes:
    """Two digits an octet, the first one in its low half; an odd one is filled up with 1111."""
    try:
        values = [_DIGITS.index(digit) for digit in digits]
    except ValueError:
        raise PduError("pdu-address", "That is no number.") from None
    if len(values) % 2:
        values.append(0xF)
    return bytes(low | high << 4 for low, high in zip(values[::2], values[1::2], strict=True))


def from_semi_octets(octets: bytes, count: int) -> str:
    """`count` digits; raises PduError where a filler stands among them."""
    values = [half for octet in octets for half in (octet & 0xF, octet >> 4)][:count]
    if 0xF in values:
        raise PduError("pdu-address", "A number has a gap.")
    return "".join(_DIGITS[value] for value in values)


def _value(type_octet: int, octets: bytes, length: int) -> Address:
    kind = Kind(type_octet >> 4 & 0x7)
    if kind is Kind.ALPHANUMERIC:
        return Address(gsm7.decode(gsm7.unpack(octets, length * 4 // 7)), kind)
    digits = from_semi_octets(octets, length)
    return Address(f"+{digits}" if kind is Kind.INTERNATIONAL else digits, kind)
