"""Words of messages and queries, asked of real FTS5."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.core.errors import TooLarge
from pileus.core.words import MAX_QUERY_TOKENS, search_expression, tokens

BODY = "明天10:30在西湖边喝茶 tea at Café"


def found(body: str, query: str) -> bool:
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE VIRTUAL TABLE s USING fts5(words, tokenize = 'ascii', prefix = '1 2 3')")
        db.execute("INSERT INTO s VALUES (?)", (" ".join(tokens(body)),))
        expression = search_expression(query)
        return bool(expression) and bool(db.execute("SELECT 1 FROM s WHERE s MATCH ?", (expression,)).fetchall())


@pytest.mark.parametrize(
    "query",
    [
        *(
            "西湖",
            "湖",
            "西湖边",
            "Tea",
            "tea",
            "te",
            "茶",
            "CAFE",
            "café",
            "10:30",
            "西湖 tea",
            "😀 西湖",
            "ＴＥＡ",
            "茶tea",
        ),
        *('"tea at"', '"喝茶 tea"', "“喝茶 tea”", "「西湖」", '"茶 tea at" 西', "边喝茶", '"10 30 在"'),
    ],
)
def test_a_message_is_found(query: str) -> None:
    assert found(BODY, query)


@pytest.mark.parametrize(
    "query",
    [
        *("湖西", "东湖", "ea", "西湖 coffee", "龙", "", "😀", '"', "*", "NEAR(", "AND", "西边", "明湖"),
        *('"at tea"', '"tea café"', '"te"', '"西湖 tea"', '"茶 at"', "西茶"),
    ],
)
def test_a_message_is_not_found(query: str) -> None:
    assert not found(BODY, query)


@given(st.text(max_size=200), st.data())
def test_each_word_of_a_text_finds_it(body: str, data: st.DataObject) -> None:
    words = list(tokens(body))
    if words:
        assert found(body, data.draw(st.sampled_from(words)))


@given(st.text(alphabet="西湖边喝茶龙井한국어カタ", min_size=1, max_size=30), st.data())
def test_each_piece_of_a_cjk_text_finds_it_and_only_pieces_do(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body) - 1))
    end = data.draw(st.integers(start + 1, len(body)))
    assert found(body, body[start:end])
    other = data.draw(st.text(alphabet="西湖边喝茶", min_size=1, max_size=4))
    assert found(body, other) == (other in body)


@given(
    st.lists(st.sampled_from(["tea", "西湖", "好", "at", "Lin", "边喝茶", "7"]), min_size=1, max_size=8), st.data()
)
def test_words_that_follow_each_other_are_a_phrase(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    assert found(" ".join(words), f'"{" ".join(words[start:end])}"')


@given(st.text(max_size=60))
def test_no_query_breaks_the_index(query: str) -> None:
    found("anything", query)


def test_a_query_of_very_many_words_is_refused() -> None:
    with pytest.raises(TooLarge):
        search_expression(" ".join(f"w{number}" for number in range(MAX_QUERY_TOKENS + 1)))
    with pytest.raises(TooLarge):
        search_expression("西湖" * MAX_QUERY_TOKENS)
