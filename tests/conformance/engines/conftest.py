"""Engines that the suite runs on. Another engine: a `Subject` in a file `subject_NAME.py` beside this one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent


def _load(path: Path) -> ModuleType:
    name = f"engine_conformance_{path.stem}"
    if name not in sys.modules:
        found = importlib.util.spec_from_file_location(name, path)
        assert found is not None
        assert found.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
    return sys.modules[name]


world = _load(HERE / "world.py")


def subjects() -> list[Any]:
    """The fake engine, and what `subject_*.py` files give: `SUBJECT`, and `MARKS` for pytest."""
    others = [_load(path) for path in sorted(HERE.glob("subject_*.py"))]
    return [
        pytest.param(world.FAKE, id="fake"),
        *(pytest.param(m.SUBJECT, id=m.SUBJECT.engine, marks=getattr(m, "MARKS", [])) for m in others),
    ]


@pytest.fixture(params=subjects(), scope="module")
def subject(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def here(subject: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with world.supervisor(tmp_path_factory.mktemp("s"), subject.env) as running:
        yield running
