"""Reads what a manifest says that concerns other packages. It runs in the sandbox of `reading`."""

from __future__ import annotations

from collections.abc import Iterator

from pileus.surfaces.engines.android import apk, axml
from pileus.surfaces.engines.android.archive import Archive
from pileus.surfaces.engines.android.axml import Element
from pileus.surfaces.engines.android.resources import Resources
from pileus.surfaces.engines.android.system.intents import Filter
from pileus.surfaces.engines.android.system.manifest import FORMAT, Component, Kind, Manifest
from pileus.surfaces.engines.android.system.queries import Queries, Wanted


def read(archive: Archive) -> Manifest:
    """Parses a package's manifest; raises `BadApk`."""
    root = axml.parse(archive.read("AndroidManifest.xml", apk.MAX_MANIFEST))
    return describe(root, apk.table_of(archive))


def describe(root: Element, table: Resources | None) -> Manifest:
    """What the elements of a manifest say."""
    package = root.text("package") or ""
    reader = _Reader(package, table)
    application = next(root.find("application"), Element("application", {}))
    sdk = next(root.find("uses-sdk"), Element("uses-sdk", {}))
    defined = {
        name: (item.whole("protectionLevel") or 0)
        for item in root.find("permission")
        if (name := item.text("name"))
    }
    return Manifest(
        package=package,
        format=FORMAT,
        label=reader.text(application, "label"),
        target_sdk=sdk.whole("targetSdkVersion") or sdk.whole("minSdkVersion") or 1,
        version_code=root.whole("versionCode") or 0,
        version_name=reader.text(root, "versionName"),
        requested=frozenset(name for item in root.find("uses-permission") if (name := item.text("name"))),
        defined=defined,
        components=tuple(reader.components(application)),
        queries=reader.queries(root),
    )


class _Reader:
    """Elements of one manifest."""

    def __init__(self, package: str, table: Resources | None) -> None:
        self._package = package
        self._table = table

    def components(self, application: Element) -> Iterator[Component]:
        kinds: dict[str, Kind] = {
            "activity": "activity",
            "activity-alias": "activity",
            "service": "service",
            "receiver": "receiver",
            "provider": "provider",
        }
        rule = application.text("permission")
        for item in application.children:
            kind = kinds.get(item.name)
            name = self._full(item.text("name") or "")
            if kind is None or not name:
                continue
            filters = tuple(self._filter(part) for part in item.find("intent-filter"))
            target = item.text("targetActivity")
            yield Component(
                kind=kind,
                package=self._package,
                name=name,
                exported=self._flag(item, "exported", bool(filters)),
                enabled=self._flag(item, "enabled", True) and self._flag(application, "enabled", True),
                permission=item.text("permission") or rule,
                filters=filters,
                label=self.text(item, "label"),
                authorities=tuple(part for part in self.text(item, "authorities").split(";") if part),
                read=item.text("readPermission") or item.text("permission") or rule,
                write=item.text("writePermission") or item.text("permission") or rule,
                grants=self._flag(item, "grantUriPermissions", False),
                launch_mode=item.whole("launchMode") or 0,
                affinity=item.text("taskAffinity"),
                target=self._full(target) if target else None,
            )

    def queries(self, root: Element) -> Queries:
        parts = list(root.find("queries"))
        names = [name for part in parts for item in part.find("package") if (name := self.text(item, "name"))]
        asked = [self._wanted(item) for part in parts for item in part.find("intent")]
        texts = [self.text(item, "authorities") for part in parts for item in part.find("provider")]
        authorities = [name for text in texts for name in text.split(";") if name]
        return Queries(packages=frozenset(names), intents=tuple(asked), authorities=frozenset(authorities))

    def _wanted(self, item: Element) -> Wanted:
        data = next(item.find("data"), Element("data", {}))
        return Wanted(
            action=next(iter(self._names(item, "action")), None),
            categories=self._names(item, "category"),
            scheme=self.text(data, "scheme") or None,
            host=self.text(data, "host") or None,
            type=self.text(data, "mimeType") or None,
        )

    def text(self, item: Element, name: str) -> str:
        value = item.attributes.get(name)
        if value is not None and value.is_reference:
            value = self._table.resolve(value) if self._table else None
        return (value.text or "") if value else ""

    def _flag(self, item: Element, name: str, otherwise: bool) -> bool:
        value = item.attributes.get(name)
        if value is not None and value.is_reference:
            value = self._table.resolve(value) if self._table else None
        return value.data != 0 if value is not None else otherwise

    def _filter(self, item: Element) -> Filter:
        datas = list(item.find("data"))
        paths = [
            (kind, text)
            for part in datas
            for kind, name in ((0, "path"), (1, "pathPrefix"), (2, "pathPattern"))
            if (text := self.text(part, name))
        ]
        hosts = []
        for part in datas:
            if host := self.text(part, "host"):
                port = self.text(part, "port") or str(part.whole("port") or "")
                hosts.append(f"{host}:{port}" if port else host)
        return Filter(
            actions=self._names(item, "action"),
            categories=self._names(item, "category"),
            schemes=tuple(text for part in datas if (text := self.text(part, "scheme"))),
            hosts=tuple(hosts),
            paths=tuple(paths),
            types=tuple(text for part in datas if (text := self.text(part, "mimeType"))),
            priority=min(max(item.whole("priority") or 0, -1000), 1000),
        )

    def _names(self, item: Element, name: str) -> tuple[str, ...]:
        return tuple(text for part in item.find(name) if (text := self.text(part, "name")))

    def _full(self, name: str) -> str:
        if name.startswith("."):
            return self._package + name
        return f"{self._package}.{name}" if name and "." not in name else name
