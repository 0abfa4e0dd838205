"""`pileus server upgrade` or `move` in a forgetful folder (tests/forgetful.py), which is told how far it came."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pileus.cloud import moving
from pileus.cloud.kernel.db import OneWriter
from pileus.cloud.kernel.db.moving import move_rows
from pileus.core.settings import Settings
from tests.forgetful import TOLD


def main(work: str, folder: Path, url: str) -> None:
    told = os.open(folder / TOLD, os.O_WRONLY)
    settings = Settings(folder / "data", folder / "run", folder / "cache", database=url)

    def moved(source: OneWriter, target: OneWriter) -> int:
        """PostgreSQL, which lies on a disk of its own, has answered."""
        rows = move_rows(source, target)
        os.write(told, b"moved")
        return rows

    if work == "upgrade":
        moving.upgrade(settings)
    elif work == "away":
        moving.move_rows = moved  # type: ignore[attr-defined]
        moving.move_away(settings.changed(database=""), url)
    else:
        moving.move_back(settings)
    os.write(told, b"done")
    os.close(told)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
