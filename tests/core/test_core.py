"""Ids, clock, settings, catalogues."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pileus.core.catalogue import Catalogue, terminal_language, terminal_region
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.errors import Invalid, Throttled
from pileus.core.ids import is_collection, is_record_id, new_id
from pileus.core.settings import Settings


@given(st.integers(0, 2**47), st.integers(0, 2**47))
def test_ids_sort_by_time(first, second):
    a, b = new_id(first), new_id(second)
    assert uuid.UUID(a).version == 7
    assert uuid.UUID(a).variant == uuid.RFC_4122
    assert is_record_id(a)
    if first != second:
        assert (a < b) == (first < second)


def test_ids_that_name_records():
    assert is_record_id("com.example.app")
    for bad in ("", "../x", "a/b", "-a", "a b", "x" * 201, "é", "a\n"):
        assert not is_record_id(bad)
    assert is_collection("notes.note")
    assert not is_collection("notes")


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()])
def test_clocks_never_go_back(clock):
    before = clock.monotonic(), clock.now_ms()
    if isinstance(clock, ManualClock):
        clock.advance(2)
        assert clock.monotonic() - before[0] == 2
        assert clock.now_ms() - before[1] == 2000
    assert clock.monotonic() >= before[0]


def test_settings_come_back_from_their_environment(tmp_path: Path):
    env = {"HOME": str(tmp_path), "PILEUS_PORT": "9000", "PILEUS_ORIGINS": "port", "PILEUS_DOMAIN": "10.0.0.2"}
    settings = Settings.from_env(env)
    assert (settings.surface_port, settings.tls) == (9001, True)
    assert Settings.from_env(settings.as_env()) == settings
    assert len(str(settings.supervisor_socket)) < 100


def test_the_cache_is_where_the_setup_puts_it(tmp_path: Path):
    home = {"HOME": str(tmp_path)}
    assert Settings.from_env(home).cache_dir == tmp_path / ".cache/pileus"
    assert Settings.from_env({**home, "XDG_CACHE_HOME": "/x"}).cache_dir == Path("/x/pileus")
    assert Settings.from_env({**home, "XDG_CACHE_HOME": "/x", "PILEUS_CACHE_DIR": "/y"}).cache_dir == Path("/y")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PILEUS_PORT", "x"), ("PILEUS_PORT", "0"), ("PILEUS_ORIGINS", "y"), ("PILEUS_ORIGINS", "wildcard")],
)
def test_settings_that_make_no_sense_are_named(name, value):
    with pytest.raises(Invalid, match="PILEUS_"):
        Settings.from_env({"HOME": "/nowhere", name: value})


def test_folders_are_their_owners_only(settings: Settings):
    settings.make_dirs()
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700
    assert settings.runtime_dir.stat().st_mode & 0o777 == 0o700


def test_errors_keep_their_code():
    error = Throttled(detail="wait", retry_after=7)
    assert (error.code, error.status, error.extra) == ("throttled", 429, {"retry_after": 7})


def test_catalogues_are_complete():
    with pytest.raises(ValueError, match="b"):
        Catalogue({"a": "x", "b": "y"}, {"a": "x"})
    assert Catalogue({"a": "x {n}"}, {"a": "y {n}"}).text("a", "zh", n=1) == "y 1"
    counts = Catalogue({"a": "{n:pack is|packs are} here"}, {"a": "{n} 个"})
    told = [counts.text("a", language, n=n) for language in ("en", "zh") for n in (0, 1, 2)]
    assert told == ["0 packs are here", "1 pack is here", "2 packs are here", "0 个", "1 个", "2 个"]
    assert terminal_language({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert terminal_language({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}) == "en"
    assert terminal_region({"LANG": "zh_CN.UTF-8"}) == "CN"
    assert terminal_region({"LC_ALL": "C.UTF-8"}) == ""
