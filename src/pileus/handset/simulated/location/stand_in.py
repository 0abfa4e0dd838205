"""A place at the West Lake in Hangzhou until it is put elsewhere."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pileus.handset.capabilities.location.shape import Ask, Fix, State
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn

LAKE = (30.2437, 120.1482)
_METRES = {"city": 5000.0, "street": 200.0, "exact": 6.0}


class Simulate(msgspec.Struct):
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class SimulatedLocation(StandIn):
    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._place = LAKE
        self._asked: Ask | None = None
        self._fix: Fix | None = None

    def _shown(self) -> State:
        return State(on=self._asked is not None, fix=self._fix)

    @method
    async def ask(self, wish: Ask) -> None:
        self._asked = wish
        self._look()

    @method
    async def leave(self) -> None:
        self._asked, self._fix = None, None
        self._news()

    @method
    async def simulate(self, wish: Simulate) -> None:
        self._place = (wish.latitude, wish.longitude)
        self._look()

    def _look(self) -> None:
        if self._asked:
            self._fix = Fix(
                latitude=self._place[0],
                longitude=self._place[1],
                accuracy=_METRES[self._asked.accuracy],
                at=self._around.clock.now_ms(),
            )
        self._news()
