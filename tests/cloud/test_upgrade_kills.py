"""Upgrade and move of a whole cloud, killed at every boundary: no row is lost, and asking again ends the work."""

from __future__ import annotations

import contextlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pileus.cloud.kernel.db import FILE, MOVED, connect
from pileus.cloud.kernel.db.migrations import revision
from pileus.cloud.moving import move_away, move_back, upgrade
from pileus.core.settings import Settings
from tests.boundaries import Killer, all_listed, killer, place_of
from tests.postgres import PostgresServer, postgres_server

from .test_upgrade import KEPT, rows_of

__all__ = ["postgres_server"]

pytestmark = pytest.mark.slow
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
LAST = 6


@pytest.fixture
def run() -> Iterator[Killer]:
    with killer("tests.cloud.killed_server", "migration") as made:
        yield made


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


def asked(work: str, settings: Settings) -> tuple[str, str, str]:
    return work, str(settings.data_dir.parent), settings.database


def some(crossed: list[str]) -> list[int]:
    """Boundaries to die at: each in the nightly run, else the first of each place, each fortieth and the last."""
    count = len(crossed)
    if NIGHTLY:
        return list(range(count))
    first = {place_of(name): number for number, name in reversed([*enumerate(crossed)])}
    return sorted({*first.values(), *range(0, count, 40), *range(count - LAST, count)})


def ends(here: Settings, early: Path, old: Path, newest: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """The copy of before is whole or not there, and the next upgrade ends the work; `old` is made for a look."""
    copies = list(here.data_dir.glob("before-*.db"))
    assert len(copies) <= 1
    for copy in copies:
        before = copied(early, old)
        shutil.copy(copy, before.data_dir / FILE)
        with closing(connect(before)) as db:
            assert revision(db).startswith("0001")
    assert upgrade(here).now == newest
    assert rows_of(here) == rows
    assert not list(here.data_dir.glob("*.part*"))


def test_an_upgrade_killed_anywhere_is_ended_by_the_next(run: Killer, early: Path, tmp_path: Path) -> None:
    """At each boundary: the copy of before is whole or not there, and the next upgrade ends the work."""
    done = copied(early, tmp_path / "done")
    crossed = run.run(*asked("upgrade", done)).crossed
    newest, rows = upgrade(done).now, rows_of(done)
    for number in range(len(crossed)):
        here = copied(early, tmp_path / "here")
        assert run.run(*asked("upgrade", here), left=number).killed == crossed[number]
        ends(here, early, tmp_path / "old", newest, rows)
    all_listed("upgrade", run.places)


def test_a_move_to_postgresql_killed_anywhere_loses_no_row(
    run: Killer, early: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """The file is as it was, and moves into an empty database; or all of it is there."""
    upgrade(newest := copied(early, tmp_path / "newest"))
    rows = rows_of(newest)
    with empty(postgres_server) as url:
        crossed = run.run(*asked("away", copied(newest.data_dir.parent, tmp_path / "here", url))).crossed
    for number in some(crossed):
        with empty(postgres_server) as url, empty(postgres_server) as other:
            here = copied(newest.data_dir.parent, tmp_path / "here", url)
            assert run.run(*asked("away", here), left=number).killed == crossed[number]
            if (here.data_dir / FILE).exists():
                file = here.changed(database="")
                assert rows_of(file) == rows
                here = here.changed(database=other)
                move_away(file, other)
            assert (here.data_dir / MOVED).exists()
            assert rows_of(here) == rows
    all_listed("move-away", run.places)


def test_a_move_back_killed_anywhere_loses_no_row(
    run: Killer, early: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """The file is there with every row, or not there and is made by the next."""
    upgrade(newest := copied(early, tmp_path / "newest"))
    rows = rows_of(newest)
    with empty(postgres_server) as url:
        move_away(newest, url)
        crossed = run.run(*asked("back", copied(newest.data_dir.parent, tmp_path / "here", url))).crossed
        for number in some(crossed):
            here = copied(newest.data_dir.parent, tmp_path / "here", url)
            assert run.run(*asked("back", here), left=number).killed == crossed[number]
            if not (here.data_dir / FILE).exists():
                assert rows_of(here) == rows
                move_back(here)
            assert rows_of(here.changed(database="")) == rows
            assert not list(here.data_dir.glob("*.part*"))
    all_listed("move-back", run.places)


@contextlib.contextmanager
def empty(server: PostgresServer) -> Iterator[str]:
    """The address of an empty database."""
    name = server.make()
    try:
        yield server.url(name)
    finally:
        server.drop(name)
