"""Rules of `bluetooth`."""

from __future__ import annotations

from typing import Any

import pytest

from pileus.handset.capabilities.bluetooth.rules import MOST, device, listed

EARS = {"Address": "aa:bb:cc:00:11:22", "Name": "Ears", "Alias": "My ears"}


@pytest.mark.parametrize(
    "said", [{}, {"Address": 5}, {**EARS, "Address": "nonsense"}, {"Address": EARS["Address"], "Alias": "AA-BB"}]
)
def test_what_cannot_be_shown_is_none(said: dict[str, Any]) -> None:
    assert device(said, {}) is None


def test_a_device() -> None:
    found = device({**EARS, "RSSI": -300, "Icon": "audio-headset\n"}, {"Percentage": 101})
    assert found
    assert (found.id, found.name, found.icon) == ("AA:BB:CC:00:11:22", "My ears", "audio-headset")
    assert (found.strength, found.battery) == (0, None)
    paired = device({"Address": EARS["Address"], "Paired": True}, {"Percentage": 40})
    assert paired
    assert (paired.name, paired.battery) == ("AA:BB:CC:00:11:22", 40)


def test_connected_ones_come_first_and_not_all_of_a_crowd() -> None:
    crowd = [
        device({**EARS, "Address": f"00:00:00:00:{one // 256:02X}:{one % 256:02X}"}, {}) for one in range(500)
    ]
    mine = device({**EARS, "Connected": True}, {})
    assert listed([*crowd, None, mine])[0] == mine
    assert len(listed(crowd)) == MOST
