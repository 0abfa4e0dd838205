"""What a note may be."""

from __future__ import annotations

import pytest

from pileus.cloud.services.notes.rules import MAX_BODY_BYTES, MAX_TITLE_BYTES, check_note
from pileus.core.errors import Invalid, PileusError, TooLarge


def test_a_note_at_its_bounds_is_kept() -> None:
    check_note(
        {
            "title": "西" * (MAX_TITLE_BYTES // 3),
            "body": "x" * MAX_BODY_BYTES,
            "created_ms": 0,
            "edited_ms": 1_700_000_000_000,
            "pinned": True,
        }
    )


@pytest.mark.parametrize(("field", "limit"), [("title", MAX_TITLE_BYTES), ("body", MAX_BODY_BYTES)])
def test_a_text_over_its_bound_is_refused(field: str, limit: int) -> None:
    with pytest.raises(TooLarge):
        check_note({field: "x" * (limit + 1)})


@pytest.mark.parametrize(
    "fields",
    [
        {"title": 3},
        {"body": None},
        {"created_ms": -1},
        {"created_ms": True},
        {"edited_ms": 1.5},
        {"edited_ms": 10**15},
        {"pinned": "yes"},
        {"colour": "red"},
    ],
)
def test_what_is_no_note_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        check_note(fields)
    assert isinstance(caught.value, PileusError)
    assert caught.value.detail
