"""Making a snapshot of folders. Everything here blocks.

Files whose size, times and inode are those of the parent snapshot are not read. Others are cut into chunks,
small ones put together in one, and what the cloud lacks is brought; then one request makes the snapshot.
A backup that was cut off is begun again: what it brought is known then.
"""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import msgspec

from pileus.core.errors import PileusError
from pileus.sdk.backup import source, tree, wire
from pileus.sdk.backup.chunks import SMALLEST, Bundle, Naming, Reader, cut_tree
from pileus.sdk.backup.deposit import Deposit
from pileus.sdk.backup.excludes import Patterns
from pileus.sdk.backup.link import Cloud, reason_of
from pileus.sdk.backup.tree import FILE, FOLDER, Node, Piece, Root, Tree
from pileus.sdk.backup.walk import Ahead, Walk
from pileus.sdk.backup.wire import Commit, Facts, Snapshot

MOST_DIGESTS = 200_000
"""Small files of one run whose copies are found; some 50 MB of memory."""
MOST_MOVED = 64 << 20
"""Bytes of a parent's tree that is searched for files that were moved."""
USELESS = frozenset({"object-swept", "backup-damaged", "no-chunk"})
"""What goes wrong with a parent snapshot of which something is missing."""


@dataclass(frozen=True)
class Options:
    """What is backed up and how. `paths` are absolute, without `..`."""

    paths: Sequence[bytes]
    host: str
    user: str
    tags: Sequence[str] = ()
    excluded: Patterns = field(default_factory=Patterns)
    exclude_texts: Sequence[str] = ()
    exclude_caches: bool = False
    exclude_if_present: Sequence[bytes] = ()
    exclude_larger: int | None = None
    one_file_system: bool = False
    ignore_ctime: bool = False
    ignore_inode: bool = False
    force: bool = False
    dry_run: bool = False
    parent: str | None = None
    time_ms: int | None = None
    id: str | None = None
    """32 hexadecimal digits of the snapshot to be; random where none are given."""
    places: Mapping[bytes, bytes] = field(default_factory=dict)
    """Where paths (without a leading `/`) lie on this machine, with all below them, where that is elsewhere."""
    carried: Collection[bytes] = ()
    """Files (without a leading `/`) that are taken as the parent has them, whatever lies in their place."""


@dataclass
class Tally:
    """What was done so far."""

    files_new: int = 0
    files_changed: int = 0
    files_unmodified: int = 0
    folders_new: int = 0
    folders_changed: int = 0
    folders_unmodified: int = 0
    bytes: int = 0
    added: int = 0
    skipped: int = 0
    expected: int | None = None
    """How many bytes will be looked at: the parent's, until those of now are counted."""
    snapshot: str | None = None
    tree: str | None = None
    """The name of its tree, in hexadecimal."""
    seconds: float = 0.0

    @property
    def files(self) -> int:
        return self.files_new + self.files_changed + self.files_unmodified

    @property
    def folders(self) -> int:
        return self.folders_new + self.folders_changed + self.folders_unmodified


class Listener:
    """Hears what happens; does nothing by itself. `wants_total`: whether sizes are to be counted ahead."""

    wants_total = False

    def moved(self, tally: Tally, path: bytes) -> None:
        """Something was done with `path`."""

    def skipped(self, path: bytes, reason: str) -> None:
        """It could not be read and is not in the snapshot, or not as it is now."""

    def without_parent(self, error: PileusError) -> None:
        """The parent snapshot is of no use, so everything is read."""


def back_up(link: Cloud, options: Options, listener: Listener | None = None) -> Tally:
    """Raises `PileusError` where no snapshot could be made; items that could not be read are told and counted.

    Where files are carried and the parent is of no use, that is raised, with a code of `USELESS`.
    """
    heard = listener or Listener()
    parent = find_parent(link, options)
    try:
        return _back_up(link, options, parent, heard)
    except PileusError as error:
        if parent is None or options.carried or error.code not in USELESS:
            raise
        heard.without_parent(error)
        return _back_up(link, options, None, heard)


def _back_up(link: Cloud, options: Options, parent: Snapshot | None, listener: Listener) -> Tally:
    began = time.monotonic()
    area = link.get("/backups/area", wire.Area)
    naming = Naming(bytes.fromhex(area.naming))
    root, before = load_tree(link, naming, parent.tree) if parent else (Root(tree.VERSION, [], []), Tree())
    deposit = Deposit(link, empty=area.empty, dry_run=options.dry_run)
    try:
        run = _Run(options, naming, deposit, root, before, listener)
        run.tally.expected = parent.bytes if parent else None
        with Ahead(options) if listener.wants_total else nullcontext() as run.ahead:
            told = run.all()
        run.tally.seconds = time.monotonic() - began
        run.tally.added, run.tally.tree = deposit.added, told.root.hex()
        if not options.dry_run:
            _commit(link, options, parent, run, told)
    finally:
        deposit.close()
    return run.tally


