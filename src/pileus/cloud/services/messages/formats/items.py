"""What a reader of a file gives: no framework, no I/O."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from pileus.cloud.services.messages.rules import Call, Draft, Message


class Found(msgspec.Struct, frozen=True):
    """Something to keep, and the line (or item) of the file where it stands. `blobs`: the bytes of its parts."""

    line: int
    value: Message | Call | Draft
    blobs: tuple[bytes, ...] = ()


class Skipped(msgspec.Struct, frozen=True):
    """Something that is not kept; `code` is a key of `reasons.TEXTS`, which says why in the owner's language."""

    line: int
    code: str
    values: dict[str, Any] = {}


Item = Found | Skipped


class Reader(Protocol):
    """Takes bytes as they come and gives what they completed; `close` ends the file.

    A file that cannot be read further raises `Invalid` or `TooLarge` with `line`, after all items before it.
    """

    def feed(self, data: bytes) -> list[Item]: ...

    def close(self) -> list[Item]: ...
