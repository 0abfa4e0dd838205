"""How much one account of this cloud may write to another in a day: what comes counts in the receiver's storage.

Runs inside `db.write`.
"""

from __future__ import annotations

from sqlalchemy import Connection

from pileus.core.errors import Throttled

LETTERS_A_DAY = 1000
BYTES_A_DAY = 4 << 20
PICTURE_BYTES_A_DAY = 64 << 20
DAY_MS = 86_400_000


def spend(conn: Connection, sender: str, receiver: str, size: int, now_ms: int, pictures: int = 0) -> None:
    """Counts a message of so many bytes, and of pictures that go along; raises `Throttled` where that is more than
    goes in a day (UTC)."""
    day = now_ms // DAY_MS
    conn.exec_driver_sql("DELETE FROM messages_letter WHERE day < ?", (day,))
    letters, total, shown = conn.exec_driver_sql(
        "INSERT INTO messages_letter (day, receiver, sender, letters, bytes, pictures) VALUES (?, ?, ?, 1, ?, ?)"
        " ON CONFLICT (day, receiver, sender) DO UPDATE SET letters = messages_letter.letters + 1,"
        " bytes = messages_letter.bytes + excluded.bytes, pictures = messages_letter.pictures + excluded.pictures"
        " RETURNING letters, bytes, pictures",
        (day, receiver, sender, size, pictures),
    ).one()
    if letters > LETTERS_A_DAY or total > BYTES_A_DAY or shown > PICTURE_BYTES_A_DAY:
        left = (DAY_MS - now_ms % DAY_MS) // 1000 + 1
        raise Throttled(
            "too-many-letters", "That is more than one account may write to another in a day.", retry_after=left
        )
