"""Find the capabilities: every folder of `pileus.handset.capabilities` with a `capability.toml`."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pileus.handset.capability import Capability, Surroundings

FOLDER = Path(__file__).resolve().parent / "capabilities"
SIMULATED = FOLDER.parent / "simulated"


@dataclass(frozen=True)
class Manifest:
    """`factory`: `module:callable`, which makes the capability of its `Surroundings`."""

    name: str
    description: str
    factory: str

    def make(self, surroundings: Surroundings) -> Capability:
        """Raises what the factory raises."""
        module, _, function = self.factory.partition(":")
        made: Callable[[Surroundings], Capability] = getattr(importlib.import_module(module), function)
        return made(surroundings)


def manifests(folder: Path = FOLDER) -> dict[str, Manifest]:
    """By name. Reads files; raises `ValueError` for one that says too little."""
    found: dict[str, Manifest] = {}
    for path in sorted(folder.glob("*/capability.toml")):
        said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        missing = sorted({"description", "factory"} - said.keys())
        if missing:
            raise ValueError(f"{path}: {missing[0]} is missing")
        found[path.parent.name] = Manifest(path.parent.name, str(said["description"]), str(said["factory"]))
    return found


def simulated(real: Collection[str] = ()) -> dict[str, Manifest]:
    """Those of a handset without hardware: stand-ins, and the real ones where there is none, or where they are
    named. Raises as above."""
    stand_ins = manifests(SIMULATED)
    return {**manifests(), **{name: one for name, one in stand_ins.items() if name not in real}}
