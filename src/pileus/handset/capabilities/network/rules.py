"""What NetworkManager's numbers mean (https://networkmanager.dev/docs/api/latest/nm-dbus-types.html), how networks
are shown, and how one is described to be joined."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from pileus.core.errors import Conflict, Invalid, NotFound, PileusError, Unavailable
from pileus.handset.capabilities.network.shape import AccessPoint, Connectivity, Security
from pileus.handset.values import number, within

WIFI, MOBILE = 2, 8
ACTIVATED, FAILED = 100, 120
UP = 2
"""NMActiveConnectionState: it is active."""
MOST = 200
"""Networks that are shown; a hostile neighbour may announce thousands."""
_CONNECTIVITY: dict[int, Connectivity] = {1: "none", 2: "portal", 3: "limited", 4: "full"}
_KINDS: dict[str, Literal["wifi", "mobile", "wired"]] = {
    "802-11-wireless": "wifi",
    "gsm": "mobile",
    "802-3-ethernet": "wired",
}
_PRIVACY, _PSK, _ENTERPRISE, _SAE = 0x1, 0x100, 0x200 | 0x2000, 0x400
_KEYS = {"wpa": "wpa-psk", "wpa3": "sae"}
_SECRETS = {7, 9, 10}
_MAYBE_SECRETS = {8, 11}
_ADDRESS = {5, 15, 16, 17}
_OUT_OF_RANGE = 53
_HEX_KEY = re.compile(r"[0-9A-Fa-f]{64}")


def connectivity(value: int) -> Connectivity:
    return _CONNECTIVITY.get(value, "unknown")


def kind(connection: str) -> Literal["", "wifi", "mobile", "wired", "other"]:
    return _KINDS.get(connection, "other") if connection else ""


def metered(value: int) -> bool:
    """NMMetered: yes, or probably so."""
    return value in (1, 3)


def status(device: int) -> Literal["disconnected", "connecting", "connected"]:
    """NMDeviceState."""
    return "connected" if device == ACTIVATED else "connecting" if 40 <= device < ACTIVATED else "disconnected"


def readable(ssid: bytes) -> str:
    """A network's name is bytes. Most are UTF-8, older Chinese routers send GBK; what is neither is escaped, and
    no control character reaches a screen."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = ssid.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = ssid.decode("ascii", "backslashreplace")
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def ssid_of(value: object) -> str:
    """In hexadecimal; "" for what is no name, a hidden network's among them."""
    return value.hex() if isinstance(value, bytes) and 1 <= len(value) <= 32 and any(value) else ""


def security(point: Mapping[str, Any]) -> Security:
    """Of an access point's flags (NM80211ApFlags, NM80211ApSecurityFlags)."""
    how = number(point, "WpaFlags") | number(point, "RsnFlags")
    if how & _PSK:
        return "wpa"
    if how & _SAE:
        return "wpa3"
    if how & _ENTERPRISE:
        return "enterprise"
    return "wep" if not how and number(point, "Flags") & _PRIVACY else "open"


def networks(points: Iterable[Mapping[str, Any]], known: Collection[str], active: str) -> list[AccessPoint]:
    """One a name and its security, the active one first, then by strength."""
    found: dict[str, AccessPoint] = {}
    for point in points:
        name = ssid_of(point.get("Ssid"))
        strength = int(within(number(point, "Strength"), 0, 100))
        if name and (name not in found or strength > found[name].strength):
            found[name] = AccessPoint(
                id=name,
                name=readable(bytes.fromhex(name)),
                strength=strength,
                security=security(point),
                known=name in known,
                active=name == active,
            )
    return sorted(found.values(), key=lambda one: (not one.active, -one.strength, one.id))[:MOST]


def joining(ssid: str, how: Security, password: str, hidden: bool) -> dict[str, dict[str, Any]]:
    """The settings of a new connection. Raises `Invalid` (`wifi-password-form`, `wifi-security`)."""
    wireless: dict[str, Any] = {"ssid": bytes.fromhex(ssid), "mode": "infrastructure"}
    if hidden:
        wireless["hidden"] = True
    about = {"id": readable(bytes.fromhex(ssid)), "type": "802-11-wireless"}
    settings: dict[str, dict[str, Any]] = {"connection": about, "802-11-wireless": wireless}
    if how in ("wep", "enterprise"):
        raise Invalid("wifi-security", "Networks with this kind of protection cannot be joined from here.")
    if how != "open":
        check_password(password, least=8 if how == "wpa" else 1)
        settings["802-11-wireless-security"] = {"key-mgmt": _KEYS[how], "psk": password}
    return settings


def hotspot(name: str, password: str) -> dict[str, dict[str, Any]]:
    """The settings of a network of the phone's own. Raises `Invalid` (`wifi-password-form`, `hotspot-name`)."""
    ssid = name.encode()
    if len(ssid) > 32:
        raise Invalid("hotspot-name", "The name of a hotspot has at most 32 bytes: about ten Chinese characters.")
    check_password(password)
    return {
        "connection": {"id": name, "type": "802-11-wireless", "autoconnect": False},
        "802-11-wireless": {"ssid": ssid, "mode": "ap"},
        "802-11-wireless-security": {"key-mgmt": "wpa-psk", "psk": password},
        "ipv4": {"method": "shared"},
        "ipv6": {"method": "ignore"},
    }


def check_password(password: str, least: int = 8) -> None:
    """IEEE 802.11 Annex J: 8 to 63 ASCII characters, or 64 hexadecimal digits."""
    plain = password.isascii() and password.isprintable() and least <= len(password) <= 63
    if not plain and not _HEX_KEY.fullmatch(password):
        raise Invalid("wifi-password-form", "A Wi-Fi password has 8 to 63 letters, digits or signs.")


def failure(reason: int, how: Security, typed: bool) -> PileusError:
    """Why a network was not joined, of NMDeviceStateReason. `typed`: with a password that was never tried before:
    an access point that breaks off then most likely did not take it."""
    if how != "open" and (reason in _SECRETS or (typed and reason in _MAYBE_SECRETS)):
        return Invalid("wifi-password", "The network did not take this password.")
    if reason == _OUT_OF_RANGE:
        return NotFound("wifi-gone", "This network is not in range any more.")
    if reason in _ADDRESS:
        return Unavailable("wifi-address", "The network gave this device no address. Try again near it.")
    return Conflict("wifi-failed", "The network could not be joined.", reason=reason)
