"""`pileus backup` that kills itself at a boundary (tests/boundaries.py); each request is one, too."""

from __future__ import annotations

import os

from pileus.sdk.backup.link import Link
from pileus.sdk.backup.save import Options, back_up
from tests.boundaries import Boundaries, serve


def run(boundaries: Boundaries, folder: str) -> None:
    boundaries.lay()
    boundaries.around("request", Link, "_answer")
    back_up(Link.from_config(), Options(paths=[os.fsencode(folder)], host="here", user="me"))


if __name__ == "__main__":
    serve(run)
