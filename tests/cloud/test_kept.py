"""What a server of an earlier day kept, one of everything, is there in today's: served as it is on both databases,
and brought back from that server's second copy alone.

`kept/second.tar.xz` was made by `everything.make_kept` with the server of commit 1cfa294; never made anew.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pileus.cloud.kernel.objects import open_blobs
from pileus.cloud.kernel.objects.second import open_copy, restore_copy
from pileus.cloud.moving import move_away, upgrade
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.postgres import database, postgres_server

from . import everything

__all__ = ["database", "postgres_server"]

KEPT = Path(__file__).parent / "kept" / "second.tar.xz"
HOUR_MS = 3_600_000


class Kept:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with tarfile.open(KEPT) as tar:
            tar.extractall(folder, filter="data")
        self.said: dict[str, Any] = json.loads((folder / "said.json").read_text(encoding="utf-8"))

    def clock(self) -> ManualClock:
        """An hour later: what is kept for some days only is there still."""
        return ManualClock(self.said["now_ms"] + HOUR_MS)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "kept")


def test_todays_cloud_keeps_one_of_everything(
    serve: Callable[..., Any], settings: Settings, tmp_path: Path
) -> None:
    """So that what the old data is asked for is what today's would answer."""
    with serve(settings) as server:
        everything.look(server, everything.put(server, tmp_path / "source"))


def test_it_is_served_as_it_is(kept: Kept, settings: Settings, database: str, serve: Callable[..., Any]) -> None:
    here = settings.changed(data_dir=kept.folder / "data", copy_to="", objects="")
    upgrade(here)
    if database:
        move_away(here, database)
    with serve(here.changed(database=database), clock=kept.clock()) as server:
        everything.look(server, kept.said)


def test_it_comes_back_from_its_second_copy_alone(
    kept: Kept, settings: Settings, serve: Callable[..., Any]
) -> None:
    key = (kept.folder / "data" / "keys" / "server.key").read_bytes()
    there = settings.changed(data_dir=kept.folder / "there", copy_to="", objects="")
    there.make_dirs()
    for _ in restore_copy(open_copy(str(kept.folder / "copy")), key, there.data_dir, open_blobs(there)):
        pass
    with serve(there, clock=kept.clock()) as server:
        everything.look(server, kept.said)
