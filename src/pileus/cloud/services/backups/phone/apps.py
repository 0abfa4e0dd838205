"""The folders of apps in a phone's backup: copied beside the records, and laid out to be given back."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.backups.phone.rules import APPS, AppKept, Skipped, unreadable
from pileus.core import trees
from pileus.core.errors import PileusError, QuotaExceeded, TooLarge, is_disk_full
from pileus.sdk.backup.view import View

PIECE = 8 << 20
LONGEST = 900.0
"""Seconds for which one account's apps are copied; the others wait meanwhile."""
MOST_FILES = 200_000
MOST_BYTES = 64 << 30
"""Of one app, holes among them: its own account may forge a phone's snapshot."""


async def copy_all(
    ctx: ServiceContext, account_id: str, folder: Path, check: Callable[[], None], tell: Callable[[float], None]
) -> tuple[list[AppKept], list[Skipped]]:
    """Copies what the account's apps keep below `folder`; one that cannot be is told, and hinders nothing."""
    kept, skipped = [], []
    there = await ctx.app_folders.listed(account_id)
    until = time.monotonic() + LONGEST

    def watched() -> None:
        check()
        if time.monotonic() > until:
            raise TooLarge("app-too-large", "What the apps keep takes too long to be copied.")

    for number, one in enumerate(there):
        tell(number / len(there))
        item, place = f"{APPS}/{one.app}", folder / one.app
        try:
            left_out = await ctx.app_folders.copy(account_id, one.app, place, watched)
            size = await asyncio.to_thread(_within, place)
        except (PileusError, OSError) as error:
            check()
            skipped.append(Skipped(item, one.label, code_of(error)))
            await asyncio.to_thread(trees.remove, place)
            continue
        kept.append(AppKept(one.app, one.label, size, one.package))
        skipped += [Skipped(f"{item}/{path}", one.label, "unreadable") for path in left_out]
    return kept, skipped


def code_of(error: PileusError | OSError) -> str:
    if isinstance(error, PileusError):
        return error.code
    return "storage-full" if is_disk_full(error) else "unreadable"


def _within(place: Path) -> int:
    """Allocated bytes; raises `TooLarge` for what `Layout` would not lay out."""
    files = plain = size = 0
    for entry in trees.walk(place):
        files += 1
        if stat.S_ISREG(entry.about.st_mode):
            plain += entry.about.st_size
            size += entry.about.st_blocks * 512
    if files > MOST_FILES or plain > MOST_BYTES:
        raise TooLarge("app-too-large", "The app keeps too much.")
    return size


class Layout:
    """Writes a folder of a snapshot to the disk. What the snapshot says of it is its account's word alone: only
    folders, files and links come out, with no owner and no more rights than files have. Blocks."""

    def __init__(self, view: View, check: Callable[[], None], room: int) -> None:
        """`room`: bytes, without holes, that the account has left."""
        self._view, self._check, self._room = view, check, room
        self._files = self._bytes = 0

    def write(self, path: str, place: Path, depth: int = 0) -> None:
        """`path` in the view, to `place`, which is made. Raises `OSError`; `PileusError` beyond all bounds."""
        if depth > trees.MAX_DEPTH:
            raise unreadable()
        place.mkdir(mode=0o700)
        for name in self._view.names(path):
            if name in ("", ".", "..") or "/" in name or "\0" in name:
                raise unreadable()
            inner, target = f"{path}/{name}", place / name
            self._count(1, 0)
            about = self._view.status(inner)
            if stat.S_ISDIR(about["st_mode"]):
                self.write(inner, target, depth + 1)
            elif stat.S_ISLNK(about["st_mode"]):
                target.symlink_to(self._view.target(inner))
            elif stat.S_ISREG(about["st_mode"]):
                self._file(inner, target, about)

    def _file(self, path: str, target: Path, about: dict[str, int]) -> None:
        size = about["st_size"]
        self._count(0, size)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            place = 0
            while place < size:
                self._check()
                data = self._view.read(path, PIECE, place)
                if not data:
                    raise unreadable()
                if data.count(0) == len(data):
                    file.seek(place + len(data))
                else:
                    self._room -= len(data)
                    if self._room < 0:
                        raise QuotaExceeded
                    file.write(data)
                place += len(data)
            file.truncate(size)
            os.fchmod(file.fileno(), 0o600 | about["st_mode"] & 0o777)
        os.utime(target, ns=(about["st_mtime"], about["st_mtime"]))

    def _count(self, files: int, size: int) -> None:
        self._files, self._bytes = self._files + files, self._bytes + size
        if self._files > MOST_FILES or self._bytes > MOST_BYTES:
            raise unreadable()
