"""The calls that sound goes with, and what was wished for it: for as long as they last. No effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pileus.core.errors import NotFound
from pileus.handset.capabilities.audio import routing
from pileus.handset.capabilities.audio.shape import OfCall


@dataclass
class Calls:
    spoken: str = ""
    """The call that is spoken in, by its id."""
    device: str = ""
    """The modem of that, as ModemManager's `Device`; "" where there is no such call, or not known."""
    own: set[str] = field(default_factory=set)
    """The `Device` of each modem that there has been: the links of one that is gone are still to be taken away."""
    muted: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)
    """Those that were muted when the daemon ended, and are not there again yet: they are heard by nobody when they
    are."""
    output: str = ""
    input: str = ""
    _all: frozenset[str] = frozenset()

    def take(self, telephony: Mapping[str, Any]) -> None:
        """The state of `telephony`."""
        self._all = routing.under_way(telephony)
        devices = routing.devices(telephony)
        self.own |= set(devices.values())
        self.spoken, modem = routing.spoken(telephony)
        self.device = devices.get(modem, "")
        self.muted = (self.muted | self.before) & self._all
        self.before -= self._all
        if not self._all:
            self.output = self.input = ""

    def wish(self, wish: OfCall) -> None:
        """Raises `call-unknown`."""
        if wish.call not in self._all:
            raise NotFound("call-unknown", "There is no such call any more.")
        if wish.muted is not None:
            (self.muted.add if wish.muted else self.muted.discard)(wish.call)
        self.output, self.input = wish.output or self.output, wish.input or self.input
