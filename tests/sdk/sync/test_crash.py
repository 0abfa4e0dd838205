"""kill -9 of a sync at each of its boundaries: the next one goes on, and nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.sdk.client import Client
from pileus.sdk.config import Config, write_config
from tests.boundaries import Killer, all_listed, killer, one_of_each
from tests.conftest import temporary_settings

from .conftest import Box

NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: who is killed needs no disk."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(tmp_path)
    folder = Path(tempfile.mkdtemp(prefix="pt-sync-", dir=place))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def devices(memory: Path, serve: Any) -> Iterator[tuple[Box, Box]]:
    with temporary_settings(memory) as settings, serve(settings) as server:
        tokens = [server.account("anna", "first")["token"], server.sign_in("anna", "second")["token"]]
        write_config(Config(server.url, tokens[0]), memory / "client.json")
        boxes = [Box(memory / str(number), Client(server.url, token)) for number, token in enumerate(tokens)]
        for box in boxes:
            box.path.mkdir()
        yield boxes[0], boxes[1]
        for box in boxes:
            box.client.close()


@pytest.fixture
def run(memory: Path) -> Iterator[Killer]:
    with killer(f"{__package__}.killed", "sync", PILEUS_CLIENT_CONFIG=str(memory / "client.json")) as made:
        yield made


def prepare(one: Box, other: Box, name: str) -> set[bytes]:
    """Edits on both sides since they agreed, one of each kind; the contents that must be there in the end."""
    for path in ("changed here", "changed there", "changed twice", "deleted here", "moved here", "moved there"):
        one.write(f"{name}/{path}", f"{name} {path}")
    for path in ("swap/a", "swap/b", "folder deleted there/x", "folder deleted here/x"):
        one.write(f"{name}/{path}", f"{name} {path}")
    one.sync()
    other.sync()
    here, there = one.path / name, other.path / name
    for path in ("changed here", "changed twice"):
        one.write(f"{name}/{path}", f"{name} new here {path}")
    one.write(f"{name}/new/here", f"{name} new here")
    one.write(f"{name}/large here", f"{name} large here".encode() + bytes(2 << 20))
    (here / "deleted here").unlink()
    (here / "moved here").rename(here / "new" / "moved")
    (here / "folder deleted here" / "x").unlink()
    (here / "folder deleted here").rmdir()
    for path in ("changed there", "changed twice"):
        other.write(f"{name}/{path}", f"{name} new there {path}")
    other.write(f"{name}/new there/b", f"{name} new there")
    other.write(f"{name}/large there", f"{name} large there".encode() + bytes(2 << 20))
    (there / "moved there").rename(there / "new there" / "moved")
    for source, to in (("a", "c"), ("b", "a"), ("c", "b")):
        (there / "swap" / source).rename(there / "swap" / to)
    (there / "folder deleted there" / "x").unlink()
    (there / "folder deleted there").rmdir()
    other.sync()
    kept = {content for box in (one, other) for path, content in box.tree().items() if path.startswith(f"{name}/")}
    gone = {f"{name} {path}" for path in ("changed here", "changed there", "changed twice", "deleted here")}
    gone |= {f"{name} folder deleted there/x", f"{name} folder deleted here/x"}
    return {content for content in kept if content is not None} - {text.encode() for text in gone}


def test_killed_at_every_boundary(devices: tuple[Box, Box], run: Killer) -> None:
    """At one of each place, before it or after; nightly at all of them."""
    one, other = devices
    wanted = prepare(one, other, "whole")
    names = run.run(str(one.path)).crossed
    check(one, other, "whole", wanted)
    dice = random.Random(len(names))
    every = [(name, number) for name in sorted(set(names)) for number in range(names.count(name))]
    for name, number in every if NIGHTLY else one_of_each(names, dice):
        folder = f"{name.replace(':', ' ')} {number}"
        wanted = prepare(one, other, folder)
        ended = run.run(str(one.path), left=number, place=name)
        # Threads may need a request more or less: the last one may not come.
        assert ended.killed == name or number > names.count(name) // 2
        check(one, other, folder, wanted)
    all_listed("sync", run.places)


def check(one: Box, other: Box, name: str, wanted: set[bytes]) -> None:
    """Both come together with all that must be there, and nothing is left over."""
    for box in (one, other, one):
        assert box.sync().troubles == []
    assert one.tree() == other.tree()
    assert {text for path, text in one.tree().items() if text and path.startswith(f"{name}/")} == wanted
    assert one.tree()[f"{name}/swap/a"] == f"{name} swap/b".encode()
    assert one.sync().steps == other.sync().steps == 0
    for kind in ("aside", "old", "parts"):
        assert not list((one.path / ".pileus" / kind).iterdir()), kind
    shutil.rmtree(one.path / name)
    for box in (one, other):
        box.sync()
