"""What BlueZ says of devices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pileus.core.errors import Conflict, PileusError, Unavailable
from pileus.handset.capabilities.bluetooth.shape import Device
from pileus.handset.values import flag, number, within, words

MOST = 200
_ADDRESS = re.compile(r"([0-9A-F]{2}:){5}[0-9A-F]{2}")
_FAINTEST, _LOUDEST = -100, -40
_NOT_PAIRED = {"AuthenticationFailed", "AuthenticationRejected", "AuthenticationCanceled", "AuthenticationTimeout"}


def device(said: Mapping[str, Any], battery: Mapping[str, Any]) -> Device | None:
    """None for what cannot be shown: a beacon without a name that is nobody's."""
    address = words(said, "Address").upper()
    paired = flag(said, "Paired")
    name = _line(words(said, "Alias", 200) if words(said, "Name") or paired else "")
    if not _ADDRESS.fullmatch(address) or not (name or paired):
        return None
    strength = number(said, "RSSI", 1)
    charge = number(battery, "Percentage", -1)
    return Device(
        id=address,
        name=name or address,
        icon=_line(words(said, "Icon", 60)),
        paired=paired,
        connected=flag(said, "Connected"),
        strength=round(within((strength - _FAINTEST) * 100 / (_LOUDEST - _FAINTEST), 0, 100))
        if strength < 0
        else None,
        battery=charge if 0 <= charge <= 100 else None,
    )


def listed(devices: Iterable[Device | None]) -> list[Device]:
    """Connected ones first, then paired ones, then what is nearest."""
    found = {one.id: one for one in devices if one}
    order = sorted(
        found.values(), key=lambda one: (not one.connected, not one.paired, -(one.strength or 0), one.id)
    )
    return order[:MOST]


def failure(name: str) -> PileusError:
    """Of a D-Bus error's name, `org.bluez.Error.…`."""
    short = name.rpartition(".")[2]
    if short in _NOT_PAIRED:
        return Conflict("bluetooth-pairing", "The other device did not agree to be paired.")
    if short == "NotReady":
        return Conflict("bluetooth-off", "Bluetooth is switched off.")
    return Unavailable("bluetooth-failed", "The other device does not answer. See that it is on and near.")


def _line(text: str) -> str:
    """A name that somebody else chose, without what would change the line that it stands in."""
    return "".join(one for one in text if one.isprintable()).strip()
