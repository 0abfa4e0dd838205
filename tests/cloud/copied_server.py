"""A second copy of a whole server, or what is brought back from it, that is cut off: killed at a boundary
(tests/boundaries.py), or in a forgetful folder (tests/forgetful.py): `WORK FOLDER` then."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from pileus.cloud.app import open_database
from pileus.cloud.kernel.objects import copy_into, open_blobs, open_objects
from pileus.cloud.kernel.objects.second import open_copy, restore_copy
from pileus.cloud.kernel.quota import QuotaStore
from pileus.core.clock import SystemClock
from pileus.core.settings import Settings
from tests.boundaries import Boundaries, serve
from tests.forgetful import TOLD


def within(folder: Path) -> Settings:
    return Settings(folder / "data", folder / "run", folder / "cache")


def copy(settings: Settings, place: Path) -> None:
    """As `pileus server backup PLACE`."""
    with closing(open_database(settings)) as db:
        objects = open_objects(settings, db, SystemClock(), QuotaStore(db))
        try:
            *_, told = copy_into(str(place), settings, objects).steps()
        finally:
            objects.close()
    assert (told.left, told.not_kept) == ({}, {})


def restore(settings: Settings, place: Path, key: Path) -> None:
    """As `pileus server restore PLACE --key KEY`."""
    settings.make_dirs()
    *_, told = restore_copy(open_copy(str(place)), key.read_bytes(), settings.data_dir, open_blobs(settings))
    assert (told.left, told.not_kept) == ({}, {})


def work(which: str, folder: Path, place: Path, key: Path) -> None:
    if which == "copy":
        copy(within(folder), place)
    else:
        restore(within(folder), place, key)


def run(boundaries: Boundaries, which: str, folder: str, place: str, key: str) -> None:
    boundaries.lay()
    work(which, Path(folder), Path(place), Path(key))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        serve(run)
    else:
        disk, arguments = Path(sys.argv[1]), [Path(one) for one in sys.argv[3:]]
        work(sys.argv[2], *arguments)
        (disk / TOLD).write_text("done")
