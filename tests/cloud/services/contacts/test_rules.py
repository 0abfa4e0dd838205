"""What a contact may be, and two becoming one."""

from __future__ import annotations

from typing import Any

import pytest

from pileus.cloud.services.contacts.properties import MAX_VALUE_BYTES
from pileus.cloud.services.contacts.rules import check_contact, number, united
from pileus.core.errors import PileusError

ANNA: dict[str, Any] = {"fn": [{"value": "Anna"}], "tel": [{"value": "+49 30 1234", "group": "item1"}]}


def test_a_contact_is_kept() -> None:
    check_contact({**ANNA, "x-thing": [{"value": "1", "name": "X-Thing"}], "n": [{"value": ["Berg", ["A", "B"]]}]})


@pytest.mark.parametrize(
    "fields",
    [
        {"tel": [{"value": "1"}]},
        {"fn": [{"value": ""}]},
        {**ANNA, "TEL": [{"value": "1"}]},
        {**ANNA, "tel": []},
        {**ANNA, "tel": "1"},
        {**ANNA, "tel": ["1"]},
        {**ANNA, "tel": [{"value": ["1"]}]},
        {**ANNA, "n": [{"value": "Anna"}]},
        {**ANNA, "note": [{"value": "x" * (MAX_VALUE_BYTES + 1)}]},
        {**ANNA, "tel": [{"value": "1", "params": {"type": ["cell"]}}]},
        {**ANNA, "tel": [{"value": "1", "params": {"TYPE": "cell"}}]},
        {**ANNA, "tel": [{"value": "1", "group": "a:b"}]},
        {**ANNA, "tel": [{"value": "1", "object": "x"}]},
        {**ANNA, "x-a": [{"value": "1", "name": "X-B"}]},
        {**ANNA, "x-a": [{"value": "1", "extra": 1}]},
    ],
)
def test_what_is_no_contact_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(PileusError):
        check_contact(fields)


def test_two_contacts_become_one_and_nothing_is_there_twice() -> None:
    other: dict[str, Any] = {
        "fn": [{"value": "Anna Berg"}],
        "tel": [{"value": "0049 (30) 12 34"}, {"value": "+49 170 1", "group": "item1"}],
        "x-ablabel": [{"value": "Boat", "group": "item1"}],
        "email": [{"value": "anna@example.org"}],
        "bday": [{"value": "1990-01-01"}],
    }
    whole, left = united({**ANNA, "bday": [{"value": "--0101"}]}, other)
    assert whole["fn"] == ANNA["fn"]
    assert whole["nickname"] == [{"value": ["Anna Berg"]}]
    assert whole["tel"] == [*ANNA["tel"], {"value": "+49 170 1", "group": "item2"}]
    assert whole["x-ablabel"] == [{"value": "Boat", "group": "item2"}]
    assert whole["email"] == other["email"]
    assert left == {"bday": other["bday"]}
    assert united(whole, other)[0] == whole


def test_numbers_are_compared_without_what_is_for_the_eye() -> None:
    assert number("0049 (30) 12-34") == number("tel:+49-30-1234;ext=5") == "+49301234"
    assert number("call me") == "call me"
