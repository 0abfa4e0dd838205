"""What is in the folder now. Everything here blocks; nothing is changed, no link is followed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from blake3 import blake3

from pileus.core.errors import Invalid
from pileus.core.filenames import clean_name
from pileus.sdk.sync.ledger import Stamp
from pileus.sdk.sync.match import Found

RECENT_NS = 100_000_000
"""A file that changed so short before it was read may change again in the same tick of the clock."""
READ = 1 << 20
OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Known = Mapping[int, tuple[Stamp, str]]
"""By inode: a file's stamp and the content that it had with it."""


@dataclass(frozen=True)
class Seen:
    """Something in the folder and, of a file or folder that can be kept in step, its stamp."""

    found: Found
    stamp: Stamp


class Changing(Exception):
    """The file changed while it was read."""


def scan(root: int, ignored: Callable[[str, bool], bool], known: Known) -> Iterator[Seen]:
    """Everything below the open folder `root`, folders before what is in them; what is `known` is not read."""
    waiting = [""]
    while waiting:
        path = waiting.pop()
        try:
            descriptor = opened(root, path)
        except OSError as error:
            if path:
                yield _unusable(path, 0, "unreadable", error)
                continue
            raise
        try:
            for entry in sorted(os.listdir(descriptor)):
                one = f"{path}/{entry}" if path else entry
                with suppress(FileNotFoundError):  # gone meanwhile
                    seen = _seen(descriptor, entry, one, ignored, known)
                    if seen is None:
                        continue
                    if seen.found.content is None and not seen.found.unusable:
                        waiting.append(one)
                    yield seen
        finally:
            os.close(descriptor)


def opened(root: int, path: str) -> int:
    """A descriptor of a folder below `root`; raises `OSError` where a link is on the way. Close it."""
    here = os.dup(root)
    for name in path.split("/") if path else ():
        try:
            below = os.open(name, OPEN_FOLDER, dir_fd=here)
        finally:
            os.close(here)
        here = below
    return here


def stamp_of(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def lasting(stamp: Stamp) -> Stamp:
    """As it may be kept: that of a file that was just written tells nothing about a write that follows at once."""
    recent = 0 <= time.time_ns() - stamp.mtime_ns < RECENT_NS
    return Stamp(stamp.inode, stamp.size, stamp.mtime_ns, 0) if recent else stamp


def read_file(folder: int, name: str) -> tuple[bytes, Stamp]:
    """A small file's bytes; raises `Changing` or `OSError`."""
    descriptor = os.open(name, OPEN_FILE, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        before = stamp_of(os.fstat(file.fileno()))
        data = file.read()
        if stamp_of(os.fstat(file.fileno())) != before or len(data) != before.size:
            raise Changing
    return data, before


def hash_file(folder: int, name: str) -> tuple[str, Stamp]:
    """A file's content by its BLAKE3; raises `Changing` or `OSError`."""
    descriptor = os.open(name, OPEN_FILE, dir_fd=folder)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        before = stamp_of(os.fstat(file.fileno()))
        made = blake3()
        while data := file.read(READ):
            made.update(data)
        if stamp_of(os.fstat(file.fileno())) != before:
            raise Changing
    return str(made.hexdigest()), before


def _seen(folder: int, name: str, path: str, ignored: Callable[[str, bool], bool], known: Known) -> Seen | None:
    status = os.lstat(name, dir_fd=folder)
    is_folder = stat.S_ISDIR(status.st_mode)
    if ignored(path, is_folder):
        return Seen(Found(path, None, status.st_ino, "ignored"), stamp_of(status))
    try:
        clean_name(name)
    except Invalid:
        return _unusable(path, status.st_ino, "bad-name")
    if is_folder:
        return Seen(Found(path, None, status.st_ino), stamp_of(status))
    if not stat.S_ISREG(status.st_mode):
        return _unusable(path, status.st_ino, "link" if stat.S_ISLNK(status.st_mode) else "special")
    stamp = stamp_of(status)
    old = known.get(status.st_ino)
    if old is not None and old[0] == stamp:
        return Seen(Found(path, old[1], status.st_ino), stamp)
    try:
        content, stamp = hash_file(folder, name)
    except Changing:
        return _unusable(path, status.st_ino, "changing")
    except FileNotFoundError:
        raise
    except OSError as error:
        return _unusable(path, status.st_ino, "unreadable", error)
    return Seen(Found(path, content, stamp.inode), stamp)


def _unusable(path: str, inode: int, why: str, error: OSError | None = None) -> Seen:
    return Seen(
        Found(path, None, inode, why, error.strerror if error and error.strerror else ""), Stamp(inode, 0, 0, 0)
    )
