"""Changes in the folder that is kept in step. Everything here blocks.

Nothing is overwritten or deleted that is not as it was seen: a file that gives way is taken out of the tree first,
looked at, and put back where somebody changed it. Folders are opened without following links, so nothing outside
is reached. What a killed sync had out of the tree, in `.pileus`, is put back by the next one (`put_back`).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from pileus.core.errors import Conflict, PileusError
from pileus.core.filenames import numbered
from pileus.sdk.sync.ledger import Stamp
from pileus.sdk.sync.scan import OPEN_FOLDER, hash_file, opened, stamp_of
from pileus.sdk.sync.trees import folded

OWN = ".pileus"
PARTS, ASIDE, OLD = "parts", "aside", "old"
"""In `OWN`: what is being fetched, what waits for its place, what gave way and is looked at."""
NOREPLACE, EXCHANGE = 1, 2
"""Flags of renameat2(2)."""
CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)
"""How file systems say that they know no flags."""
UNSEEN = Stamp(0, 0, 0, 0)
_LIBC = ctypes.CDLL(None, use_errno=True)


class Changed(Exception):
    """It is not as it was seen: the next round looks again."""


class Folder:
    """The folder, for one process at a time: raises `Conflict` where another one has it. Close it.

    Not `alone` it is only looked at, and `in_use` says whether another process has it.
    """

    def __init__(self, path: Path, *, alone: bool = True) -> None:
        self.path = path
        self.root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with suppress(FileExistsError):
            os.mkdir(OWN, 0o700, dir_fd=self.root)
        self._own = os.open(OWN, OPEN_FOLDER, dir_fd=self.root)
        try:
            self._lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=self._own)
        except OSError as error:
            error.filename = str(self.path / OWN / "lock")  # which folder it is of
            raise
        self.in_use = False
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.in_use = True
        if self.in_use and alone:
            self.close()
            raise Conflict("sync-running", f"{path} is being kept in step by another process.", folder=str(path))
        for name in (PARTS, ASIDE, OLD):
            with suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=self._own)
        self._touched: set[str] = set()

    def close(self) -> None:
        for descriptor in (self._lock, self._own, self.root):
            os.close(descriptor)

    @property
    def own(self) -> Path:
        return self.path / OWN

    def part(self, one: str) -> Path:
        """Where a content is fetched to."""
        return self.own / PARTS / one

    def same_names(self) -> Callable[[str], str]:
        """What makes names equal that this file system does not tell apart."""
        with suppress(FileNotFoundError):
            os.lstat("LOCK", dir_fd=self._own)
            return folded
        return str

    def check(self) -> None:
        """Raises where the folder was taken away: then it is not empty, it is gone."""
        try:
            there = os.stat(self.path / OWN / "lock", follow_symlinks=False)
            gone = (there.st_dev, there.st_ino) != _identity(os.fstat(self._lock))
        except OSError:
            gone = True
        if gone:
            raise PileusError(
                "sync-gone", f"{self.path} is not there any more, or another folder.", folder=str(self.path)
            )

    def make(self, path: str) -> Stamp:
        with self._at(path) as (folder, name):
            os.mkdir(name, dir_fd=folder)
            return stamp_of(os.lstat(name, dir_fd=folder))

    def move(self, path: str, to: str, seen: Stamp | None = None) -> Stamp:
        """The stamp of a file that was `seen` says to read it again where it is not as seen."""
        with self._at(path) as (folder, name), self._at(to) as (folder_to, name_to):
            as_seen = seen is None or stamp_of(os.lstat(name, dir_fd=folder)) == seen
            _rename(folder, name, folder_to, name_to, NOREPLACE)
            return _still(seen if as_seen else UNSEEN, stamp_of(os.lstat(name_to, dir_fd=folder_to)))

    def park(self, path: str, one: str, seen: Stamp | None) -> Stamp:
        """Takes something out of the way, as `move`."""
        return self.move(path, f"{OWN}/{ASIDE}/{one}", seen)

    def remove_folder(self, path: str) -> bool:
        """Whether it is gone: one that holds anything stays."""
        with self._at(path) as (folder, name):
            try:
                os.rmdir(name, dir_fd=folder)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                return False
        return True

    def remove_file(self, path: str, one: str, seen: Stamp) -> None:
        """Raises `Changed` where it is not as seen; then it is still there."""
        with self._at(path) as (folder, name), self._at(f"{OWN}/{OLD}/{one}") as (old, kept):
            _check(folder, name, seen)
            _rename(folder, name, old, kept, NOREPLACE)
            if not _same(old, kept, seen):
                _rename(old, kept, folder, name, NOREPLACE)
                raise Changed
            os.unlink(kept, dir_fd=old)

    def place(self, path: str, one: str, seen: Stamp | None, modified_ms: int) -> Stamp:
        """Gives the fetched part of an item its place, where nothing is (`seen` None) or a file as seen.

        Raises `Changed`, or FileExistsError: then the part is still there.
        """
        with self._at(path) as (folder, name), self._at(f"{OWN}/{PARTS}/{one}") as (parts, part):
            time_ns = max(0, modified_ms) * 1_000_000
            os.utime(part, ns=(time_ns, time_ns), dir_fd=parts)
            fetched = stamp_of(os.lstat(part, dir_fd=parts))
            if seen is None:
                _rename(parts, part, folder, name, NOREPLACE)
            else:
                self._exchange(parts, part, folder, name, seen)
            return _still(fetched, stamp_of(os.lstat(name, dir_fd=folder)))

    def flush(self) -> None:
        """Makes the changes so far durable: after it the ledger may say that they were made."""
        for path in sorted(self._touched):
            with suppress(FileNotFoundError, NotADirectoryError):
                descriptor = opened(self.root, path)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        self._touched.clear()

    def put_back(self, place_of: Callable[[str], str | None], known: Callable[[str, str], bool]) -> list[str]:
        """What a killed sync had out of the tree; the paths that it has now.

        `place_of` tells where an item was; where that is taken it gets a number. An old content that the cloud
        has (`known`: item, content) is not needed any more.
        """
        back = []
        for kind in (ASIDE, OLD):
            for one in sorted(os.listdir(self.own / kind)):
                with self._at(f"{OWN}/{kind}/{one}") as (folder, name):
                    if kind == OLD and known(one, hash_file(folder, name)[0]):
                        os.unlink(name, dir_fd=folder)
                        continue
                back.append(self._put_back(f"{OWN}/{kind}/{one}", place_of(one) or one))
        return back

    def tidy_parts(self, wanted: Callable[[str], bool]) -> None:
        """Takes away parts of what is not wanted any more."""
        for name in os.listdir(self.own / PARTS):
            if not wanted(name.removeprefix(".").partition(".")[0]):
                (self.own / PARTS / name).unlink()

    def _put_back(self, path: str, wish: str) -> str:
        to, number = wish, 2
        while True:
            try:
                self.move(path, to)
                return to
            except FileExistsError:
                above, slash, name = wish.rpartition("/")
                to, number = above + slash + numbered(name, number), number + 1
            except (FileNotFoundError, NotADirectoryError):  # its folder is gone, too
                wish = to = wish.rpartition("/")[2]

    def _exchange(self, parts: int, part: str, folder: int, name: str, seen: Stamp) -> None:
        with self._at(f"{OWN}/{OLD}/{part}") as (old, kept):
            status = _check(folder, name, seen)
            os.chmod(part, stat.S_IMODE(status.st_mode), dir_fd=parts)
            _rename(parts, part, old, kept, NOREPLACE)
            try:
                _rename(old, kept, folder, name, EXCHANGE)
            except OSError as error:
                if error.errno not in CANNOT:
                    raise
                self._in_two(parts, part, old, kept, folder, name, seen)
                return
            if not _same(old, kept, seen):
                _rename(old, kept, folder, name, EXCHANGE)
                _rename(old, kept, parts, part, NOREPLACE)
                raise Changed
            os.unlink(kept, dir_fd=old)

    def _in_two(self, parts: int, part: str, old: int, kept: str, folder: int, name: str, seen: Stamp) -> None:
        """For a file system that cannot exchange two files: for a moment none is there."""
        _rename(old, kept, parts, part, NOREPLACE)
        _rename(folder, name, old, kept, NOREPLACE)
        if not _same(old, kept, seen):
            _rename(old, kept, folder, name, NOREPLACE)
            raise Changed
        _rename(parts, part, folder, name, NOREPLACE)
        os.unlink(kept, dir_fd=old)

    @contextmanager
    def _at(self, path: str) -> Iterator[tuple[int, str]]:
        above, _, name = path.rpartition("/")
        folder = opened(self.root, above)
        try:
            yield folder, name
            self._touched.add(above)
        finally:
            os.close(folder)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _check(folder: int, name: str, seen: Stamp) -> os.stat_result:
    try:
        status = os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        raise Changed from None
    if stamp_of(status) != seen:
        raise Changed
    return status


def _same(folder: int, name: str, seen: Stamp) -> bool:
    """But for the time of its inode's change, which moving it sets."""
    return _alike(stamp_of(os.lstat(name, dir_fd=folder)), seen)


