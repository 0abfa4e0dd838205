"""Files that a power cut leaves whole: what is fsynced, in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pileus.core import durable


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that were fsynced or given, in order."""
    heard: list[str] = []
    fsync, replace = os.fsync, os.replace

    def fsynced(descriptor: int) -> None:
        heard.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        fsync(descriptor)

    def replaced(source: Path, to: Path) -> None:
        heard.append(f"replace {Path(to).name}")
        replace(source, to)

    monkeypatch.setattr(os, "fsync", fsynced)
    monkeypatch.setattr(os, "replace", replaced)
    return heard


def test_a_written_file(tmp_path: Path, told: list[str]) -> None:
    """Its bytes before it gets the name, the name before the call is over; nothing is left beside it."""
    place = tmp_path / "key"
    (tmp_path / "key.part").write_bytes(b"what a kill left")
    durable.write(place, b"one")
    durable.write(place, b"two", 0o640)
    assert told == ["fsync key.part", "replace key", f"fsync {tmp_path.name}"] * 2
    assert place.read_bytes() == b"two"
    assert place.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [place]


def test_new_folders(tmp_path: Path, told: list[str]) -> None:
    """The name of each in the one above it; of those that are there already none."""
    durable.make_folder(tmp_path / "a" / "b")
    assert told == ["fsync a", f"fsync {tmp_path.name}"]
    durable.make_folder(tmp_path / "a" / "b")
    assert len(told) == 2
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_folder(tmp_path: Path, told: list[str]) -> None:
    """Each file in it and each folder of it before it gets the name."""
    part = tmp_path / "part"
    (part / "inner").mkdir(parents=True)
    (part / "inner" / "a").write_bytes(b"a")
    (part / "b").write_bytes(b"b")
    durable.publish(part, tmp_path / "whole")
    assert set(told[:4]) == {"fsync a", "fsync inner", "fsync b", "fsync part"}
    assert told[4:] == ["replace whole", f"fsync {tmp_path.name}"]
    assert (tmp_path / "whole" / "inner" / "a").read_bytes() == b"a"
