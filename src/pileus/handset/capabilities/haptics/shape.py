"""The state of `haptics`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pileus.handset.shape import Shape

Profile = Literal["full", "quiet", "silent"]


class State(Shape, frozen=True, kw_only=True):
    """`profile`: all feedback, none that is heard, or none but light."""

    profile: Profile = "full"


class Trigger(msgspec.Struct):
    """`event` as the Event Naming Specification has it, such as `phone-incoming-call`. `seconds`: 0 for once, -1
    until it is ended."""

    event: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,63}\Z")]
    seconds: Annotated[int, msgspec.Meta(ge=-1, le=3600)] = -1


class Which(msgspec.Struct):
    id: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class Choice(msgspec.Struct):
    profile: Profile
