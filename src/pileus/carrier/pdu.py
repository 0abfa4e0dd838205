"""Short messages as they travel: SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT (3GPP TS 23.040 §9.2.2).

Every reader takes any octets, and raises PduError for what is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pileus.carrier.address import Address, read_address, read_centre, write_centre
from pileus.carrier.body import Body, read_body
from pileus.carrier.errors import PduError
from pileus.carrier.reading import Reader
from pileus.carrier.times import read_enhanced, read_time, validity, write_time, write_validity

DELIVER, SUBMIT, STATUS_REPORT = 0, 1, 2
"""TP-MTI, read in the direction that the type has (§9.2.3.1)."""
DELIVERED, PENDING_BUSY, EXPIRED, REFUSED = 0x00, 0x21, 0x46, 0x41
"""TP-Status: received; still trying, the phone is busy; validity expired; incompatible destination (§9.2.3.15)."""

_HEADER, _REPORT, _REPLY_PATH = 0x40, 0x20, 0x80
_NO_MORE, _NO_DUPLICATES = 0x04, 0x04


@dataclass(frozen=True)
class Submit:
    """From a phone to its service centre (§9.2.2.2). `validity` is a length of time or an end, or not said."""

    recipient: Address
    body: Body
    reference: int = 0
    wants_report: bool = False
    validity: timedelta | datetime | None = None
    protocol: int = 0
    scheme: int | None = None
    reply_path: bool = False
    no_duplicates: bool = False

    def encode(self) -> bytes:
        first = SUBMIT
        first |= _HEADER if self.body.header else 0
        first |= _REPORT if self.wants_report else 0
        first |= _REPLY_PATH if self.reply_path else 0
        first |= _NO_DUPLICATES if self.no_duplicates else 0
        period = b""
        if isinstance(self.validity, datetime):
            first |= 0x18
            period = write_time(self.validity)
        elif self.validity is not None:
            first |= 0x10
            period = bytes([write_validity(self.validity)])
        scheme = self.body.coding.value if self.scheme is None else self.scheme
        fields = bytes([self.protocol, scheme]) + period
        return bytes([first, self.reference]) + self.recipient.encode() + fields + self.body.encode()


@dataclass(frozen=True)
class Deliver:
    """From a service centre to a phone (§9.2.2.1). `sent_at` is the centre's time, with its zone."""

    sender: Address
    sent_at: datetime
    body: Body
    more: bool = False
    protocol: int = 0
    scheme: int | None = None
    reply_path: bool = False

    def encode(self) -> bytes:
        first = DELIVER
        first |= _HEADER if self.body.header else 0
        first |= 0 if self.more else _NO_MORE
        first |= _REPLY_PATH if self.reply_path else 0
        scheme = self.body.coding.value if self.scheme is None else self.scheme
        fields = bytes([self.protocol, scheme]) + write_time(self.sent_at)
        return bytes([first]) + self.sender.encode() + fields + self.body.encode()


@dataclass(frozen=True)
class StatusReport:
    """What became of a message (§9.2.2.3). `reference` is the one that the modem said when it took it."""

    reference: int
    recipient: Address
    sent_at: datetime
    ended_at: datetime
    status: int = DELIVERED

    def encode(self) -> bytes:
        times = write_time(self.sent_at) + write_time(self.ended_at)
        first = STATUS_REPORT | _NO_MORE
        return bytes([first, self.reference]) + self.recipient.encode() + times + bytes([self.status])


def read_submit(tpdu: bytes) -> Submit:
    reader = Reader(tpdu)
    first = _first(reader, SUBMIT)
    reference, recipient = reader.octet(), read_address(reader)
    protocol, scheme = reader.octet(), reader.octet()
    period = _validity(reader, first >> 3 & 0x3)
    body = read_body(reader, scheme, has_header=bool(first & _HEADER))
    return Submit(
        recipient,
        body,
        reference,
        bool(first & _REPORT),
        period,
        protocol,
        scheme,
        bool(first & _REPLY_PATH),
        bool(first & _NO_DUPLICATES),
    )


def read_deliver(tpdu: bytes) -> Deliver:
    reader = Reader(tpdu)
    first = _first(reader, DELIVER)
    sender = read_address(reader)
    protocol, scheme = reader.octet(), reader.octet()
    sent_at = read_time(reader)
    body = read_body(reader, scheme, has_header=bool(first & _HEADER))
    return Deliver(sender, sent_at, body, not first & _NO_MORE, protocol, scheme, bool(first & _REPLY_PATH))


def read_report(tpdu: bytes) -> StatusReport:
    """Without the optional fields at its end."""
    reader = Reader(tpdu)
    _first(reader, STATUS_REPORT)
    reference, recipient = reader.octet(), read_address(reader)
    sent_at, ended_at = read_time(reader), read_time(reader)
    return StatusReport(reference, recipient, sent_at, ended_at, reader.octet())


def with_centre(tpdu: bytes, centre: Address | None) -> bytes:
    """As modems write it: the service centre's address first (TS 27.005 §3.1)."""
    return write_centre(centre) + tpdu


def without_centre(octets: bytes) -> tuple[Address | None, bytes]:
    """The service centre, or none where the card's is meant, and the TPDU."""
    reader = Reader(octets)
    centre = read_centre(reader)
    return centre, reader.rest()


def _first(reader: Reader, kind: int) -> int:
    first = reader.octet()
    if first & 0x3 != kind:
        raise PduError("pdu-type", "That is another kind of message.")
    return first


def _validity(reader: Reader, form: int) -> timedelta | datetime | None:
    if form == 2:
        return validity(reader.octet())
    if form == 3:
        return read_time(reader)
    return read_enhanced(reader) if form == 1 else None
