"""Snapshots as a folder to look into: what `pileus mount` shows. All of it blocks; safe from several threads.

ids/ID            each snapshot by the first eight digits of its id
snapshots/TIME    by its time; `latest` leads to the newest, to one of the phone only where there are no others
hosts/HOST/TIME   the same of one host
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from pileus.core.errors import PileusError
from pileus.sdk.backup import tree
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.link import Cloud
from pileus.sdk.backup.save import load_tree, pick
from pileus.sdk.backup.tree import FILE, FOLDER, LINK, Node, Piece, Tree
from pileus.sdk.backup.wire import Snapshot

HELD_TREES = 4
HELD_FOLDERS = 256
HELD_BYTES = 48 << 20
"""Plain bytes of chunks that are kept for the next read."""
FOLDER_MODE = stat.S_IFDIR | 0o755
TYPES = {
    tree.FILE: stat.S_IFREG,
    tree.FOLDER: stat.S_IFDIR,
    tree.LINK: stat.S_IFLNK,
    tree.FIFO: stat.S_IFIFO,
    tree.CHARACTER: stat.S_IFCHR,
    tree.BLOCK: stat.S_IFBLK,
    tree.SOCKET: stat.S_IFSOCK,
}

Menu = dict[str, "Menu | Snapshot | str"]
"""Folders above the snapshots; a text is where a link leads."""


class View:
    """Paths are as the system has them, beginning with `/`; raises `OSError` with the number that fits."""

    def __init__(
        self,
        link: Cloud,
        naming: Naming,
        found: Sequence[Snapshot],
        most: int | None = None,
        held: int = HELD_BYTES,
    ) -> None:
        """`most`: bytes of one tree that are read; `held`: those of chunks that are kept for the next read."""
        self._link, self._naming, self._most, self._holds = link, naming, most, held
        self._menu = menu(found)
        self._lock = threading.Lock()
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._folders: OrderedDict[tuple[str, bytes], dict[bytes, Node]] = OrderedDict()
        self._chunks: OrderedDict[bytes, bytes] = OrderedDict()
        self._held = 0

    def status(self, path: str) -> dict[str, int]:
        """Members of `stat`; times in nanoseconds."""
        found = self._find(path)
        if isinstance(found, Node):
            return {
                "st_mode": TYPES[found.kind] | found.mode,
                "st_uid": found.uid,
                "st_gid": found.gid,
                "st_size": len(found.target) if found.kind == LINK else found.size,
                "st_mtime": found.modified_ns,
                "st_ctime": found.modified_ns,
                "st_atime": found.modified_ns,
                "st_nlink": max(found.links, 1),
                "st_rdev": found.rdev,
                "st_blocks": sum(piece.size for piece in found.pieces if piece.name) + 511 >> 9,
            }
        if isinstance(found, str):
            return {"st_mode": stat.S_IFLNK | 0o777, "st_nlink": 1, "st_size": len(found)}
        time = found.time_ms * 1_000_000 if isinstance(found, Snapshot) else 0
        return {"st_mode": FOLDER_MODE, "st_nlink": 2, "st_mtime": time, "st_ctime": time, "st_atime": time}

    def names(self, path: str) -> list[str]:
        """What is in a folder."""
        here, inside = self._split(path)
        if isinstance(here, dict):
            return list(here)
        if not isinstance(here, Snapshot):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return [os.fsdecode(name) for name in self._folder(here, inside, path)]

    def target(self, path: str) -> str:
        """Where a symbolic link leads."""
        found = self._find(path)
        if isinstance(found, str):
            return found
        if isinstance(found, Node) and found.kind == LINK:
            return os.fsdecode(found.target)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)

    def attributes(self, path: str) -> dict[str, bytes]:
        """Extended attributes."""
        found = self._find(path)
        pairs = found.attributes if isinstance(found, Node) else []
        return {os.fsdecode(name): value for name, value in pairs}

    def read(self, path: str, size: int, start: int) -> bytes:
        """Bytes of a file, fewer at its end."""
        found = self._find(path)
        if not isinstance(found, Node) or found.kind != FILE:
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        held, place, end = bytearray(), 0, min(start + size, found.size)
        for piece in found.pieces:
            if place >= end:
                break
            first, last = max(start - place, 0), min(end - place, piece.size)
            if first < last:
                held += self._bytes(piece, path)[first:last] if piece.name else bytes(last - first)
            place += piece.size
        return bytes(held)

    def tree_bytes(self) -> int:
        """Of the trees that are held."""
        with self._lock:
            return sum(len(one.data) for one in self._trees.values())

    def _find(self, path: str) -> Menu | Snapshot | str | Node:
        here, inside = self._split(path)
        if not inside:
            return here
        assert isinstance(here, Snapshot)  # noqa: S101 - only those have something inside
        above, _, name = inside.rpartition(b"/")
        found = self._folder(here, above, path).get(name)
        if found is None:
            raise _missing(path)
        return found

    def _split(self, path: str) -> tuple[Menu | Snapshot | str, bytes]:
        """What the menu has, and the path in it where that is a snapshot."""
        here: Menu | Snapshot | str = self._menu
        parts = [part for part in path.split("/") if part]
        for number, part in enumerate(parts):
            if isinstance(here, Snapshot):
                return here, os.fsencode("/".join(parts[number:]))
            if not isinstance(here, dict) or part not in here:
                raise _missing(path)
            here = here[part]
        return here, b""

    def _folder(self, snapshot: Snapshot, inside: bytes, path: str) -> dict[bytes, Node]:
        with self._lock:
            key = (snapshot.tree, inside)
            held = self._folders.get(key)
            if held is None:
                try:
                    whole = self._tree(snapshot.tree)
                    node = whole.find(inside) if inside else None
                    if inside not in whole and (node is None or node.kind != FOLDER):
                        raise _missing(path)
                    nodes = whole.folder(inside) if inside in whole else []
                except PileusError as error:
                    raise OSError(errno.EIO, error.detail, path) from error
                held = self._folders[key] = {node.name: node for node in nodes}
                if len(self._folders) > HELD_FOLDERS:
                    self._folders.popitem(last=False)
            self._folders.move_to_end(key)
            return held

    def _tree(self, name: str) -> Tree:
        if name not in self._trees:
            self._trees[name] = load_tree(self._link, self._naming, name, self._most)[1]
            if len(self._trees) > HELD_TREES:
                self._trees.popitem(last=False)
        self._trees.move_to_end(name)
        return self._trees[name]

    def _bytes(self, piece: Piece, path: str) -> memoryview:
        with self._lock:
            data = self._chunks.get(piece.name)
            if data is None:
                try:
                    (chunk,) = self._link.chunks([piece.name])
                    data = self._naming.open(chunk) if chunk is not None else b""
                except PileusError as error:
                    raise OSError(errno.EIO, error.detail, path) from error
                self._chunks[piece.name] = data
                self._held += len(data)
                while self._held > self._holds and len(self._chunks) > 1:
                    self._held -= len(self._chunks.popitem(last=False)[1])
            self._chunks.move_to_end(piece.name)
        if len(data) < piece.start + piece.size:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return memoryview(data)[piece.start : piece.start + piece.size]


def menu(found: Sequence[Snapshot]) -> Menu:
    """The folders above the snapshots; of two with one time the second gets a number."""
    ids: Menu = {}
    times: Menu = {}
    hosts: Menu = {}
    names: dict[str, str] = {}
    for one in sorted(found, key=lambda one: one.time_ms):
        ids[one.id[:8]] = one
        names[one.id] = _free(times, one)
        times[names[one.id]] = one
        of_host = hosts.setdefault(one.host.replace("/", "_") or "_", {})
        assert isinstance(of_host, dict)  # noqa: S101 - made the line above
        of_host[_free(of_host, one)] = one
    if found:
        times["latest"] = names[pick(found, "latest").id]
    return {"ids": ids, "snapshots": times, "hosts": hosts}


def _free(taken: Menu, one: Snapshot) -> str:
    time = datetime.fromtimestamp(one.time_ms / 1000).astimezone().isoformat(timespec="seconds")
    name, number = time, 1
    while name in taken:
        number += 1
        name = f"{time}-{number}"
    return name


def _missing(path: str) -> OSError:
    return OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
