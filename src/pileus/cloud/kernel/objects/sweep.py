"""Taking what nothing counts on any more. Blocks."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects.index import recount_brought
from pileus.cloud.kernel.objects.packs import (
    DEAD,
    FOUND_MS,
    GRACE_MS,
    SETTLED_MS,
    delete_dropped,
    drop,
    take_stock,
)
from pileus.cloud.kernel.objects.rebuild import Rebuilding
from pileus.cloud.kernel.objects.store import PackedObjects

OVER = "deleted_ms < :before AND until_ms < :now AND held = 0 AND (found = 0 OR shared = 1 OR deleted_ms < :found)"
"""A found object waits for whoever has its id, and for a rebuild; one of shared chunks until its time is over."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    objects: int
    packs: int
    size: int
    """Bytes of packs that are gone from the store."""
    unknown: int
    """Packs that the database did not name."""


def sweep(objects: PackedObjects, grace_ms: int = GRACE_MS) -> Swept:
    """Takes objects that were deleted before the grace period, then packs in which nothing is counted on.

    A pack that the database does not name is never deleted for that: the database may be a copy put back,
    older than the pack. It is put into the index first, so that what its objects count on stays as well;
    while one is so young that its writer may still be about to name it, nothing is taken.

    Safe beside writers, in this process or another: one transaction decides, and a writer that finds a
    chunk touches it in a transaction of its own; who comes later finds it gone and stores it again.
    A pack in which one chunk still lives stays whole until it is worth compacting.
    """
    now = objects.clock.now_ms()
    objects.blobs.tidy()
    stock = take_stock(objects)
    if any(blob.modified_ms > now - SETTLED_MS for blob in stock.unknown):
        return Swept(0, 0, 0, 0)
    if stock.unknown:
        found = Rebuilding(objects, aside=True).run(stock)
        log.warning(
            "%d packs were not named by the database (is it an older copy?): %d objects of theirs are set aside;"
            " `pileus objects rebuild` brings them back. %s",
            len(stock.unknown),
            found.objects,
            " ".join(found.problems),
        )
    before = now - grace_ms
    gone, size = objects.db.write(lambda conn: _forget(conn, before, now))
    return Swept(gone, delete_dropped(objects), size, len(stock.unknown))


def _forget(conn: Connection, before: int, now: int) -> tuple[int, int]:
    """Objects that are gone, and the bytes of the packs whose blobs may go."""
    at = {"before": before, "now": now, "found": now - FOUND_MS}
    old = f"SELECT 1 FROM object AS o WHERE o.{OVER} AND o.id = object_part.object_id"  # noqa: S608 - constants
    conn.execute(
        text(
            f"DELETE FROM object_part WHERE EXISTS ({old}"  # noqa: S608
            " AND o.account_id = object_part.account_id AND o.area = object_part.area)"
        ),
        at,
    )
    gone = conn.execute(text(f"DELETE FROM object WHERE {OVER}"), at).rowcount  # noqa: S608
    rows = conn.execute(
        text(f"SELECT id, name, size FROM object_pack WHERE created_ms < :before AND {DEAD}"),  # noqa: S608
        {"before": before},
    ).all()
    drop(conn, [(int(pack), str(name)) for pack, name, _ in rows])
    recount_brought(conn)
    return int(gone), sum(int(size) for _, _, size in rows)
