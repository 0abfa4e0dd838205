"""What a reader of a file gives: no framework, no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import msgspec

from pileus.cloud.services.messages.rules import Call, Draft, Message

AT_ONCE = 500
AT_ONCE_BYTES = 8 << 20
"""Of bodies and parts that one call gives, and one item more."""


class Found(msgspec.Struct, frozen=True):
    """Something to keep, and the line (or item) of the file where it stands. `blobs`: the bytes of its parts."""

    line: int
    value: Message | Call | Draft
    blobs: tuple[bytes, ...] = ()

    @property
    def weight(self) -> int:
        """What it holds, in bytes of its parts and characters of its texts."""
        texts = () if isinstance(self.value, Call) else (self.value.body, *self.value.people)
        return sum(map(len, self.blobs)) + sum(map(len, texts))


class Skipped(msgspec.Struct, frozen=True):
    """Something that is not kept; `code` is a key of `reasons.TEXTS`, which says why in the owner's language."""

    line: int
    code: str
    values: dict[str, Any] = {}

    @property
    def weight(self) -> int:
        return 0


Item = Found | Skipped


class Reader(Protocol):
    """Takes bytes as they come and gives what they completed; `close` ends the file.

    A file that cannot be read further raises `Invalid` or `TooLarge` with `line`, after all items before it.
    """

    def feed(self, data: bytes) -> list[Item]: ...

    def close(self) -> list[Item]: ...


def some(items: Iterator[Item]) -> list[Item]:
    """The next of them, as many as may be in memory together; [] at the end."""
    taken: list[Item] = []
    weight = 0
    for item in items:
        taken.append(item)
        weight += item.weight
        if len(taken) >= AT_ONCE or weight >= AT_ONCE_BYTES:
            break
    return taken
