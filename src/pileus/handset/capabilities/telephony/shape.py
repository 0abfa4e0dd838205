"""The state of `telephony`. Times are ms since 1970; words are those of `words.py`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pileus.handset.capabilities.telephony import words
from pileus.handset.shape import Shape

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Moment = Annotated[int, msgspec.Meta(ge=0)]


class Modem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lock` is what it wants before it can be used, `tries` how many are left of each; `calls` and `messages`: it
    has that."""

    id: str
    device: str
    state: str
    failure: str
    lock: str
    tries: dict[str, Annotated[int, msgspec.Meta(ge=0)]]
    card: str
    label: str
    number: str
    operator: str
    registration: str
    roaming: bool
    signal: Percent
    technology: Literal["", "2g", "3g", "4g", "5g"]
    calls: bool
    messages: bool

    def __post_init__(self) -> None:
        known = (
            (self.state, words.STATES),
            (self.failure, words.FAILURES),
            (self.lock, words.LOCKS),
            (self.registration, words.REGISTRATIONS),
        )
        for word, all_words in known:
            if word not in all_words.values():
                raise ValueError(f"{word[:40]!r} is no word of a modem's")


class Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`number` is "" where it is withheld, `answered_ms` 0 where nobody did yet."""

    id: str
    number: str
    card: str
    modem: str
    incoming: bool
    state: str
    began_ms: Moment
    answered_ms: Moment

    def __post_init__(self) -> None:
        if self.state not in words.CALL_STATES.values():
            raise ValueError(f"{self.state[:40]!r} is no word of a call's")


class Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    state: str
    error: str


class State(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`owed`: how much the account does not have yet; `storage_full`: the disk took the last message not; `shows`:
    what is told of messages (`wishes.Shows`)."""

    airplane: bool = False
    storage_full: bool = False
    shows: Literal["nothing", "came", "who", "all"] = "all"
    owed: Moment = 0
    letters: list[Letter] = msgspec.field(default_factory=list)
    modems: list[Modem] = msgspec.field(default_factory=list)
    calls: list[Call] = msgspec.field(default_factory=list)
    emergency: list[str] = msgspec.field(default_factory=list)
