"""Bringing a snapshot, or part of one, back into a folder. Everything here blocks.

What is there already with the right size and time is kept, so a restore that was cut off goes on where it was.
"""

from __future__ import annotations

import errno
import os
import queue
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pileus.core.errors import PileusError
from pileus.sdk.backup import tree
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.excludes import Patterns
from pileus.sdk.backup.fetch import AHEAD, Fetch
from pileus.sdk.backup.link import Cloud, reason_of
from pileus.sdk.backup.target import NewFile, Target
from pileus.sdk.backup.tree import FILE, FOLDER, Node, Tree

LOST = "a part of its content cannot be read in the cloud"
ASKED = 64 << 20
"""Bytes of files whose chunks are asked for before they are written."""
WRITERS = 2
MOST_BEGUN = 32
"""Files that are being written, or wait for a thread that writes them."""
MOST_WAITING = 4096
"""The same in files."""


Paths = list[bytes]


@dataclass(frozen=True)
class Wishes:
    """`below`: restore only what is under this path of the snapshot, without the folders above it."""

    target: bytes
    below: bytes = b""
    included: Patterns = field(default_factory=Patterns)
    excluded: Patterns = field(default_factory=Patterns)
    overwrite: bool = False
    """Write also what seems to be there."""
    verify: bool = False
    dry_run: bool = False


@dataclass
class Restored:
    """What was done so far; `kept` files were there already."""

    files: int = 0
    folders: int = 0
    bytes: int = 0
    kept: int = 0
    failed: int = 0
    verified: int = 0
    unowned: Paths = field(default_factory=list)
    """Paths of what is there, but with owner or attributes that only root may set."""


class Listener:
    """Hears what happens; does nothing by itself."""

    def moved(self, told: Restored, path: bytes) -> None:
        """Something was restored or verified."""

    def failed(self, path: bytes, reason: str) -> None:
        """It is not there now, or not as it was."""

    def differs(self, path: bytes, reason: str) -> None:
        """It is there, but without an owner or attribute that may not be set here."""


def restore(link: Cloud, naming: Naming, of: Tree, wishes: Wishes, listener: Listener | None = None) -> Restored:
    """What is restored is on the disk when it returns; what fails is told and counted.

    Raises `PileusError` where the snapshot itself cannot be read.
    """
    return _Run(link, naming, of, wishes, listener or Listener()).all()


def _no_path() -> PileusError:
    return PileusError("no-path", "There is no such path in the snapshot.", status=404)


