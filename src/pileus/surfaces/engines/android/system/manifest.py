"""What a package's manifest says that concerns others, as it is kept beside the package (MANIFEST, JSON).

It is made once, where packages are read (`reading.manifest`); the system decodes it, and never opens a package.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from pileus.core import durable
from pileus.surfaces.engines.android.system.intents import Filter
from pileus.surfaces.engines.android.system.queries import Queries

MANIFEST = "manifest.json"
FORMAT = 1
MAX_LABEL = 200
"""Characters of an app's or a component's name that anybody is shown."""
SYSTEMS = ("android.permission.", "com.android.")
"""How the names of permissions begin that no app defines."""
Kind = Literal["activity", "service", "receiver", "provider"]


@dataclass(frozen=True)
class Component:
    """An activity, service, receiver or provider; `permission` is what a caller needs."""

    kind: Kind
    package: str
    name: str
    exported: bool
    enabled: bool
    permission: str | None
    filters: tuple[Filter, ...]
    label: str = ""
    authorities: tuple[str, ...] = ()
    read: str | None = None
    write: str | None = None
    grants: bool = False
    launch_mode: int = 0
    affinity: str | None = None
    target: str | None = None

    @property
    def full(self) -> str:
        return f"{self.package}/{self.name}"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A package's record."""

    package: str
    format: int = 0
    label: str = ""
    target_sdk: int = 1
    version_code: int = 0
    version_name: str = ""
    requested: frozenset[str] = frozenset()
    defined: dict[str, int] = {}
    """The permissions that it defines, with the base of their protection level (2: same signer)."""
    components: tuple[Component, ...] = ()
    queries: Queries = Queries()

    @property
    def permissions(self) -> set[str]:
        """Those that it defines; what an app says of the system's own is nothing."""
        return {name for name in self.defined if not name.startswith(SYSTEMS)}

    @property
    def authorities(self) -> set[str]:
        return {name for item in self.components if item.kind == "provider" for name in item.authorities}

    def fits(self, package: str) -> bool:
        """Whether it is this package's, and says nothing of others' components."""
        return self.package == package and all(item.package == package for item in self.components)


class BadRecord(Exception):
    """What is kept of a manifest cannot be used."""


def kept(folder: Path, package: str) -> Manifest:
    """The record of a package; raises `BadRecord`, OSError. Blocks."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise BadRecord(str(error)) from error
    if found.format != FORMAT or not found.fits(package):
        raise BadRecord("it is of another package, or of another version of the cloud")
    return found


def keep(folder: Path, manifest: Manifest) -> None:
    """Replaced whole, on the disk when it returns. Blocks."""
    durable.write(folder / MANIFEST, msgspec.json.encode(manifest), 0o644)
