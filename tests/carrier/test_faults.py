"""Broken modems break as they are told."""

from __future__ import annotations

import random

from pileus.carrier import faults
from tests.carrier.world import World


def test_replies_are_garbled_late_or_missing() -> None:
    phone = World().phone()
    phone.modem.terminal.fault = faults.mute(1)
    assert [phone.said("AT+CSQ"), phone.said("AT+CSQ")] == [[], ["+CSQ: 20,99", "OK"]]
    phone.modem.terminal.fault = faults.late_by_one()
    assert [phone.said("AT+CSQ"), phone.said("AT")] == [[], ["+CSQ: 20,99", "OK"]]
    assert faults.garble(random.Random(1), 1)(bytes(40)) != bytes(40)
    assert faults.garble(random.Random(1), 0)(b"OK") == b"OK"
