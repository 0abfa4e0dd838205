"""What the file system says of things that are to be backed up. Everything here blocks."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import msgspec

from pileus.sdk.backup.tree import BLOCK, CHARACTER, FOLDER, KINDS, LINK, Node

MODE = 0o7777
RECENT_NS = 100_000_000
"""A file that changed so short before it was read may change again in the same tick of the clock."""
TAG = b"CACHEDIR.TAG"
TAG_BEGIN = b"Signature: 8a477f597d28d172789f06886806bc55"
"""bford.info/cachedir"""


def node_of(path: bytes, name: bytes, status: os.stat_result) -> Node:
    """All but a file's content; raises `OSError`."""
    kind = KINDS[stat.S_IFMT(status.st_mode)]
    shared = status.st_nlink > 1 and kind != FOLDER
    return Node(
        name,
        kind,
        status.st_mode & MODE,
        status.st_uid,
        status.st_gid,
        user_name(status.st_uid),
        group_name(status.st_gid),
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev if shared else 0,
        status.st_nlink if shared else 1,
        0,
        [],
        b"",
        os.readlink(path) if kind == LINK else b"",
        status.st_rdev if kind in (CHARACTER, BLOCK) else 0,
        attributes(path),
    )


def way_of(path: bytes, name: bytes, status: os.stat_result) -> Node:
    """A folder on the way to what is backed up: its times say nothing of that, and change all the time."""
    node = node_of(path, name, status)
    return msgspec.structs.replace(node, modified_ns=0, changed_ns=0, inode=0, links=0)


def attributes(path: bytes) -> list[tuple[bytes, bytes]]:
    """Extended attributes, access control lists among them (Linux keeps them so); [] where there can be none."""
    found = []
    with suppress(OSError):
        for name in os.listxattr(path, follow_symlinks=False):
            with suppress(OSError):  # taken away meanwhile
                found.append((os.fsencode(name), os.getxattr(path, name, follow_symlinks=False)))
    return sorted(found)


def open_file(path: bytes) -> int:
    """A descriptor of a regular file, its access time left alone where that is allowed; raises `OSError`."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)


def spans(descriptor: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Where data and holes lie: start, end, whether it is data (lseek(2), SEEK_DATA)."""
    place = 0
    while place < size:
        try:
            data = os.lseek(descriptor, place, os.SEEK_DATA)
        except OSError:  # ENXIO: nothing but a hole is left
            data = size
        data = min(data, size)
        if data > place:
            yield place, data, False
        if data == size:
            return
        end = min(os.lseek(descriptor, data, os.SEEK_HOLE), size)
        yield data, end, True
        place = end


def is_cache(folder: bytes) -> bool:
    """Whether a folder says that it holds nothing worth keeping."""
    try:
        with open(folder + b"/" + TAG, "rb") as file:
            return file.read(len(TAG_BEGIN)) == TAG_BEGIN
    except OSError:
        return False


@cache
def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


@cache
def group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""
