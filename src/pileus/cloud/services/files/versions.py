"""Earlier contents of files in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Journal, ObjectRef
from pileus.cloud.services.files import rules, store
from pileus.core.errors import NotFound

MOST = 1000
"""Versions that a list shows, the newest."""


@dataclass(frozen=True)
class Version:
    """A content that a file had; `id` is the object's. `replaced_ms`: until when it was the file's."""

    id: str
    size: int
    blake3: str
    type: str
    modified_ms: int
    replaced_ms: int


ABSENT = "There is no such version: it was deleted, or kept for its time."


def follow(conn: Connection, change: AppliedChange) -> None:
    """Keeps the content that a change replaces; one that is the file's again is no earlier one."""
    before, after = change.before or {}, {} if change.deleted else change.fields
    key = {"account": change.account_id, "file": change.record}
    if "object" in before and "object" in after and before["object"] != after["object"]:
        conn.execute(
            text(
                "INSERT INTO files_version"
                " (account_id, file_id, object_id, size, blake3, type, modified_ms, replaced_ms)"
                " VALUES (:account, :file, :object, :size, :blake3, :type, :modified, :replaced)"
                " ON CONFLICT (account_id, file_id, object_id) DO UPDATE SET replaced_ms = excluded.replaced_ms"
            ),
            {
                **key,
                "object": before["object"],
                "size": int(before.get("size", 0)),
                "blake3": str(before.get("blake3", "")),
                "type": str(before.get("type", rules.UNKNOWN)),
                "modified": int(before.get("modified_ms", 0)),
                "replaced": change.at_ms,
            },
        )
    if "object" in after:
        conn.execute(
            text(
                "DELETE FROM files_version WHERE account_id = :account AND file_id = :file AND object_id = :object"
            ),
            {**key, "object": after["object"]},
        )


def page(conn: Connection, account_id: str, after: tuple[str, str], most: int) -> list[tuple[str, Version]]:
    """Earlier contents of all files, each with its file's id, from the one after (file, content) `after` on."""
    query = text(
        "SELECT file_id, object_id, size, blake3, type, modified_ms, replaced_ms FROM files_version"
        " WHERE account_id = :account AND (file_id > :file OR (file_id = :file AND object_id > :object))"
        " ORDER BY file_id, object_id LIMIT :most"
    )
    key = {"account": account_id, "file": after[0], "object": after[1], "most": most}
    return [(str(file), Version(*row)) for file, *row in conn.execute(query, key)]


def every(conn: Connection, account_id: str, file: str) -> list[Version]:
    """A file's earlier contents, the newest first."""
    rows = conn.execute(
        text(
            "SELECT object_id, size, blake3, type, modified_ms, replaced_ms FROM files_version"
            " WHERE account_id = :account AND file_id = :file"
            " ORDER BY replaced_ms DESC, object_id DESC LIMIT :most"
        ),
        {"account": account_id, "file": file, "most": MOST},
    )
    return [Version(*row) for row in rows]


def one(conn: Connection, account_id: str, file: str, version: str) -> Version:
    """Raises `NotFound`, also where the file is gone or another account's."""
    row = conn.execute(
        text(
            "SELECT v.object_id, v.size, v.blake3, v.type, v.modified_ms, v.replaced_ms FROM files_version AS v"
            " JOIN files_entry AS e ON e.account_id = v.account_id AND e.file_id = v.file_id"
            " WHERE v.account_id = :account AND v.file_id = :file AND v.object_id = :version"
        ),
        {"account": account_id, "file": file, "version": version},
    ).first()
    if row is None:
        raise NotFound("no-version", ABSENT)
    return Version(*row)


def bring_back(conn: Connection, journal: Journal, account_id: str, file: str, version: str) -> None:
    """An earlier content is the file's again; what it had now becomes an earlier one."""
    found = one(conn, account_id, file, version)
    kept = ObjectRef(found.id, found.size, found.blake3)
    fields = store.content(kept, found.type, found.modified_ms)
    journal.put(conn, account_id, store.COLLECTION, file, fields)


def forget(conn: Connection, account_id: str, file: str, version: str) -> None:
    """Deletes one for good; raises `NotFound`."""
    where = "WHERE account_id = :account AND file_id = :file AND object_id = :version"
    key = {"account": account_id, "file": file, "version": version}
    if not conn.execute(text(f"DELETE FROM files_version {where}"), key).rowcount:  # noqa: S608 - constant
        raise NotFound("no-version", ABSENT)
    store.doubt(conn, account_id, version)


def thin(conn: Connection, before_ms: int, now_ms: int) -> int:
    """Takes what is older than `before_ms`, and all but the last of each day before yesterday; says how many."""
    rows = conn.execute(
        text(
            "SELECT account_id, file_id, object_id, replaced_ms FROM files_version WHERE replaced_ms < :young"
            " ORDER BY account_id, file_id, replaced_ms DESC"
        ),
        {"young": now_ms - rules.ALL_KEPT_MS},
    ).all()
    days: set[tuple[str, str, int]] = set()
    gone = 0
    for account, file, version, replaced in rows:
        day = (str(account), str(file), int(replaced) // rules.DAY_MS)
        if replaced < before_ms or day in days:
            forget(conn, account, file, version)
            gone += 1
        days.add(day)
    return gone
