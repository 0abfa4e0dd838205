"""The account's packages: what their manifests offer, who may use it, what an intent means.

Pure but for `load`.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from pileus.surfaces.engines.android.system import intents, queries
from pileus.surfaces.engines.android.system.intents import Intent
from pileus.surfaces.engines.android.system.manifest import MAX_LABEL, SYSTEMS, Component, Kind, Manifest, kept
from pileus.surfaces.engines.android.system.queries import Queries

FIRST_UID = 10_000
MAX_DESCRIBED = 384 << 10
"""Bytes of a package's components that others hear of; those of its manifest beyond it are not made known."""
MAX_REQUESTED = 32 << 10
"""Bytes of the names of permissions that others hear of."""
MAX_VERSION = 200
MAX_COMPONENTS, MAX_FILTERS, MAX_WANTED = 10_000, 4_000, 200
"""Of one package: components, their intent filters, and the intents of its `<queries>`."""
SIGNATURE = 2
"""PermissionInfo.PROTECTION_SIGNATURE."""
_SYSTEMS_OWN = "android.permission.BIND_"
"""Those that only the system holds: whoever asks for them may bind what is meant for the system."""


log = logging.getLogger("pileus.android.system")


class Installed(msgspec.Struct, frozen=True):
    """A package that the account has, by the app that it is in the journal."""

    package: str
    app: str
    folder: str
    label: str = ""
    activity: str = ""
    target_sdk: int = 36
    internet: bool = False


@dataclass(frozen=True)
class Package:
    """What a manifest says that concerns others."""

    name: str
    app: str
    folder: Path
    label: str
    target_sdk: int
    version_code: int
    version_name: str
    requested: frozenset[str]
    defined: dict[str, int] = field(default_factory=dict)
    """The permissions that it defines, with the base of their protection level (2: same signer)."""
    components: tuple[Component, ...] = ()
    queries: Queries = field(default_factory=Queries)

    def find(self, kind: Kind, name: str) -> Component | None:
        return next((item for item in self.components if item.kind == kind and item.name == name), None)


class Packages:
    """All packages of the account. A package keeps its uid as long as the account lives (`uids`)."""

    def __init__(self, uids: dict[str, int]) -> None:
        self.uids = uids
        self._all: dict[str, Package] = {}
        self._met: set[tuple[str, str]] = set()

    def put(self, package: Package) -> None:
        self._all[package.name] = package
        if package.name not in self.uids:
            self.uids[package.name] = max(self.uids.values(), default=FIRST_UID) + 1

    def remove(self, name: str) -> None:
        self._all.pop(name, None)

    def get(self, name: str) -> Package | None:
        return self._all.get(name)

    def __iter__(self) -> Iterator[Package]:
        return iter(self._all.values())

    def meet(self, package: str, user: str) -> bool:
        """One that another app uses sees that app from then on; whether it is new to it."""
        new = not self.sees(package, user)
        self._met.add((package, user))
        return new

    def sees(self, name: str, other: str) -> bool:
        """Whether a package may know of another."""
        package, found = self._all.get(name), self._all.get(other)
        if package is None or found is None:
            return False
        if name == other or package.target_sdk < queries.SINCE or queries.ALL in package.requested:
            return True
        asked = package.queries
        return (
            (name, other) in self._met
            or other in asked.packages
            or any(not asked.authorities.isdisjoint(item.authorities) for item in found.components)
            or any(
                queries.answers(wanted, filter_)
                for wanted in asked.intents
                for item in found.components
                if item.exported
                for filter_ in item.filters
            )
        )

    def package_of(self, uid: int) -> Package | None:
        return next((item for item in self._all.values() if self.uids[item.name] == uid), None)

    def granted(self, uid: int, permission: str) -> bool:
        """Whether a package holds a permission. One that an app defines for its own kind stays with its definer:
        two apps have the same signer only where they are the same app."""
        package = self.package_of(uid)
        if package is None:
            return uid < FIRST_UID
        if permission.startswith(_SYSTEMS_OWN):
            return False
        definer = self._first(item for item in self._all.values() if permission in item.defined)
        if definer is None or permission.startswith(SYSTEMS):
            return permission in package.requested
        if definer is package:
            return True
        return definer.defined[permission] & 0xF != SIGNATURE and permission in package.requested

    def may_use(self, uid: int, component: Component, permission: str | None = None) -> str | None:
        """Why a caller may not use a component; None where it may."""
        if not component.enabled:
            return f"{component.full} is disabled"
        if self.uids.get(component.package) == uid or uid < FIRST_UID:
            return None
        if not component.exported:
            return f"Permission Denial: {component.full} is not exported from uid {self.uids[component.package]}"
        needed = permission or component.permission
        if needed and not self.granted(uid, needed):
            return f"Permission Denial: {component.full} requires {needed}"
        return None

    def component(self, kind: Kind, full: str) -> Component | None:
        """By `package/class`."""
        try:
            package, name = intents.split(full)
        except ValueError:
            return None
        found = self._all.get(package)
        return found.find(kind, name) if found else None

    def resolve(self, kind: Kind, intent: Intent, default: bool = False) -> list[Component]:
        """What an intent can mean, best first; activities have to be in the DEFAULT category (`default`)."""
        if intent.component:
            found = self.component(kind, intent.component)
            return [found] if found else []
        return [item for _, item in self.ranked(kind, intent, default)]

    def ranked(self, kind: Kind, intent: Intent, default: bool = False) -> list[tuple[int, Component]]:
        """What an implicit intent can mean, with priorities, best first."""
        asked = intent.selector or intent
        hits: list[tuple[int, int, Component]] = []
        for package in self._all.values():
            if intent.package not in (None, package.name):
                continue
            steps = intents.Steps()
            for order, item in enumerate(package.components):
                best = self._best(kind, item, asked, default, steps)
                if best is not None:
                    hits.append((-best, order, item))
        return [(-hit[0], hit[2]) for hit in sorted(hits, key=lambda hit: hit[:2])]

    def provider(self, authority: str) -> Component | None:
        """The one that has an authority: of several packages that say so, the account's first."""
        found = {
            item.package: item
            for package in self._all.values()
            for item in package.components
            if item.kind == "provider" and item.enabled and authority in item.authorities
        }
        first = self._first(self._all[name] for name in found)
        return found[first.name] if first is not None else None

    def _first(self, among: Iterable[Package]) -> Package | None:
        """The one that the account had first: what it defines and offers no later one takes from it."""
        return min(among, key=lambda item: self.uids[item.name], default=None)

    @staticmethod
    def _best(kind: Kind, item: Component, asked: Intent, default: bool, steps: intents.Steps) -> int | None:
        if item.kind != kind or not item.enabled:
            return None
        found = [
            entry.priority
            for entry in item.filters
            if intents.matches(asked, entry, steps) and (not default or intents.DEFAULT in entry.categories)
        ]
        return max(found, default=None)


