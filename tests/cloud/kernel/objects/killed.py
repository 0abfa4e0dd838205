"""Compactions of a data folder's store that kill themselves at a boundary (tests/boundaries.py).

Every blob deleted is one, too.
"""

from __future__ import annotations

from pathlib import Path

from pileus.cloud.app import build
from pileus.cloud.kernel.objects.blobs import StoredBlobs
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.boundaries import Boundaries, serve

from .shelf import packed


def run(boundaries: Boundaries, data_dir: str, now_ms: int) -> None:
    folder = Path(data_dir)
    settings = Settings(folder, folder.with_name("run"), folder.with_name("cache"))
    cloud = build(settings, ManualClock(now_ms), services=[])
    objects = packed(cloud)
    boundaries.lay()
    boundaries.around("blob", StoredBlobs, "delete")
    sweep(objects)
    compact(objects)
    objects.close()
    cloud.close()


if __name__ == "__main__":
    serve(run)