class _Run:
    def __init__(self, link: Cloud, naming: Naming, of: Tree, wishes: Wishes, listener: Listener) -> None:
        self._link, self._naming, self._tree, self._wishes = link, naming, of, wishes
        self._listener, self._told = listener, Restored()
        self._above: dict[bytes, Node] = {}
        self._made: dict[bytes, Node] = {}
        self._written: list[tuple[bytes, Node]] = []
        self._linked: dict[tuple[int, int], bytes] = {}
        self._begun: deque[tuple[bytes, Node, Writing]] = deque()
        self._room = Room(AHEAD)
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="restore")

    def all(self) -> Restored:
        if self._wishes.dry_run:
            for path, node in self._chosen():
                self._count(path, node)
            return self._told
        below = self._wishes.below.strip(b"/")
        if below not in self._tree and self._tree.find(below) is None:
            raise _no_path()  # before there is a folder for it
        target = Target(self._wishes.target, self._differs)
        fetch = Fetch(self._link, self._naming)
        try:
            self._write_all(target, fetch)
            for path in sorted(self._made, key=lambda path: path.count(b"/"), reverse=True):
                self._try(path, lambda path=path: target.dress_folder(path, self._made[path]))  # type: ignore[misc]
            target.flush()
            if self._wishes.verify:
                self._verify(target)
        finally:
            fetch.close()
            for _, _, writing in self._begun:
                writing.give(None, None)
            self._pool.shutdown()
            target.close()
        return self._told

    def _chosen(self) -> Iterator[tuple[bytes, Node]]:
        """Path below the target and node of everything that is wished, folders before what is in them."""
        below = self._wishes.below.strip(b"/")
        single = self._tree.find(below) if below else None
        if single is not None and single.kind != FOLDER:
            yield single.name, single
            return
        if below not in self._tree:
            raise _no_path()
        for folder, nodes in self._tree.walk(below):
            for node in nodes:
                whole = tree.join(folder, node.name)
                path = whole[len(below) + 1 :] if below else whole
                if node.kind == FOLDER:
                    self._above[path] = node
                if self._wished(whole):
                    yield path, node

    def _wished(self, path: bytes) -> bool:
        wishes, told = self._wishes, "/" + os.fsdecode(path)
        if wishes.included and not wishes.included.match(told):
            return False
        return not (wishes.excluded and wishes.excluded.match(told))

    def _write_all(self, target: Target, fetch: Fetch) -> None:
        """Chunks are asked for some megabytes ahead of the file that is written."""
        waiting: deque[tuple[bytes, Node]] = deque()
        size = 0
        for path, node in self._chosen():
            if not self._try(path, lambda path=path, node=node: self._prepare(target, path, node)):  # type: ignore[misc]
                continue
            if node.kind != FILE:
                continue
            if node.links == 1 or (node.device, node.inode) not in self._linked:
                if node.links > 1:
                    self._linked[node.device, node.inode] = path
                if self._keep(target, path, node):
                    continue
                for piece in node.pieces:
                    if piece.name:
                        fetch.want(piece)
                size += node.size
            waiting.append((path, node))
            while size > ASKED or len(waiting) > MOST_WAITING:
                size -= self._write(target, fetch, *waiting.popleft())
        while waiting:
            self._write(target, fetch, *waiting.popleft())
        self._harvest(0)

    def _prepare(self, target: Target, path: bytes, node: Node) -> None:
        """The folders on the way; all that is no file is made at once."""
        self._lead(target, path if node.kind == FOLDER else path.rpartition(b"/")[0])
        if node.kind not in (FILE, FOLDER):
            target.special(path, node)
            self._count(path, node)

    def _lead(self, target: Target, path: bytes) -> None:
        while path and path not in self._made:
            target.folder(path)
            self._made[path] = self._above[path]
            self._count(path, self._above[path])
            path = path.rpartition(b"/")[0]

    def _keep(self, target: Target, path: bytes, node: Node) -> bool:
        """Whether the file is there already, as far as size and time tell."""
        status = target.status(path)
        if (
            self._wishes.overwrite
            or status is None
            or not stat.S_ISREG(status.st_mode)
            or (status.st_size, status.st_mtime_ns) != (node.size, node.modified_ns)
        ):
            return False
        self._try(path, lambda: target.dress_kept(path, node, status))
        self._told.kept += 1
        self._written.append((path, node))
        self._count(path, node)
        return True

    def _write(self, target: Target, fetch: Fetch, path: bytes, node: Node) -> int:
        """Begins the file; gives the bytes for which chunks were asked."""
        first = self._linked[node.device, node.inode] if node.links > 1 else path
        if first != path:
            self._harvest(0)  # the first name must be there
            if self._try(path, lambda: target.link(path, first)):
                self._count(path, node)
            return 0
        self._harvest(MOST_BEGUN)
        writing = Writing(self._room)
        begun = self._try(path, lambda: self._pool.submit(writing.run, target.file(path, node)))
        if begun:
            self._begun.append((path, node, writing))
        for piece in node.pieces:  # all are taken in any case: others wait behind them
            data = fetch.get(piece) if piece.name else None
            if begun:
                writing.give(data, piece)
        writing.give(None, None)
        return node.size

    def _harvest(self, most: int) -> None:
        """Waits until no more than `most` files are being written; tells what became of the others."""
        while len(self._begun) > most:
            path, node, writing = self._begun.popleft()
            if self._try(path, writing.result):
                self._written.append((path, node))
                self._count(path, node)

    def _verify(self, target: Target) -> None:
        for path, node in self._written:
            if self._try(path, lambda path=path, node=node: self._read_back(target, path, node)):  # type: ignore[misc]
                self._told.verified += 1
                self._listener.moved(self._told, path)

    def _read_back(self, target: Target, path: bytes, node: Node) -> None:
        """Content against the names of its chunks; raises `PileusError` where it is another."""
        descriptor = target.open(path)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if node.digest:
                same = self._naming.digest(file.read(node.size + 1)) == node.digest
            else:
                same = all(self._is(piece, file.read(piece.size)) for piece in node.pieces) and not file.read(1)
        if not same:
            raise PileusError("differs", "what was written reads back as something else")

    def _is(self, piece: tree.Piece, data: bytes) -> bool:
        if not piece.name:
            return len(data) == piece.size and not any(data)
        return self._naming.name(data) == piece.name

    def _try(self, path: bytes, action: Callable[[], object]) -> bool:
        """Whether it went well; what did not is told."""
        try:
            action()
        except OSError as error:
            reason = reason_of(error)
        except PileusError as error:
            if error.code not in ("differs", "lost"):
                raise
            reason = error.detail
        else:
            return True
        self._told.failed += 1
        self._listener.failed(path, reason)
        return False

    def _differs(self, path: bytes, error: OSError) -> None:
        if error.errno == errno.EPERM and os.geteuid() != 0:
            self._told.unowned.append(path)
        else:
            self._listener.differs(path, reason_of(error))

    def _count(self, path: bytes, node: Node) -> None:
        if node.kind == FOLDER:
            self._told.folders += 1
        else:
            self._told.files += 1
            self._told.bytes += node.size
        self._listener.moved(self._told, path)


