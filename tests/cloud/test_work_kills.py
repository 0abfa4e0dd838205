"""Uploads and imports of a served cloud, killed at every boundary and at random moments.

What was acknowledged is there, what was begun can be ended, and as days pass nothing is left over.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.core.clock import ManualClock, SystemClock
from tests.boundaries import Ended, Killer, all_listed, killer, one_of_each
from tests.conftest import free_port, running

from .works import WORKS, clean, services, within

pytestmark = pytest.mark.slow
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
KILLS = 500 if NIGHTLY else 6
TRIES = 3
SECONDS = 0.6
"""Within which a work is killed, if it is not done before."""


class Rounds:
    """A work on copies of a new cloud, one for each kill."""

    def __init__(self, folder: Path, work: str, run: Killer) -> None:
        self._folder, self._work, self._run = folder, work, run
        self._now = SystemClock().now_ms()
        self._made = folder / "made"
        with running(within(self._made, free_port()), services(), ManualClock(self._now)) as server:
            self._token = server.account("anna")["token"]
        self._wanted: tuple[int, int] | None = None

    def once(self, **when: Any) -> Ended:
        """Kills it, and looks at what is left: in the end the same each time."""
        here = self._folder / "here"
        shutil.copytree(self._made, here)
        ended = self._run.run(self._work, str(here), self._token, self._now, **when)
        settings = within(here, free_port())
        with (
            running(settings, services(), ManualClock(self._now)) as server,
            server.client(self._token) as client,
        ):
            WORKS[self._work].look(client, ended.told)
        left = clean(settings, self._now)
        assert left == (self._wanted or left), ended
        self._wanted = left
        shutil.rmtree(here)
        return ended


@pytest.fixture(params=list(WORKS))
def work(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(work: str) -> Iterator[Killer]:
    with killer(f"{__package__}.killed_works", work) as made:
        yield made


def test_killed_at_every_boundary(work: str, run: Killer, tmp_path: Path) -> None:
    """At one of each place, before it or after; nightly at all of them.

    A pack's folder is named by the pack's random name: where it is there already, a run has a boundary less and
    ends before the kill. So three runs are made before a place counts as not reached.
    """
    rounds = Rounds(tmp_path, work, run)
    crossed = rounds.once().crossed
    for number in range(len(crossed)) if NIGHTLY else ():
        assert any(rounds.once(left=number).killed for _ in range(TRIES))
    for name, number in one_of_each(crossed, random.Random(len(crossed))):
        assert any(rounds.once(place=name, left=number).killed == name for _ in range(TRIES)), name
    all_listed(work, run.places)


def test_killed_at_random_moments(work: str, run: Killer, tmp_path: Path) -> None:
    rounds, dice = Rounds(tmp_path, work, run), random.Random(work)
    rounds.once()
    ended = [rounds.once(after=dice.uniform(0.001, SECONDS)) for _ in range(KILLS)]
    assert any(not one.crossed for one in ended), "none was killed"
