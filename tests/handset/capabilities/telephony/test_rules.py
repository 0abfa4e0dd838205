"""What becomes of what a modem says, hostile values too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.handset.capabilities.telephony import rules, words

NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("stamp", "sent"),
    [
        ("2023-11-14T22:13:20+00", NOW),
        ("2023-11-15T06:13:20+08:00", NOW),
        ("2023-11-15T06:13:20+08", NOW),
        ("2023-11-14T22:13:20", NOW),
        ("", 0),
        ("tomorrow", 0),
        ("0001-01-01T00:00:00+14", 0),
    ],
)
def test_when_a_message_was_sent(stamp: str, sent: int) -> None:
    assert rules.sent_of({"Timestamp": stamp}) == sent


def test_a_clock_that_is_years_behind_is_not_believed() -> None:
    assert rules.came_of(0, NOW) == NOW
    assert rules.came_of(NOW, NOW - 5000) == NOW
    assert rules.came_of(NOW, NOW + 5000) == NOW
    assert rules.came_of(NOW, 0) == NOW


def test_who_wrote_and_what() -> None:
    assert rules.sender_of({"Number": "+8613800138000"}) == "+8613800138000"
    assert rules.sender_of({"Number": "\x00\x1b "}) == "?"
    assert rules.text_of({"Text": "", "Data": b"\x01\x02\x03"}) == "⟨3 B⟩"
    assert rules.text_of({"Text": "x" * 99_999}) == "x" * rules.MOST_BODY
    assert rules.text_of({"Text": 7}) == ""


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("+86 138-0013 8000", "+8613800138000"),
        ("*#06#", "*#06#"),
        ("(010) 6552.9988", "01065529988"),
        ("1\r\n2", "12"),
    ]
    + [(one, "") for one in ("", "+", "12;34", "1" * 41, "ATD", "１１２", "1;2", "+1+2")],
)
def test_what_can_be_dialled(typed: str, dialled: str) -> None:
    assert rules.dialled(typed) == dialled


def test_emergency_numbers_are_known_with_and_without_a_card() -> None:
    assert rules.is_emergency("112")
    assert rules.is_emergency("1 1 0")
    assert rules.is_emergency("555", ["555"])
    assert rules.emergencies(["555", "1", "1234567", "", "１１０", "5*5", "08"]) == {"555", "08"}
    assert not rules.is_emergency("13800138000")


@pytest.mark.parametrize(
    ("phases", "outcome"),
    [
        ({"a": "sent"}, "sent"),
        ({"a": "sent", "b": "delivered"}, "sent"),
        ({"a": "delivered"}, "delivered"),
        ({"a": "failed", "b": "failed"}, "failed"),
        ({"a": "sent", "b": "failed"}, "unknown"),
        ({"a": "handed", "b": "failed"}, "unknown"),
        ({"a": "handed", "b": "started"}, ""),
        ({"a": "started"}, ""),
        ({"a": "started", "b": "sent"}, ""),
        ({}, ""),
    ],
)
def test_what_became_of_a_message(phases: dict[str, str], outcome: str) -> None:
    assert rules.outcome_of(phases) == outcome


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers()),
    st.dictionaries(st.integers(), st.integers()), st.tuples(st.integers(), st.booleans()),
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "Text",
        "Data",
        "Number",
        "Timestamp",
        "State",
        "UnlockRequired",
        "UnlockRetries",
        "SignalQuality",
        "AccessTechnologies",
        "RegistrationState",
        "SimIdentifier",
        "Imsi",
        "OwnNumbers",
        "PduType",
    ]
)


@given(st.dictionaries(NAMES, VALUES))
def test_whatever_a_service_says_gives_values_of_the_right_kind(props: dict[str, Any]) -> None:
    assert isinstance(rules.text_of(props), str)
    assert isinstance(rules.key_of(props, "card"), str)
    assert rules.sender_of(props)
    assert rules.sent_of(props) >= 0
    assert words.state_of(props) in words.STATES.values()
    assert words.lock_of(props) in words.LOCKS.values()
    assert 0 <= words.signal_of(props) <= 100
    assert all(isinstance(left, int) for left in words.tries_of(props).values())
    for found in (
        words.technology_of(props),
        words.registration_of(props),
        words.call_state_of(props),
        words.card_of(props),
        words.number_of(props),
    ):
        assert isinstance(found, str)


def test_a_call_is_told_as_what_it_was() -> None:
    assert rules.kind_of_call(True, False, False, True) == "blocked"
    assert rules.kind_of_call(True, True, False, True) == "in"  # somebody took it all the same
    assert rules.kind_of_call(True, False, True) == "rejected"
    assert rules.kind_of_call(False, False, False, True) == "out"
    found = [words.ending_of({"StateReason": one}) for one in (0, 4, 5, 6, 7, "busy", None)]
    assert found == ["", "", "busy", "failed", "failed", "", ""]


@pytest.mark.parametrize(
    ("shows", "told"),
    [
        ("all", {"address", "body", "date_ms"}),
        ("who", {"address", "date_ms"}),
        ("came", {"date_ms"}),
        ("nothing", None),
    ],
)
def test_a_locked_shell_hears_of_a_message_what_its_owner_lets_strangers_read(
    shows: str, told: set[str] | None
) -> None:
    found = rules.told({"address": "+86138", "body": "验证码 123456", "date_ms": 1}, shows)
    assert (None if found is None else set(found)) == told
