"""What is kept of frozen sessions: a folder each below `data_dir/frozen` with `about.json` and the last picture.

Nothing of it lies in memory, and it outlives the supervisor. The app's own state is its engine's and lies with the
app's data. All of it blocks, for as long as a file of at most `PICTURE_LIMIT` takes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pileus.surfaces.engine import AppSpec, Display

PICTURE_LIMIT = 2 << 20
"""Bytes of a last picture; with the state that an engine keeps at most 5 MB a session."""
ABOUT = "about.json"
PICTURE = "picture"

log = logging.getLogger("pileus.surfaces.frozen")


@dataclass(frozen=True)
class Picture:
    """A whole picture of an app; `kind` is jpeg or png."""

    kind: str
    width: int
    height: int
    data: bytes


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen session; `kind`, `width` and `height` are its picture's, empty and 0 where there is none."""

    session: str
    spec: AppSpec
    display: Display
    title: str = ""
    colour: int = 0
    kind: str = ""
    width: int = 0
    height: int = 0

    def called(self, title: str, colour: int) -> About:
        """The same under the name that its window had."""
        return msgspec.structs.replace(self, title=title, colour=colour)


class FrozenShelf:
    """The folder of all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, about: About, picture: Picture | None) -> None:
        """Keeps a session, whole or not at all; raises `OSError`."""
        if picture is not None:
            about = msgspec.structs.replace(about, kind=picture.kind, width=picture.width, height=picture.height)
        place = self._place(about.session)
        part = place.with_name(f".{place.name}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        (part / ABOUT).write_bytes(msgspec.json.encode(about, enc_hook=str))
        if picture is not None:
            (part / PICTURE).write_bytes(picture.data)
        self.forget(about.session)
        os.replace(part, place)

    def forget(self, session: str) -> None:
        shutil.rmtree(self._place(session), ignore_errors=True)

    def picture(self, session: str) -> Picture | None:
        """The last picture of a session, if it has one."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            about = self._read(self._place(session))
            if about.kind:
                data = (self._place(session) / PICTURE).read_bytes()
                return Picture(about.kind, about.width, about.height, data)
        return None

    def picture_path(self, session: str) -> Path | None:
        """Where the last picture lies, if there is one."""
        path = self._place(session) / PICTURE
        return path if path.exists() else None

    def all(self) -> Iterator[About]:
        """The sessions that an earlier supervisor froze, oldest first; what cannot be read is removed."""
        if not self._folder.is_dir():
            return
        for place in sorted(self._folder.iterdir()):
            try:
                if place.name.startswith("."):
                    raise FileNotFoundError(f"{place.name} was not written to its end")
                about = self._read(place)
            except (OSError, msgspec.MsgspecError) as error:
                log.warning("a frozen session cannot be read and is forgotten: %s", error)
                shutil.rmtree(place, ignore_errors=True)
                continue
            yield about

    def _place(self, session: str) -> Path:
        return self._folder / session

    def _read(self, place: Path) -> About:
        return msgspec.json.decode((place / ABOUT).read_bytes(), type=About, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    return kind(value)
