"""A supervisor of one's own, as the conformance suite has it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def world() -> ModuleType:
    """`tests/conformance/engines/world.py`."""
    name = "surface_world"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "conformance/engines/world.py"
        found = importlib.util.spec_from_file_location(name, path)
        assert found is not None
        assert found.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(found)
        found.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def here(world: ModuleType, tmp_path: Path) -> Iterator[Any]:
    with world.supervisor(tmp_path) as running:
        yield running
