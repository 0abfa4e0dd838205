"""Rewriting packs to win back room inside them, and to make few of many small ones. Blocks.

A body is copied as it is sealed. The new pack is durable before one transaction moves its chunks to it and
notes which old packs are empty now; only then their blobs go. So a kill leaves at most a pack that no row
names (the sweep takes it into the index, and out again after the grace period) or a note of blobs to delete.
A writer that counts on a chunk meanwhile finds it by its row, which stays; an old pack goes only if in that
transaction nothing counts on what is left in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Connection, bindparam, text

from pileus.cloud.kernel.objects import index
from pileus.cloud.kernel.objects.pack import (
    ENTRY,
    HEADER,
    NONCE,
    TAG,
    TRAILER,
    Corrupt,
    Entry,
    PackBuilder,
    pack_blob,
)
from pileus.cloud.kernel.objects.packs import (
    DEAD,
    GRACE_MS,
    LIVE,
    SETTLED_MS,
    PackRow,
    delete_dropped,
    drop,
    exists,
    ids,
)
from pileus.cloud.kernel.objects.store import PACK, PackedObjects
from pileus.core.errors import NotFound, Unavailable, refused

WASTE = 3
"""A pack is rewritten when a WASTEth of it is dead."""
SMALL = PACK // 4
MANY = 16
"""Packs below SMALL bytes are put together when an area has so many of them."""
OLDEST_CHECK = text("SELECT MIN(checked_ms) FROM object_pack WHERE id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
"""A new pack is read back no later than what is in it would have been."""
EMPTY = text(f"SELECT id, name, size FROM object_pack WHERE id IN :ids AND {DEAD}").bindparams(  # noqa: S608
    bindparam("ids", expanding=True)
)
FRAME = HEADER.size + NONCE + TAG + TRAILER.size
"""Bytes of a pack without bodies."""
LIVE_BODIES = text(
    "SELECT c.kind, c.packing, c.name, c.start, c.stored, c.plain FROM object_chunk AS c"  # noqa: S608
    f" JOIN object_pack AS k ON k.id = c.pack_id WHERE k.name = :pack AND {LIVE} ORDER BY c.start"
)
ROOMS = text(
    "SELECT object_pack.id, object_pack.name, object_pack.account_id, object_pack.area, object_pack.size,"  # noqa: S608
    f" SUM(CASE WHEN {LIVE} THEN c.stored + :entry ELSE 0 END)"
    " FROM object_pack JOIN object_chunk AS c ON c.pack_id = object_pack.id"
    " WHERE object_pack.created_ms < :settled"
    " GROUP BY object_pack.id, object_pack.name, object_pack.account_id, object_pack.area, object_pack.size"
)


@dataclass(frozen=True)
class Room:
    """A pack, its bytes, and how many it would have with nothing but what is counted on."""

    pack: PackRow
    size: int
    live: int

    @property
    def wasteful(self) -> bool:
        return (self.size - self.live) * WASTE >= self.size


@dataclass
class Won:
    """What compaction did: packs that went, packs that came, bytes that the store is smaller."""

    read: int = 0
    written: int = 0
    size: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Won) -> None:
        self.read += other.read
        self.written += other.written
        self.size += other.size
        self.problems += other.problems


def compact(
    objects: PackedObjects, grace_ms: int = GRACE_MS, heard: Callable[[int, int], None] | None = None
) -> Won:
    """All that is worth it, the most wasteful first."""
    groups, told = plan(objects, grace_ms), Won()
    for done, group in enumerate(groups, 1):
        told.add(rewrite(objects, group, grace_ms))
        if heard is not None:
            heard(done, len(groups))
    return told


def plan(objects: PackedObjects, grace_ms: int = GRACE_MS) -> list[list[PackRow]]:
    """Groups of packs worth being rewritten as one each, the most won first; dead ones are the sweep's."""
    now = objects.clock.now_ms()
    at = {"entry": ENTRY.size, "before": now - grace_ms, "settled": now - SETTLED_MS}
    rows = objects.db.read(lambda conn: conn.execute(ROOMS, at).all())
    rooms = [Room(PackRow(*row[:4]), int(row[4]), int(row[5]) + FRAME) for row in rows if row[5]]
    return [[room.pack for room in group] for group in groups(rooms)]


