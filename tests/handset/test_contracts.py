"""The D-Bus contracts hold what the code uses and nothing else, as the services themselves describe it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.handset.contracts import FOLDER, Interface, contract, interfaces

HANDSET = Path(__file__).resolve().parents[2] / "src" / "pileus" / "handset"
INSTALLED = Path("/usr/share/dbus-1/interfaces")
SERVICES = sorted(path.stem for path in FOLDER.glob("*.xml"))


def differing(ours: dict[str, Interface], theirs: dict[str, Interface]) -> list[str]:
    """Members of ours that theirs has not, or has otherwise, in interfaces that both have."""
    return [
        f"{name}.{member}: {told} and not {there.get(member)}"
        for name in sorted(ours.keys() & theirs.keys())
        for here, there in (
            (ours[name].methods, theirs[name].methods),
            (ours[name].signals, theirs[name].signals),
            (ours[name].properties, theirs[name].properties),
        )
        for member, told in here.items()
        if there.get(member) != told
    ]


def test_there_are_contracts() -> None:
    assert "org.freedesktop.UPower" in SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_member_is_used(service: str) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(HANDSET.rglob("*.py")))
    named = set(re.findall(r'"([A-Za-z0-9]+)"', code))
    for interface, members in contract(service).items():
        unused = {*members.methods, *members.signals, *members.properties} - named
        assert not unused, f"{service} {interface}: nothing in the code names {sorted(unused)}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_contract_agrees_with_what_the_service_brings(service: str) -> None:
    theirs: dict[str, Interface] = {}
    for path in INSTALLED.glob("*.xml"):
        theirs |= interfaces(path.read_text(encoding="utf-8"))
    assert not differing(contract(service), theirs)


def test_a_member_that_the_service_has_otherwise_is_found() -> None:
    theirs = {"org.freedesktop.UPower": Interface(properties={"OnBattery": ("s", "read")})}
    assert differing(contract("org.freedesktop.UPower"), theirs) == [
        "org.freedesktop.UPower.GetDisplayDevice: ('', 'o') and not None",
        "org.freedesktop.UPower.OnBattery: ('b', 'read') and not ('s', 'read')",
    ]
