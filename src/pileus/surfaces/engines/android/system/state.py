"""What the system keeps on the disk: uids of packages, alarms, jobs. Files are replaced whole."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from pileus.core import durable

T = TypeVar("T")


class State:
    """The account's folder; a file that cannot be read is begun anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.uids = self.load("uids.json", dict[str, int]) or {}

    def save_uids(self) -> None:
        self.save("uids.json", self.uids)

    def load(self, name: str, type_: type[T]) -> T | None:
        try:
            return msgspec.json.decode((self._folder / name).read_bytes(), type=type_)
        except (OSError, msgspec.DecodeError):
            return None

    def save(self, name: str, value: object) -> None:
        """On the disk when it returns."""
        durable.write(self._folder / name, msgspec.json.encode(value), 0o644)


MOST_MS = (1 << 53) - 1
"""The last time that is kept: beyond it a number is none in every language."""


class _Due(msgspec.Struct):
    at_ms: int


def next_due(folder: Path) -> int | None:
    """When the first alarm or job of an account is due (ms since 1970); None where there is none."""
    times = []
    for name in ("alarms.json", "jobs.json"):
        try:
            times += [item.at_ms for item in msgspec.json.decode((folder / name).read_bytes(), type=list[_Due])]
        except (OSError, msgspec.DecodeError):
            continue
    return min(max(0, min(times)), MOST_MS) if times else None
