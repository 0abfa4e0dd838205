"""Short messages against examples that others made, and against themselves."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.carrier import pdu, times
from pileus.carrier.address import Address, Kind, read_centre
from pileus.carrier.body import Body, Coding, Concat
from pileus.carrier.errors import PduError
from pileus.carrier.reading import Reader

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 30, 12, 0, 0, tzinfo=CHINA)

numbers = st.from_regex(r"\A\+?[0-9*#]{1,20}\Z")
names = st.text(alphabet="abcXYZäöÅ ?", min_size=1, max_size=11).filter(lambda name: not name.isspace())
bodies = st.one_of(
    st.builds(lambda septets: Body(Coding.GSM7, bytes(septets)), st.lists(st.integers(0, 127), max_size=150)),
    st.builds(lambda text: Body(Coding.UCS2, text.encode("utf-16-be")[:130]), st.text(max_size=60)),
    st.builds(lambda data: Body(Coding.DATA, data), st.binary(max_size=130)),
)
zones = st.integers(-79, 79).map(lambda quarters: timezone(quarters * times.QUARTER))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=zones).map(
    lambda when: when.replace(microsecond=0)
)


def test_a_message_that_another_phone_made() -> None:
    """The examples that every description of PDU mode gives."""
    tpdu = bytes.fromhex("040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")
    found = pdu.read_deliver(tpdu)
    assert (found.sender.text, found.body.text, found.more) == ("27838890001", "hellohello", False)
    assert found.sent_at.isoformat() == "2099-03-29T15:16:59+02:00"
    centre, rest = pdu.without_centre(bytes.fromhex("07917283010010F5") + tpdu)
    assert (centre, rest) == (Address("+27381000015", Kind.INTERNATIONAL), tpdu)
    submit = pdu.read_submit(bytes.fromhex("11000B916407281553F80000AA0AE8329BFD4697D9EC37"))
    assert (submit.recipient.text, submit.body.text) == ("+46708251358", "hellohello")
    assert submit.validity == timedelta(days=4)


def test_a_report_that_another_network_made() -> None:
    found = pdu.read_report(bytes.fromhex("0659098136395339F62190117071938021901170719380" + "30"))
    assert (found.reference, found.recipient.text, found.status) == (0x59, "639335936", 0x30)


@given(numbers | names, moments, bodies, st.booleans())
def test_what_is_delivered_is_read(sender: str, when: datetime, body: Body, more: bool) -> None:
    made = pdu.Deliver(Address.of(sender), when, body, more)
    found = pdu.read_deliver(made.encode())
    assert (found.sender, found.sent_at, found.body, found.more) == (made.sender, when, body, more)
    assert found.sent_at.utcoffset() == when.utcoffset()


@given(numbers, bodies, st.integers(0, 255), st.booleans(), st.none() | st.integers(0, 255) | moments)
def test_what_is_submitted_is_read(
    number: str, body: Body, reference: int, report: bool, end: int | datetime | None
) -> None:
    validity = times.validity(end) if isinstance(end, int) else end
    made = pdu.Submit(Address.of(number), body, reference, report, validity, scheme=body.coding.value)
    assert pdu.read_submit(made.encode()) == made


@given(numbers, moments, moments, st.integers(0, 255))
def test_what_is_reported_is_read(number: str, sent: datetime, ended: datetime, status: int) -> None:
    made = pdu.StatusReport(7, Address.of(number), sent, ended, status)
    assert pdu.read_report(made.encode()) == made


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for read in (pdu.read_deliver, pdu.read_submit, pdu.read_report, pdu.without_centre):
        with suppress(PduError):
            read(octets)


@given(bodies, st.integers(0, 400), st.integers(0, 255))
def test_a_message_that_was_changed_on_its_way(body: Body, at: int, octet: int) -> None:
    octets = bytearray(pdu.Deliver(Address.of("10086"), NOON, body).encode())
    octets[at % len(octets)] = octet
    with suppress(PduError):
        assert pdu.read_deliver(bytes(octets)).body.text is not None


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("", "pdu-short"),
        ("01", "pdu-type"),
        ("04FF91", "pdu-address"),
        ("040391F5FF0000623011200000230141", "pdu-address"),
        ("0405A10180F60000FFFFFFFFFFFFFF00", "pdu-time"),
        ("0405A10180F6000062131120000023 00", "pdu-time"),
        ("0405A10180F600006211032100002305E8", "pdu-length"),
        ("0405A10180F60008621103210000238D" + "00" * 141, "pdu-long"),
        ("4405A10180F60008621103210000230205FF", "pdu-header"),
        ("4405A10180F6000862110321000023020100", "pdu-header"),
        ("0405A10180F6002062110321000023 00", "pdu-coding"),
    ],
)
def test_hostile_messages_are_refused_by_name(broken: str, code: str) -> None:
    with pytest.raises(PduError) as refused:
        pdu.read_deliver(bytes.fromhex(broken.replace(" ", "")))
    assert (refused.value.code, bool(refused.value.detail)) == (code, True)


def test_a_header_that_lies_counts_as_none() -> None:
    for header in (Concat(1, 0, 0), Concat(1, 2, 3), Concat(1, 3, 0)):
        assert Body(Coding.GSM7, b"A", header.element()).concat is None
    assert Body(Coding.GSM7, b"A", Concat(300, 3, 2, wide=True).element()).concat == Concat(300, 3, 2, wide=True)


def test_a_part_in_the_gsm_alphabet_begins_at_a_septet() -> None:
    body = Body(Coding.GSM7, b"ABC", Concat(1, 2, 1).element())
    assert pdu.read_deliver(pdu.Deliver(Address.of("1"), NOON, body).encode()).body == body


def test_validity_periods() -> None:
    assert times.validity(0) == timedelta(minutes=5)
    assert times.validity(143) == timedelta(hours=12)
    assert times.validity(167) == timedelta(hours=24)
    assert times.validity(196) == timedelta(days=30)
    assert times.validity(255) == timedelta(weeks=63)
    assert times.write_validity(timedelta(weeks=99)) == 255
    assert times.read_enhanced(Reader(bytes([3, 0x10, 0x20, 0x30, 0, 0, 0]))) == timedelta(
        hours=1, minutes=2, seconds=3
    )


def test_addresses() -> None:
    assert Address.of("+86 139-0000-0001").text == "+8613900000001"
    assert Address.of("Pileus").kind is Kind.ALPHANUMERIC
    assert read_centre(Reader(b"\0")) is None
    for wrong in ("", "a name that is too long", "1" * 21, "银行"):
        with pytest.raises(PduError):
            Address.of(wrong)