def _alike(now: Stamp, seen: Stamp) -> bool:
    return (now.inode, now.size, now.mtime_ns) == (seen.inode, seen.size, seen.mtime_ns)


def _still(seen: Stamp | None, now: Stamp) -> Stamp:
    """The stamp that what was moved has now; where somebody changed it meanwhile, one that has it read again."""
    return now if seen is None or _alike(now, seen) else replace(now, ctime_ns=0)


def _rename(folder: int, name: str, folder_to: int, name_to: str, flags: int) -> None:
    """renameat2(2); where it is not to be had, NOREPLACE is a look before the renaming. Raises `OSError`."""
    code = _renameat2(folder, os.fsencode(name), folder_to, os.fsencode(name_to), flags)
    if code == 0:
        return
    if code not in CANNOT or flags != NOREPLACE:
        raise OSError(code, os.strerror(code), name_to)
    try:
        os.lstat(name_to, dir_fd=folder_to)
    except FileNotFoundError:
        os.rename(name, name_to, src_dir_fd=folder, dst_dir_fd=folder_to)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name_to)


def _renameat2(folder: int, name: bytes, folder_to: int, name_to: bytes, flags: int) -> int:
    """The error's number, 0 for none."""
    try:
        call = _LIBC.renameat2
    except AttributeError:  # an older C library
        return errno.ENOSYS
    return 0 if call(folder, name, folder_to, name_to, flags) == 0 else ctypes.get_errno()
