"""What the engine and the system process say to each other: a line of JSON each, over a pair of sockets."""

from __future__ import annotations

from typing import Any

import msgspec

from pileus.surfaces.engines.android.system.activities import Choice
from pileus.surfaces.engines.android.system.packages import Installed


class Begin(msgspec.Struct, tag="begin", frozen=True):
    """The first message: the account's folder. A spare has been waiting for it."""

    folder: str


class Packages(msgspec.Struct, tag="packages", frozen=True):
    """The account's packages, all of them."""

    packages: tuple[Installed, ...]


class Attach(msgspec.Struct, tag="attach", frozen=True):
    """A process has got its app: listen for it at `path`. `screen`: it has a session."""

    process: int
    package: str
    path: str
    screen: bool


class Ended(msgspec.Struct, tag="ended", frozen=True):
    process: int


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """A process that the system asked for does not start."""

    package: str
    why: str


class Screen(msgspec.Struct, tag="screen", frozen=True):
    """A process has got a session, or lost it; whether someone looks."""

    process: int
    screen: bool
    shown: bool


class Act(msgspec.Struct, tag="act", frozen=True):
    """The owner pressed a notification (`action` -1) or one of its actions; `Answer` is the app to show."""

    number: int
    key: str
    action: int


class Dismissed(msgspec.Struct, tag="dismissed", frozen=True):
    key: str


class Chosen(msgspec.Struct, tag="chosen", frozen=True):
    """What the owner chose of a `Choose`; None for none of it."""

    number: int
    component: str | None


class Clip(msgspec.Struct, tag="clip", frozen=True):
    """The device's clipboard, or the account's (to the engine)."""

    text: str


class Ask(msgspec.Struct, tag="ask", frozen=True):
    """A question of the operator's: `ps` or `dump`; answered by `Answer`."""

    number: int
    what: str


class Wake(msgspec.Struct, tag="wake", frozen=True):
    """Look at alarms and jobs now."""


ToSystem = Begin | Packages | Attach | Ended | Failed | Screen | Act | Dismissed | Chosen | Clip | Ask | Wake


class Listening(msgspec.Struct, tag="listening", frozen=True):
    process: int


class Deaf(msgspec.Struct, tag="deaf", frozen=True):
    """The system does not listen for a process, and why."""

    process: int
    why: str


class Start(msgspec.Struct, tag="start", frozen=True):
    """The system needs a process of this package, without a screen."""

    package: str


class Kill(msgspec.Struct, tag="kill", frozen=True):
    process: int


class Open(msgspec.Struct, tag="open", frozen=True):
    """The device that looks at the process `near` (0: any) has to show this app, or its home screen where it is
    empty. `leave`: the app that it comes back from; `over`: which has nothing left to show."""

    near: int
    app: str
    leave: str = ""
    over: bool = False


class Browse(msgspec.Struct, tag="browse", frozen=True):
    """The device that looks at `near` has to show a page in its browser."""

    near: int
    url: str


class Choose(msgspec.Struct, tag="choose", frozen=True):
    """The owner has to choose who does it, on the device that looks at `near`; `Chosen` follows."""

    near: int
    number: int
    title: str
    choices: tuple[Choice, ...]


class Notify(msgspec.Struct, tag="notify", frozen=True):
    """A notification for the shade: the content of NOTIFY (contracts/surface)."""

    content: dict[str, Any]


class Next(msgspec.Struct, tag="next", frozen=True):
    """When the next alarm or job is due (ms since 1970; 0: none); whether the system has nothing else to do."""

    at_ms: int
    idle: bool


class Answer(msgspec.Struct, tag="answer", frozen=True):
    number: int
    text: str


ToEngine = Listening | Deaf | Start | Kill | Open | Browse | Choose | Notify | Clip | Next | Answer


def encode(message: ToSystem | ToEngine) -> bytes:
    return msgspec.json.encode(message) + b"\n"


_TO_SYSTEM: msgspec.json.Decoder[ToSystem] = msgspec.json.Decoder(ToSystem)
_TO_ENGINE: msgspec.json.Decoder[ToEngine] = msgspec.json.Decoder(ToEngine)


def to_system(line: bytes) -> ToSystem:
    return _TO_SYSTEM.decode(line)


def to_engine(line: bytes) -> ToEngine:
    return _TO_ENGINE.decode(line)
