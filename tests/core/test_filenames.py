"""Names of files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pileus.core.errors import Invalid
from pileus.core.filenames import NAME_BYTES, clean_name, numbered, tagged


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\nb", "a\x00", "\ud800", "x" * 256, "湖" * 86])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        clean_name(name)


def test_names_are_in_form_c() -> None:
    assert clean_name("Café.txt") == "Café.txt"


@settings(deadline=None)
@given(st.text(min_size=1, max_size=120), st.integers(2, 9999))
def test_a_number_keeps_a_name_a_name(name: str, number: int) -> None:
    try:
        plain = clean_name(name)
    except Invalid:
        return
    found = numbered(plain, number)
    assert f"({number})" in found
    assert len(found.encode()) <= NAME_BYTES


def test_the_ending_stays() -> None:
    assert numbered("photo.jpg", 2) == "photo (2).jpg"
    assert numbered(".profile", 3) == ".profile (3)"


def test_a_copy_says_where_it_was_made() -> None:
    assert tagged("report.pdf", "phone") == "report (phone).pdf"
    assert tagged("a folder", "phone") == "a folder (phone)"
    assert tagged(".profile", "phone") == ".profile (phone)"
    assert tagged("v1. last draft", "phone") == "v1. last draft (phone)"


@settings(deadline=None)
@given(st.text("ab湖. ", min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_a_tag_of_any_length_fits(name: str, tag: str) -> None:
    found = tagged(name, tag.encode(errors="ignore").decode() or "x")
    assert len(found.encode()) <= NAME_BYTES
