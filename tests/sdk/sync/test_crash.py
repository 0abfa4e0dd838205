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
from .edits import check, prepare

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
