"""Snapshots as a folder to look into."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from pileus.sdk.backup.view import View, menu

from .conftest import Account


def test_all_of_it_is_to_be_seen(account: Account, source: Path) -> None:
    account.backup(source)
    (source / "later").write_text("x")
    account.backup(source)
    view = View(account.link, account.naming(), account.snapshots())
    assert view.names("/") == ["ids", "snapshots", "hosts"]
    first, second, latest = view.names("/snapshots")
    assert (latest, view.target("/snapshots/latest")) == ("latest", second)
    assert len(view.names("/ids")) == 2
    assert view.names("/hosts/here") == [first, second]
    top = f"/snapshots/{first}{source}"
    names = set(view.names(top))
    assert names == {os.fsdecode(name) for name in os.listdir(os.fsencode(source))} - {"later"}
    for name in names:
        own, path = view.status(f"{top}/{name}"), os.lstat(source / name)
        assert (own["st_mode"], own["st_uid"], own["st_mtime"]) == (path.st_mode, path.st_uid, path.st_mtime_ns)
        assert own["st_size"] == path.st_size or stat.S_ISDIR(path.st_mode)
    large = (source / "large.bin").read_bytes()
    assert view.read(f"{top}/large.bin", 5_000_000, 3_000_000) == large[3_000_000:8_000_000]
    assert view.read(f"{top}/large.bin", 100, len(large) - 10) == large[-10:]
    holes = (source / "holes").read_bytes()
    assert view.read(f"{top}/holes", len(holes) + 5, 0) == holes
    assert view.target(f"{top}/dangling") == "/nowhere/at all"
    assert view.attributes(f"{top}/empty") == {"user.note": b"\0kept"}


def test_what_is_not_there(account: Account, source: Path) -> None:
    account.backup(source)
    view = View(account.link, account.naming(), account.snapshots())
    top = f"/snapshots/latest/../ids/{view.names('/ids')[0]}".replace("/snapshots/latest/..", "")
    for path in ("/x", "/ids/x", f"{top}/x", f"{top}{source}/x/y", f"{top}{source}/large.bin/x"):
        with pytest.raises(FileNotFoundError):
            view.status(path)
    with pytest.raises(IsADirectoryError):
        view.read(top, 1, 0)
    with pytest.raises(OSError, match="Invalid"):
        view.target(f"{top}{source}/large.bin")


def test_two_of_one_second(account: Account, source: Path) -> None:
    for _ in range(2):
        account.backup(source / "sub", time_ms=1_700_000_000_000)
    times = menu(account.snapshots())["snapshots"]
    assert isinstance(times, dict)
    assert len(times) == 3


def test_the_phone_s_own_is_the_latest_only_where_there_is_nothing_else(account: Account, source: Path) -> None:
    account.backup(source / "sub", time_ms=1_700_000_000_000)
    [folder] = account.snapshots()
    facts = {"host": "phone", "tags": ["phone"], "paths": ["/about.json", "/apps", "/records"]}
    phone = msgspec.structs.replace(folder, id="f" * 32, time_ms=1_800_000_000_000, **facts)
    both = menu([folder, phone])["snapshots"]
    assert isinstance(both, dict)
    assert both[str(both["latest"])] == folder
    alone = menu([phone])["snapshots"]
    assert isinstance(alone, dict)
    assert alone[str(alone["latest"])] == phone
