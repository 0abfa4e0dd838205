"""The D-Bus contracts (`contracts/dbus`), and a bus that holds the handset's daemon to them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pileus.handset.bus import DAEMON, OBJECTS, PROPERTIES, Bus, Signal, Undo

FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "dbus"
_OF_ANY = {PROPERTIES, OBJECTS, "org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Mock"}
"""Interfaces that are no service's own."""


@dataclass
class Interface:
    """Signatures by name: of a method what goes in and comes out, of a property also whether it is written."""

    methods: dict[str, tuple[str, str]] = field(default_factory=dict)
    signals: dict[str, str] = field(default_factory=dict)
    properties: dict[str, tuple[str, str]] = field(default_factory=dict)


def interfaces(text: str) -> dict[str, Interface]:
    """What an introspection document describes."""
    found: dict[str, Interface] = {}
    for part in ET.fromstring(text).iter("interface"):
        one = found.setdefault(part.attrib["name"], Interface())
        for method in part.findall("method"):
            ways = [(arg.attrib.get("direction", "in"), arg.attrib["type"]) for arg in method.findall("arg")]
            goes = "".join(kind for way, kind in ways if way == "in")
            comes = "".join(kind for way, kind in ways if way == "out")
            one.methods[method.attrib["name"]] = (goes, comes)
        for signal in part.findall("signal"):
            one.signals[signal.attrib["name"]] = "".join(arg.attrib["type"] for arg in signal.findall("arg"))
        for held in part.findall("property"):
            one.properties[held.attrib["name"]] = (held.attrib["type"], held.attrib["access"])
    return found


@cache
def contract(service: str) -> dict[str, Interface]:
    """Raises `AssertionError` for a service that none describes."""
    path = FOLDER / f"{service}.xml"
    assert path.is_file(), f"contracts/dbus has no {service}.xml"
    return interfaces(path.read_text(encoding="utf-8"))


class CheckedBus(Bus):
    """Refuses what no contract has, and takes away properties and signals that none has.

    A capability may swallow the refusal: `broken` keeps it, for the end of the test. `services` are those asked.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.broken: list[str] = []
        self.services: set[str] = set()

    async def _reply(
        self, service: str, path: str, interface: str, member: str, signature: str, body: Any, patience: float
    ) -> Any:
        if service != DAEMON and interface not in _OF_ANY:
            self.services.add(service)
            known = self._of(service, interface).methods.get(member, ("not in it", ""))[0]
            self._check(
                known == signature, f"{service} {interface}.{member}({signature}): the contract has {known}"
            )
        return await super()._reply(service, path, interface, member, signature, body, patience)

    async def properties(self, service: str, path: str, interface: str) -> dict[str, Any]:
        self.services.add(service)
        return self._known(service, interface, await super().properties(service, path, interface))

    async def objects(self, service: str, path: str) -> dict[str, dict[str, dict[str, Any]]]:
        self.services.add(service)
        found = await super().objects(service, path)
        return {
            at: {name: self._known(service, name, values) for name, values in parts.items()}
            for at, parts in found.items()
        }

    async def set(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        kind, access = self._of(service, interface).properties.get(name, ("not in it", ""))
        told = f"{service} {interface}.{name} = {value.signature}: the contract has {kind} {access}"
        self._check(kind == value.signature and access == "readwrite", told)
        await super().set(service, path, interface, name, value)

    async def watch(self, service: str, changed: Callable[[str], None]) -> Undo:
        self.services.add(service)
        return await super().watch(service, changed)

    async def listen(self, service: str, heard: Callable[[Signal], None], **which: Any) -> Undo:
        self.services.add(service)

        def known(signal: Signal) -> None:
            if signal.interface == PROPERTIES and len(signal.body) == 3 and isinstance(signal.body[1], dict):
                name, values, stale = signal.body
                heard(replace(signal, body=(name, self._known(service, str(name), values), stale)))
            elif signal.interface == OBJECTS or signal.member in self._of(service, signal.interface).signals:
                heard(signal)

        return await super().listen(service, known, **which)

    def _known(self, service: str, interface: str, values: dict[str, Any]) -> dict[str, Any]:
        kept = self._of(service, interface).properties
        return {name: value for name, value in values.items() if name in kept}

    @staticmethod
    def _of(service: str, interface: str) -> Interface:
        return contract(service).get(interface, Interface())

    def _check(self, right: bool, told: str) -> None:
        if not right:
            self.broken.append(told)
            raise AssertionError(told)