def find_parent(link: Cloud, options: Options) -> Snapshot | None:
    """The newest snapshot of this host and these paths, or the one that is named; none where all is to be read."""
    if options.force:
        return None
    found = link.get("/backups/snapshots", list[Snapshot])
    if options.parent is not None:
        return pick(found, options.parent)
    paths = [text_of(path) for path in options.paths]
    own = [one for one in found if one.host == options.host and one.paths == paths]
    return max(own, key=lambda one: one.time_ms, default=None)


def pick(found: Sequence[Snapshot], wanted: str) -> Snapshot:
    """By an id, the beginning of one, or `latest`; raises `PileusError` where there is none or several.

    The phone's own backups, which the cloud makes by itself, are the latest only where there are no others.
    """
    if wanted == "latest" and found:
        return max(found, key=lambda one: (not one.of_phone, one.time_ms))
    chosen = [one for one in found if len(wanted) >= 4 and one.id.startswith(wanted)]
    if len(chosen) != 1:
        raise PileusError("no-snapshot", f"There is no snapshot {wanted}.", status=404, snapshot=wanted)
    return chosen[0]


def load_tree(link: Cloud, naming: Naming, name: str, most: int | None = None) -> tuple[Root, Tree]:
    """A snapshot's tree; raises `PileusError` where it is damaged.

    `most`: bytes that are read of it. Whoever reads what others made gives it: a tree may name a chunk many times.
    """
    root = tree.decode_root(_opened(link, naming, [bytes.fromhex(name)], most))
    return root, Tree(_opened(link, naming, root.chunks, most))


def text_of(path: bytes) -> str:
    """For people and lists: bytes that are no UTF-8 are shown as such."""
    return path.decode("utf-8", "backslashreplace")


def _opened(link: Cloud, naming: Naming, names: list[bytes], most: int | None) -> bytes:
    held = bytearray()
    for chunk in link.chunks(names):
        if chunk is None:
            raise tree.DamagedTree(detail="A part of the snapshot's tree cannot be read in the cloud.")
        held += naming.open(chunk)
        if most is not None and len(held) > most:
            raise tree.DamagedTree(detail=f"The snapshot's tree has more than {most} bytes.")
    return bytes(held)


def _commit(link: Cloud, options: Options, parent: Snapshot | None, run: _Run, told: _Told) -> None:
    tally = run.tally
    facts = Facts(
        time_ms=options.time_ms if options.time_ms is not None else int(time.time() * 1000),
        host=options.host,
        user=options.user,
        paths=[text_of(path) for path in options.paths],
        tags=list(options.tags),
        excludes=list(options.exclude_texts),
        parent=parent.id if parent else None,
        tree=told.root.hex(),
        files=tally.files,
        folders=tally.folders,
        bytes=tally.bytes,
        added=run.deposit.added,
        seconds=round(tally.seconds, 3),
        skipped=tally.skipped,
    )
    wish = Commit(id=options.id or secrets.token_hex(16), facts=facts, names=told.names, chunks=told.chunks)
    if parent is not None and parent.tree == facts.tree:
        same = msgspec.structs.replace(wish, names=[], chunks=[], same_as=parent.id)
        try:
            tally.snapshot = _sent(link, same)
        except PileusError as error:
            if error.code != "snapshot-gone":
                raise
    if tally.snapshot is None:
        tally.snapshot = _sent(link, wish)


def _sent(link: Cloud, wish: Commit) -> str:
    answer = link.ask("POST", "/backups/snapshots", msgspec.msgpack.encode(wish))
    return msgspec.json.decode(answer, type=Snapshot).id


@dataclass(frozen=True)
class _Told:
    """What the commit needs: all names with the tree's first, the last chunks, the root's name."""

    names: list[bytes]
    chunks: list[wire.Chunk]
    root: bytes


