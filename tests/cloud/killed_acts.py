"""A served cloud that kills itself at a boundary of an act (tests/boundaries.py, tests/cloud/acts)."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from pileus.cloud.kernel.accounts.deletion import Deletion
from pileus.cloud.kernel.journal import upkeep
from pileus.cloud.kernel.storage import StorageNews
from pileus.cloud.services.calendar.invitations import Deliverer
from pileus.cloud.services.calendar.telling import Teller
from pileus.core.clock import SystemClock
from pileus.surfaces import discovery
from tests.boundaries import Boundaries, serve
from tests.cloud.services.apps.test_engines import PaperPackages

from .acts.act import Act, Scene, Stage
from .acts.scenes import SCENES


async def _never(*_: Any) -> None:
    """What a cloud does by itself it does here when an act says so."""
    await asyncio.Event().wait()


def run(boundaries: Boundaries, work: str, scene: str, folder: str, name: str, said: dict[str, Any]) -> None:
    """`record` a scene, `do` an act of it, or `look` at what a kill left of one and do it again."""
    upkeep.prune_all = _never
    for owner, its in ((StorageNews, "keep_telling"), (Deletion, "keep_erasing")):
        setattr(owner, its, _never)
    Teller.keep_telling = _never
    Deliverer.keep_delivering = _never
    here = Path(folder)
    if work == "record":
        record(boundaries, SCENES[scene], here)
    elif work == "do":
        do(boundaries, SCENES[scene], here, SCENES[scene].acts[name], said)
    else:
        look(boundaries, SCENES[scene], here, SCENES[scene].acts[name], said)


def record(boundaries: Boundaries, scene: Scene, here: Path) -> None:
    """All acts in a row; of each what was there before and after, what it crossed, and the folder before it."""
    now = SystemClock().now_ms()
    stage = Stage(scene, here, {"now_ms": now, "tokens": {}})
    boundaries.lay()
    if next(iter(scene.acts.values())).starts:
        stage.settings().data_dir.mkdir(parents=True)
    else:
        stage.open()
    for name, act in scene.acts.items():
        told: dict[str, Any] = {"act": name, "said": stage.said, "before": stage.there()}
        told = json.loads(json.dumps(told))
        if act.starts:
            stage.close()
        shutil.copytree(here / "data", here / "before" / name / "data")
        crossed = len(boundaries.crossed)
        if act.starts:
            stage.open()
        act.do(stage)
        told["crossed"] = boundaries.crossed[crossed:]
        stage.end(act)
        boundaries.tell(json.dumps(told | {"after": stage.there()}))


def do(boundaries: Boundaries, scene: Scene, here: Path, act: Act, said: dict[str, Any]) -> None:
    stage = Stage(scene, here, said)
    if not act.starts:
        stage.open()
    boundaries.lay()
    if act.starts:
        stage.open()
    act.do(stage)
    boundaries.tell("done")


def look(boundaries: Boundaries, scene: Scene, here: Path, act: Act, said: dict[str, Any]) -> None:
    stage = Stage(scene, here, said, again=True)
    stage.open()
    stage.rest()
    left = stage.there()
    if act.keyed or without_log(left) == without_log(said["before"]):
        act.do(stage)
    stage.end(act)
    told = {"left": left, "after": stage.there()}
    told["over"] = stage.left_over() if scene.stores or said["weeks"] else []
    boundaries.tell(json.dumps(told))


def without_log(there: dict[str, list[str]]) -> dict[str, list[str]]:
    """An account's log may tell of what was about to come."""
    return {table: rows for table, rows in there.items() if table != "account_log"}


def papers() -> None:
    """The test engine has packages, as other engines have: in the cloud's own folder."""
    module = ModuleType("packages_of_acts")
    module.make = lambda settings: PaperPackages(settings.data_dir / "paper")  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    told = (discovery.ENGINES / "fake" / "engine.toml").read_text()
    folder = Path(tempfile.mkdtemp(prefix="pileus-engines-"))
    (folder / "fake").mkdir()
    (folder / "fake" / "engine.toml").write_text(f'{told}packages = "{module.__name__}:make"\n')
    discovery.ENGINES = folder


def load() -> None:
    """What a server loads when it starts and when it is asked, so that each child has it."""
    with tempfile.TemporaryDirectory(prefix="pileus-acts-") as name:
        stage = Stage(Scene(), Path(name), {"now_ms": SystemClock().now_ms(), "tokens": {}})
        stage.open()
        stage.close()


if __name__ == "__main__":
    papers()
    load()
    serve(run)
