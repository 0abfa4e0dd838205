"""Looks into backups of folders from a browser: what is in a folder, and one file of it. Nothing is written.

A path is made of names with `%` escapes and `/` between them: names of files are bytes, and need not be UTF-8.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal, NamedTuple, TypeVar
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Caller, Operation, number, number_of, reply
from pileus.cloud.services.backups import rules
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.snapshots import Snapshots
from pileus.core import stated
from pileus.core.errors import Invalid, NotFound, PileusError, TooLarge
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.save import text_of
from pileus.sdk.backup.view import View

MOST = 1000
"""Entries of a folder that are given at once."""
MOST_ITEMS = 1_000_000
"""Files and folders of a snapshot that is looked into here, as whoever made it tells."""
TREE_MOST = 256 << 20
"""Bytes of its tree."""
HELD, HELD_TREE, HELD_CHUNKS, HELD_SECONDS = 2, 32 << 20, 4 << 20, 120
"""Snapshots that are held for the next step into a folder, where their trees have no more bytes; bytes of chunks
of each; and for how long after the last step."""
PIECE = 1 << 20
READERS = 2
Kind = Literal["file", "folder", "link", "other"]
KINDS: tuple[tuple[Kind, Callable[[int], bool]], ...] = (
    ("file", stat.S_ISREG),
    ("folder", stat.S_ISDIR),
    ("link", stat.S_ISLNK),
)
OTHER: Kind = "other"
T = TypeVar("T")


class BackedUp(msgspec.Struct, frozen=True):
    """`name` is for people, `path` asks for it. `size` in bytes, of files; times since 1970, UTC."""

    name: str
    path: str
    kind: Kind
    size: int
    modified_ms: int


class BackedUpFolder(msgspec.Struct, frozen=True):
    """`more`: the number from which the next ones are asked for; null at the end."""

    entries: list[BackedUp]
    more: int | None


class _Held(NamedTuple):
    """A snapshot that was looked into, and when it is let go."""

    view: View
    top: str
    timer: asyncio.TimerHandle


class Browsing:
    """The handlers."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._readers = ThreadPoolExecutor(READERS, "backup browser")
        self._held: dict[tuple[str, str], _Held] = {}

    async def folder(self, request: Request, caller: Caller) -> Response:
        path, first = _path(request), number(request, "start", 0, 0, MOST_ITEMS)
        view, top = await self._view(request, caller)
        return reply(await self._reading(_listing, view, top, path, first))

    async def file(self, request: Request, caller: Caller) -> Response:
        view, top = await self._view(request, caller)
        path = f"{top}/{os.fsdecode(_path(request))}"
        about = await self._reading(view.status, path)
        if not stat.S_ISREG(about["st_mode"]):
            raise Invalid("no-file", "Only files are given, not folders or links.")
        size = about["st_size"]
        first = await self._reading(view.read, path, PIECE, 0)  # what cannot be read is an error, not a cut answer

        async def whole() -> AsyncIterator[bytes]:
            place, piece = 0, first
            while place < size:
                yield piece
                place += len(piece)
                piece = await self._reading(view.read, path, PIECE, place) if place < size else b""

        name = quote(text_of(os.fsencode(path).rpartition(b"/")[2]))
        headers = {
            "Content-Length": str(size),
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-cache",
        }
        return StreamingResponse(whole(), headers=headers, media_type="application/octet-stream")

    async def _view(self, request: Request, caller: Caller) -> tuple[View, str]:
        """The snapshot, and where it is in the view."""
        wanted = rules.check_id(request.path_params["snapshot"])
        found = next((one for one in await self._snapshots.listed(caller.account_id) if one.id == wanted), None)
        if found is None:
            raise NotFound("no-snapshot", "There is no such backup.")
        if found.files + found.folders > MOST_ITEMS:
            raise TooLarge("backup-too-large", "This backup has too many files to be looked into here.")
        top, key = f"/ids/{wanted[:8]}", (caller.account_id, found.tree)
        held = self._held.pop(key, None)
        if held is not None and held.top == top:
            held.timer.cancel()
            view = held.view
        else:
            area = await self._snapshots.area(caller.account_id)
            cloud = LocalCloud(self._snapshots, caller.account_id, asyncio.get_running_loop())
            view = View(cloud, Naming(bytes.fromhex(area.naming)), [found], TREE_MOST, HELD_CHUNKS)
            await self._reading(view.names, top)
        if view.tree_bytes() <= HELD_TREE:
            self._hold(key, view, top)
        return view, top

    def _hold(self, key: tuple[str, str], view: View, top: str) -> None:
        timer = asyncio.get_running_loop().call_later(HELD_SECONDS, self._held.pop, key, None)
        self._held[key] = _Held(view, top, timer)
        while len(self._held) > HELD:
            self._held.pop(next(iter(self._held))).timer.cancel()

    async def _reading(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, work, *arguments)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise NotFound("not-in-backup", "This backup does not have it.") from None
        except OSError:
            raise PileusError("backup-unreadable", "A part of the backup cannot be read.", status=422) from None


def operations(snapshots: Snapshots) -> list[Operation]:
    browsing, one = Browsing(snapshots), "/backups/snapshots/{snapshot}"
    known = {"snapshot": Annotated[str, stated.text(pattern=rules.ID)]}
    return [
        Operation(
            "GET",
            f"{one}/folder",
            browsing.folder,
            "What is in a folder of a backup",
            response=BackedUpFolder,
            query={"path": str, "start": number_of(0, MOST_ITEMS)},
            parts=known,
        ),
        Operation(
            "GET",
            f"{one}/file",
            browsing.file,
            "A file of a backup",
            media_type="application/octet-stream",
            query={"path": str},
            parts=known,
        ),
    ]


def _path(request: Request) -> bytes:
    return unquote_to_bytes(request.query_params.get("path", ""))


def _listing(view: View, top: str, path: bytes, first: int) -> BackedUpFolder:
    here = f"{top}/{os.fsdecode(path)}".rstrip("/")
    names = view.names(here)
    listed = [_entry(view, here, path, name) for name in names[first : first + MOST]]
    return BackedUpFolder(listed, first + MOST if len(names) > first + MOST else None)


def _entry(view: View, here: str, path: bytes, name: str) -> BackedUp:
    about, raw = view.status(f"{here}/{name}"), os.fsencode(name)
    mode = about["st_mode"]
    kind = next((kind for kind, test in KINDS if test(mode)), OTHER)
    full = quote_from_bytes(path.strip(b"/") + b"/" + raw if path.strip(b"/") else raw)
    return BackedUp(text_of(raw), full, kind, about["st_size"], about["st_mtime"] // 1_000_000)
