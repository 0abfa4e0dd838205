"""Power cuts: a restore that was said to be done is on the disk, and one that was cut off goes on where it was."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pileus.sdk.backup.link import Link
from pileus.sdk.config import Config, write_config
from tests.cloud.works import within
from tests.conftest import free_port, running
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


def test_a_snapshot_that_was_told_outlives_a_power_cut_of_the_cloud(tmp_path: Path) -> None:
    """And the next backup ends what was begun."""
    source, first = tmp_path / "source", tmp_path / "first"
    fill(source)
    shutil.copytree(source, first)
    with forgetful(tmp_path / "disk", seed := 6) as disk, running(within(disk.folder, free_port())) as server:
        token = str(server.account("anna")["token"])
        disk.settle()
        disk.tell(f"token:{token}")
        with closing(Link(Config(server.url, token))) as link:
            disk.tell(f"saved:{Account(link).backup(source).snapshot}")
            (source / "sub 1" / "deep" / "new").write_bytes(os.urandom(300_000))
            disk.tell(f"saved:{Account(link).backup(source).snapshot}")
    images = [image for image in disk.images() if image.told]
    assert len(images) > 20
    for image in [images[-1], *(images if IMAGES is None else random.Random(seed).sample(images, 5))]:
        here = tmp_path / "here"
        here.mkdir()
        image.make(here)
        with running(within(here, free_port())) as server, closing(Link(Config(server.url, token))) as link:
            account = Account(link)
            saved = [one.split(":")[1] for one in image.told if one.startswith("saved:")]
            for snapshot, was in zip(saved, (first, source), strict=False):
                account.restore(snapshot, here / snapshot, below=os.fsencode(source).strip(b"/"))
                assert looked(here / snapshot) == looked(was), (image.why, image.kind)
            account.backup(source)
            account.restore("latest", here / "back", below=os.fsencode(source).strip(b"/"))
            assert looked(here / "back") == looked(source)
        shutil.rmtree(here)
