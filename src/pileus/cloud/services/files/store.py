"""Uploads and entries in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Fields, Journal, ObjectRef, take_back
from pileus.cloud.services.files import rules
from pileus.core.errors import Conflict, Forbidden, Gone, NotFound

COLLECTION = "files.file"
AREA = "files"
COLUMNS = "id, account_id, name, parent, size, type, blake3, modified_ms, place, touched_ms, file_name"


@dataclass(frozen=True)
class Upload:
    """`place` bytes are safe. `file_name`: it is complete and a record of this upload's id has that name."""

    id: str
    account_id: str
    name: str
    parent: str
    size: int
    type: str
    blake3: str | None
    modified_ms: int
    place: int
    touched_ms: int
    file_name: str | None = None


def project(conn: Connection, change: AppliedChange) -> None:
    """Keeps names and references true; an object that a record named is looked at after the commit.

    A file that comes back takes its content back here, so that no sweep comes between; raises `Gone` where
    the content did not outlive its deletion (tombstones do, and an old edit may revive one).
    """
    key = {"account": change.account_id, "file": change.record}
    if change.before and not change.deleted and _differs(change.before, change.fields):
        raise Forbidden("guarded-field", "A file's size and kind are those of its content.")
    after = None if change.deleted else change.fields.get("object")
    before = (change.before or {}).get("object")
    if after is not None and after != before and not take_back(conn, change.account_id, AREA, after):
        raise Gone("content-gone", "This file was deleted too long ago: its content is kept no more.")
    for name in {before, after, change.fields.get("object")} - {None}:
        conn.execute(
            text(
                "INSERT INTO files_doubt (account_id, object_id) VALUES (:account, :object) ON CONFLICT DO NOTHING"
            ),
            {"account": change.account_id, "object": name},
        )
    if change.deleted:
        conn.execute(text("DELETE FROM files_entry WHERE account_id = :account AND file_id = :file"), key)
        return
    conn.execute(
        text(
            "INSERT INTO files_entry (account_id, file_id, parent, name, object_id)"
            " VALUES (:account, :file, :parent, :name, :object)"
            " ON CONFLICT (account_id, file_id) DO UPDATE SET"
            " parent = excluded.parent, name = excluded.name, object_id = excluded.object_id"
        ),
        {**key, "parent": change.fields["parent"], "name": change.fields["name"], "object": after},
    )


def add_upload(conn: Connection, upload: Upload) -> None:
    names = COLUMNS.split(", ")
    values = ", ".join(f":{name}" for name in names)
    conn.execute(
        text(f"INSERT INTO files_upload ({COLUMNS}) VALUES ({values})"),  # noqa: S608 - constants
        {name: getattr(upload, name) for name in names},
    )


def find_upload(conn: Connection, account_id: str, upload: str) -> Upload:
    """Raises `NotFound`, also for another account's."""
    row = conn.execute(
        text(f"SELECT {COLUMNS} FROM files_upload WHERE id = :id AND account_id = :account"),  # noqa: S608
        {"id": upload, "account": account_id},
    ).first()
    if row is None:
        raise NotFound("no-upload", "There is no such upload: it was given up, or expired.")
    return Upload(*row)


def waiting(conn: Connection, account_id: str) -> tuple[int, int]:
    """Number and bytes of the account's unfinished uploads."""
    row = conn.execute(
        text(
            "SELECT count(*), coalesce(sum(size), 0) FROM files_upload"
            " WHERE account_id = :account AND file_name IS NULL"
        ),
        {"account": account_id},
    ).one()
    return int(row[0]), int(row[1])


def save_place(conn: Connection, upload: str, place: int, now_ms: int) -> None:
    conn.execute(
        text("UPDATE files_upload SET place = :place, touched_ms = :now WHERE id = :id"),
        {"place": place, "now": now_ms, "id": upload},
    )


def drop_upload(conn: Connection, upload: Upload) -> None:
    """Its object, where it got so far, is looked at afterwards."""
    conn.execute(text("DELETE FROM files_upload WHERE id = :id"), {"id": upload.id})
    conn.execute(
        text("INSERT INTO files_doubt (account_id, object_id) VALUES (:account, :id) ON CONFLICT DO NOTHING"),
        {"account": upload.account_id, "id": upload.id},
    )


