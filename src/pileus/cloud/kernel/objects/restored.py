"""That the database was put back from an older copy, for those whose deeds outside of it cannot be put back.

`restore_copy` leaves a mark beside the database, which may have an older form; the first start takes it in.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import Database
from pileus.core.clock import Clock
from pileus.core.durable import fsync

MARK = "restored"


def leave_mark(data_dir: Path) -> None:
    """Durable when it returns."""
    path = data_dir / MARK
    path.touch(mode=0o600)
    fsync(path)
    fsync(data_dir)


def take_mark(db: Database, data_dir: Path, clock: Clock) -> None:
    """Notes in the database what a mark says. Blocks; a kill between notes it twice, which costs a question."""
    path = data_dir / MARK
    if path.exists():
        now = clock.now_ms()
        db.write(lambda conn: note(conn, now))
        path.unlink()


def note(conn: Connection, now_ms: int) -> None:
    """The database is an older one from now on."""
    conn.execute(text("INSERT INTO restored (at_ms) VALUES (:now)"), {"now": now_ms})


def hear(conn: Connection, service: str) -> bool:
    newest = conn.execute(text("SELECT max(id) FROM restored")).scalar()
    if newest is None:
        return False
    query = text("SELECT id FROM restored_heard WHERE service = :service")
    if conn.execute(query, {"service": service}).scalar() == newest:
        return False
    conn.execute(
        text(
            "INSERT INTO restored_heard (service, id) VALUES (:service, :id)"
            " ON CONFLICT (service) DO UPDATE SET id = excluded.id"
        ),
        {"service": service, "id": newest},
    )
    return True
