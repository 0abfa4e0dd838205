"""A small disk that can be filled: a tmpfs of its own, which refuses with the kernel's own ENOSPC (tmpfs(5))."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BALLAST = "ballast"
PAGE = 4096


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, room: int) -> None:
        """All but so many bytes of what is left."""
        there = os.statvfs(self.folder)
        size = (there.f_bavail * there.f_frsize - room) // PAGE * PAGE
        with (self.folder / BALLAST).open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def empty(self) -> None:
        (self.folder / BALLAST).unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int = 48) -> Iterator[SmallDisk]:
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", str(folder)], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
