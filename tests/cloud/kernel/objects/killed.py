"""Compacts the store of a data folder and kills itself at the n-th boundary: `python -m … FOLDER MS N`.

A boundary lies before and after every write of the database and every blob put or deleted. Status 0: it came
to its end first.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pileus.cloud.app import build
from pileus.cloud.kernel.objects.compact import compact
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings

from .shelf import packed


class Boundaries:
    def __init__(self, left: int) -> None:
        self._left = left

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self._cross()
            answer = function(*arguments)
            self._cross()
            return answer

        return called

    def _cross(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


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
