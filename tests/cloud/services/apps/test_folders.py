"""What an app keeps is replaced whole or not at all, whenever the cloud is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pileus.cloud.kernel.app_folders import AppFolderShelf
from pileus.core.errors import NotFound
from tests.boundaries import all_listed, killer

from .killed import ACCOUNT, APP, ENGINE, folders


def made(folder: Path, before: bool) -> Path:
    """A data folder with what is to come, and an app's folder where it has one; the latter's path."""
    place = folders(folder).data(ENGINE, ACCOUNT, APP)
    if before:
        place.mkdir(parents=True)
        (place / "kept").write_text("old")
    new = folder / "data" / "laid out"
    new.mkdir(parents=True)
    (new / "kept").write_text("new")
    (new / "link").symlink_to("/dev/full")
    return place


@pytest.mark.parametrize("before", [True, False])
def test_killed_at_every_boundary(tmp_path: Path, before: bool) -> None:
    boundary = 0
    with killer(f"{__package__}.killed", "app-folders") as run:
        while True:
            here = tmp_path / str(boundary)
            place = made(here, before)
            ended = run.run(str(here), left=boundary)
            folders(here).clean([ENGINE])
            kept = (place / "kept").read_text() if place.exists() else None
            assert kept == "new" if "swapped" in ended.told else kept in ("new", "old" if before else None)
            others = [one.name for one in place.parent.iterdir()] if place.parent.exists() else []
            assert set(others) <= {APP}
            if not ended.killed:
                break
            boundary += 1
    if before:
        all_listed("app-folders", run.places)


def test_an_app_that_was_started_in_between_does_not_cost_what_there_was(tmp_path: Path) -> None:
    """The cloud was killed between two names; an alarm started the app in an empty folder before it came back."""
    place = made(tmp_path, before=True)
    here = folders(tmp_path)
    here.stage_data(ENGINE, ACCOUNT, APP, tmp_path / "data" / "laid out")
    place.rename(place.with_name(f".old-{APP}"))
    place.mkdir()
    here.clean([ENGINE])
    assert (place / "kept").read_text() == "old"
    assert [one.name for one in place.parent.iterdir()] == [APP]


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Nor does a start after one of them failed."""
    place = made(tmp_path, before=True)
    here = folders(tmp_path)
    here.stage_data(ENGINE, ACCOUNT, APP, tmp_path / "data" / "laid out")
    assert here.swap_data(ENGINE, ACCOUNT, APP) is not None
    with pytest.raises(FileNotFoundError):
        here.swap_data(ENGINE, ACCOUNT, APP)
    assert (place / "kept").read_text() == "new"
    place.rename(place.with_name(f".old-{APP}"))
    here.clean([ENGINE])
    assert (place / "kept").read_text() == "new"


def test_an_app_that_is_removed_leaves_nothing_behind(tmp_path: Path) -> None:
    place = made(tmp_path, before=True)
    here = folders(tmp_path)
    here.stage_data(ENGINE, ACCOUNT, APP, tmp_path / "data" / "laid out")
    here.remove_data(ENGINE, ACCOUNT, APP)
    assert list(place.parent.iterdir()) == []


async def nobody() -> None:
    shelf = AppFolderShelf()
    assert await shelf.listed("anna") == []
    with pytest.raises(NotFound):
        await shelf.replace("anna", "org.example", Path("/nowhere"))


def test_a_cloud_without_apps_has_no_folders_of_theirs() -> None:
    asyncio.run(nobody())
