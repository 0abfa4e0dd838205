"""The tree of a snapshot: what was where, with all that the file system says of it. Pure: bytes to bytes.

folder   u32 bytes that follow | u16 bytes of the path | path | MessagePack array of nodes
tree     folders, each before those in it, in the order of their names' bytes
root     MessagePack array [1, [names of the tree's chunks], [names of chunks that are little used]]

All numbers are little-endian. Paths and names are bytes, as Linux has them; the top folder's path is empty.
What a tree says is the cloud's word: `checked` refuses what could lead a restore out of its target.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator

import msgspec

from pileus.core.errors import PileusError

VERSION = 1
FILE, FOLDER, LINK, FIFO, CHARACTER, BLOCK, SOCKET = range(7)
"""Kinds of nodes."""
KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: FOLDER,
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: FIFO,
    stat.S_IFCHR: CHARACTER,
    stat.S_IFBLK: BLOCK,
    stat.S_IFSOCK: SOCKET,
}
HEAD = struct.Struct("<IH")


class DamagedTree(PileusError):
    """A tree that no client wrote so."""

    code = "backup-damaged"


class Piece(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """`size` bytes of a file: from `start` in the chunk `name` of `whole` bytes; a hole where it has no name."""

    name: bytes
    start: int
    size: int
    whole: int


class Node(msgspec.Struct, array_like=True, frozen=True):
    """One entry of a folder. Times are nanoseconds since 1970, `mode` the twelve bits of permissions.

    `changed_ns`, `inode`: what tells an unchanged file; 0 where it must be read again. `device`: told only
    where other names lead to the same inode (`links` > 1). A folder on the way to what is backed up has no times
    and 0 `links`. `digest`: of a file that shares its chunk.
    """

    name: bytes
    kind: int
    mode: int
    uid: int
    gid: int
    user: str
    group: str
    modified_ns: int
    changed_ns: int
    inode: int
    device: int
    links: int
    size: int
    pieces: list[Piece]
    digest: bytes
    target: bytes
    rdev: int
    attributes: list[tuple[bytes, bytes]]


class Root(msgspec.Struct, array_like=True, frozen=True):
    """`sparse`: shared chunks of which this tree needs less than half; the next backup writes those files anew."""

    version: int
    chunks: list[bytes]
    sparse: list[bytes]


_nodes = msgspec.msgpack.Decoder(list[Node])
_encoder = msgspec.msgpack.Encoder()


def encode_folder(path: bytes, nodes: list[Node]) -> bytes:
    body = _encoder.encode(nodes)
    return b"".join((HEAD.pack(2 + len(path) + len(body), len(path)), path, body))


def encode_root(chunks: list[bytes], sparse: list[bytes]) -> bytes:
    return _encoder.encode(Root(VERSION, chunks, sparse))


def decode_root(data: bytes) -> Root:
    """Raises `DamagedTree`, also for a version that this code does not know."""
    try:
        root = msgspec.msgpack.decode(data, type=Root)
    except msgspec.DecodeError as error:
        raise DamagedTree(detail=f"The list of a snapshot's folders is damaged: {error}") from None
    if root.version != VERSION:
        raise DamagedTree(detail=f"The snapshot has format version {root.version}, this code reads {VERSION}.")
    return root


class Tree:
    """A whole tree in memory as it is stored; folders are decoded when they are asked for."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self._places: dict[bytes, tuple[int, int]] = {}
        place = 0
        while place < len(data):
            try:
                size, length = HEAD.unpack_from(data, place)
            except struct.error:
                raise DamagedTree(detail="The snapshot's tree is cut off.") from None
            start, end = place + HEAD.size + length, place + 4 + size
            if start > end or end > len(data):
                raise DamagedTree(detail="The snapshot's tree is cut off.")
            self._places[data[place + HEAD.size : start]] = (start, end)
            place = end

    def __contains__(self, path: bytes) -> bool:
        return path in self._places

    def folder(self, path: bytes) -> list[Node]:
        """The nodes of a folder, checked; raises `DamagedTree`, or KeyError where there is none."""
        start, end = self._places[path]
        try:
            return checked(_nodes.decode(memoryview(self.data)[start:end]))
        except msgspec.DecodeError as error:
            raise DamagedTree(detail=f"A folder of the snapshot is damaged: {error}") from None

    def walk(self, path: bytes = b"") -> Iterator[tuple[bytes, list[Node]]]:
        """Folders with their nodes, each before those in it."""
        waiting = [path] if path in self._places else []
        while waiting:
            here = waiting.pop()
            nodes = self.folder(here)
            yield here, nodes
            below = [join(here, node.name) for node in nodes if node.kind == FOLDER]
            waiting += [one for one in reversed(below) if one in self._places]

    def find(self, path: bytes) -> Node | None:
        """The node at a path; None where there is none, and for the top."""
        parent, _, name = path.strip(b"/").rpartition(b"/")
        if parent not in self._places:
            return None
        return next((node for node in self.folder(parent) if node.name == name), None)


def checked(nodes: list[Node]) -> list[Node]:
    """Raises `DamagedTree` for a name that is none, twice the same one, or sizes that contradict each other."""
    seen: set[bytes] = set()
    for node in nodes:
        name = node.name
        if name in (b"", b".", b"..") or b"/" in name or b"\0" in name or len(name) > 255 or name in seen:
            raise DamagedTree(detail=f"A folder of the snapshot has an entry named {name!r}.")
        seen.add(name)
        if not FILE <= node.kind <= SOCKET or b"\0" in node.target:
            raise DamagedTree(detail=f"{name!r} is of no kind that can be restored.")
        if node.size < 0 or not all(_possible(piece) for piece in node.pieces):
            raise DamagedTree(detail=f"{name!r} has pieces that cannot be.")
        if node.kind == FILE and sum(one.size for one in node.pieces) != node.size:
            raise DamagedTree(detail=f"{name!r} has another size than its pieces.")
    return nodes


def join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name


def _possible(piece: Piece) -> bool:
    if not piece.name:
        return piece.size >= 0
    return len(piece.name) == 32 and piece.start >= 0 and 0 < piece.size <= piece.whole - piece.start
