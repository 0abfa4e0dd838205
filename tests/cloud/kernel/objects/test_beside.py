"""What lies beside the database is in a second copy and comes back: apps' folders, keys, certificates."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from pileus.cloud.app import build
from pileus.cloud.kernel import certificates
from pileus.cloud.kernel.objects import beside, care, open_blobs
from pileus.cloud.kernel.objects.beside import Beside, Place
from pileus.cloud.kernel.objects.second import Copied, Restored, open_copy, restore_copy
from pileus.cloud.kernel.objects.snapshot import SnapshotWriter
from pileus.core.errors import Unavailable
from pileus.core.settings import Settings

from .shelf import packed
from .test_second import copy_of, database, elsewhere, key_of, run, settings

__all__ = ["database", "settings"]

NOISE = random.Random(5).randbytes(6 << 20)
APP = "android/accounts/0190-anna/org.example.notes"


def fill(data: Path) -> Path:
    """An app's folder with everything that one may have."""
    folder = data / APP
    (folder / "databases" / "deep").mkdir(parents=True)
    (folder / "databases" / "notes.db").write_bytes(NOISE)
    (folder / "databases" / "deep" / "empty").touch()
    (folder / "明天").write_text("西湖见")
    (folder / os.fsdecode(b"caf\xe9")).write_bytes(b"coffee")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o700)
    (folder / "away").symlink_to("/etc/passwd")
    os.link(folder / "明天", folder / "again")
    with (folder / "hollow").open("wb") as hollow:
        hollow.seek(1 << 30)
        hollow.write(b"far")
        hollow.truncate(1 << 40)
    os.utime(folder / "明天", ns=(1, 1_700_000_000_123_456_789))
    (folder.parent / ".gone-1").mkdir()
    return folder


def told_of(folder: Path) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for place in sorted(folder.rglob("*")):
        about = place.lstat()
        name = str(place.relative_to(folder))
        if place.is_symlink():
            found[name] = ("link", os.readlink(place))
        elif place.is_dir():
            found[name] = ("folder",)
        else:
            data = place.read_bytes() if about.st_size < 1 << 30 else b""
            found[name] = (data, about.st_size, about.st_mode, about.st_mtime_ns, about.st_nlink)
    return found


def bring(settings: Settings, place: str, key: bytes) -> Restored:
    return list(restore_copy(open_copy(place), key, settings.data_dir, open_blobs(settings)))[-1]


def blobs(place: str) -> dict[str, bytes]:
    return {str(one.relative_to(place)): one.read_bytes() for one in Path(place).rglob("*") if one.is_file()}


def copied(settings: Settings) -> Copied:
    cloud = build(settings)
    try:
        return run(copy_of(packed(cloud)))
    finally:
        cloud.close()


def test_devices_know_the_cloud_again_and_apps_have_what_they_kept(settings: Settings, serve: Any) -> None:
    folder = fill(settings.data_dir)
    certificates.ensure(settings)
    with serve(settings) as server, server.client(server.account("anna")["token"]) as client:
        public = client.get("/push/key").json()["key"]
        before = told_of(folder)
        done = run(copy_of(packed(server.cloud)))
        assert done.not_kept == {}
    key, tls = key_of(settings), told_of(settings.data_dir / "tls")
    there = elsewhere(settings, "there")
    shutil.rmtree(settings.data_dir)
    told = bring(there, settings.copy_to, key)
    assert (told.not_kept, told.old) == ({}, False)
    assert told_of(there.data_dir / APP) == before
    assert (there.data_dir / APP / "hollow").stat().st_blocks < 1 << 12
    assert (there.data_dir / APP / "hollow").stat().st_size == 1 << 40
    assert sorted(one.name for one in (there.data_dir / APP).parent.iterdir()) == ["org.example.notes"]
    assert told_of(there.data_dir / "tls") == tls
    assert (there.data_dir / "keys" / "vapid.pem").stat().st_mode & 0o777 == 0o600
    assert not (there.data_dir / "restoring").exists()
    with serve(there) as server, server.client(server.sign_in("anna")["token"]) as client:
        assert client.get("/push/key").json()["key"] == public, "what subscribed to it stays subscribed"


