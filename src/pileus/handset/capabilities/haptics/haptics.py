"""`haptics`: feedbackd, on the session's bus."""

from __future__ import annotations

from typing import Any

from dbus_fast import Variant

from pileus.core.errors import Unavailable
from pileus.handset.bus import Signal
from pileus.handset.capabilities.haptics import rules
from pileus.handset.capabilities.haptics.shape import Choice, State, Trigger, Which
from pileus.handset.capability import Surroundings, absent, method
from pileus.handset.mirror import Mirror
from pileus.handset.shape import OnChange

SERVICE, PATH, FEEDBACK = "org.sigxcpu.Feedback", "/org/sigxcpu/Feedback", "org.sigxcpu.Feedback"


class Haptics:
    """Event: `ended` with the `id` of a feedback that is over."""

    def __init__(self, around: Surroundings) -> None:
        self._tell = around.tell
        self._mirror = Mirror(
            around.session, SERVICE, changed=OnChange(self.state, around.changed), heard=self._heard
        )
        self._mirror.follow(PATH, FEEDBACK)

    async def start(self) -> None:
        await self._mirror.start()

    async def stop(self) -> None:
        await self._mirror.stop()

    def state(self) -> dict[str, Any]:
        if self._mirror.why:
            return absent(self._mirror.why)
        return State(profile=rules.profile(self._mirror.of(PATH, FEEDBACK))).plain()

    @method
    async def trigger(self, wish: Trigger) -> dict[str, int]:
        """The `id` to end it by. An event that the device's theme does not have ends at once."""
        body: tuple[Any, ...] = ("pileus", wish.event, {}, wish.seconds)
        found = [*await self._mirror.call(PATH, FEEDBACK, "TriggerFeedback", "ssa{sv}i", *body), None][0]
        if not isinstance(found, int) or isinstance(found, bool):
            raise Unavailable("service-silent", "The feedback's service gave no number.")
        return {"id": found}

    @method
    async def end(self, wish: Which) -> None:
        """May be repeated."""
        await self._mirror.call(PATH, FEEDBACK, "EndFeedback", "u", wish.id)

    @method
    async def profile(self, wish: Choice) -> None:
        await self._mirror.set(PATH, FEEDBACK, "Profile", Variant("s", wish.profile))

    def _heard(self, signal: Signal) -> None:
        number = signal.body[0] if signal.body else None
        if signal.member == "FeedbackEnded" and signal.interface == FEEDBACK and isinstance(number, int):
            self._tell("ended", {"id": number})
