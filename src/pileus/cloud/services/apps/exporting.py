"""Android apps in an account's export: the packages they were installed from, and what they keep.

An app's folder is copied at one moment, as for the phone's backup, and lies on the disk while it is sent.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from pileus.cloud.kernel.service import AppFolders, ExportedFile, ServiceContext
from pileus.cloud.services.apps import store
from pileus.cloud.services.apps.originals import Originals, pieces
from pileus.core import trees
from pileus.core.errors import PileusError
from pileus.core.ids import new_id

TOP = "apps"
ENDS = {"android": "apk"}
"""How the file of a package ends; that of another engine's with the engine's name."""


HOLLOW = 64 << 20


class LeftOut(PileusError):
    """Why something of an app is not in the export; its owner reads it in `problems.txt`."""

    code = "left-out"


HOLES = LeftOut(detail="Nearly all of it is holes.")


class Exporting:
    """`offered` is what the service gives."""

    def __init__(self, ctx: ServiceContext, folders: store.Folders, kept: AppFolders) -> None:
        self._ctx, self._folders, self._kept = ctx, folders, kept
        self._originals = Originals(ctx)
        self._copying: set[str] = set()
        """Accounts of which an app's folder lies here twice: once at a time, however many exports they ask for."""

    async def offered(self, account_id: str) -> AsyncIterator[ExportedFile]:
        """Each app's package, then its files; an app that cannot be copied is named, and ends nothing."""
        for app in await self._kept.listed(account_id):
            async for file in self._of(account_id, app.app):
                yield file

    async def _of(self, account_id: str, app: str) -> AsyncIterator[ExportedFile]:
        found = await self._ctx.db.read_async(lambda conn: store.installed_digest(conn, account_id, app))
        if found is None:
            return  # removed meanwhile
        if await self._originals.has(account_id, found.sha256):
            end = ENDS.get(found.engine, found.engine)
            yield ExportedFile(f"{TOP}/{app}.{end}", self._originals.get(account_id, found.sha256))
        if account_id in self._copying:
            why = LeftOut(detail="Another export of the account has a copy of an app just now.")
            yield ExportedFile(f"{TOP}/{app}", _not_there(why))
            return
        self._copying.add(account_id)
        place, ended = self._folders.exports / new_id(), threading.Event()

        def check() -> None:
            if ended.is_set():
                raise LeftOut(detail="The export was ended.")

        try:
            try:
                left_out = await self._kept.copy(account_id, app, place, check)
            except (PileusError, OSError) as error:
                yield ExportedFile(f"{TOP}/{app}", _not_there(error))
                return
            for path in left_out:
                yield ExportedFile(_shown(app, path), _not_there(LeftOut(detail="It could not be copied.")))
            for path, about in await asyncio.to_thread(lambda: list(_files(place))):
                data = _not_there(HOLES) if _is_hollow(about) else pieces(place / path)
                yield ExportedFile(_shown(app, path), data, about.st_mtime_ns // 1_000_000)
        finally:
            ended.set()
            self._copying.discard(account_id)
            await asyncio.shield(asyncio.to_thread(trees.remove_soon, place))


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """A ZIP has no links."""
    for entry in trees.walk(folder):
        if stat.S_ISREG(entry.about.st_mode):
            yield entry.path, entry.about


def _is_hollow(about: os.stat_result) -> bool:
    """Zeros that take no room here would be written out."""
    return about.st_size > HOLLOW and about.st_size > 10 * about.st_blocks * 512


def _shown(app: str, path: str) -> str:
    """What an app calls its files need not be UTF-8."""
    return f"{TOP}/{app}/{os.fsencode(path).decode(errors='replace')}"


async def _not_there(why: Exception) -> AsyncIterator[bytes]:
    raise why
    yield b""
