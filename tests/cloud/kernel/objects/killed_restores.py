"""A restore from a second copy that kills itself at a boundary (tests/boundaries.py)."""

from __future__ import annotations

from pathlib import Path

from pileus.cloud.kernel.objects import open_blobs
from pileus.cloud.kernel.objects.second import open_copy, restore_copy
from pileus.core.settings import Settings
from tests.boundaries import Boundaries, serve


def bring(folder: Path, key: bytes) -> None:
    """All of `folder/copy` into `folder/data`. Blocks."""
    settings = Settings(folder / "data", folder / "run", folder / "cache")
    settings.make_dirs()
    for _ in restore_copy(open_copy(str(folder / "copy")), key, settings.data_dir, open_blobs(settings)):
        pass


def run(boundaries: Boundaries, folder: str, key: str) -> None:
    boundaries.lay()
    bring(Path(folder), bytes.fromhex(key))


if __name__ == "__main__":
    serve(run)
