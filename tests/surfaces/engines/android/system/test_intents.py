"""What an intent matches, after the rules of AOSP's IntentFilter."""

from __future__ import annotations

import pytest

from pileus.surfaces.engines.android.system.intents import Filter, Intent, covers, matches, matches_path

VIEW = "android.intent.action.VIEW"
WEB = Filter(actions=(VIEW,), schemes=("http", "https"), hosts=("*.example.org",), paths=((1, "/a"),))


@pytest.mark.parametrize(
    ("intent", "filter_", "expected"),
    [
        (Intent(action=VIEW), Filter(actions=(VIEW,)), True),
        (Intent(action=VIEW), Filter(actions=("other",)), False),
        (Intent(), Filter(actions=("any",)), True),
        (Intent(), Filter(), False),
        (Intent(action=VIEW, categories=("c",)), Filter(actions=(VIEW,)), False),
        (Intent(action=VIEW, categories=("c",)), Filter(actions=(VIEW,), categories=("c", "d")), True),
        (Intent(action=VIEW, data="https://www.example.org/abc"), WEB, True),
        (Intent(action=VIEW, data="https://example.com/abc"), WEB, False),
        (Intent(action=VIEW, data="https://www.example.org/b"), WEB, False),
        (Intent(action=VIEW, data="https:nothing"), WEB, False),
        (Intent(action=VIEW), WEB, False),
        (
            Intent(action=VIEW, data="content://x/1", type="image/png"),
            Filter(actions=(VIEW,), types=("image/*",)),
            True,
        ),
        (
            Intent(action=VIEW, data="http://x/1", type="image/png"),
            Filter(actions=(VIEW,), types=("image/*",)),
            False,
        ),
        (Intent(action=VIEW, type="text/plain"), Filter(actions=(VIEW,)), False),
    ],
)
def test_an_intent_passes_a_filter_or_not(intent: Intent, filter_: Filter, expected: bool) -> None:
    assert matches(intent, filter_) is expected


@pytest.mark.parametrize(
    ("path", "kind", "text", "expected"),
    [
        ("/a", 0, "/a", True),
        ("/ab", 0, "/a", False),
        ("/ab", 1, "/a", True),
        ("/x.jpg", 2, "/.*\\.jpg", True),
        ("/xjpg", 2, "/.*\\.jpg", False),
        ("aaab", 2, "a*b", True),
        ("b", 2, "a*b", True),
        ("/x.jpg", 4, ".jpg", True),
    ],
)
def test_paths_match_as_pattern_matcher_has_it(path: str, kind: int, text: str, expected: bool) -> None:
    assert matches_path(path, kind, text) is expected


@pytest.mark.timeout(60)
def test_a_pattern_cannot_keep_the_system_busy() -> None:
    """By trying all ways it would not end before the sun does."""
    assert not matches_path("a" * 500, 2, "a*" * 200 + "b")


def test_observers_hear_of_what_is_above_and_below() -> None:
    assert covers("content://n/note", False, "content://n/note")
    assert covers("content://n/note/1", False, "content://n/note")
    assert not covers("content://n/note", False, "content://n/note/1")
    assert covers("content://n/note", True, "content://n/note/1")
    assert not covers("content://n/note", True, "content://n/notes")
