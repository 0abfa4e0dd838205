"""Feedback that is counted."""

from __future__ import annotations

from pileus.handset.capabilities.haptics.shape import Choice, Profile, State, Trigger, Which
from pileus.handset.capability import Surroundings, method
from pileus.handset.simulated.stand_in import StandIn


class SimulatedHaptics(StandIn):
    """Event: `triggered` with the `id` and the `event`, beside the real one's `ended`."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._profile: Profile = "full"
        self._last = 0
        self._running: set[int] = set()

    def _shown(self) -> State:
        return State(profile=self._profile)

    @method
    async def trigger(self, wish: Trigger) -> dict[str, int]:
        self._last += 1
        self._running.add(self._last)
        self._around.tell("triggered", {"id": self._last, "event": wish.event})
        if wish.seconds == 0:
            self._end(self._last)
        return {"id": self._last}

    @method
    async def end(self, wish: Which) -> None:
        self._end(wish.id)

    @method
    async def profile(self, wish: Choice) -> None:
        self._profile = wish.profile
        self._news()

    def _end(self, number: int) -> None:
        if number in self._running:
            self._running.discard(number)
            self._around.tell("ended", {"id": number})
