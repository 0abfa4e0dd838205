"""Power cuts: a cloud whose file system forgets what was not fsynced loses nothing that it acknowledged."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pileus.core.clock import ManualClock, SystemClock
from tests.conftest import free_port, running
from tests.forgetful import ROOT, Image, forgetful

from .works import WORKS, clean, services, within

pytestmark = [pytest.mark.slow, pytest.mark.fuse]
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
IMAGES = 12


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """From the first start on: uploads, imports, a sweep and a compaction, cut off at any fsync or renaming."""
    now = SystemClock().now_ms()
    with forgetful(tmp_path / "disk", seed := 7) as disk:
        command = [sys.executable, "-m", "tests.cloud.powered", str(disk.folder), str(now)]
        subprocess.run(command, cwd=ROOT, check=True)
    images = disk.images()
    whole = looked_at(images[-1], tmp_path / "whole", now)
    assert len(images) > 100
    dice = random.Random(seed)
    for image in images if NIGHTLY else dice.sample(images, IMAGES):
        assert looked_at(image, tmp_path / "here", now) == whole, (image.why, image.kind, image.told[-1:])
        shutil.rmtree(tmp_path / "here")


def looked_at(image: Image, folder: Path, now_ms: int) -> tuple[int, int]:
    """What was told is there; the works are ended, and what stays in the end is the same each time."""
    folder.mkdir()
    image.make(folder)
    settings = within(folder, free_port())
    token = next((one.split(":", 1)[1] for one in image.told if one.startswith("token:")), None)
    with running(settings, services(), ManualClock(now_ms)) as server:
        if token is None:
            token = server.account("ben")["token"]
        with server.client(token) as client:
            for work in WORKS.values():
                work.look(client, image.told)
    return clean(settings, now_ms)
