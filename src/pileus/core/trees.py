"""Folders whose content someone hostile wrote: walked and removed without following a link out of them.

All of it goes by open directories, never by paths, so a folder that is swapped for a link meanwhile leads
nowhere. Blocks.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pileus.core.errors import Invalid

TRIES, AGAIN = 20, 0.2
"""How often, and after how many seconds each time, a folder is tried to be removed."""
log = logging.getLogger(__name__)
MAX_DEPTH = 100
"""Folders within folders; a walk holds a descriptor for each."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """A file, link or folder: `name` within the open directory `parent`, which is closed when the walk goes on.

    `path` is the way to it from the root of the walk, by which it may be another one a moment later.
    """

    parent: int
    name: str
    about: os.stat_result
    path: str


def walk(root: Path) -> Iterator[Entry]:
    """Everything below a folder, folders before what is in them; what vanishes meanwhile is left out.

    A folder that its owner may not read gets his rights back. Raises `Invalid` (`too-deep`) beyond `MAX_DEPTH`.
    """
    stack: list[tuple[int, list[str], str]] = []
    try:
        stack.append((*_opened(root, None), ""))
        while stack:
            parent, names, above = stack[-1]
            if not names:
                os.close(parent)
                stack.pop()
                continue
            name = names.pop()
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                about = os.stat(name, dir_fd=parent, follow_symlinks=False)
                yield Entry(parent, name, about, f"{above}{name}")
                if stat.S_ISDIR(about.st_mode):
                    if len(stack) > MAX_DEPTH:
                        raise Invalid("too-deep", f"Folders lie more than {MAX_DEPTH} deep.")
                    stack.append((*_opened(name, parent), f"{above}{name}/"))
    finally:
        for parent, _, _ in stack:
            os.close(parent)


def measure(root: Path) -> tuple[int, int]:
    """Allocated bytes and number of what lies below a folder, hard links once; raises as `walk` does."""
    size = files = 0
    linked: set[int] = set()
    for entry in walk(root):
        files += 1
        if entry.about.st_nlink > 1 and not stat.S_ISDIR(entry.about.st_mode):
            if entry.about.st_ino in linked:
                continue
            linked.add(entry.about.st_ino)
        size += entry.about.st_blocks * 512
    return size, files


def remove(root: Path) -> None:
    """Removes a folder and all in it, however deep; one that is not there is fine. Raises `OSError`.

    A folder within is first moved up beside the others, so that neither depth nor the length of a path counts.
    """
    try:
        top = _entered(root, None)
    except FileNotFoundError:
        return
    try:
        moved = 0
        while folders := _emptied(top):
            for name in folders:
                inner = _entered(name, top)
                try:
                    for deeper in _emptied(inner):
                        while _is_there(top, f".{moved}"):
                            moved += 1
                        os.rename(deeper, f".{moved}", src_dir_fd=inner, dst_dir_fd=top)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    os.rmdir(root)


def remove_soon(root: Path) -> None:
    """`remove` that raises nothing, for some seconds: a thread that was told to end may still write to the folder.

    What is left where it cannot be removed is logged.
    """
    for last in (*[False] * TRIES, True):
        try:
            return remove(root)
        except OSError as error:
            if last:
                log.warning("%s cannot be removed: %s", root, error)
        time.sleep(AGAIN)


def _emptied(folder: int) -> list[str]:
    """Removes what is no folder; the names of the folders."""
    found = []
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            found.append(name)
        else:
            os.unlink(name, dir_fd=folder)
    return found


def _entered(name: str | Path, parent: int | None) -> int:
    """Opens a folder, also one that its owner may not read for now."""
    place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    try:
        os.chmod(f"/proc/self/fd/{place}", 0o700)
        return os.open(".", _FOLDER, dir_fd=place)
    finally:
        os.close(place)


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _opened(name: str | Path, parent: int | None) -> tuple[int, list[str]]:
    try:
        folder = os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        folder = _entered(name, parent)
    try:
        return folder, os.listdir(folder)
    except BaseException:
        os.close(folder)
        raise
