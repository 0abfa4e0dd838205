"""The folder that a restore writes into. Everything here blocks.

Nothing is ever made outside of it: each folder is opened in the one above it without following links
(openat(2) with O_NOFOLLOW), and every entry is made beside its place and moved onto it. A tree comes from the
cloud, and what stands in the target may be anything.

A power cut leaves what was restored: a file's bytes are on the disk before its name, so that what has the right
size and time is whole when a restore goes on; the names are when `flush` returns.
"""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pileus.core import durable
from pileus.sdk.backup import tree
from pileus.sdk.backup.tree import LINK, Node

PART = b".pileus-restore-part"
OWN = (-1, -1) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
"""Whose files need no chown(2): root sets every owner."""
Differs = Callable[[OSError], None]
"""Hears what could not be set at an entry that is there otherwise."""
TYPES = {
    tree.FIFO: stat.S_IFIFO,
    tree.CHARACTER: stat.S_IFCHR,
    tree.BLOCK: stat.S_IFBLK,
    tree.SOCKET: stat.S_IFSOCK,
}
OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
SET_ID = stat.S_ISUID | stat.S_ISGID
HELD = 64
"""Folders that are kept open."""


class Target:
    """`differs` hears what could not be set at an entry that is there otherwise."""

    def __init__(self, path: bytes, differs: Callable[[bytes, OSError], None]) -> None:
        whole = Path(os.path.abspath(os.fsdecode(path)))
        self._made = [one.parent for one in (whole, *whole.parents) if not one.exists()]
        os.makedirs(path, exist_ok=True)
        self._differs = differs
        self._top = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._held: OrderedDict[bytes, int] = OrderedDict()
        self._number = 0
        _tidy(self._top)

    def close(self) -> None:
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()
        os.close(self._top)

    def folder(self, path: bytes) -> int:
        """A descriptor that stays open for a while; makes what is missing, and removes what is no folder."""
        descriptor = self._held.get(path)
        if descriptor is not None:
            self._held.move_to_end(path)
            return descriptor
        parts = path.split(b"/") if path else []
        known = len(parts)
        while known and b"/".join(parts[:known]) not in self._held:
            known -= 1
        here = self._held[b"/".join(parts[:known])] if known else self._top
        for number in range(known, len(parts)):
            here = _entered(parts[number], here)
            self._held[b"/".join(parts[: number + 1])] = here
            if len(self._held) > HELD:
                os.close(self._held.popitem(last=False)[1])
        return here

    def status(self, path: bytes) -> os.stat_result | None:
        """Of what stands there now; None for nothing."""
        above, _, name = path.rpartition(b"/")
        with suppress(FileNotFoundError):
            return os.lstat(name, dir_fd=self.folder(above))
        return None

    def file(self, path: bytes, node: Node) -> NewFile:
        """A file to be written, from whichever thread."""
        above, _, name = path.rpartition(b"/")
        self._number += 1
        part = PART + b"%d" % self._number
        return NewFile(os.dup(self.folder(above)), name, part, node, lambda error: self._differs(path, error))

    def link(self, path: bytes, first: bytes) -> None:
        """Another name of a file that was restored as `first`."""
        above, _, name = path.rpartition(b"/")
        source_above, _, source = first.rpartition(b"/")
        origin = os.lstat(source, dir_fd=self.folder(source_above))
        there = self.status(path)
        if there is not None:
            if (there.st_dev, there.st_ino) == (origin.st_dev, origin.st_ino):
                return
            os.unlink(name, dir_fd=self.folder(above))
        os.link(
            source,
            name,
            src_dir_fd=self.folder(source_above),
            dst_dir_fd=self.folder(above),
            follow_symlinks=False,
        )

    def special(self, path: bytes, node: Node) -> None:
        """A symbolic link, a pipe, a socket or a device."""
        above, _, name = path.rpartition(b"/")
        parent = self.folder(above)
        if node.kind == LINK:
            os.symlink(node.target, PART, dir_fd=parent)
        else:
            os.mknod(PART, TYPES[node.kind] | 0o600, node.rdev, dir_fd=parent)
        own = b"/proc/self/fd/%d/%s" % (parent, PART)
        differs = lambda error: self._differs(path, error)  # noqa: E731 - as it is handed on
        _owner(node, lambda: os.chown(PART, node.uid, node.gid, dir_fd=parent, follow_symlinks=False), differs)
        _attributes(node, own, differs)
        if node.kind != LINK:
            os.chmod(PART, node.mode, dir_fd=parent)
        os.utime(PART, ns=(node.modified_ns, node.modified_ns), dir_fd=parent, follow_symlinks=False)
        _name(PART, name, parent)

    def dress_folder(self, path: bytes, node: Node) -> None:
        """A folder's own metadata, when all that is in it is there; that and its names are on the disk then."""
        descriptor = self.folder(path)
        _dress(node, descriptor, lambda error: self._differs(path, error))
        os.fsync(descriptor)

    def flush(self) -> None:
        """The names in the target itself, and its own, are on the disk; those below by `dress_folder`."""
        os.fsync(self._top)
        for folder in self._made:
            durable.fsync(folder)

    def dress_kept(self, path: bytes, node: Node, status: os.stat_result) -> None:
        """Owner and mode of a file that was there already, where they are others."""
        if (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (node.uid, node.gid, node.mode):
            return
        descriptor = self.open(path)
        try:
            _dress(node, descriptor, lambda error: self._differs(path, error))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def open(self, path: bytes) -> int:
        """A file to be read back."""
        above, _, name = path.rpartition(b"/")
        return os.open(name, READ, dir_fd=self.folder(above))


class NewFile:
    """A file beside its place; `write` its pieces, then `finish` it or `give_up`."""

    def __init__(self, parent: int, name: bytes, part: bytes, node: Node, differs: Differs) -> None:
        self._parent, self._name, self._part, self._node, self._differs = parent, name, part, node, differs
        self._descriptor = -1

    def begin(self) -> None:
        self._descriptor = os.open(self._part, NEW, 0o600, dir_fd=self._parent)

    def write(self, data: memoryview, place: int) -> None:
        while data:
            count = os.pwrite(self._descriptor, data, place)
            data, place = data[count:], place + count

    def finish(self) -> None:
        """Metadata, then its name."""
        node = self._node
        if node.pieces and not node.pieces[-1].name:
            os.ftruncate(self._descriptor, node.size)
        _dress(node, self._descriptor, self._differs)
        os.fsync(self._descriptor)
        _name(self._part, self._name, self._parent)

    def close(self, *, done: bool) -> None:
        """Takes away what was not finished."""
        try:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                if not done:
                    os.unlink(self._part, dir_fd=self._parent)
        finally:
            os.close(self._parent)


def _dress(node: Node, descriptor: int, differs: Differs) -> None:
    """Owner before mode (chown(2) takes set-user-ID away) and attributes, times last."""
    owned = _owner(node, lambda: os.fchown(descriptor, node.uid, node.gid), differs)
    _attributes(node, descriptor, differs)
    os.fchmod(descriptor, node.mode if owned else node.mode & ~SET_ID)
    if node.links:
        os.utime(descriptor, ns=(node.modified_ns, node.modified_ns))


def _owner(node: Node, change: Callable[[], None], differs: Differs) -> bool:
    """Whether it is the owner's now: what is another's must not run with that one's rights."""
    if (node.uid, node.gid) == OWN:
        return True
    try:
        change()
    except OSError as error:
        differs(error)
        return False
    return True


def _attributes(node: Node, at: int | bytes, differs: Differs) -> None:
    for name, value in node.attributes:
        try:
            if isinstance(at, int):
                os.setxattr(at, name, value)
            else:
                os.setxattr(at, name, value, follow_symlinks=False)
        except OSError as error:
            differs(error)


def _name(part: bytes, name: bytes, parent: int) -> None:
    try:
        os.rename(part, name, src_dir_fd=parent, dst_dir_fd=parent)
    except IsADirectoryError:
        os.rmdir(name, dir_fd=parent)  # an empty one gives way
        os.rename(part, name, src_dir_fd=parent, dst_dir_fd=parent)


def _entered(name: bytes, parent: int) -> int:
    """A folder in a folder, made where it is missing or something else has its name."""
    try:
        there = os.open(name, OPEN, dir_fd=parent)
    except FileNotFoundError:
        pass
    except OSError:
        if stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
            raise
        os.unlink(name, dir_fd=parent)  # a link, a file
    else:
        _tidy(there)
        return there
    os.mkdir(name, 0o700, dir_fd=parent)
    return os.open(name, OPEN, dir_fd=parent)


def _tidy(folder: int) -> None:
    """Takes away what a killed restore left."""
    for name in os.listdir(folder):
        if os.fsencode(name).startswith(PART):
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
