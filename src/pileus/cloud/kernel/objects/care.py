"""How what is done for the packs by the calendar went, and what of the accounts' data cannot be read.

All of it runs inside `db.read` or `db.write`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, text

Task = Literal["structure", "check", "room", "copy", "copy-check"]
"""Index and keys against the store; packs read back; compaction; the second copy; its packs read back."""


@dataclass(frozen=True)
class Done:
    """`done_ms`: when it came to its end last. `failed_ms`, `code`: of the last try, where that failed.

    `problems`: how many it found then. `weak`: for the second copy, words for what its store lets the server's
    own keys do to it.
    """

    done_ms: int | None = None
    failed_ms: int | None = None
    code: str | None = None
    problems: int = 0
    weak: tuple[str, ...] = ()


@dataclass(frozen=True)
class Damaged:
    """An object in use, of which `lost` of `size` bytes cannot be read; its list of chunks counts, too."""

    account_id: str
    account: str
    area: str
    object_id: str
    size: int
    lost: int


def note_done(conn: Connection, task: Task, now_ms: int, problems: int = 0, weak: tuple[str, ...] = ()) -> None:
    """It came to its end."""
    conn.execute(
        text(
            "INSERT INTO object_care (task, done_ms, problems, weak) VALUES (:task, :now, :problems, :weak)"
            " ON CONFLICT (task) DO UPDATE SET done_ms = :now, failed_ms = NULL, code = NULL,"
            " problems = :problems, weak = :weak"
        ),
        {"task": task, "now": now_ms, "problems": problems, "weak": " ".join(weak)},
    )


def note_failed(conn: Connection, task: Task, now_ms: int, code: str) -> None:
    """It was broken off; what it found the last time stays."""
    conn.execute(
        text(
            "INSERT INTO object_care (task, failed_ms, code, problems) VALUES (:task, :now, :code, 0)"
            " ON CONFLICT (task) DO UPDATE SET failed_ms = :now, code = :code"
        ),
        {"task": task, "now": now_ms, "code": code},
    )


def tasks(conn: Connection) -> Mapping[str, Done]:
    """How each task went that was ever tried."""
    rows = conn.execute(text("SELECT task, done_ms, failed_ms, code, problems, weak FROM object_care"))
    return {
        str(task): Done(done, failed, code, int(problems), tuple(weak.split()))
        for task, done, failed, code, problems, weak in rows
    }


def unreadable(conn: Connection) -> int:
    """How many packs could not be read when they were last."""
    query = "SELECT count(*) FROM object_problem AS t JOIN object_pack AS p ON p.name = t.pack"
    return int(conn.execute(text(query)).scalar_one())


def damaged(conn: Connection) -> list[Damaged]:
    """Objects in use (held for a moment, too) that name a chunk which could not be read, by account and area."""
    query = text(
        "SELECT a.id, a.name, o.area, o.id, o.size, SUM(c.plain) FROM object_chunk AS c"
        " JOIN object_part AS p ON p.chunk_id = c.id"
        " JOIN object AS o ON o.account_id = p.account_id AND o.area = p.area AND o.id = p.object_id"
        " JOIN account AS a ON a.id = o.account_id"
        " WHERE c.lost = 1 AND (o.deleted_ms IS NULL OR o.held > 0)"
        " GROUP BY a.id, a.name, o.area, o.id, o.size ORDER BY 2, 3, 4"
    )
    return [
        Damaged(account_id, account, area, name, size, min(int(lost), size))
        for account_id, account, area, name, size, lost in conn.execute(query)
    ]
