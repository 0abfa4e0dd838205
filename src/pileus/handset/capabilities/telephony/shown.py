"""What the shell sees of a modem. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.handset.capabilities.telephony.words import (
    MESSAGING,
    MODEM,
    THREE_GPP,
    VOICE,
    card_of,
    failure_of,
    label_of,
    lock_of,
    number_of,
    registration_of,
    signal_of,
    state_of,
    technology_of,
    tries_of,
)
from pileus.handset.values import words


def shown(path: str, faces: Mapping[str, Mapping[str, Any]], sim: Mapping[str, Any]) -> dict[str, Any]:
    """By the properties of its interfaces, and of its card."""
    props, network = faces.get(MODEM, {}), faces.get(THREE_GPP, {})
    registration = registration_of(network)
    return {
        "id": path,
        "device": words(faces.get(MODEM, {}), "Device", 200),
        "state": state_of(props),
        "failure": failure_of(props),
        "lock": lock_of(props),
        "tries": tries_of(props),
        "card": card_of(sim),
        "label": label_of(sim, faces),
        "number": number_of(props),
        "operator": words(network, "OperatorName", 60),
        "registration": registration,
        "roaming": registration == "roaming",
        "signal": signal_of(props),
        "technology": technology_of(props),
        "calls": VOICE in faces,
        "messages": MESSAGING in faces,
    }
