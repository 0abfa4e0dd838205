"""Power cuts of upgrade and move: whatever the disk keeps, no row is lost, and asking again ends the work."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pileus.cloud.kernel.db import FILE, MOVED, connect
from pileus.cloud.kernel.db.migrations import revision
from pileus.cloud.moving import move_away, move_back, upgrade
from pileus.core.settings import Settings
from tests.forgetful import ROOT, forgetful
from tests.postgres import PostgresServer, postgres_server

from .test_upgrade import rows_of
from .test_upgrade_kills import copied, early, empty, ends

__all__ = ["early", "postgres_server"]

pytestmark = [pytest.mark.slow, pytest.mark.fuse]
IMAGES = None if os.environ.get("PILEUS_NIGHTLY") else 6


@pytest.fixture
def newest(early: Path, tmp_path: Path) -> Settings:
    """Of a folder in today's form."""
    upgrade(made := copied(early, tmp_path / "newest"))
    return made


def cut(work: str, folder: Path, place: Path, database: str = "") -> Iterator[tuple[Settings, list[str]]]:
    """Folders as power cuts during the work left them, with what had been told; the last is of its end."""
    with forgetful(place / "disk", seed := 13) as disk:
        shutil.copytree(folder, disk.folder, dirs_exist_ok=True)
        disk.settle()
        disk.tell("made")
        command = ["-m", "tests.cloud.powered_server", work, str(disk.folder), database]
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True)
    images = [image for image in disk.images() if "made" in image.told]
    assert len(images) > 6
    done = [image for image in images if "done" in image.told]
    assert len(done) > 0
    for image in [*(images if IMAGES is None else random.Random(seed).sample(images, IMAGES)), *done]:
        here = place / "here"
        here.mkdir()
        image.make(here)
        try:
            yield Settings(here / "data", here / "run", here / "cache", database=database), image.told
        except BaseException as error:
            error.add_note(f"{image.why}, {image.kind}, {image.told[-1:]}")
            raise
        shutil.rmtree(here)


def test_an_upgrade_is_ended_by_the_next(early: Path, newest: Settings, tmp_path: Path) -> None:
    """The copy of before is whole or not there; what was told to be done is."""
    rows = rows_of(newest)
    with closing(connect(newest)) as db:
        now = revision(db)
    for here, told in cut("upgrade", early, tmp_path):
        if "done" in told:
            with closing(connect(here)) as db:
                assert revision(db) == now
        ends(here, early, tmp_path / "old", now, rows)


def test_a_move_to_postgresql_loses_no_row(
    newest: Settings, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """The file is as it was, and moves into an empty database; or it is put away, and all of it is there."""
    rows = rows_of(newest)
    with empty(postgres_server) as url:
        for here, told in cut("away", newest.data_dir.parent, tmp_path, url):
            assert (here.data_dir / MOVED).exists() or "done" not in told
            if (here.data_dir / FILE).exists():
                with empty(postgres_server) as other:
                    file = here.changed(database="")
                    assert rows_of(file) == rows
                    move_away(file, other)
                    assert rows_of(here.changed(database=other)) == rows
            else:
                assert "moved" in told
                assert rows_of(here) == rows
            assert (here.data_dir / MOVED).exists()


def test_a_move_back_loses_no_row(newest: Settings, tmp_path: Path, postgres_server: PostgresServer) -> None:
    """The file is there with every row, or not there and is made by the next."""
    rows = rows_of(newest)
    with empty(postgres_server) as url:
        move_away(newest, url)
        for here, told in cut("back", newest.data_dir.parent, tmp_path, url):
            if not (here.data_dir / FILE).exists():
                assert "done" not in told
                move_back(here)
            assert rows_of(here.changed(database="")) == rows
            assert not list(here.data_dir.glob("*.part*"))
