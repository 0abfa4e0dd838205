"""`pileus server upgrade` and `move` that kill themselves at a boundary (tests/boundaries.py)."""

from __future__ import annotations

from pathlib import Path

from pileus.cloud.moving import move_away, move_back, upgrade
from pileus.core.settings import Settings
from tests.boundaries import Boundaries, serve


def run(boundaries: Boundaries, work: str, folder: str, url: str) -> None:
    here = Path(folder)
    settings = Settings(here / "data", here / "run", here / "cache", database=url)
    boundaries.lay()
    if work == "upgrade":
        upgrade(settings)
    elif work == "away":
        move_away(settings.changed(database=""), settings.database)
    else:
        move_back(settings)


if __name__ == "__main__":
    serve(run)
