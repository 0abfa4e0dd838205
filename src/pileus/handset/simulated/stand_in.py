"""What all stand-ins share: they are there while the daemon runs."""

from __future__ import annotations

from typing import Any

from pileus.handset.capability import Surroundings, absent
from pileus.handset.shape import OnChange, Shape


class StandIn:
    """`_shown` gives the state, `_news()` is called after anything that it shows became another."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._on = False
        self._news = OnChange(self.state, around.changed)

    async def start(self) -> None:
        self._on = True
        self._news()

    async def stop(self) -> None:
        self._on = False

    def state(self) -> dict[str, Any]:
        return self._shown().plain() if self._on else absent("no-service")

    def _shown(self) -> Shape:
        raise NotImplementedError
