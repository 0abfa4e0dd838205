"""What the shell may ask of telephony: one Struct for each method that takes something."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Pin = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4,8}\Z")]


class Dial(msgspec.Struct):
    number: str
    card: str = ""


class OfCall(msgspec.Struct):
    call: str


class Tones(msgspec.Struct):
    call: str
    keys: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-D*#]{1,32}\Z")]


class Unlock(msgspec.Struct):
    modem: str
    pin: Pin
    puk: Annotated[str, msgspec.Meta(pattern=r"^([0-9]{8})?\Z")] = ""


class Airplane(msgspec.Struct):
    on: bool


class Code(msgspec.Struct):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=182)]
    card: str = ""


class Shows(msgspec.Struct):
    """What of messages may be told to a shell: as its owner lets whoever looks at it read them."""

    what: Literal["nothing", "came", "who", "all"]


class Decide(msgspec.Struct):
    """About a letter (`letters.py`)."""

    id: str
    decision: Literal["again", "sent", "cancel"]
