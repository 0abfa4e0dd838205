"""What happens at the carrier, for whoever watches: a test, or the one who plays a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Happening(Enum):
    SENT = "sms-sent"
    DELIVERED = "sms-delivered"
    EXPIRED = "sms-expired"
    REPORTED = "sms-reported"
    DIALLED = "call-dialled"
    RINGS = "call-rings"
    ANSWERED = "call-answered"
    HELD = "call-held"
    RESUMED = "call-resumed"
    ENDED = "call-ended"
    USSD = "ussd"


@dataclass(frozen=True)
class Event:
    """`who` did it to `other`, by their numbers; `detail` is a text or a reason."""

    kind: Happening
    who: str
    other: str
    detail: str = ""


Watcher = Callable[[Event], None]
