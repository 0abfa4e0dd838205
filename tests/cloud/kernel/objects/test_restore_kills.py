"""A restore from the second copy, killed at every boundary: begun again it brings all, and none counts as half."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from pileus.cloud.app import build
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.boundaries import all_listed, killer, place_of
from tests.postgres import on_sqlite

from .killed_restores import bring
from .shelf import packed, put, read
from .test_second import copy_of, key_of, run

pytestmark = pytest.mark.slow
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
EVERY = 10
"""Boundaries of which one is died at, beside the first of each place; by night all are."""
APP = "android/accounts/0190-anna/org.example.notes"
database = on_sqlite


def names(folder: Path) -> list[str]:
    """Files below a folder, but parts of blobs, which the sweep removes."""
    found = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if "#" not in path)


def test_killed_at_every_boundary(tmp_path: Path, settings: Settings, clock: ManualClock) -> None:
    made, noise = settings.changed(copy_to=str(tmp_path / "copy")), random.Random(3).randbytes(100_000)
    (made.data_dir / APP / "deep").mkdir(parents=True)
    (made.data_dir / APP / "deep" / "notes.db").write_bytes(noise)
    (made.data_dir / APP / "again").hardlink_to(made.data_dir / APP / "deep" / "notes.db")
    cloud = build(made, clock, services=[])
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    objects = packed(cloud)
    kept = {put(objects, account, data): data for data in (noise, noise[:50_000])}
    run(copy_of(objects))
    objects.close()
    cloud.close()
    key = key_of(made)

    def fresh(name: str) -> Path:
        shutil.copytree(tmp_path / "copy", tmp_path / name / "copy")
        return tmp_path / name

    whole = fresh("whole")
    with killer(f"{__package__}.killed_restores", "restores") as killing:
        crossed = killing.run(str(whole), key.hex()).crossed
        first = {place_of(name): number for number, name in reversed([*enumerate(crossed)])}
        some = range(len(crossed)) if NIGHTLY else sorted({*first.values(), *range(0, len(crossed), EVERY)})
        for number in some:
            here = fresh(str(number))
            ended = killing.run(str(here), key.hex(), left=number)
            assert ended.killed
            if not (here / "data" / "pileus.db").exists():
                bring(here, key)
            assert names(here / "data") == names(whole / "data"), ended.killed
            assert (here / "data" / APP / "deep" / "notes.db").read_bytes() == noise
            again = build(settings.changed(data_dir=here / "data"), clock, services=[])
            found = packed(again)
            assert {name: read(found, account, name) for name in kept} == kept
            found.close()
            again.close()
            shutil.rmtree(here)
    all_listed("restores", killing.places)