def expire(conn: Connection, before_ms: int) -> list[str]:
    """Drops uploads that nobody touched since; their ids."""
    rows = conn.execute(
        text(f"SELECT {COLUMNS} FROM files_upload WHERE touched_ms < :before"),  # noqa: S608
        {"before": before_ms},
    ).all()
    for row in rows:
        drop_upload(conn, Upload(*row))
    return [str(row[0]) for row in rows]


def open_uploads(conn: Connection) -> set[str]:
    rows = conn.execute(text("SELECT id FROM files_upload WHERE file_name IS NULL"))
    return {str(row[0]) for row in rows}


def commit(conn: Connection, journal: Journal, upload: Upload, kept: ObjectRef) -> Upload:
    """The upload becomes a file's record; a name that is taken gets a number, a lost folder becomes the root."""
    found = find_upload(conn, upload.account_id, upload.id)
    if found.file_name is not None:
        return found
    parent = upload.parent if _is_folder(conn, journal, upload.account_id, upload.parent) else ""
    name, number = upload.name, 2
    while _taken(conn, upload.account_id, parent, name):
        name, number = rules.numbered(upload.name, number), number + 1
    fields: Fields = {
        "name": name,
        "parent": parent,
        "size": kept.size,
        "type": upload.type,
        "object": kept.id,
        "blake3": kept.blake3,
        "modified_ms": upload.modified_ms,
    }
    journal.put(conn, upload.account_id, COLLECTION, upload.id, fields)
    conn.execute(
        text("UPDATE files_upload SET file_name = :name, place = size WHERE id = :id"),
        {"name": name, "id": upload.id},
    )
    return find_upload(conn, upload.account_id, upload.id)


def doubts(conn: Connection, account_id: str | None = None) -> list[tuple[str, str, bool]]:
    """Account, object, and whether a record or an unfinished upload still counts on it."""
    rows = conn.execute(
        text(
            "SELECT d.account_id, d.object_id,"
            " EXISTS (SELECT 1 FROM files_entry AS e"
            " WHERE e.account_id = d.account_id AND e.object_id = d.object_id)"
            " FROM files_doubt AS d WHERE :account IS NULL OR d.account_id = :account"
        ),
        {"account": account_id},
    )
    return [(str(account), str(name), bool(used)) for account, name, used in rows]


def settle(conn: Connection, account_id: str, object_id: str, used: bool) -> None:
    """Takes a doubt away, unless its answer changed meanwhile."""
    if (account_id, object_id, used) in doubts(conn, account_id):
        conn.execute(
            text("DELETE FROM files_doubt WHERE account_id = :account AND object_id = :object"),
            {"account": account_id, "object": object_id},
        )


def file(conn: Connection, journal: Journal, account_id: str, file_id: str) -> dict[str, Any]:
    """A live file's or folder's fields; raises `NotFound`."""
    record = journal.record(conn, account_id, COLLECTION, file_id)
    if record is None:
        raise NotFound("no-file", "There is no such file.")
    return record.fields


def delete(conn: Connection, journal: Journal, account_id: str, file_id: str) -> None:
    """Raises `Conflict` for a folder that has something in it."""
    query = text("SELECT 1 FROM files_entry WHERE account_id = :account AND parent = :parent LIMIT 1")
    if conn.execute(query, {"account": account_id, "parent": file_id}).first() is not None:
        raise Conflict("folder-not-empty", "The folder is not empty: delete what is in it first.")
    journal.delete(conn, account_id, COLLECTION, file_id)


def _differs(before: Fields, after: Fields) -> bool:
    return before.get("size", 0) != after.get("size", 0) or rules.is_folder(before) != rules.is_folder(after)


def _taken(conn: Connection, account_id: str, parent: str, name: str) -> bool:
    query = text(
        "SELECT 1 FROM files_entry WHERE account_id = :account AND parent = :parent AND name = :name LIMIT 1"
    )
    return conn.execute(query, {"account": account_id, "parent": parent, "name": name}).first() is not None


def _is_folder(conn: Connection, journal: Journal, account_id: str, parent: str) -> bool:
    record = journal.record(conn, account_id, COLLECTION, parent) if parent else None
    return record is not None and rules.is_folder(record.fields)
