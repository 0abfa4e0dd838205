"""Identity, bounds and words of messages."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.messages.rules import (
    MAX_BODY_BYTES,
    MAX_QUERY_TOKENS,
    Message,
    check_message,
    normal_address,
    search_expression,
    tokens,
)
from pileus.core.errors import Invalid, TooLarge

GOOD = Message("+86 138-0013-8000", 1_700_000_000_000, "in", "西湖见").fields()


def found(body: str, query: str) -> bool:
    """Whether real FTS5 finds the query in the body."""
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE VIRTUAL TABLE s USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 2')")
        db.execute("INSERT INTO s VALUES (?)", (" ".join(tokens(body)),))
        expression = search_expression(query)
        return bool(expression) and bool(db.execute("SELECT 1 FROM s WHERE s MATCH ?", (expression,)).fetchall())


@pytest.mark.parametrize(
    "query", ["西湖", "湖", "西湖边", "Tea", "tea", "te", "茶", "CAFE", "10:30", "西湖 tea", "😀 西湖", "ＴＥＡ"]
)
def test_a_message_is_found(query: str) -> None:
    assert found("明天10:30在西湖边喝茶 tea at Café", query)


@pytest.mark.parametrize("query", ["湖西", "东湖", "ea", "西湖 coffee", "龙", "", "😀", '"', "*", "NEAR(", "AND"])
def test_a_message_is_not_found(query: str) -> None:
    assert not found("明天10:30在西湖边喝茶 tea at Café", query)


@given(st.text(max_size=200), st.data())
def test_each_word_of_a_text_finds_it(body: str, data: st.DataObject) -> None:
    words = list(tokens(body))
    if words:
        assert found(body, data.draw(st.sampled_from(words)))


@given(st.text(alphabet="西湖边喝茶龙井한국어カタ", min_size=1, max_size=30), st.data())
def test_each_piece_of_a_cjk_text_finds_it(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body) - 1))
    end = data.draw(st.integers(start + 1, len(body)))
    assert found(body, body[start:end])


@given(st.text(max_size=60))
def test_no_query_breaks_the_index(query: str) -> None:
    found("anything", query)


def test_a_query_of_very_many_words_is_refused() -> None:
    with pytest.raises(TooLarge):
        search_expression(" ".join(f"w{number}" for number in range(MAX_QUERY_TOKENS + 1)))


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
    assert Message(one, 5, "in", "x").id == Message(other, 5, "in", "x").id


def test_short_numbers_with_zeros_stay_apart() -> None:
    assert normal_address("00123") == "00123"


@given(st.text(), st.integers(0, 10**13), st.sampled_from(["in", "out"]), st.text())
def test_the_identity_is_of_all_four(address: str, date: int, direction: str, body: str) -> None:
    message = Message(address, date, direction, body)
    assert message.id == Message(address, date, direction, body, contact="Mei", read=False).id
    other = "out" if direction == "in" else "in"
    changed = [
        Message(address + "#7", date, direction, body),
        Message(address, date + 1, direction, body),
        Message(address, date, other, body),
        Message(address, date, direction, body + "x"),
    ]
    assert message.id not in {one.id for one in changed}


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
        {"read": 1},
        {"body": None},
        {"color": "red"},
    ],
)
def test_what_is_no_message_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        check_message({**GOOD, **change})


@pytest.mark.parametrize(("field", "size"), [("body", MAX_BODY_BYTES), ("contact", 512), ("address", 320)])
def test_what_is_too_large_is_refused(field: str, size: int) -> None:
    check_message({**GOOD, field: "x" * size})
    with pytest.raises(TooLarge):
        check_message({**GOOD, field: "x" * (size + 1)})
