"""What ModemManager says by numbers, as words (ModemManager API 1.20, flags and enumerations). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.handset.bus import number, of_type, words

SERVICE = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
MODEM = f"{SERVICE}.Modem"
THREE_GPP = f"{MODEM}.Modem3gpp"
USSD = f"{THREE_GPP}.Ussd"
MESSAGING = f"{MODEM}.Messaging"
VOICE = f"{MODEM}.Voice"
SIM = f"{SERVICE}.Sim"
SMS = f"{SERVICE}.Sms"
CALL = f"{SERVICE}.Call"

STATES = {
    -1: "failed", 0: "unknown", 1: "initializing", 2: "locked", 3: "disabled", 4: "disabling", 5: "enabling",
    6: "enabled", 7: "searching", 8: "registered", 9: "disconnecting", 10: "connecting", 11: "connected",
}  # fmt: skip
FAILURES = {
    0: "", 1: "unknown", 2: "sim-missing", 3: "sim-error", 4: "no-capabilities", 5: "esim-without-profiles"
}  # fmt: skip
LOCKS = {
    0: "", 1: "", 2: "sim-pin", 3: "sim-pin2", 4: "sim-puk", 5: "sim-puk2", 6: "service-pin", 7: "service-puk",
    8: "phone-sim-pin", 9: "phone-fsim-pin", 10: "phone-fsim-puk", 11: "network-pin", 12: "network-puk",
    13: "network-subset-pin", 14: "network-subset-puk", 15: "corporate-pin", 16: "corporate-puk",
    17: "phone-sim-puk",
}  # fmt: skip
REGISTRATIONS = {
    0: "none", 1: "home", 2: "searching", 3: "denied", 4: "unknown", 5: "roaming", 6: "home", 7: "roaming",
    8: "emergency", 9: "home", 10: "roaming", 11: "attached",
}  # fmt: skip
CALL_STATES = {
    0: "unknown", 1: "dialing", 2: "ringing-out", 3: "ringing-in", 4: "active", 5: "held", 6: "waiting",
    7: "terminated",
}  # fmt: skip
INCOMING, OUTGOING = 1, 2
DELIVER, SUBMIT, REPORT = 1, 2, 3
"""`MMSmsPduType`."""
RECEIVING, RECEIVED = 2, 3
"""`MMSmsState`."""
READY = frozenset({"enabled", "searching", "registered", "connecting", "connected", "disconnecting"})
_TECHNOLOGIES = ((1 << 15, "5g"), (1 << 14, "4g"), (0b11_1110_0000, "3g"), (0b1_1110, "2g"))


def state_of(modem: Mapping[str, Any]) -> str:
    return STATES.get(number(modem, "State"), "unknown")


def failure_of(modem: Mapping[str, Any]) -> str:
    """Why it is `failed`; "" where it is not."""
    return FAILURES.get(number(modem, "StateFailedReason"), "unknown") if state_of(modem) == "failed" else ""


def lock_of(modem: Mapping[str, Any]) -> str:
    """What has to be unlocked before the modem can be used; "" for nothing. A locked PIN2 locks nothing."""
    found = LOCKS.get(number(modem, "UnlockRequired"), "")
    return "" if found in ("sim-pin2", "sim-puk2") else found


def tries_of(modem: Mapping[str, Any]) -> dict[str, int]:
    """How many tries are left, by what is to be unlocked."""
    found = of_type(modem.get("UnlockRetries"), dict, {})
    return {
        LOCKS[lock]: left
        for lock, left in found.items()
        if isinstance(lock, int) and LOCKS.get(lock) and isinstance(left, int) and 0 <= left < 100
    }


def signal_of(modem: Mapping[str, Any]) -> int:
    """Per cent."""
    found = of_type(modem.get("SignalQuality"), (list, tuple), ())  # type: ignore[arg-type]
    value = found[0] if found else 0
    return max(0, min(100, value)) if isinstance(value, int) else 0


def technology_of(modem: Mapping[str, Any]) -> str:
    """The newest generation of network that it is in; "" for none."""
    flags = number(modem, "AccessTechnologies")
    return next((name for mask, name in _TECHNOLOGIES if flags & mask), "")


def registration_of(network: Mapping[str, Any]) -> str:
    return REGISTRATIONS.get(number(network, "RegistrationState"), "unknown")


ENDINGS = {5: "busy", 6: "failed", 7: "failed"}
"""`MMCallStateReason`: refused or busy, an error, no way for the sound."""


def ending_of(call: Mapping[str, Any]) -> str:
    """Why it is over: "busy", "failed", or "" where the modem does not tell, as those on AT commands do not."""
    return ENDINGS.get(number(call, "StateReason"), "")


def call_state_of(call: Mapping[str, Any]) -> str:
    return CALL_STATES.get(number(call, "State"), "unknown")


def card_of(sim: Mapping[str, Any]) -> str:
    """The card's id (ICCID, ITU-T E.118), or what it has instead; "" for none."""
    return words(sim, "SimIdentifier", 40) or words(sim, "Imsi", 40)


def label_of(sim: Mapping[str, Any], faces: Mapping[str, Mapping[str, Any]]) -> str:
    """What the card is called: its operator's name, or the network's."""
    return words(sim, "OperatorName", 60) or words(faces.get(THREE_GPP, {}), "OperatorName", 60)


def number_of(modem: Mapping[str, Any]) -> str:
    """The card's own number where the card knows it."""
    found = of_type(modem.get("OwnNumbers"), list, [])
    return next((one[:40] for one in found if isinstance(one, str) and one), "")
