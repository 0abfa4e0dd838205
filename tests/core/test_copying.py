"""Copies of folders that change meanwhile and mean no good."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pileus.core import copying
from pileus.core.copying import FolderCopy
from pileus.core.trees import Entry

MINUTES = 300 * 10**9


def nothing() -> None:
    """It goes on."""


def listed(root: Path) -> dict[str, str]:
    found = {}
    for path in sorted(root.rglob("*")):
        text = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else ""
        found[str(path.relative_to(root))] = text
    return found


def aged(path: Path, text: str) -> Path:
    """A file that nobody has written for a while."""
    path.write_text(text)
    then = time.time_ns() - MINUTES
    os.utime(path, ns=(then, then))
    return path


def test_a_second_run_brings_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, to = tmp_path / "app", tmp_path / "to"
    (app / "databases").mkdir(parents=True)
    aged(app / "kept", "kept")
    aged(app / "gone", "gone")
    aged(app / "databases" / "notes.db", "old")
    (app / "link").symlink_to("kept")
    os.link(app / "kept", app / "databases" / "again")
    with open(app / "sparse", "wb") as file:
        file.seek(1 << 40)
        file.write(b"end")
    os.mkfifo(app / "pipe")
    copy = FolderCopy(app, to, nothing)
    copy.run()
    assert (to / "sparse").stat().st_size == (1 << 40) + 3
    assert (to / "sparse").stat().st_blocks < 100
    (app / "sparse").unlink()
    (app / "gone").unlink()
    (app / "databases" / "notes.db").write_text("new")
    read: list[str] = []
    whole = FolderCopy._copy

    def heard(self: FolderCopy, entry: Entry, place: Path) -> None:
        read.append(entry.path)
        whole(self, entry, place)

    monkeypatch.setattr(FolderCopy, "_copy", heard)
    copy.run()
    assert listed(to) == {
        "databases": "",
        "databases/again": "kept",
        "databases/notes.db": "new",
        "kept": "kept",
        "link": "kept",
    }
    assert read == ["databases/notes.db"]
    assert (to / "kept").stat().st_ino == (to / "databases" / "again").stat().st_ino
    assert (to / "kept").stat().st_mtime_ns == (app / "kept").stat().st_mtime_ns
    assert copy.left_out == []


def test_what_is_mapped_is_copied_though_its_times_stand_still(tmp_path: Path) -> None:
    app, to = tmp_path / "app", tmp_path / "to"
    app.mkdir()
    (app / "mapped").write_text("one")
    times = (app / "mapped").stat()
    copy = FolderCopy(app, to, nothing)
    copy.run()
    with open(app / "mapped", "r+b") as file:
        file.write(b"two")
    os.utime(app / "mapped", ns=(times.st_atime_ns, times.st_mtime_ns))
    copy.run()
    assert (to / "mapped").read_text() == "two"


def test_a_folder_that_becomes_a_link_leads_nowhere(tmp_path: Path) -> None:
    app, to, other = tmp_path / "app", tmp_path / "to", tmp_path / "other"
    (app / "inner" / "deep").mkdir(parents=True)
    aged(app / "inner" / "file", "of the app")
    aged(app / "inner" / "deep" / "file", "of the app")
    (other / "deep").mkdir(parents=True)
    aged(other / "file", "of another")
    aged(other / "deep" / "file", "of another")
    copy = FolderCopy(app, to, nothing)
    copy.run()
    os.rename(app / "inner", app / "moved")
    (app / "inner").symlink_to(other)
    copy.run()
    assert os.readlink(to / "inner") == str(other)
    assert (to / "moved" / "deep" / "file").read_text() == "of the app"
    (app / "inner").unlink()
    os.rename(app / "moved", app / "inner")
    copy.run()
    assert listed(to) == {
        "inner": "",
        "inner/deep": "",
        "inner/deep/file": "of the app",
        "inner/file": "of the app",
    }
    assert listed(other) == {"deep": "", "deep/file": "of another", "file": "of another"}


def test_a_folder_that_is_swapped_all_the_time_gives_nothing_away(tmp_path: Path) -> None:
    app, secret = tmp_path / "app", tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    for name in ("a", "b"):
        (app / name).mkdir(parents=True)
        (app / name / "key").write_text("own")
    (app / "link").symlink_to(secret)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(app / "a", app / "c")
            os.rename(app / "link", app / "a")
            os.rename(app / "a", app / "link")
            os.rename(app / "c", app / "a")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for number in range(100):
            to = tmp_path / f"to{number % 2}"
            copy = FolderCopy(app, to, nothing)
            copy.run()
            copy.run()
            assert not [path for path in to.rglob("*") if path.is_file() and path.read_text() == "secret"]
            assert listed(secret) == {"key": "secret"}
    finally:
        stop.set()
        swapping.join()


def test_it_ends_when_it_is_told_to_and_names_what_it_left_out(tmp_path: Path) -> None:
    app = tmp_path / "app"
    deep = app
    for _ in range(20):
        deep = deep / ("n" * 194)
    os.makedirs(deep)
    (app / "file").write_text("x" * 10)
    copy = FolderCopy(app, tmp_path / ("t" * 200) / "to", nothing)
    (tmp_path / ("t" * 200)).mkdir()
    copy.run()
    assert copy.left_out
    assert (tmp_path / ("t" * 200) / "to" / "file").read_text() == "x" * 10

    def end() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        FolderCopy(app, tmp_path / "two", end).run()
    nowhere = FolderCopy(tmp_path / "nowhere", tmp_path / "three", nothing)
    nowhere.run()
    assert listed(tmp_path / "three") == {}


def test_its_limits() -> None:
    assert copying.RECENT_NS > 35 * 10**9, "the kernel writes mapped pages out after 30 s, looking every 5"
