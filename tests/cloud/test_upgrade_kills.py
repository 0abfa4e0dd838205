"""Upgrade and move of a whole cloud, killed at every boundary: no row is lost, and asking again ends the work."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pileus.cloud.kernel.db import FILE, MOVED, connect
from pileus.cloud.kernel.db.migrations import revision
from pileus.cloud.moving import move_away, move_back, upgrade
from pileus.core.settings import Settings
from tests.postgres import PostgresServer, postgres_server

from .test_upgrade import KEPT, rows_of

__all__ = ["postgres_server"]

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
LAST = 12
PLACES = {"before commit"} | {
    f"{when} {what}" for when in ("before", "after") for what in ("write", "fsync", "rename")
}


class Killer:
    """Runs of `killed_server`, each to its n-th boundary."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.cloud.killed_server"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.places: set[str] = set()

    def count(self, work: str, settings: Settings) -> int:
        """The boundaries of work that is not killed."""
        return int(self._told(f"{sys.maxsize} {work}", settings).removeprefix("end "))

    def kill(self, number: int, work: str, settings: Settings) -> None:
        told = self._told(f"{number} {work}", settings)
        assert told.startswith("killed "), told
        self.places.add(told.removeprefix("killed "))

    def _told(self, task: str, settings: Settings) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{task} / {settings.data_dir.parent} / {settings.database}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().rstrip("\n")

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def killer() -> Iterator[Killer]:
    made = Killer()
    yield made
    made.close()


@pytest.fixture
def early(tmp_path: Path) -> Path:
    """The folder of a cloud that an early server left."""
    folder = tmp_path / "early"
    (folder / "run").mkdir(parents=True)
    with tarfile.open(KEPT) as tar:
        tar.extractall(folder, filter="data")
    return folder


def copied(folder: Path, to: Path, database: str = "") -> Settings:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return Settings(to / "data", to / "run", to / "cache", database=database)


def some(count: int) -> list[int]:
    """Boundaries to die at: each in the nightly run, else the last ones and each twentieth before."""
    return list(range(count)) if NIGHTLY else [*range(0, count - LAST, 20), *range(count - LAST, count)]


def test_an_upgrade_killed_anywhere_is_ended_by_the_next(killer: Killer, early: Path, tmp_path: Path) -> None:
    """At each boundary: the copy of before is whole or not there, and the next upgrade ends the work."""
    done = copied(early, tmp_path / "done")
    count = killer.count("upgrade", done)
    newest, rows = upgrade(done).now, rows_of(done)
    for number in range(count):
        here = copied(early, tmp_path / "here")
        killer.kill(number, "upgrade", here)
        copies = list(here.data_dir.glob("before-*.db"))
        assert len(copies) <= 1
        for copy in copies:
            old = copied(early, tmp_path / "old")
            shutil.copy(copy, old.data_dir / FILE)
            with closing(connect(old)) as db:
                assert revision(db).startswith("0001")
        assert upgrade(here).now == newest
        assert rows_of(here) == rows
        assert not list(here.data_dir.glob("*.part*"))
    assert count > 40
    assert killer.places >= PLACES


def test_a_move_to_postgresql_killed_anywhere_loses_no_row(
    killer: Killer, early: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """The file is as it was, and moves into an empty database; or all of it is there."""
    upgrade(newest := copied(early, tmp_path / "newest"))
    rows = rows_of(newest)
    with empty(postgres_server) as url:
        count = killer.count("away", copied(newest.data_dir.parent, tmp_path / "here", url))
    for number in some(count):
        with empty(postgres_server) as url, empty(postgres_server) as other:
            here = copied(newest.data_dir.parent, tmp_path / "here", url)
            killer.kill(number, "away", here)
            if (here.data_dir / FILE).exists():
                file = here.changed(database="")
                assert rows_of(file) == rows
                here = here.changed(database=other)
                move_away(file, other)
            assert (here.data_dir / MOVED).exists()
            assert rows_of(here) == rows
    assert count > 40
    assert killer.places >= PLACES


def test_a_move_back_killed_anywhere_loses_no_row(
    killer: Killer, early: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """The file is there with every row, or not there and is made by the next."""
    upgrade(newest := copied(early, tmp_path / "newest"))
    rows = rows_of(newest)
    with empty(postgres_server) as url:
        move_away(newest, url)
        count = killer.count("back", copied(newest.data_dir.parent, tmp_path / "here", url))
        for number in some(count):
            here = copied(newest.data_dir.parent, tmp_path / "here", url)
            killer.kill(number, "back", here)
            if not (here.data_dir / FILE).exists():
                assert rows_of(here) == rows
                move_back(here)
            assert rows_of(here.changed(database="")) == rows
            assert not list(here.data_dir.glob("*.part*"))
    assert killer.places >= PLACES | {"before unlink", "after unlink"}


@contextlib.contextmanager
def empty(server: PostgresServer) -> Iterator[str]:
    """The address of an empty database."""
    name = server.make()
    try:
        yield server.url(name)
    finally:
        server.drop(name)
