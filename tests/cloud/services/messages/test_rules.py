"""Identity and bounds of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.messages import rules
from pileus.cloud.services.messages.numbers import known_region, normal_address
from pileus.cloud.services.messages.rules import (
    KNOWN,
    MAX_BODY_BYTES,
    Call,
    Message,
    Twin,
    call_id,
    check_call,
    check_message,
    draft_id,
    id_of,
    key_of,
    thread_of,
    twin_of,
)
from pileus.core.errors import Invalid, TooLarge
from pileus.core.ids import is_record_id

GOOD = Message("+86 138-0013-8000", 1_700_000_000_000, "in", "西湖见").fields()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+86 138-0013-8000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("(020) 7946 0018", "02079460018"),
        ("China  Mobile ", "china mobile"),
        ("１００８６", "10086"),
    ],
)
def test_two_spellings_are_one_address(one: str, other: str) -> None:
    assert normal_address(one) == normal_address(other)
    assert key_of(Message(one, 5, "in", "x").fields()) == key_of(Message(other, 5, "in", "x").fields())


@pytest.mark.parametrize(
    ("national", "region", "number"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("(020) 7946 0018", "GB", "+442079460018"),
        ("011 49 30 901820", "US", "+4930901820"),
        ("10086", "CN", "10086"),
        ("95588", "", "95588"),
        ("13800138000", "", "13800138000"),
        ("+13800", "US", "+13800"),
    ],
)
def test_a_national_number_is_at_home_in_its_region(national: str, region: str, number: str) -> None:
    assert normal_address(national, region) == number


def test_a_region_is_one_with_a_plan() -> None:
    assert (known_region("cn"), known_region("")) == ("CN", "")
    with pytest.raises(Invalid):
        known_region("XX")


def test_short_numbers_with_zeros_stay_apart() -> None:
    assert normal_address("00123") == "00123"


@given(st.text(min_size=1), st.integers(0, 10**13), st.sampled_from(["in", "out"]), st.text())
def test_the_key_is_of_all_four(address: str, date: int, direction: str, body: str) -> None:
    message = Message(address, date, direction, body)
    key = key_of(message.fields())
    assert key == key_of(Message(address, date, direction, f" {body}\n", contact="Mei", read=False).fields())
    assert is_record_id(id_of(key, date))
    other = "out" if direction == "in" else "in"
    changed = [
        Message(address + "#7", date, direction, body),
        Message(address, date + 1000, direction, body),
        Message(address, date, other, body),
        Message(address, date, direction, body + "x"),
    ]
    assert key not in {key_of(one.fields()) for one in changed}


def test_a_group_is_its_people_in_any_order() -> None:
    assert thread_of(["+86 138 0013 8000", "Lin"]) == thread_of(["lin", "+8613800138000", "LIN"])
    assert thread_of(["Lin", "lin"]) == "lin"
    assert thread_of(["Lin", "Mei"]) != thread_of(["Lin", "Ada"])


def kept(dates: list[int]) -> list[int]:
    """The times that are kept of copies with one key that come in this order."""
    known: list[Twin] = []
    for date in dates:
        if twin_of(known, date) is None:
            known.append(Twin(str(date), date))
    return [one.date_ms for one in known]


def test_a_whole_second_is_any_time_in_it_and_two_exact_times_are_two() -> None:
    assert kept([5000, 5123]) == [5000]
    assert kept([5123, 5000]) == [5123]
    assert kept([5123, 5124]) == [5123, 5124]
    assert kept([5000, 5123, 5123, 5124, 5000, 5124]) == [5000, 5124]


@given(st.lists(st.sampled_from([5000, 5001, 5500, 5999]), max_size=12))
def test_repeated_copies_add_nothing(dates: list[int]) -> None:
    once = kept(dates)
    assert kept(dates + dates) == once
    exact = {date for date in dates if date % 1000}
    assert len(once) == max(len(exact), 1 if dates else 0)


def test_what_waits_elsewhere_does_not_wait_here() -> None:
    for state, here in (("queued", "unsent"), ("sending", "unknown"), ("", "sent"), ("delivered", "delivered")):
        assert Message("1", 5, "out", "x", state=state).fields()["state"] == here


def test_a_draft_has_the_id_that_devices_give_it() -> None:
    assert draft_id("+8613800138000") == "draft-ec61f3c620a98bdead8c1f1f"


def test_a_call_has_one_id_on_all_devices() -> None:
    exact = Call("13800138000", 5123, "missed").fields("CN")
    whole = Call("+86 138 0013 8000", 5000, "missed", contact="Mei").fields()
    assert call_id(exact) == call_id(whole)
    assert call_id(exact) != call_id({**exact, "kind": "in"})
    check_call(exact)
    for change in ({"kind": "lost"}, {"duration_s": -1}, {"date_ms": True}, {"address": 7}, {"color": 1}):
        with pytest.raises(Invalid):
            check_call({**exact, **change})


@given(st.text())
def test_the_normal_address_is_stable(address: str) -> None:
    once = normal_address(address)
    assert normal_address(once) == once


def test_a_message_is_kept() -> None:
    check_message(GOOD)


@pytest.mark.parametrize(
    "change",
    [
        {"address": "  "},
        {"address": 7},
        {"date_ms": "1"},
        {"date_ms": -1},
        {"date_ms": True},
        {"direction": "up"},
        {"state": "lost"},
        {"state": []},
        {"direction": {}},
        {"read": 1},
        {"body": None},
        {"color": "red"},
        {"people": "Lin"},
        {"people": [" "]},
        {"parts": [{"type": "image/png"}]},
        {"sent_ms": -1},
    ],
)
def test_what_is_no_message_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        check_message({**GOOD, **change})


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**60),
    st.floats(),
    st.text(max_size=12),
    st.text("a西😀", min_size=75, max_size=350),
    st.sampled_from(["in", "out", "sent", "unsent", "lost", " ", ""]),
    st.lists(st.text(max_size=3), max_size=2),
)


@given(st.dictionaries(st.sampled_from([*sorted(KNOWN), "color"]), VALUES, max_size=5))
def test_what_is_seen_at_one_look_every_rule_allows(change: dict[str, object]) -> None:
    fields = {**GOOD, **change}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "_is_usual", lambda _fields: False)
        by_rules = refusal(fields)
    assert refusal(fields) == by_rules


def refusal(fields: dict[str, object]) -> str | None:
    try:
        check_message(fields)
    except (Invalid, TooLarge) as error:
        return error.code
    return None


@pytest.mark.parametrize(("field", "size"), [("body", MAX_BODY_BYTES), ("contact", 512), ("address", 320)])
def test_what_is_too_large_is_refused(field: str, size: int) -> None:
    check_message({**GOOD, field: "x" * size})
    with pytest.raises(TooLarge):
        check_message({**GOOD, field: "x" * (size + 1)})