def test_nothing_of_it_lies_open_in_the_copy(settings: Settings) -> None:
    """Nor do equal files of two have equal names, by which who sees the copy would know."""
    fill(settings.data_dir)
    other = settings.data_dir / "android" / "accounts" / "0190-ben" / "org.example.notes"
    shutil.copytree(settings.data_dir / APP, other, symlinks=True, ignore=shutil.ignore_patterns("hollow"))
    cloud = build(settings)
    (settings.data_dir / "keys" / "vapid.pem").write_text("-----BEGIN PRIVATE KEY-----")
    done = run(copy_of(packed(cloud)))
    cloud.close()
    found = blobs(settings.copy_to)
    state = [name for name in found if name.startswith("state/")]
    assert sum(len(found[name]) for name in state) > 2 * len(NOISE)
    for word in (b"PRIVATE KEY", b"org.example.notes", "西湖见".encode(), NOISE[:64]):
        assert not [name for name, data in found.items() if word in data]
    assert done.size >= 2 * len(NOISE)


def test_only_what_changed_is_brought_again(settings: Settings) -> None:
    folder = fill(settings.data_dir)
    copied(settings)
    before = blobs(settings.copy_to)
    second = copied(settings)
    new = blobs(settings.copy_to).keys() - before.keys()
    assert second.done == 0
    assert {name.split("/")[0] for name in new} == {"snapshots"}
    with (folder / "databases" / "notes.db").open("r+b") as file:
        file.seek(3 << 20)
        file.write(b"another word")
    assert 0 < copied(settings).size < 5 << 20


def test_a_copy_of_before_comes_back_without_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = SnapshotWriter.finish
    with monkeypatch.context() as patch:
        patch.setattr(SnapshotWriter, "finish", lambda *args, beside: finish(*args))
        fill(settings.data_dir)
        copied(settings)
    there = elsewhere(settings, "there")
    told = bring(there, settings.copy_to, key_of(settings))
    assert (told.old, told.not_kept) == (True, {})
    assert not (there.data_dir / "android").exists()
    build(there).close()


def test_a_piece_that_is_gone_or_damaged_is_told_and_the_rest_comes_back(settings: Settings) -> None:
    fill(settings.data_dir)
    small = settings.data_dir / "android" / "accounts" / "0190-ben" / "org.example.small"
    small.mkdir(parents=True)
    (small / "word").write_text("tea")
    copied(settings)
    pieces = sorted(Path(settings.copy_to).glob("state/*/*"), key=lambda one: one.stat().st_size)
    pieces[-1].unlink()
    pieces[-2].chmod(0o600)
    pieces[-2].write_bytes(pieces[-2].read_bytes()[:-1] + b"?")
    there = elsewhere(settings, "there")
    told = bring(there, settings.copy_to, key_of(settings))
    assert list(told.not_kept) == [APP]
    assert not (there.data_dir / APP).exists(), "whole or not at all"
    assert (there.data_dir / small.relative_to(settings.data_dir) / "word").read_text() == "tea"
    copied(settings)
    there = elsewhere(settings, "third")
    assert pieces[-1].exists(), "what is missing is brought by the next run"
    assert list(bring(there, settings.copy_to, key_of(settings)).not_kept) == [APP]
    pieces[-2].unlink()
    copied(settings)
    there = elsewhere(settings, "fourth")
    assert bring(there, settings.copy_to, key_of(settings)).not_kept == {}
    assert told_of(there.data_dir / APP) == told_of(settings.data_dir / APP)


def test_what_is_there_already_is_never_taken_away(settings: Settings) -> None:
    """A restore that was cut off is begun again, and leaves what it finds."""
    fill(settings.data_dir)
    copied(settings)
    there = elsewhere(settings, "there")
    steps = restore_copy(open_copy(settings.copy_to), key_of(settings), there.data_dir, open_blobs(there))
    next(step for step in steps if (there.data_dir / APP).exists())
    steps.close()
    (there.data_dir / APP / "later").write_text("mine")
    (there.data_dir / "restoring" / "part").mkdir(parents=True)
    assert bring(there, settings.copy_to, key_of(settings)).not_kept == {}
    assert (there.data_dir / APP / "later").read_text() == "mine"


