"""A copy of a folder that is written to meanwhile, by someone hostile: first whole, then what changed since.

So the writers need to be held for the second run only. Links are copied as links and lead nowhere here; sockets,
pipes and devices are left out. Blocks.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pileus.core import trees
from pileus.core.trees import Entry

RECENT_NS = 60 * 10**9
"""What a process has mapped gets its times when its pages are written out, within half a minute."""
PIECE = 8 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC

_Stamp = tuple[int, ...]
T = TypeVar("T")


class FolderCopy:
    """From `source` to `to`, which nobody else writes to. `check` is asked often, and may raise to end it."""

    def __init__(self, source: Path, to: Path, check: Callable[[], None]) -> None:
        self._source, self._to, self._check = source, to, check
        self._stamps: dict[str, _Stamp] = {}
        self._began = 0
        self.left_out: list[str] = []
        """What could not be read in the last run, or has a path that is too long."""

    def run(self) -> None:
        """Brings the copy to what the source is now; one that is not there is empty.

        Raises `Invalid` (`too-deep`), `OSError` where the copy cannot be written, what `check` raises.
        """
        before, self._stamps, self.left_out = self._stamps, {}, []
        recent, self._began = self._began - RECENT_NS, time.time_ns()
        inodes: dict[int, str] = {}
        self._to.mkdir(mode=0o700, exist_ok=True)
        if self._source.is_dir():
            for entry in trees.walk(self._source):
                self._check()
                stamp = _stamp(entry.about)
                same = before.get(entry.path) == stamp and entry.about.st_mtime_ns < recent
                try:
                    if self._bring(entry, inodes, same):
                        self._stamps[entry.path] = stamp
                except _Unreadable:
                    self.left_out.append(entry.path)
        for gone in before.keys() - self._stamps.keys():
            if self._lies_here(gone):
                _clear(self._to / gone)

    def _bring(self, entry: Entry, inodes: dict[int, str], same: bool) -> bool:
        """Whether it is in the copy now."""
        place, mode = self._to / entry.path, entry.about.st_mode
        first = entry.path
        if stat.S_ISREG(mode) and entry.about.st_nlink > 1:
            first = inodes.setdefault(entry.about.st_ino, entry.path)
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            return False
        try:
            if not self._lies_here(entry.path):
                return False
            if same and first == entry.path:
                return True
            if stat.S_ISDIR(mode):
                if not _is_folder(place):
                    _clear(place)
                    place.mkdir(mode=0o700)
                return True
            _clear(place)
            if stat.S_ISLNK(mode):
                place.symlink_to(_read(lambda: os.readlink(entry.name, dir_fd=entry.parent)))
            elif first != entry.path:
                os.link(self._to / first, place)
            else:
                self._copy(entry, place)
        except FileNotFoundError:
            return False  # it went meanwhile
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise _Unreadable from None
            raise
        return True

    def _copy(self, entry: Entry, place: Path) -> None:
        source = _read(lambda: os.open(entry.name, _READ, dir_fd=entry.parent))
        try:
            about = os.fstat(source)
            if not stat.S_ISREG(about.st_mode):
                raise _Unreadable
            target = os.open(place, _WRITE, 0o600)
            try:
                self._fill(source, target, about.st_size)
                os.fchmod(target, 0o600 | about.st_mode & 0o777)
                os.utime(target, ns=(about.st_mtime_ns, about.st_mtime_ns))
            finally:
                os.close(target)
        finally:
            os.close(source)

    def _fill(self, source: int, target: int, size: int) -> None:
        """Its data where that lies, and its holes."""
        os.ftruncate(target, size)
        place = 0
        while place < size:
            try:
                start = os.lseek(source, place, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # a hole up to its end
                    return
                raise
            end = min(os.lseek(source, start, os.SEEK_HOLE), size)
            os.lseek(source, start, os.SEEK_SET)
            os.lseek(target, start, os.SEEK_SET)
            while start < end:
                self._check()
                moved = os.sendfile(target, source, None, min(PIECE, end - start))
                if moved == 0:  # it was cut meanwhile
                    return
                start += moved
            place = end

    def _lies_here(self, path: str) -> bool:
        """Whether the folders above it are the copy's: a link in one's place would lead out of it."""
        above = self._to
        for part in path.split("/")[:-1]:
            above /= part
            if not _is_folder(above):
                return False
        return True


class _Unreadable(Exception):
    """Of the source: it is left out."""


def _read(work: Callable[[], T]) -> T:
    try:
        return work()
    except FileNotFoundError:
        raise
    except OSError:
        raise _Unreadable from None


def _stamp(about: os.stat_result) -> _Stamp:
    return about.st_mode, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _clear(path: Path) -> None:
    """Removes whatever is there; nothing is fine."""
    if _is_folder(path):
        trees.remove(path)
    else:
        path.unlink(missing_ok=True)
