"""Services as folders: finding them, reading `service.toml`, loading what it names."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from pileus.cloud.kernel.journal.collections import Collection
from pileus.cloud.kernel.journal.rules import Merge
from pileus.cloud.kernel.service import Operation, ServiceContext
from pileus.core.errors import PileusError
from pileus.core.ids import is_collection

SERVICES = "pileus.cloud.services"


class ManifestError(PileusError):
    """A service's folder is not as it has to be; the server does not start without it being mended."""

    code = "manifest"


class CollectionEntry(msgspec.Struct, forbid_unknown_fields=True):
    merge: Merge = "fields"
    texts: list[str] = []
    mutable: list[str] = []
    guarded: list[str] = []
    write: str = "device"
    priority: int | None = None
    project: str | None = None
    check: str | None = None
    project_many: str | None = None
    over_quota: bool = False
    ahead: int = 0
    restored: str | None = None
    attachments: str | None = None


class ServiceEntry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    description: str
    priority: int = 50
    app_passwords: bool = False
    collections: dict[str, CollectionEntry] = {}


@dataclass(frozen=True)
class Service:
    """One discovered service; `package` is its dotted name."""

    name: str
    description: str
    folder: Path
    package: str
    collections: tuple[Collection, ...]
    app_passwords: bool = False
    """Whether app passwords may be given this service: its name is their scope then."""

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"

    def operations(self, ctx: ServiceContext) -> Sequence[Operation]:
        """Its HTTP operations; a service may have none (only collections)."""
        if not (self.folder / "routes.py").exists():
            return ()
        make: Callable[[ServiceContext], Sequence[Operation]]
        make = _named(f"{self.package}.routes", "operations", self.folder)
        scope = self.name if self.app_passwords else ""
        return [replace(one, scope=scope) for one in make(ctx)]


def migration_folders() -> dict[str, Path]:
    """Folders of the services' migrations by the services' names; imports none of them."""
    root = Path(str(importlib.import_module(SERVICES).__file__)).parent
    return {path.parent.name: path for path in sorted(root.glob("*/migrations"))}


def discover(root: Path | None = None, package: str = SERVICES) -> list[Service]:
    """All services below a folder, by name; raises `ManifestError` naming the file that is wrong."""
    folder = root or Path(str(importlib.import_module(package).__file__)).parent
    return [load(path.parent, f"{package}.{path.parent.name}") for path in _manifests(folder)]


def load(folder: Path, package: str) -> Service:
    """One service; imports the modules that its collections name."""
    path = folder / "service.toml"
    try:
        entry = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), ServiceEntry)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(detail=f"{path}: {error}") from None
    if entry.name != folder.name:
        raise ManifestError(detail=f"{path}: its name {entry.name!r} is not its folder's.")
    collections = tuple(_collection(path, package, entry, name) for name in sorted(entry.collections))
    return Service(entry.name, entry.description, folder, package, collections, entry.app_passwords)


def _manifests(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*/service.toml"))


def _collection(path: Path, package: str, entry: ServiceEntry, name: str) -> Collection:
    one = entry.collections[name]
    if not is_collection(name) or name.split(".")[0] != entry.name:
        raise ManifestError(detail=f"{path}: a collection is named {entry.name}.kind, not {name!r}.")
    if one.write not in ("device", "service"):
        raise ManifestError(detail=f"{path}: write of {name} is device or service, not {one.write!r}.")
    if one.over_quota and one.write != "service":
        raise ManifestError(detail=f"{path}: over_quota of {name} needs write = service.")
    if one.mutable and one.merge != "append":
        raise ManifestError(detail=f"{path}: mutable fields of {name} need merge = append.")
    if one.ahead < 0:
        raise ManifestError(detail=f"{path}: ahead of {name} is a number of records, not {one.ahead}.")
    return Collection(
        name,
        one.merge,
        frozenset(one.texts),
        frozenset(one.mutable),
        frozenset(one.guarded),
        "service" if one.write == "service" else "device",
        entry.priority if one.priority is None else one.priority,
        one.over_quota,
        _reference(path, package, one.project),
        _reference(path, package, one.check),
        _reference(path, package, one.project_many),
        one.ahead,
        _reference(path, package, one.restored) or dict,
        _reference(path, package, one.attachments),
    )


def _reference(path: Path, package: str, reference: str | None) -> Any:
    if reference is None:
        return None
    module, _, function = reference.partition(":")
    if not function:
        raise ManifestError(detail=f"{path}: {reference!r} is not of the form module:function.")
    return _named(f"{package}.{module}", function, path)


def _named(module: str, name: str, where: Path) -> Any:
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ManifestError(detail=f"{where}: {module}:{name} cannot be loaded: {error}") from error
