"""The last backup of a phone, from which the next one takes over what did not change. Blocks."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.rules import (
    ABOUT,
    ABOUT_MOST,
    TREE_MOST,
    About,
    Before,
    bounded,
    path_of,
    split,
    unreadable,
)
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.save import load_tree
from pileus.sdk.backup.tree import Node
from pileus.sdk.backup.wire import Area

ID = b'{"id":"'
"""How each line begins; ids need no escapes."""


class Last:
    """`counts`: how many records there were of each collection that had any."""

    def __init__(self, cloud: LocalCloud, before: Before) -> None:
        self.before = before
        self._cloud = cloud
        self._naming = Naming(bytes.fromhex(cloud.get("/backups/area", Area).naming))
        root, self._tree = load_tree(cloud, self._naming, before.snapshot.tree, TREE_MOST)
        self._sparse = frozenset(root.sparse)
        try:
            self.counts = msgspec.json.decode(bounded(self._pieces(ABOUT), ABOUT_MOST), type=About).collections
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise unreadable() from None

    def may_carry(self, collection: str) -> bool:
        """Whether the file of a collection can be taken over unread: no chunk of it is little used."""
        return not any(piece.name in self._sparse for piece in self._node(path_of(collection)).pieces)

    def lines(self, collection: str) -> Iterator[tuple[str, bytes]]:
        """The records of a collection by rising id: the id and the line."""
        for line in split(self._pieces(path_of(collection))):
            end = line.find(b'"', len(ID))
            if not line.startswith(ID) or end < 0:
                raise unreadable()
            yield line[len(ID) : end].decode("ascii", "replace"), line

    def _node(self, path: str) -> Node:
        node = self._tree.find(path.encode())
        if node is None or not all(piece.name for piece in node.pieces):
            raise unreadable()
        return node

    def _pieces(self, path: str) -> Iterator[bytes]:
        pieces = self._node(path).pieces
        for piece, chunk in zip(pieces, self._cloud.chunks([piece.name for piece in pieces]), strict=True):
            if chunk is None:
                raise unreadable()
            yield self._naming.open(chunk)[piece.start : piece.start + piece.size]
