"""Compacts the store of a data folder and kills itself at the n-th boundary: `python -m … FOLDER MS N`.

A boundary lies before and after every write of the database and every blob put or deleted. Status 0: it came
to its end first.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pileus.cloud.app import build
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.cloud.boundaries import Boundaries

from .shelf import packed


def main(folder: Path, now_ms: int, boundary: int) -> None:
    cloud = build(Settings(folder / "data", folder / "run", folder / "cache"), ManualClock(now_ms), services=[])
    objects, boundaries = packed(cloud), Boundaries(boundary)
    for part, names in ((objects.blobs, ("put", "delete")), (cloud.db, ("write",))):
        for name in names:
            setattr(part, name, boundaries.around(getattr(part, name)))
    sweep(objects)
    compact(objects)
    objects.close()
    cloud.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
