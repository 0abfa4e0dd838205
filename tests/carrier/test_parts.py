"""Texts in parts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.carrier.body import Body, Coding, Concat
from pileus.carrier.errors import PduError
from pileus.carrier.parts import join, split

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=600) | st.text("a€{你😀", max_size=600)


@given(texts, st.integers(0, 70_000), st.booleans(), st.randoms())
def test_parts_in_any_order_are_the_text(text: str, reference: int, wide: bool, chance: random.Random) -> None:
    parts = split(text, reference, wide=wide)
    assert all(len(part.encode()) <= 141 for part in parts)
    chance.shuffle(parts)
    assert join(parts) == text


def test_how_much_fits_in_one() -> None:
    assert [len(split("a" * count)) for count in (160, 161, 306, 307)] == [1, 2, 2, 3]
    assert [len(split("你" * count)) for count in (70, 71, 134, 135)] == [1, 2, 2, 3]
    assert [len(split("a" * count, wide=True)) for count in (304, 305)] == [2, 3]


def test_no_character_is_cut_in_two() -> None:
    for part in split("a" * 152 + "€" + "b" * 20) + split("你" * 66 + "😀" + "你" * 20):
        assert not part.text.endswith(("\ufffd", " "))
    with pytest.raises(PduError, match="pdu-parts"):
        split("你" * 20_000)


def test_a_pair_that_another_phone_cut_is_whole_again() -> None:
    octets = "😀".encode("utf-16-be")
    halves = [
        Body(Coding.UCS2, octets[:2], Concat(1, 2, 1).element()),
        Body(Coding.UCS2, octets[2:], Concat(1, 2, 2).element()),
    ]
    assert join(halves) == "😀"