class _Run(Walk):
    def __init__(
        self, options: Options, naming: Naming, deposit: Deposit, root: Root, before: Tree, listener: Listener
    ) -> None:
        super().__init__(options)
        self.deposit, self.tally = deposit, Tally()
        self._naming, self._before, self._listener = naming, before, listener
        self._sparse = frozenset(root.sparse)
        self._reader, self._bundle = Reader(), Bundle(self._bundled)
        self._waiting: list[tuple[list[Piece], int, int]] = []
        self._folders: list[tuple[bytes, list[Node]]] = []
        self._tree = bytearray()
        self._names: dict[bytes, None] = {}
        self._small: dict[bytes, list[Piece]] = {}
        self._moved: dict[bytes, list[Piece]] | None = None
        self._linked: dict[tuple[int, int], Node] = {}
        self._used: dict[bytes, tuple[int, int]] = {}
        self.ahead: Ahead | None = None
        self._there: dict[bytes, Node] = {}
        self._nodes: list[Node] = []

    def all(self) -> _Told:
        self.walk()
        self._bundle.close()
        self._settle()
        names, own = [], []
        for chunk in cut_tree(bytes(self._tree)):
            name = self._naming.name(chunk)
            names.append(name)
            own.append((name, chunk))
        sparse = sorted(name for name, (used, whole) in self._used.items() if used * 2 < whole)
        root = tree.encode_root(names, sparse)
        own.append((self._naming.name(root), root))
        for name, chunk in own:
            self.deposit.put(name, chunk)
        chunks = self.deposit.finish()
        everything = dict.fromkeys([own[-1][0], *names, *self._names])
        return _Told(list(everything), chunks, own[-1][0])

    def _begin(self, path: bytes) -> None:
        self._there, self._nodes = self._known(path), []

    def _take(self, path: bytes, name: bytes, status: os.stat_result, *, on_the_way: bool) -> bool:
        node = self._node(path, name, status, self._there.get(name), on_the_way=on_the_way)
        if node is None:
            return False
        self._nodes.append(node)
        return node.kind == FOLDER

    def _end(self, path: bytes) -> None:
        self._folders.append((path, self._nodes))
        self._settle()

    def _known(self, path: bytes) -> dict[bytes, Node]:
        return {node.name: node for node in self._before.folder(path)} if path in self._before else {}

    def _node(
        self, path: bytes, name: bytes, status: os.stat_result, known: Node | None, *, on_the_way: bool = False
    ) -> Node | None:
        absolute = self._place(path)
        try:
            if on_the_way:
                node = source.way_of(absolute, name, status)
                fresh = node != known
            elif path in self.options.carried:
                node, fresh = self._carried(known), False
            elif known is not None and self._same(known, status):
                node = known if _equal(known, status) else self._anew(absolute, name, status, known)
                fresh = False
                if node.links > 1 and node.kind == FILE:
                    self._linked.setdefault((node.device, node.inode), node)
            else:
                node, fresh = self._taken(absolute, name, status), True
        except OSError as error:
            self._skip(b"/" + path, reason_of(error))
            return None
        self._count(node, known, fresh)
        if self.ahead is not None and self.ahead.total is not None:
            self.tally.expected = self.ahead.total
        self._listener.moved(self.tally, b"/" + path)
        return node

    def _carried(self, known: Node | None) -> Node:
        if known is None or any(piece.name in self._sparse for piece in known.pieces):
            raise tree.DamagedTree(detail="The snapshot lacks a file that the next one was to take over.")
        return known

    def _same(self, known: Node, status: os.stat_result) -> bool:
        """Whether content and all that goes with an inode's change time are as they were."""
        options = self.options
        return (
            known.kind == tree.KINDS.get(stat.S_IFMT(status.st_mode))
            and known.modified_ns == status.st_mtime_ns
            and (known.size == status.st_size or known.kind != FILE)
            and (options.ignore_ctime or known.changed_ns == status.st_ctime_ns)
            and (options.ignore_inode or known.inode == status.st_ino)
            and not (self._sparse and any(piece.name in self._sparse for piece in known.pieces))
        )

    def _anew(self, path: bytes, name: bytes, status: os.stat_result, known: Node) -> Node:
        """The content that is known, with what else is told anew."""
        node = source.node_of(path, name, status)
        return msgspec.structs.replace(node, size=known.size, pieces=known.pieces, digest=known.digest)

    def _taken(self, path: bytes, name: bytes, status: os.stat_result) -> Node:
        node = source.node_of(path, name, status)
        if node.kind != FILE:
            return node
        linked = self._linked.get((node.device, node.inode)) if node.links > 1 else None
        if linked is not None:
            return msgspec.structs.replace(linked, name=name)
        node = self._read(path, node)
        if node.links > 1:
            self._linked[node.device, node.inode] = node
        return node

    def _read(self, path: bytes, node: Node) -> Node:
        """With the content as it is now; raises `OSError`."""
        descriptor = source.open_file(path)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise OSError(0, "it became something else while it was read", path)
            began = time.time_ns()
            pieces, digest = self._pieces(descriptor, before)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        settled = (
            after.st_ctime_ns == before.st_ctime_ns == node.changed_ns
            and after.st_size == before.st_size
            and began - before.st_ctime_ns > source.RECENT_NS
        )
        size = sum(piece.size for piece in pieces) if pieces else 0
        return msgspec.structs.replace(
            node,
            size=before.st_size if digest else size,
            pieces=pieces,
            digest=digest,
            modified_ns=before.st_mtime_ns,
            changed_ns=node.changed_ns if settled else 0,
        )

    def _pieces(self, descriptor: int, status: os.stat_result) -> tuple[list[Piece], bytes]:
        """A small file's pieces are put in when its bundle is closed; it has a digest."""
        size = status.st_size
        if status.st_blocks * 512 < size and size >= SMALLEST:
            return self._sparse_pieces(descriptor, size), b""
        if 0 < size < SMALLEST:
            data = _exactly(descriptor, size)
            if data is not None:
                return self._bundle_in(data)
            os.lseek(descriptor, 0, os.SEEK_SET)
        return [self._piece(chunk) for chunk in self._reader.chunks(descriptor)], b""

    def _sparse_pieces(self, descriptor: int, size: int) -> list[Piece]:
        pieces = []
        for start, end, data in source.spans(descriptor, size):
            if not data:
                pieces.append(Piece(b"", 0, end - start, 0))
                continue
            os.lseek(descriptor, start, os.SEEK_SET)
            pieces += [self._piece(chunk) for chunk in self._reader.chunks(descriptor, end - start)]
        return pieces

    def _piece(self, chunk: bytes) -> Piece:
        name = self._naming.name(chunk)
        self.deposit.put(name, chunk)
        return Piece(name, 0, len(chunk), len(chunk))

    def _bundle_in(self, data: bytes) -> tuple[list[Piece], bytes]:
        digest = self._naming.digest(data)
        there = self._small.get(digest) or self._earlier().get(digest)
        if there is not None:
            return there, digest
        pieces: list[Piece] = []
        if len(self._small) < MOST_DIGESTS:
            self._small[digest] = pieces
        self._waiting.append((pieces, len(self._bundle), len(data)))
        self._bundle.add(data, digest)
        return pieces, digest

    def _earlier(self) -> dict[bytes, list[Piece]]:
        """Small files of the parent by their content: one that was moved or copied is not brought again."""
        if self._moved is None:
            self._moved = {}
            walked = self._before.walk() if len(self._before.data) <= MOST_MOVED else ()
            for _, nodes in walked:
                for node in nodes:
                    if node.digest and node.pieces[0].name not in self._sparse:
                        self._moved[node.digest] = node.pieces
        return self._moved

    def _bundled(self, chunk: bytes) -> None:
        name = self._naming.name(chunk)
        self.deposit.put(name, chunk)
        for pieces, start, size in self._waiting:
            pieces.append(Piece(name, start, size, len(chunk)))
        self._waiting.clear()

    def _settle(self) -> None:
        """Tells the folders of which all files have their places."""
        if self._waiting:
            return
        for path, nodes in self._folders:
            for node in nodes:
                for piece in node.pieces:
                    if piece.name:
                        self._names[piece.name] = None
                        if piece.size < piece.whole:
                            used = self._used.get(piece.name, (0, 0))[0]
                            self._used[piece.name] = (used + piece.size, piece.whole)
            self._tree += tree.encode_folder(path, nodes)
        self._folders.clear()

    def _only_tag(self, path: bytes) -> None:
        """Of a cache's folder its tag alone is kept, so that the folder is one again where it is restored."""
        own = tree.join(path, source.TAG)
        node = self._node(own, source.TAG, os.lstat(self._place(own)), self._known(path).get(source.TAG))
        self._folders.append((path, [node] if node else []))

    def _count(self, node: Node, known: Node | None, fresh: bool) -> None:
        tally = self.tally
        if node.kind == FOLDER:
            tally.folders_new += known is None
            tally.folders_changed += known is not None and fresh
            tally.folders_unmodified += known is not None and not fresh
            return
        tally.files_new += known is None
        tally.files_changed += known is not None and fresh
        tally.files_unmodified += known is not None and not fresh
        tally.bytes += node.size

    def _skip(self, path: bytes, reason: str) -> None:
        self.tally.skipped += 1
        self._listener.skipped(path, reason)


def _equal(known: Node, status: os.stat_result) -> bool:
    """Whether the parent's node can stand as it is."""
    shared = status.st_nlink > 1 and known.kind != FOLDER
    return (
        known.mode == status.st_mode & source.MODE
        and known.uid == status.st_uid
        and known.gid == status.st_gid
        and known.changed_ns == status.st_ctime_ns
        and known.inode == status.st_ino
        and known.links == (status.st_nlink if shared else 1)
        and known.device == (status.st_dev if shared else 0)
        and known.user == source.user_name(status.st_uid)
        and known.group == source.group_name(status.st_gid)
    )


def _exactly(descriptor: int, size: int) -> bytes | None:
    """A small file's bytes; None where they are not as many as it said."""
    data = os.read(descriptor, size + 1)
    return data if len(data) == size else None
