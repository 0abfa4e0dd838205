"""A second copy and what is brought back from it, cut off by SIGKILL and by power cuts: a copy that was complete
comes back whatever came after it, and the next run ends what was begun."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.cloud.kernel.objects.second import open_copy
from pileus.cloud.kernel.objects.snapshot import complete
from pileus.cloud.moving import upgrade
from pileus.core.settings import Settings
from tests.boundaries import Killer, killer
from tests.conftest import free_port, running
from tests.forgetful import ROOT, Image, forgetful

from . import everything
from .copied_server import copy, restore, within
from .test_kept import Kept

pytestmark = pytest.mark.slow
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
SOME = 6
APP = "android/accounts/0190-anna/org.example.notes"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """One of everything, with what an app keeps, and a copy that an earlier server made of it, without that."""
    made = Kept(tmp_path / "kept")
    upgrade(within(made.folder))
    fill(made.folder / "data" / APP)
    return made


def fill(folder: Path) -> None:
    (folder / "databases").mkdir(parents=True)
    (folder / "databases" / "notes.db").write_bytes(random.Random(1).randbytes(600_000))
    (folder / "word").write_text("西湖")
    os.link(folder / "word", folder / "again")


@pytest.fixture
def run() -> Iterator[Killer]:
    with killer("tests.cloud.copied_server", "copies") as made:
        yield made


def some(count: int) -> list[int]:
    """Boundaries or images to look at: all in the nightly run, else the last and a few."""
    numbers = list(range(count))
    return numbers if NIGHTLY else sorted({count - 1, *random.Random(3).sample(numbers, min(SOME, count))})


def looked(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def whole(there: Settings, kept: Kept) -> None:
    """What was brought back serves one of everything; what the app kept is there."""
    assert looked(there.data_dir / APP) == looked(kept.folder / "data" / APP)
    assert not (there.data_dir / "restoring").exists()
    with running(there.changed(port=free_port()), clock=kept.clock()) as server:
        everything.look(server, kept.said)
    shutil.rmtree(there.data_dir.parent)


def key_of(kept: Kept) -> Path:
    return kept.folder / "data" / "keys" / "server.key"


def test_a_copy_killed_anywhere_leaves_the_one_before_and_is_ended(
    kept: Kept, run: Killer, tmp_path: Path
) -> None:
    before, key = kept.folder / "copy", key_of(kept)
    place = tmp_path / "place"
    asked = (str(kept.folder), str(place), str(key))
    shutil.copytree(before, place)
    run.run("copy", *asked)  # the first makes folders of the server's own
    shutil.rmtree(place)
    shutil.copytree(before, place)
    crossed = run.run("copy", *asked).crossed
    assert len(crossed) > 20
    for number in some(len(crossed)):
        shutil.rmtree(place)
        shutil.copytree(before, place)
        ended = run.run("copy", *asked, left=number)
        assert ended.killed or number >= len(ended.crossed), "some copies need a step or two less"
        assert complete(open_copy(str(place)))
        restore(within(tmp_path / "one"), place, key)
        shutil.rmtree(tmp_path / "one")
        copy(within(kept.folder), place)
    restore(within(tmp_path / "there"), place, key)
    whole(within(tmp_path / "there"), kept)


def test_a_restore_killed_anywhere_is_begun_again(kept: Kept, run: Killer, tmp_path: Path) -> None:
    place, key, there = tmp_path / "place", key_of(kept), tmp_path / "there"
    copy(within(kept.folder), place)
    crossed = run.run("restore", str(there), str(place), str(key)).crossed
    assert len(crossed) > 20
    for number in some(len(crossed)):
        shutil.rmtree(there)
        assert run.run("restore", str(there), str(place), str(key), left=number).killed == crossed[number]
        if not (there / "data" / "pileus.db").exists():
            restore(within(there), place, key)
        assert looked(there / "data" / APP) == looked(kept.folder / "data" / APP)
    whole(within(there), kept)


def cut(place: Path, which: str, folder: str, copy_to: str, key: Path) -> list[Image]:
    """Images of power cuts during the work; `{disk}` in a path stands for the folder that forgets."""
    with forgetful(place, 5) as disk:
        paths = [one.replace("{disk}", str(disk.folder)) for one in (folder, copy_to, str(key))]
        command = [sys.executable, "-m", "tests.cloud.copied_server", str(disk.folder), which, *paths]
        subprocess.run(command, cwd=ROOT, check=True)
    images = disk.images()
    assert len(images) > 10
    assert images[-1].told
    return images


@pytest.mark.fuse
def test_a_copy_that_was_told_outlives_a_power_cut(kept: Kept, tmp_path: Path) -> None:
    key = key_of(kept)
    images = cut(tmp_path / "disk", "copy", str(kept.folder), "{disk}/place", key)
    for number in some(len(images)):
        image, here = images[number], tmp_path / "here"
        here.mkdir()
        image.make(here)
        if image.told:
            assert len(complete(open_copy(str(here / "place")))) == 1
        copy(within(kept.folder), here / "place")
        restore(within(tmp_path / "there"), here / "place", key)
        assert looked(tmp_path / "there" / "data" / APP) == looked(kept.folder / "data" / APP), image.why
        shutil.rmtree(here)
        if number < len(images) - 1:
            shutil.rmtree(tmp_path / "there")
    whole(within(tmp_path / "there"), kept)


@pytest.mark.fuse
def test_a_restore_that_was_told_outlives_a_power_cut(kept: Kept, tmp_path: Path) -> None:
    key, place = key_of(kept), tmp_path / "place"
    copy(within(kept.folder), place)
    images = cut(tmp_path / "disk", "restore", "{disk}/there", str(place), key)
    for number in some(len(images)):
        image, here = images[number], tmp_path / "here"
        here.mkdir()
        image.make(here)
        there = within(here / "there")
        if image.told:
            assert (there.data_dir / "pileus.db").exists()
        if not (there.data_dir / "pileus.db").exists():
            restore(there, place, key)
        assert looked(there.data_dir / APP) == looked(kept.folder / "data" / APP), (image.why, image.kind)
        if number < len(images) - 1:
            shutil.rmtree(here)
    whole(there, kept)
