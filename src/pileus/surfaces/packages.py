"""The border between the cloud and engines whose apps are installed from package files.

Such an engine says in its `engine.toml` `packages = "module:callable"`; the callable takes `Settings` and gives
`Packages`. The web process installs with it; the supervisor runs what was installed with the `Engine` itself.
Everything is kept by the SHA-256 of the file, once for all accounts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pileus.core.errors import Invalid, NotFound
from pileus.core.settings import Settings
from pileus.surfaces import discovery

HEAD = 64
"""Bytes of a file that `Packages.takes` sees."""

Progress = Callable[[str, float], Awaitable[None]]


@dataclass(frozen=True)
class Offer:
    """A file that was read and found sound. `app_id` is what the app is called in an account: two engines' apps
    never share one. `held` is its engine's own."""

    sha256: str
    app_id: str
    label: str
    held: object = None


@dataclass(frozen=True)
class Kept:
    """An installed package, as an app is started from it. `package_dir` is immutable."""

    package_dir: Path
    options: Mapping[str, str] = field(default_factory=dict)


class Packages(Protocol):
    """The packages of one engine, of all accounts."""

    def takes(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes (`HEAD` of them, or fewer) may be one of the engine's."""
        ...

    def clean(self) -> None:
        """Removes what was half done when the process ended; called before anything is added. Blocks."""
        ...

    async def check(self, file: Path) -> Offer:
        """What the file offers, read as a stranger's; raises `PileusError` with a reason for its owner."""
        ...

    def check_update(self, installed: Mapping[str, Any], offer: Offer) -> None:
        """Raises `PileusError` where the offer may not replace the app with these fields of `apps.app`."""
        ...

    async def add(self, file: Path, offer: Offer, progress: Progress) -> None:
        """Keeps the package, made ready to run, unless it is there; may take minutes and may be repeated."""
        ...

    def check_beside(self, offer: Offer, others: Sequence[str]) -> None:
        """Raises `PileusError` where the offer, whose package is there, cannot be in an account beside these
        packages (SHA-256). Blocks."""
        ...

    def fields(self, sha256: str) -> dict[str, Any]:
        """The fields of `apps.app` for a package that is there, but for `engine` and `installed_at`. Blocks."""
        ...

    def kept(self, sha256: str) -> Kept | None:
        """What starts an app of it; None where the package is gone. Blocks."""
        ...

    def original(self, sha256: str) -> Path | None:
        """The file of a package as it came; None where it is gone. Blocks."""
        ...

    def list_installed(self, folder: Path, installed: list[tuple[str, str]]) -> None:
        """An account has these apps now (id and SHA-256); `folder` is that of its apps' data. Blocks."""
        ...

    def remove(self, sha256: str) -> None:
        """Removes a package that no account has any more; nothing where it is gone already. Blocks."""
        ...


class PackageShelf:
    """The packages of every engine that has such, by the engine's name."""

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        self._all: dict[str, Packages] = {
            name: discovery.load(str(manifest["packages"]))(settings)
            for name, manifest in discovery.manifests(folder or discovery.ENGINES).items()
            if "packages" in manifest
        }

    @property
    def names(self) -> list[str]:
        return list(self._all)

    def get(self, engine: str) -> Packages:
        """Raises `NotFound` for an engine that installs nothing, or is not there any more."""
        if engine not in self._all:
            raise NotFound("engine-unknown", f"There is no engine called {engine!r} that has packages.")
        return self._all[engine]

    def taker(self, head: bytes) -> str:
        """The engine that a file is for, by how it begins; raises `Invalid` where there is none."""
        for name, packages in self._all.items():
            if packages.takes(head):
                return name
        raise Invalid("not-a-package", "This file is not the package of an app.")

    def clean(self) -> None:
        """Before anything is added. Blocks."""
        for packages in self._all.values():
            packages.clean()


def account_folder(settings: Settings, engine: str, account_id: str) -> Path:
    """Where an engine's apps keep an account's data, a folder for each app."""
    return accounts_folder(settings, engine) / account_id


def accounts_folder(settings: Settings, engine: str) -> Path:
    return settings.data_dir / engine / "accounts"


@dataclass(frozen=True)
class DataFolder:
    """What an app keeps for an account."""

    engine: str
    account_id: str
    app: str
    path: Path


def data_folders(settings: Settings) -> list[DataFolder]:
    """What all apps of all accounts keep. Names that begin with a dot are an engine's own, or passing. Blocks."""
    engines = [name for name, manifest in discovery.manifests().items() if "packages" in manifest]
    return [
        DataFolder(engine, place.parent.name, place.name, place)
        for engine in engines
        for place in sorted(accounts_folder(settings, engine).glob("*/[!.]*"))
        if place.is_dir() and not place.is_symlink()
    ]