def test_what_would_fill_the_disk_is_not_copied(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others need the room that is left; the rest is copied, and what is not is told."""
    fill(settings.data_dir)
    small = settings.data_dir / "android" / "accounts" / "0190-ben" / "org.example.small"
    small.mkdir(parents=True)
    (small / "word").write_text("tea")
    with monkeypatch.context() as patch:
        patch.setattr(beside.shutil, "disk_usage", lambda _: SimpleNamespace(free=len(NOISE)))
        done = copied(settings)
    assert done.not_kept == {APP: "There is too little room on the disk to copy it to first."}
    there = elsewhere(settings, "there")
    bring(there, settings.copy_to, key_of(settings))
    assert (there.data_dir / small.relative_to(settings.data_dir) / "word").read_text() == "tea"
    assert not (there.data_dir / APP).exists()


def test_an_app_stands_still_while_it_is_copied(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied first as it goes, then what changed since; one that never stands still is told, and ends nothing."""
    folder = fill(settings.data_dir)
    lasted, asked = iter([False, True]), []

    @contextmanager
    def still(_: Beside, place: Place) -> Iterator[Any]:
        if place.path == APP:
            asked.append(place)
            (folder / "word").write_text(f"the {len(asked)}.")
        yield lambda: next(lasted, False) if place.path == APP else True

    monkeypatch.setattr(Beside, "still", still)
    assert copied(settings).not_kept == {}
    assert [(one.engine, one.account_id, one.app) for one in asked] == [
        ("android", "0190-anna", "org.example.notes")
    ] * 2
    there = elsewhere(settings, "there")
    bring(there, settings.copy_to, key_of(settings))
    assert (there.data_dir / APP / "word").read_text() == "the 2."
    done = copied(settings)
    assert done.not_kept == {APP: "The app writes too much to be copied while it runs."}
    assert done.stamp
    assert list((settings.data_dir / "copying").iterdir()) == []


def test_a_time_that_no_stream_holds_ends_no_copy(tmp_path: Path) -> None:
    """Some file systems keep times of 64 bits of seconds, and an app gives a file any one."""
    file = tmp_path / "far"
    file.touch()
    about = SimpleNamespace(st_mtime_ns=10**12 * 10**9, st_size=0, st_mode=0o600)
    head = b"".join(beside._file(file, b"far", about))  # type: ignore[arg-type]
    assert msgspec.msgpack.decode(head[4:], type=beside.Entry).modified_ns == beside.FARTHEST


@pytest.mark.parametrize("why", [errno.EILSEQ, errno.EPERM, errno.ENOSPC])
def test_what_the_other_disk_cannot_hold_is_told_and_all_else_comes_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    fill(settings.data_dir)
    copied(settings)
    there, write = elsewhere(settings, "there"), beside._write

    def refuse(pieces: Any, entry: beside.Entry, place: Path) -> None:
        if b"caf" in entry.path:
            raise OSError(why, os.strerror(why))
        write(pieces, entry, place)

    monkeypatch.setattr(beside, "_write", refuse)
    if why == errno.ENOSPC:
        with pytest.raises(OSError, match="No space left"):
            bring(there, settings.copy_to, key_of(settings))
        return
    told = bring(there, settings.copy_to, key_of(settings))
    assert told.not_kept == {APP: f"{os.strerror(why)}."}
    assert (there.data_dir / "pileus.db").exists()


def test_names_that_apps_chose_are_told_as_text() -> None:
    names = [f"\x1b]0;owned\x07{number}\udce9" for number in range(beside.NAMED + 5)]
    told = beside.not_read("android/accounts/a/b", names)
    assert len(told) == beside.NAMED + 1
    assert all(name.isprintable() and name.encode() for name in told)
    assert told["android/accounts/a/b"] == "5 more of its files could not be read."


def test_what_lies_beside_and_was_not_copied_is_told_to_owners(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(settings.data_dir)

    def busy(*_: object) -> None:
        raise Unavailable("app-busy", "It writes.")

    monkeypatch.setattr(Beside, "copy", busy)
    assert APP in copied(settings).not_kept
    cloud = build(settings)
    try:
        assert cloud.db.read(care.tasks)["copy"].problems > 0
    finally:
        cloud.close()
