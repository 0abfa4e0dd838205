"""Power cuts: a restore that was said to be done is on the disk, and one that was cut off goes on where it was."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pileus.sdk.backup.link import Link
from pileus.sdk.config import Config, write_config
from tests.forgetful import ROOT, forgetful

from .conftest import Account

pytestmark = [pytest.mark.slow, pytest.mark.fuse]
IMAGES = None if os.environ.get("PILEUS_NIGHTLY") else 25


def fill(folder: Path) -> None:
    """What that file system can hold: files of some pages, folders, a second name."""
    dice = random.Random(2)
    for number in range(20):
        file = folder / f"sub {number % 3}" / "deep" / f"{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(dice.randbytes(dice.randrange(3 << 14)))
        os.utime(file, (number, 1_500_000_000 + number))
    os.link(folder / "sub 0" / "deep" / "0", folder / "second name")


def looked(folder: Path) -> dict[str, tuple[bytes, int] | None]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_what_is_restored_survives(server: Any, tmp_path: Path) -> None:
    token = server.account("anna")["token"]
    write_config(Config(server.url, token), tmp_path / "client.json")
    source = tmp_path / "source"
    fill(source)
    link = Link(Config(server.url, token))
    account = Account(link)
    account.backup(source)
    env = {**os.environ, "PILEUS_CLIENT_CONFIG": str(tmp_path / "client.json")}
    with forgetful(tmp_path / "disk", seed := 5) as disk:
        target = disk.folder / "made" / "for it"
        command = ["-m", "pileus.cli.main", "restore", f"latest:{source}", "--target", str(target)]
        subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True, capture_output=True)
        disk.tell("restored")
    images = disk.images()
    assert len(images) > 30
    done = [image for image in images if image.told]
    assert len(done) == 2
    dice = random.Random(seed)
    for image in [*done, *(images if IMAGES is None else dice.sample(images, IMAGES))]:
        here = tmp_path / "here"
        here.mkdir()
        image.make(here)
        back = here / "made" / "for it"
        if not image.told:
            account.restore("latest", back, below=os.fsencode(source).strip(b"/"))
        assert looked(back) == looked(source), (image.why, image.kind)
        shutil.rmtree(here)
    link.close()