def load(installed: Installed) -> Package:
    """What the record of a package says; raises `BadRecord`, OSError. Blocks."""
    return made(kept(Path(installed.folder), installed.package), installed)


def made(manifest: Manifest, installed: Installed) -> Package:
    """A package as the account has it."""
    components, wanted = _bounded(manifest)
    return Package(
        name=installed.package,
        app=installed.app,
        folder=Path(installed.folder),
        label=(installed.label or manifest.label or installed.package)[:MAX_LABEL],
        target_sdk=manifest.target_sdk,
        version_code=manifest.version_code,
        version_name=manifest.version_name,
        requested=manifest.requested,
        defined=manifest.defined,
        components=components,
        queries=wanted,
    )


def _bounded(manifest: Manifest) -> tuple[tuple[Component, ...], Queries]:
    """Components and queries, as many as each intent may be held against."""
    left = MAX_FILTERS
    found = []
    for item in manifest.components[:MAX_COMPONENTS]:
        found.append(replace(item, label=item.label[:MAX_LABEL], filters=item.filters[:left]))
        left -= len(item.filters[:left])
    if left == 0 or len(manifest.components) > MAX_COMPONENTS or len(manifest.queries.intents) > MAX_WANTED:
        log.warning("%s declares more than is looked at", manifest.package)
    return tuple(found), msgspec.structs.replace(manifest.queries, intents=manifest.queries.intents[:MAX_WANTED])


def described(package: Package, uid: int) -> dict[str, Any]:
    """What another app may know of a package."""
    components: list[dict[str, Any]] = [
        {
            "kind": item.kind,
            "name": item.name,
            "exported": item.exported,
            "enabled": item.enabled,
            "label": item.label,
            "launch_mode": item.launch_mode,
            "filters": [msgspec.to_builtins(filter_) for filter_ in item.filters],
            **({"permission": item.permission} if item.permission else {}),
            **({"authorities": ";".join(item.authorities)} if item.authorities else {}),
        }
        for item in package.components
        if item.exported
    ]
    return {
        "name": package.name,
        "uid": uid,
        "label": package.label,
        "target_sdk": package.target_sdk,
        "version_code": package.version_code,
        "version_name": package.version_name[:MAX_VERSION],
        "requested": _within(sorted(package.requested), MAX_REQUESTED),
        "components": _within(components, MAX_DESCRIBED),
    }


def _within(items: list[Any], most: int) -> list[Any]:
    """The first ones, as many as take at most so many bytes as JSON."""
    sizes = itertools.accumulate(len(msgspec.json.encode(item)) for item in items)
    return items[: sum(size <= most for size in sizes)]
