"""What an app keeps is replaced by a process that kills itself at a boundary (tests/boundaries.py)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from pileus.cloud.services.apps.store import Folders
from pileus.core import trees
from pileus.core.settings import Settings
from tests.boundaries import Boundaries, serve

ENGINE, ACCOUNT, APP = "android", "anna", "org.example"


def folders(folder: Path) -> Folders:
    """The service's folders in a data folder, without a cloud around them."""
    settings = Settings(folder / "data", folder / "run", folder / "cache")
    return Folders(
        cast(Any, SimpleNamespace(settings=settings, folder=lambda _name: folder / "data" / "services"))
    )


def run(boundaries: Boundaries, folder: str) -> None:
    here = folders(Path(folder))
    boundaries.lay()
    here.stage_data(ENGINE, ACCOUNT, APP, Path(folder) / "data" / "laid out")
    boundaries.tell("staged")
    gone = here.swap_data(ENGINE, ACCOUNT, APP)
    boundaries.tell("swapped")
    if gone is not None:
        trees.remove(gone)


if __name__ == "__main__":
    serve(run)
