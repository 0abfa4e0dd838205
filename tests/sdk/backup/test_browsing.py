"""Folders that `pileus backup` keeps, looked into as a browser does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pileus.cloud.services.backups import browsing
from pileus.cloud.services.backups.browsing import HELD, MOST, BackedUpFolder
from pileus.core.errors import PileusError
from pileus.sdk.backup import view

from .conftest import Account


def listing(account: Account, snapshot: str, path: str = "", start: int = 0) -> BackedUpFolder:
    asked = urlencode({"path": path, "start": start})
    return account.link.get(f"/backups/snapshots/{snapshot}/folder?{asked}", BackedUpFolder)


def content(account: Account, snapshot: str, path: str) -> bytes:
    asked = urlencode({"path": path})
    return account.link.ask("GET", f"/backups/snapshots/{snapshot}/file?{asked}")


def walked(account: Account, snapshot: str, folder: Path) -> str:
    """The path of a folder, as one comes to it from the top."""
    path = ""
    for name in folder.parts[1:]:
        [path] = [one.path for one in listing(account, snapshot, path).entries if one.name == name]
    return path


def test_every_folder_is_listed_and_every_file_comes_out(account: Account, source: Path) -> None:
    strange = os.fsencode(source) + b"/\xff%41 \xe8\xa5\xbf"
    Path(os.fsdecode(strange)).write_bytes(b"strange")
    snapshot = str(account.backup(source).snapshot)
    found = {one.name: one for one in listing(account, snapshot, walked(account, snapshot, source)).entries}
    assert len(found) == len(os.listdir(source))
    for name in set(found) & set(os.listdir(source)):
        assert found[name].modified_ms == os.lstat(source / name).st_mtime_ns // 1_000_000
    assert found["large.bin"].size == (source / "large.bin").stat().st_size
    assert {found[name].kind for name in ("large.bin", "holes")} == {"file"}
    assert (found["sub"].kind, found["dangling"].kind) == ("folder", "link")
    for name in ("large.bin", "holes", "empty"):
        assert content(account, snapshot, found[name].path) == (source / name).read_bytes()
    [odd] = [one for one in found.values() if one.name.startswith("\\xff")]
    assert odd.name == "\\xff%41 西"
    assert content(account, snapshot, odd.path) == b"strange"


def test_a_tree_is_read_once_for_many_steps(
    account: Account, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    load = view.load_tree

    def noted(link: Any, naming: Any, name: str, most: int | None = None) -> Any:
        read.append(name)
        return load(link, naming, name, most)

    monkeypatch.setattr(view, "load_tree", noted)
    snapshot = str(account.backup(source).snapshot)
    path = walked(account, snapshot, source)
    assert len(listing(account, snapshot, path).entries) == len(os.listdir(source))
    assert len(read) == 1
    for number in range(HELD):
        Path(source, f"other {number}").write_bytes(b"x")
        walked(account, str(account.backup(source).snapshot), source)
    walked(account, snapshot, source)
    assert len(read) == HELD + 2, "only few are held"


def test_a_tree_that_says_to_be_smaller_than_it_is_is_not_read(
    account: Account, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "TREE_MOST", 500)
    snapshot = str(account.backup(source).snapshot)
    with pytest.raises(PileusError) as refused:
        listing(account, snapshot)
    assert refused.value.code == "backup-unreadable"


def test_a_long_folder_comes_in_pages(account: Account, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MOST + 5):
        (folder / f"{number:05}").touch()
    snapshot = str(account.backup(folder).snapshot)
    path = walked(account, snapshot, folder)
    first = listing(account, snapshot, path)
    assert (len(first.entries), first.more) == (MOST, MOST)
    rest = listing(account, snapshot, path, MOST)
    assert (len(rest.entries), rest.more) == (5, None)
    assert [one.name for one in [*first.entries, *rest.entries]] == sorted(os.listdir(folder))


def test_what_is_not_there_or_no_file_is_refused(account: Account, source: Path) -> None:
    snapshot = str(account.backup(source).snapshot)
    top = walked(account, snapshot, source)
    for path in ("nowhere", f"{top}/nowhere", f"{top}/large.bin/x", "../../etc"):
        for ask in (listing, content):
            with pytest.raises(PileusError) as refused:
                ask(account, snapshot, path)
            assert refused.value.code == "not-in-backup"
    for path in (top, f"{top}/dangling"):
        with pytest.raises(PileusError) as refused:
            content(account, snapshot, path)
        assert refused.value.code == "no-file"
    with pytest.raises(PileusError) as refused:
        listing(account, "0" * 32)
    assert refused.value.code == "no-snapshot"
