"""What an APK says about itself: names, versions, permissions, activities, native libraries, signer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pileus.surfaces.engines.android import axml, resources, signature
from pileus.surfaces.engines.android.archive import Archive, BadApk
from pileus.surfaces.engines.android.axml import Element
from pileus.surfaces.engines.android.chunks import Malformed
from pileus.surfaces.engines.android.resources import Resources
from pileus.surfaces.engines.android.system.manifest import MAX_LABEL

MAX_MANIFEST = 16 << 20

_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){1,60}")
"""Names folders and records, so nothing else passes (AOSP PackageParser.validateName)."""


@dataclass(frozen=True)
class Activity:
    """An activity by its full class name; an alias names its `target`."""

    name: str
    label: str
    exported: bool
    launcher: bool
    target: str | None = None


@dataclass(frozen=True)
class Apk:
    """A package that was read. `libraries` holds the names of native libraries by ABI."""

    package: str
    version_code: int
    version_name: str
    min_sdk: int
    target_sdk: int
    label: str
    labels: dict[str, str]
    """The label by language ("" for the default one)."""
    icon: int | None
    """The icon's resource id."""
    permissions: tuple[str, ...]
    activities: tuple[Activity, ...]
    services: tuple[str, ...]
    libraries: dict[str, tuple[str, ...]]
    dex: tuple[str, ...]
    application: str | None

    @property
    def launcher(self) -> Activity:
        """What the home screen's icon opens: the first launcher activity, else the first one at all."""
        return next((item for item in self.activities if item.launcher), self.activities[0])


@dataclass(frozen=True)
class Checked:
    """A package that may be installed: what it says, and who vouches for it."""

    apk: Apk
    signer: signature.Signer


def check(path: Path) -> Checked:
    """Reads and verifies a package in this process; raises `BadApk`. A server lets `reading` do it elsewhere."""
    with Archive(path) as archive:
        return verified(archive)


def verified(archive: Archive) -> Checked:
    """What a package says, and who vouches for it; raises `BadApk`. Blocks while the whole of it is hashed."""
    return Checked(read(archive), signature.verify(archive))


def is_package(name: str) -> bool:
    return _PACKAGE.fullmatch(name) is not None


def read(archive: Archive) -> Apk:
    """The manifest and what it refers to; raises `BadApk`."""
    if "AndroidManifest.xml" not in archive:
        raise BadApk("not-an-apk", "This file is not an Android package: it has no AndroidManifest.xml.")
    root = axml.parse(archive.read("AndroidManifest.xml", MAX_MANIFEST))
    package = root.text("package")
    if root.name != "manifest" or not package or not _PACKAGE.fullmatch(package):
        raise Malformed("its manifest names no package")
    table = table_of(archive)
    application = next(root.find("application"), Element("application", {}))
    sdk = next(root.find("uses-sdk"), Element("uses-sdk", {}))
    min_sdk = sdk.whole("minSdkVersion") or 1
    labels = _labels(application, table)
    dex = tuple(sorted((name for name in archive.names if _is_dex(name)), key=lambda name: (len(name), name)))
    activities = _activities(application, package, table)
    if not activities:
        raise BadApk("apk-no-activities", "The package has no screen to show: it declares no activities.")
    if not dex:
        raise BadApk("apk-no-code", "The package holds no code: it may be a part of a split package.")
    return Apk(
        package=package,
        version_code=root.whole("versionCode") or 0,
        version_name=_text(root, "versionName", table),
        min_sdk=min_sdk,
        target_sdk=sdk.whole("targetSdkVersion") or min_sdk,
        label=labels.get("") or next(iter(labels.values()), "") or package,
        labels=labels,
        icon=_icon(application),
        permissions=tuple(
            dict.fromkeys(name for item in root.find("uses-permission") if (name := item.text("name")))
        ),
        activities=activities,
        services=tuple(_name(item, package) for item in application.find("service")),
        libraries=_libraries(archive),
        dex=dex,
        application=_name(application, package) or None,
    )


def table_of(archive: Archive) -> Resources | None:
    """The resource table, where the package has one."""
    if "resources.arsc" not in archive:
        return None
    return Resources(archive.read("resources.arsc", resources.MAX_TABLE))


def check_update(old_signer: str, old_version: int, new: Checked) -> None:
    """Whether a package may replace an installed one of the same name; raises `BadApk`."""
    if not new.signer.continues(old_signer):
        raise BadApk(
            "apk-signer-changed",
            f"{new.apk.label} is signed by another than the installed one; remove that one and its data first.",
        )
    if new.apk.version_code < old_version:
        raise BadApk(
            "apk-downgrade",
            f"Version {new.apk.version_code} of {new.apk.label} is older than the installed {old_version}.",
        )


def _activities(application: Element, package: str, table: Resources | None) -> tuple[Activity, ...]:
    found = []
    for item in application.children:
        if item.name not in ("activity", "activity-alias"):
            continue
        enabled = item.attributes.get("enabled")
        if enabled is not None and not enabled.is_reference and enabled.data == 0:
            continue
        target = item.text("targetActivity")
        exported = item.attributes.get("exported")
        filters = list(item.find("intent-filter"))
        found.append(
            Activity(
                name=_name(item, package),
                label=_text(item, "label", table),
                exported=exported.data != 0 if exported else bool(filters),
                launcher=any(_opens(part) for part in filters),
                target=_full(target, package) if item.name == "activity-alias" and target else None,
            )
        )
    return tuple(item for item in found if item.name)


def _opens(part: Element) -> bool:
    actions = {item.text("name") for item in part.find("action")}
    categories = {item.text("name") for item in part.find("category")}
    return "android.intent.action.MAIN" in actions and "android.intent.category.LAUNCHER" in categories


def _labels(application: Element, table: Resources | None) -> dict[str, str]:
    value = application.attributes.get("label")
    if value is None:
        return {}
    if not value.is_reference:
        return {"": (value.text or "")[:MAX_LABEL]}
    if table is None:
        return {}
    named = table.by_language(value.data).items()
    return {language: best.text[:MAX_LABEL] for language, best in named if best.text}


def _text(item: Element, name: str, table: Resources | None) -> str:
    value = item.attributes.get(name)
    if value is not None and value.is_reference:
        value = table.resolve(value) if table else None
    return (value.text or "")[:MAX_LABEL] if value else ""


def _icon(application: Element) -> int | None:
    for name in ("icon", "roundIcon"):
        value = application.attributes.get(name)
        if value is not None and value.is_reference and value.data:
            return value.data
    return None


def _name(item: Element, package: str) -> str:
    return _full(item.text("name") or "", package)


def _full(name: str, package: str) -> str:
    if name.startswith("."):
        return package + name
    return f"{package}.{name}" if name and "." not in name else name


def _is_dex(name: str) -> bool:
    return name.startswith("classes") and name.endswith(".dex") and (name[7:-4].isdigit() or name == "classes.dex")


def _libraries(archive: Archive) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in archive.names:
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == "lib" and parts[2].endswith(".so"):
            found.setdefault(parts[1], []).append(parts[2])
    return {abi: tuple(sorted(names)) for abi, names in sorted(found.items())}