class Writing:
    """A file on its way onto the disk: pieces are given by one thread and written by another."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._pieces: queue.SimpleQueue[tuple[memoryview | None, tree.Piece | None]] = queue.SimpleQueue()
        self._outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self._failed = False

    def give(self, data: memoryview | None, piece: tree.Piece | None) -> None:
        """Waits while much is on its way. A hole has no data; a `piece` None ends the file."""
        if piece is None or not self._failed:
            self._room.take(len(data or b""))
            self._pieces.put((data, piece))

    def run(self, file: NewFile) -> None:
        """What the other thread does."""
        outcome: Exception | None = None
        try:
            file.begin()
            self._pour(file)
            file.finish()
        except Exception as error:
            outcome, self._failed = error, True
            self._drain()
        try:
            file.close(done=outcome is None)
        except OSError as error:
            outcome = outcome or error
        self._outcome.put(outcome)

    def result(self) -> None:
        """Waits for the end; raises what went wrong."""
        outcome = self._outcome.get()
        if outcome is not None:
            raise outcome

    def _pour(self, file: NewFile) -> None:
        place = 0
        while True:
            data, piece = self._pieces.get()
            if piece is None:
                self._pieces.put((None, None))  # for `_drain`, should what follows fail
                return
            try:
                if piece.name and data is None:
                    raise PileusError("lost", LOST)
                if data is not None:
                    file.write(data, place)
            finally:
                self._room.give_back(len(data or b""))
            place += piece.size

    def _drain(self) -> None:
        while True:
            data, piece = self._pieces.get()
            if piece is None:
                return
            self._room.give_back(len(data or b""))


class Room:
    """Bytes that may be on their way to the disk; one piece always may."""

    def __init__(self, size: int) -> None:
        self._size, self._taken = size, 0
        self._changed = threading.Condition()

    def take(self, size: int) -> None:
        with self._changed:
            while self._taken and self._taken + size > self._size:
                self._changed.wait()
            self._taken += size

    def give_back(self, size: int) -> None:
        with self._changed:
            self._taken -= size
            self._changed.notify()
