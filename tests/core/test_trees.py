"""Folders that someone hostile wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pileus.core import trees
from pileus.core.errors import Invalid

NOBODY = 65534


def dig(root: Path, depth: int) -> None:
    """Folders within folders, deeper than a path can say."""
    root.mkdir()
    at = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=at)
        deeper = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = deeper
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def test_removing_follows_no_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (kept / "folder").mkdir(parents=True)
    (kept / "file").write_text("x")
    app = tmp_path / "app"
    (app / "inner").mkdir(parents=True)
    (app / "link").symlink_to(kept)
    (app / "inner" / "link").symlink_to(kept / "file")
    (app / "inner" / "up").symlink_to("../..")
    trees.remove(app)
    assert not app.exists()
    assert (kept / "file").read_text() == "x"
    assert (kept / "folder").is_dir()


def test_removing_takes_any_depth_and_odd_names(tmp_path: Path) -> None:
    app = tmp_path / "app"
    dig(app, 3000)
    for name in (".0", ".1", ".2"):
        (app / name).mkdir()
        (app / name / "x").mkdir(mode=0o000)
    os.mkfifo(app / "pipe")
    trees.remove(app)
    assert os.listdir(tmp_path) == []
    trees.remove(app)


def test_a_walk_sees_links_as_links(tmp_path: Path) -> None:
    app = tmp_path / "app"
    (app / "inner").mkdir(parents=True)
    (app / "inner" / "file").write_text("x")
    (app / "link").symlink_to("/")
    assert sorted(entry.name for entry in trees.walk(app)) == ["file", "inner", "link"]


def test_a_walk_ends_where_it_gets_too_deep(tmp_path: Path) -> None:
    dig(tmp_path / "app", 500)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Invalid) as caught:
        list(trees.walk(tmp_path / "app"))
    assert caught.value.code == "too-deep"
    assert len(os.listdir("/proc/self/fd")) == before
    trees.remove(tmp_path / "app")


def test_a_folder_that_its_owner_locked_is_measured_all_the_same(tmp_path: Path) -> None:
    """As a plain user, for whom rights count."""
    locked = tmp_path / "a" / "locked"
    locked.mkdir(parents=True)
    (locked / "file").write_bytes(bytes(100_000))
    if os.getuid() == 0:
        for path in (tmp_path, locked.parent, locked, locked / "file"):
            os.chown(path, NOBODY, NOBODY)
    child = os.fork()
    if child == 0:
        try:
            os.chdir(tmp_path)
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            os.chmod("a/locked", 0)
            size, files = trees.measure(Path())
            os._exit(0 if size >= 100_000 and files == 3 else 2)
        except BaseException:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
