"""What NetworkManager's numbers mean (https://networkmanager.dev/docs/api/latest/nm-dbus-types.html), how networks
are shown, and how one is described to be joined."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from pileus.core.errors import Conflict, Invalid, NotFound, PileusError, Unavailable
from pileus.handset.capabilities.network.shape import AccessPoint, Bearer, Connectivity, Family, Security
from pileus.handset.values import flag, number, of_type, within, words

WIFI, MOBILE = 2, 8
DISCONNECTED, ACTIVATED, FAILED = 30, 100, 120
"""NMDeviceState."""
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
_PPP_REASONS = {12, 13, 14}
_NO_SUCH_POINT = 29
_NOT_REGISTERED = {30, 31, 32, 33}
ROAMING = {5, 7, 10}
"""MMModem3gppRegistrationState."""
_FAMILIES: dict[int, Family] = {1: "ipv4", 2: "ipv6", 4: "ipv4v6"}
_PPP_METHOD = 1
"""MMBearerIpMethod."""
_UNKNOWN_POINT = re.compile(r"not subscribed|(missing or )?unknown apn|access point", re.IGNORECASE)
"""How modems say the causes 27 and 33 of TS 24.008 §10.5.6.6."""
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


def mobile(
    card: str, name: str, user: str, password: str, ip: Family, *, roaming: bool
) -> dict[str, dict[str, Any]]:
    """The settings of a connection by a card's access point. Without a name NetworkManager looks the operator's up
    (mobile-broadband-provider-info, where that is installed)."""
    gsm: dict[str, Any] = {"apn": name} if name else {"auto-config": True}
    gsm["home-only"] = not roaming
    if card:
        gsm["sim-id"] = card
    if user:
        gsm |= {"username": user, "password": password}
    return {
        "connection": {"id": "Mobile data", "type": "gsm"},
        "gsm": gsm,
        "ipv4": {"method": "disabled" if ip == "ipv6" else "auto"},
        "ipv6": {"method": "ignore" if ip == "ipv4" else "auto"},
    }


def bearer(values: Mapping[str, Any], *, linkable: bool) -> Bearer:
    """Of a bearer's properties; `linkable`: the system has PPP, which some modems' connections need."""
    about = of_type(values.get("Properties"), dict, {})
    connected = flag(values, "Connected")
    method = number(of_type(values.get("Ip4Config"), dict, {}), "method")
    why: Literal["", "access-point", "no-carrier", "refused", "no-ppp"] = ""
    if connected and method == _PPP_METHOD and not linkable:
        why = "no-ppp"
    elif not connected:
        why = _refusal(values.get("ConnectionError"))
    return Bearer(
        apn=words(about, "apn", 100),
        ip=_FAMILIES.get(number(about, "ip-type"), "ipv4v6"),
        connected=connected,
        why=why,
    )


def _refusal(error: object) -> Literal["", "access-point", "no-carrier", "refused"]:
    """ModemManager gives the error's name, and what modem or network said."""
    if not isinstance(error, list | tuple) or len(error) != 2 or not all(isinstance(one, str) for one in error):
        return ""
    name, told = error
    if not name:
        return ""
    if _UNKNOWN_POINT.search(told) or "Apn" in name or name.endswith("NotSubscribed"):
        return "access-point"
    return "no-carrier" if name.endswith(".NoCarrier") else "refused"


def mobile_failure(reason: int, bearers: Iterable[Bearer]) -> PileusError:
    """Why there is no mobile data, of NMDeviceStateReason and what the modem says of its bearers."""
    whys = {one.why for one in bearers}
    if reason in _PPP_REASONS or "no-ppp" in whys:
        told = "The mobile network is connected, but this device cannot make a data link of it (PPP)."
        return Unavailable("mobile-link", told)
    if reason in _NOT_REGISTERED:
        return Unavailable("no-mobile-network", "The mobile network does not answer.")
    if reason == _NO_SUCH_POINT or "access-point" in whys:
        return Invalid("mobile-access-point", "The mobile network does not know this access point.")
    return Conflict("mobile-failed", "Mobile data could not be switched on.", reason=reason)
