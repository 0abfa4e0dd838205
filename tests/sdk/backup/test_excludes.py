"""Patterns as restic's users write them."""

from __future__ import annotations

import pytest

from pileus.sdk.backup.excludes import Patterns, lines_of, patterns, size_of


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.o", "/src/a.o", True),
        ("*.o", "/src/a.o/inside", True),
        ("*.o", "/src/a.obj", False),
        ("build", "/src/build", True),
        ("build", "/src/rebuild", False),
        ("src/build", "/home/src/build", True),
        ("src/build", "/home/src/x/build", False),
        ("/src/build", "/src/build", True),
        ("/src/build", "/home/src/build", False),
        ("/src/**/build", "/src/a/b/build", True),
        ("/src/**/build", "/src/build", True),
        ("/src/*/build", "/src/a/b/build", False),
        ("/src/**", "/src/a/b", True),
        ("/src/**", "/src", False),
        ("a?c", "/abc", True),
        ("a?c", "/a/c", False),
        ("[a-c]x", "/bx", True),
        ("[!a-c]x", "/bx", False),
        ("[^a-c]x", "/dx", True),
        ("\\*", "/*", True),
        ("\\*", "/x", False),
        ("a.b", "/aXb", False),
        ("dir/", "/dir", True),
        ("[", "/[", True),
        ("西*", "/西湖.txt", True),
    ],
)
def test_a_pattern(pattern: str, path: str, matches: bool) -> None:
    assert Patterns(patterns([pattern])).match(path) is matches


def test_later_ones_go_first() -> None:
    chosen = Patterns(patterns(["*.log", "!keep.log", "/var/keep.log"]))
    assert chosen.match("/a/x.log")
    assert not chosen.match("/a/keep.log")
    assert chosen.match("/var/keep.log")


def test_whatever_the_case() -> None:
    assert Patterns(patterns(["*.JPG"], ignore_case=True)).match("/a.jpg")
    assert not Patterns(patterns(["*.JPG"])).match("/a.jpg")


def test_a_file_of_patterns() -> None:
    assert lines_of("# all\n\n  *.o \n!keep.o\n") == ["*.o", "!keep.o"]


@pytest.mark.parametrize(("text", "size"), [("100", 100), ("2k", 2048), ("1.5M", 1572864), ("1GiB", 1 << 30)])
def test_sizes(text: str, size: int) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1x"])
def test_no_sizes(text: str) -> None:
    assert size_of(text) is None
