"""Find the engines: every folder of `pileus.surfaces.engines` with an `engine.toml`."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pileus.core.errors import NotFound
from pileus.core.settings import Settings
from pileus.surfaces.engine import Engine

ENGINES = Path(__file__).resolve().parent / "engines"


class EngineShelf:
    """The engines by name; each is made at its first use."""

    def __init__(self, settings: Settings, folder: Path = ENGINES) -> None:
        self._settings = settings
        found = manifests(folder)
        self._factories = {name: str(manifest["factory"]) for name, manifest in found.items()}
        self._begins = {name: manifest["begins"] for name, manifest in found.items() if "begins" in manifest}
        self._made: dict[str, Engine] = {}

    @property
    def names(self) -> list[str]:
        return list(self._factories)

    def get(self, name: str) -> Engine:
        """The engine of that name; raises `NotFound`, or what its factory raises."""
        if name not in self._factories:
            raise NotFound("engine-unknown", f"There is no engine called {name!r}.")
        if name not in self._made:
            self._made[name] = load(self._factories[name])(self._settings)
        return self._made[name]

    @property
    def beginning(self) -> list[str]:
        """Those that may have something to do before they are used."""
        return [name for name, place in self._begins.items() if (self._settings.data_dir / str(place)).is_dir()]

    @property
    def made(self) -> list[Engine]:
        """Those that were used."""
        return list(self._made.values())

    async def close(self) -> None:
        """Ends the spares of all engines that were used."""
        for engine in self._made.values():
            await engine.close()


def manifests(folder: Path = ENGINES) -> dict[str, dict[str, object]]:
    """What each engine's `engine.toml` says, by the engine's name. Reads files."""
    return {
        path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*/engine.toml"))
    }


def load(place: str) -> Callable[[Settings], Any]:
    """The callable that a manifest names, as `module:callable`."""
    module, _, function = place.partition(":")
    found: Callable[[Settings], Any] = getattr(importlib.import_module(module), function)
    return found
