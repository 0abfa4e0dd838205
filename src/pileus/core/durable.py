"""Files that a power cut leaves whole, with their names. Everything blocks. Standard library only."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def fsync(path: Path) -> None:
    """A file's bytes, or a folder's names, are on the disk when it returns. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """A folder (0700) with those above it: the name of each new one is on the disk. Raises `OSError`."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:  # which says less than what it is
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), error.filename) from None
    for one in missing:
        fsync(one.parent)


def publish(part: Path, path: Path, *, named: bool = True) -> None:
    """Gives a written part its name, instead of what has it: whole or not at all, and on the disk when it returns.

    A folder's files are made durable with it; a folder takes no other one's place. Not `named`, the name is left
    to whoever goes on with it, and only what it names is on the disk. Raises `OSError`.
    """
    if part.is_dir():
        for folder, _, files in os.walk(part):
            for name in files:
                if not Path(folder, name).is_symlink():  # which may lead anywhere
                    fsync(Path(folder, name))
            fsync(Path(folder))
    else:
        fsync(part)
    part.replace(path)
    if named:
        fsync(path.parent)


def write(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replaces a file's content by way of `NAME.part`, as `publish` does; for one writer at a time."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    publish(part, path)
