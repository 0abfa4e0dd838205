"""A real cloud, a folder with everything that a file system can hold, and what is in a folder as one value."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.core.errors import PileusError
from pileus.sdk.backup import load, save, wire
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.link import Link
from pileus.sdk.backup.save import Options, Tally, back_up, load_tree, pick
from pileus.sdk.config import Config
from tests.conftest import PASSWORD

NUMBERS = itertools.count()

Look = dict[bytes, tuple[Any, ...]]


class Heard(save.Listener, load.Listener):
    """What was told, by path."""

    def __init__(self) -> None:
        self.lost: dict[bytes, str] = {}
        self.other: dict[bytes, str] = {}
        self.parents_lost: list[str] = []

    def skipped(self, path: bytes, reason: str) -> None:
        self.lost[path] = reason

    def failed(self, path: bytes, reason: str) -> None:
        self.lost[path] = reason

    def differs(self, path: bytes, reason: str) -> None:
        self.other[path] = reason

    def moved(self, _told: object, _path: bytes) -> None:
        return

    def without_parent(self, error: PileusError) -> None:
        self.parents_lost.append(error.code)


class Account:
    """Backups of one account, through the client's own code."""

    def __init__(self, link: Link) -> None:
        self.link = link

    def backup(self, *paths: Path, heard: Heard | None = None, **options: Any) -> Tally:
        made = Options(paths=[os.fsencode(path) for path in paths], host="here", user="me", **options)
        return back_up(self.link, made, heard)

    def restore(self, snapshot: str, target: Path, heard: Heard | None = None, **wishes: Any) -> load.Restored:
        one = pick(self.snapshots(), snapshot)
        naming = self.naming()
        _, tree = load_tree(self.link, naming, one.tree)
        wish = load.Wishes(target=os.fsencode(target), **wishes)
        return load.restore(self.link, naming, tree, wish, heard)

    def naming(self) -> Naming:
        return Naming(bytes.fromhex(self.link.get("/backups/area", wire.Area).naming))

    def used(self) -> int:
        return self.link.get("/backups/area", wire.Area).used

    def snapshots(self) -> list[wire.Snapshot]:
        return self.link.get("/backups/snapshots", list[wire.Snapshot])

    def forget(self, *ids: str) -> None:
        self.link.post("/backups/forget", {"ids": list(ids), "present": PASSWORD}, wire.Forgotten)


@pytest.fixture
def account(shared_server: Any) -> Iterator[Account]:
    """Of its own, in a cloud that other tests use, too."""
    token = shared_server.account(f"anna {next(NUMBERS)}")["token"]
    link = Link(Config(shared_server.url, token), pause=lambda _seconds: None)
    yield Account(link)
    link.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return fill(tmp_path / "source")


@pytest.fixture
def look() -> Callable[..., Look]:
    return looked


def fill(folder: Path) -> Path:
    """Small and large files, holes, links, pipes, odd names, modes and attributes."""
    dice = random.Random(5)
    deep = folder / "sub" / "深い"
    deep.mkdir(parents=True)
    for number in range(40):
        (deep / f"{number:02}.txt").write_text(f"line {number}\n" * dice.randrange(1, 400))
    (folder / "large.bin").write_bytes(dice.randbytes(9 << 20))
    (folder / "empty").write_bytes(b"")
    with (folder / "holes").open("wb") as file:
        file.seek(6 << 20)
        file.write(b"middle")
        file.truncate(12 << 20)
    os.link(folder / "large.bin", deep / "second name")
    (folder / "link").symlink_to("sub/深い/00.txt")
    (folder / "dangling").symlink_to("/nowhere/at all")
    os.mkfifo(folder / "pipe", 0o640)
    with open(os.fsencode(folder) + b"/not \xff text", "wb") as file:
        file.write(b"\0\1")
    (folder / "set id").write_text("x")
    (folder / "set id").chmod(0o4711)
    (folder / "closed").mkdir()
    (folder / "closed" / "inside").write_text("in")
    (folder / "closed").chmod(0o1511)
    os.setxattr(folder / "empty", "user.note", b"\0kept")
    os.setxattr(folder / "sub", "user.folder", b"too")
    if os.geteuid() == 0:
        os.mknod(folder / "null", 0o020666, os.makedev(1, 3))
        os.chown(folder / "empty", 1234, 4321)
        os.chown(folder / "link", 1234, 4321, follow_symlinks=False)
    for path in sorted(folder.rglob("*"), reverse=True):
        os.utime(path, ns=(1_600_000_000_123_456_789, dice.randrange(10**18, 16 * 10**17)), follow_symlinks=False)
    return folder


def looked(folder: Path) -> Look:
    """Everything below a folder that a restore has to bring back."""
    found: Look = {}
    top = os.fsencode(folder)
    for here, folders, files in os.walk(top):
        for name in [*folders, *files]:
            path = os.path.join(here, name)
            status = os.lstat(path)
            content = b""
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    content = file.read()
            names = os.listxattr(path, follow_symlinks=False)
            attributes = {name: os.getxattr(path, name, follow_symlinks=False) for name in names}
            times = (status.st_mtime_ns, status.st_nlink if not os.path.isdir(path) else 0)
            owner = (status.st_mode, status.st_uid, status.st_gid, status.st_rdev)
            found[os.path.relpath(path, top)] = (*owner, *times, attributes, content)
    return found
