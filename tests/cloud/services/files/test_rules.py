"""Names, ranges and headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.services.files.rules import (
    FOLDER,
    RangeRefused,
    check_file,
    disposition,
    matches,
    parse_offset,
    parse_range,
)
from pileus.core.errors import Invalid


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_ranges_are_those_of_the_rfc(size: int, first: int, last: int) -> None:
    """Against the plain reading of RFC 9110 §14.1.2 on real bytes."""
    data = bytes(range(size))
    try:
        span = parse_range(f"bytes={first}-{last}", size)
    except RangeRefused:
        assert first >= size
        return
    if span is None:
        assert last < first
    else:
        assert data[span[0] : span[1]] == data[first : last + 1] != b""


@given(st.integers(0, 50), st.integers(0, 60))
def test_suffixes(size: int, tail: int) -> None:
    data = bytes(range(size))
    try:
        span = parse_range(f"bytes=-{tail}", size)
    except RangeRefused:
        assert tail == 0 or size == 0
        return
    assert span is not None
    assert data[span[0] : span[1]] == data[-tail:]


@pytest.mark.parametrize("header", [None, "", "bytes=", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=-"])
def test_what_is_no_single_range_is_ignored(header: str | None) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("text", [None, "", "-1", "1.5", "x", "٣", "9" * 19])
def test_offsets(text: str | None) -> None:
    with pytest.raises(Invalid):
        parse_offset(text)


def test_a_name_cannot_leave_its_header() -> None:
    told = disposition('a"; x="\r\n湖.txt')
    assert told.isascii()
    assert told.isprintable()
    assert told.endswith("%E6%B9%96.txt")
    assert told.count('"') == 2


def test_if_none_match() -> None:
    assert matches('"a", W/"b"', '"b"')
    assert matches("*", '"b"')
    assert not matches('"a"', '"b"')
    assert not matches(None, '"b"')


def test_records() -> None:
    check_file({"name": "Photos", "parent": "", "type": FOLDER, "size": 0, "modified_ms": 1})
    for wrong in (
        {"name": "a", "parent": ""},
        {"name": "a/b", "parent": "", "type": FOLDER},
        {"name": 3, "parent": "", "type": FOLDER},
        {"name": "a", "parent": "../x", "type": FOLDER},
        {"name": "a", "parent": "", "type": FOLDER, "object": "o"},
        {"name": "a", "parent": "", "type": "text/plain", "size": -1, "object": "o"},
    ):
        with pytest.raises(Invalid):
            check_file(wrong)
