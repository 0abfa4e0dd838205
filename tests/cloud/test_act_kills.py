"""Everything that a cloud does for its people, killed at every boundary of it.

What was acknowledged is there, what was not is there whole or not at all, doing it again ends it, and nothing is
left over. By night each act is killed at each of its boundaries, else some are; that they come by each place that
is listed for them (tests/boundaries.txt) is looked at always.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pileus.core.settings import Settings
from tests.boundaries import Ended, Killer, all_listed, killer, place_of, places
from tests.cloud.push_service import push_service

from .acts.scenes import SCENES

pytestmark = pytest.mark.slow
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
TRIES = 3
SELDOM = 1
"""Boundaries that an act came by when it was recorded, and then in none of its tries: some hang on the clock."""
MOST = 10
"""Kills of a scene, but by night."""


class Campaign:
    """A scene's acts as they were recorded, on copies of what was there before each."""

    def __init__(self, scene: str, folder: Path, run: Killer) -> None:
        self._scene, self._folder, self._run = scene, folder, run
        ended = run.run("record", scene, str(folder), "", {})
        self.acts: dict[str, Any] = {}
        for line in ended.told:
            one = json.loads(line)
            self.acts[one["act"]] = one
        missing = SCENES[scene].acts.keys() - self.acts.keys()
        assert not missing, missing

    def kill(self, name: str, boundary: str) -> bool:
        """Whether the act came by there; judges what it left."""
        one, here = self.acts[name], self._folder / "here"
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(self._folder / "before" / name, here)
        ended = self._ask("do", name, one["said"], place=boundary, left=0)
        told = one["said"] | {"before": one["before"], "weeks": NIGHTLY}
        found = json.loads(self._ask("look", name, told).told[0])
        where = f"{name}, killed {boundary}"
        act = SCENES[self._scene].acts[name]
        if ended.told:
            assert not (other := others(found["left"], one["after"])), f"{where}: it was acknowledged\n{other}"
        elif not act.parts and found["left"] != one["before"]:
            assert not (other := others(found["left"], one["after"])), f"{where}: a part of it is there\n{other}"
        other = others(found["after"], one["after"], more=act.more)
        assert not other, f"{where}: done again it is another\n{other}"
        assert not found["over"], f"{where}: {found['over']} is left over"
        return ended.killed == boundary

    def _ask(self, work: str, name: str, said: dict[str, Any], **when: Any) -> Ended:
        return self._run.run(work, self._scene, str(self._folder / "here"), name, said, **when)


def others(left: dict[str, list[str]], wanted: dict[str, list[str]], *, more: bool = False) -> str:
    """Rows that only one of two has, by table; with `more` those that lack."""
    told = []
    for table in sorted(left.keys() | wanted.keys()):
        here, there = Counter(left.get(table, [])), Counter(wanted.get(table, []))
        told += [f"{table}: is {row}" for row in (here - there).elements() if not more]
        told += [f"{table}: lacks {row}" for row in (there - here).elements()]
    return "\n".join(told)


def own_places(scene: str, acts: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Acts and boundaries by place, of those at which it dies, or nothing does."""
    listed = places()
    found: dict[str, list[tuple[str, str]]] = {}
    for name, one in acts.items():
        for boundary in () if SCENES[scene].acts[name].prepares else dict.fromkeys(one["crossed"]):
            if scene in (campaigns := listed.get(place_of(boundary), set())) or not campaigns:
                found.setdefault(place_of(boundary), []).append((name, boundary))
    return found


def chosen(scene: str, own: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Act and boundary: by night all, else one of each of some places, the same ones each time."""
    if NIGHTLY:
        return [one for some in own.values() for one in some]
    dice = random.Random(scene)
    return [dice.choice(own[place]) for place in dice.sample(sorted(own), min(len(own), MOST))]


@pytest.mark.parametrize("scene", SCENES)
def test_killed_at_every_boundary(
    scene: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with push_service(tmp_path / "service", settings) as service:
        environment = {"SSL_CERT_FILE": str(service.certificate), "PUSH_ORIGIN": service.origin}
        with killer(f"{__package__}.killed_acts", scene, **environment) as run:
            campaign = Campaign(scene, tmp_path / "acts", run)
            own = own_places(scene, campaign.acts)
            asked = chosen(scene, own)
            missed = [one for one in asked if not any(campaign.kill(*one) for _ in range(TRIES))]
            assert len(missed) <= SELDOM, missed
        all_listed(scene, run.places if NIGHTLY else (f"at {place}" for place in own))
