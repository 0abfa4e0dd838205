"""What UPower's numbers mean, and how bright a screen is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.handset.capabilities.power.shape import Battery, Status, Warning
from pileus.handset.values import flag, number, real, within

DARKEST = 1
"""Percent: a screen that went all dark could not be made brighter again."""
_STATUS: dict[int, Status] = {1: "charging", 2: "discharging", 3: "discharging", 4: "full", 5: "charging"}
_WARNING: dict[int, Warning] = {3: "low", 4: "critical", 5: "critical"}
_TYPES = ("firmware", "platform", "raw")
_LONGEST = 30 * 24 * 3600


def battery(device: Mapping[str, Any]) -> Battery | None:
    """UPower's display device (UpDeviceState, UpDeviceLevel); None for a device without a battery."""
    if not flag(device, "IsPresent"):
        return None
    status = _STATUS.get(number(device, "State"), "unknown")
    seconds = number(device, {"charging": "TimeToFull", "discharging": "TimeToEmpty"}.get(status, ""))
    return Battery(
        percentage=round(within(real(device, "Percentage"), 0, 100)),
        status=status,
        seconds=seconds if 0 < seconds <= _LONGEST else None,
        warning=_WARNING.get(number(device, "WarningLevel"), "none"),
    )


def to_percent(raw: int, most: int) -> int:
    return round(within(raw * 100 / most, 0, 100)) if most > 0 else 0


def to_raw(percent: int, most: int) -> int:
    """Of what the kernel counts in; never dark."""
    return max(1, round(most * max(percent, DARKEST) / 100))


def best(kinds: Mapping[str, str]) -> str:
    """Which of several backlights to use, by name and type: the firmware knows its hardware best (the kernel's
    Documentation/ABI/stable/sysfs-class-backlight); "" for none."""
    ranked = [(_TYPES.index(kind), name) for name, kind in kinds.items() if kind in _TYPES]
    return min(ranked, default=(0, ""))[1]