def groups(rooms: Iterable[Room]) -> list[list[Room]]:
    """Which packs are worth being rewritten together: all of one area, their live bytes about one pack.

    Pure.
    """

    def area(room: Room) -> tuple[str, str]:
        return room.pack.account_id, room.pack.area

    found: list[list[Room]] = []
    for _, packs in groupby(sorted(rooms, key=area), area):
        of_area = sorted(packs, key=lambda room: (room.live - room.size, room.pack.id))
        small = [room for room in of_area if room.size < SMALL and not room.wasteful]
        chosen = [room for room in of_area if room.wasteful] + (small if len(small) >= MANY else [])
        found += [group for group in _filled(chosen) if len(group) > 1 or group[0].wasteful]
    return sorted(found, key=lambda group: sum(room.live - room.size for room in group))


def rewrite(objects: PackedObjects, group: Sequence[PackRow], grace_ms: int = GRACE_MS) -> Won:
    """One group's live bodies into one new pack; what is damaged stays where it is, and is told."""
    told = Won()
    account_id, area = group[0].account_id, group[0].area
    builder = PackBuilder(objects.keys.key(account_id, area))
    for pack in group:
        told.problems += _copy_live(objects, pack, builder, objects.clock.now_ms() - grace_ms)
    if builder.entries:
        told.read, told.written, told.size = replace_packs(objects, group, builder, grace_ms)
    return told


def replace_packs(
    objects: PackedObjects, group: Sequence[PackRow], builder: PackBuilder, grace_ms: int = GRACE_MS
) -> tuple[int, int, int]:
    """Stores a new pack, moves the chunks of a group of packs that are in it, drops those left empty.

    How many went, how many came (0 where others had moved all of it already), and the bytes won. Nothing where it
    slept for longer than the grace period and its pack was swept: the old ones are as they were.
    """
    account_id, area = group[0].account_id, group[0].area
    entries, data = builder.entries, builder.data()
    name = objects.store_pack(data)

    def commit(conn: Connection) -> tuple[int, int, int]:
        now, olds = objects.clock.now_ms(), ids(conn, group)
        checked = conn.execute(OLDEST_CHECK, {"ids": olds}).scalar_one() or 0
        new = index.name_pack(conn, account_id, area, name, len(data), now, checked)
        if not index.move(conn, account_id, area, name, entries, olds):
            drop_empty(conn, [new], now - grace_ms)  # a sweep may have found it and set aside what is in it
            return 0, 0, 0
        dropped, size = drop_empty(conn, olds, now - grace_ms)
        return dropped, 1, size - len(data)

    try:
        told = objects.db.write(commit)
    except Unavailable as error:
        if error.code != "object-swept":
            raise
        return 0, 0, 0
    delete_dropped(objects)
    return told


def drop_empty(conn: Connection, packs: Sequence[int], before_ms: int) -> tuple[int, int]:
    """Drops those packs on which nothing counts: how many, and their bytes."""
    empty = conn.execute(EMPTY, {"ids": packs, "before": before_ms}).all()
    drop(conn, [(int(pack), str(name)) for pack, name, _ in empty])
    return len(empty), sum(int(size) for _, _, size in empty)


def _copy_live(objects: PackedObjects, pack: PackRow, builder: PackBuilder, before: int) -> list[str]:
    """Adds the bodies that are counted on; a sentence for each that cannot be read."""
    rows = objects.db.read(lambda conn: conn.execute(LIVE_BODIES, {"pack": pack.name, "before": before}).all())
    try:
        data = objects.blobs.get(pack_blob(pack.name))
    except NotFound as error:
        return [f"Pack {pack.name}: {error.detail}"] if exists(objects, pack) else []
    except OSError as error:
        return [f"Pack {pack.name}: {refused(error)}"]
    problems = []
    for kind, packing, name, start, stored, plain in rows:
        entry = Entry(kind, packing, bytes(name), start, stored, plain)
        try:
            builder.copy(entry, data[start : start + stored])
        except Corrupt as error:
            problems.append(f"Pack {pack.name}: {error.detail}")
    return problems


def _filled(rooms: Iterable[Room]) -> list[list[Room]]:
    """Cut where the live bytes would be more than a pack's."""
    found: list[list[Room]] = []
    held = PACK
    for room in rooms:
        if held + room.live > PACK:
            found.append([])
            held = 0
        found[-1].append(room)
        held += room.live
    return found
