"""Syncs that kill themselves at a boundary (tests/boundaries.py); each request is one, too."""

from __future__ import annotations

from pathlib import Path

import httpx

from pileus.sdk.client import Client
from pileus.sdk.sync.pair import Pair
from tests.boundaries import Boundaries, serve


def run(boundaries: Boundaries, folder: str) -> None:
    boundaries.lay()
    boundaries.around("request", httpx.Client, "send")
    with Client.from_config() as client:
        pair = Pair(Path(folder), client)
        pair.once()
        pair.close()


if __name__ == "__main__":
    serve(run)
