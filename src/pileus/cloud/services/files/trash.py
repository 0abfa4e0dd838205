"""What was deleted and can be had back; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Fields, Journal
from pileus.cloud.services.files import rules, store
from pileus.core.errors import Gone, NotFound

AT_ONCE = 500
"""Files that one transaction deletes or restores: others write in between."""
ABSENT = "This is not in the trash: it was restored, or deleted for good."
MOST = 1000
"""Things that a list shows, those deleted last."""
TOPS = (
    "FROM files_trash AS t WHERE t.account_id = :account AND (t.root = t.file_id OR NOT EXISTS"
    " (SELECT 1 FROM files_trash AS r WHERE r.account_id = t.account_id AND r.file_id = t.root))"
)
"""What stands in the trash by itself: not in a folder that is in the trash, too."""


@dataclass(frozen=True)
class Item:
    """A file, or a folder with so many `items` and bytes in it. `parent`: the folder it was in."""

    id: str
    name: str
    type: str
    parent: str
    size: int
    items: int
    deleted_ms: int
    sealed: str


def follow(conn: Connection, change: AppliedChange) -> None:
    """A deleted record is in the trash until a record of its id lives again."""
    key = {"account": change.account_id, "file": change.record}
    if not change.deleted:
        conn.execute(text("DELETE FROM files_trash WHERE account_id = :account AND file_id = :file"), key)
        return
    fields = change.before or {}
    conn.execute(
        text(
            "INSERT INTO files_trash"
            " (account_id, file_id, root, parent, name, type, size, object_id, fields, deleted_ms)"
            " VALUES (:account, :file, :file, :parent, :name, :type, :size, :object, :fields, :deleted)"
            " ON CONFLICT (account_id, file_id) DO NOTHING"
        ),
        {
            **key,
            "parent": fields.get("parent", ""),
            "name": fields.get("name", ""),
            "type": str(fields.get("type", rules.UNKNOWN)),
            "size": int(fields.get("size", 0)),
            "object": fields.get("object"),
            "fields": msgspec.json.encode(fields).decode(),
            "deleted": change.at_ms,
        },
    )


def page(conn: Connection, account_id: str, after: str, most: int) -> dict[str, Fields]:
    """What is in the trash as it was, by its id, from the one after `after` on."""
    query = text(
        "SELECT file_id, fields FROM files_trash WHERE account_id = :account AND file_id > :after"
        " ORDER BY file_id LIMIT :most"
    )
    rows = conn.execute(query, {"account": account_id, "after": after, "most": most})
    return {str(file): msgspec.json.decode(fields) for file, fields in rows}


def put_away(conn: Connection, journal: Journal, account_id: str, file: str) -> bool:
    """Deletes what is in a folder, deepest first, then it; False while there is more: call again.

    A folder that is half in the trash shows so, and both halves can be had back.
    """
    root = journal.record(conn, account_id, store.COLLECTION, file)
    if root is None:
        return True
    inside = _inside(conn, account_id, file) if rules.is_folder(root.fields) else []
    for one in inside[:AT_ONCE]:
        journal.delete(conn, account_id, store.COLLECTION, one)
        conn.execute(
            text("UPDATE files_trash SET root = :root WHERE account_id = :account AND file_id = :file"),
            {"root": file, "account": account_id, "file": one},
        )
    if len(inside) > AT_ONCE:
        return False
    journal.delete(conn, account_id, store.COLLECTION, file)
    return True


def every(conn: Connection, account_id: str) -> list[Item]:
    """What stands in the trash, deleted last first."""
    inside = "FROM files_trash AS m WHERE m.account_id = t.account_id AND m.root = t.file_id"
    rows = conn.execute(
        text(
            "SELECT t.file_id, t.name, t.type, t.parent,"
            f" (SELECT coalesce(sum(m.size), 0) {inside}) + CASE WHEN t.root = t.file_id THEN 0 ELSE t.size END,"
            f" (SELECT count(*) {inside} AND m.file_id <> t.file_id), t.deleted_ms, t.fields"
            f" {TOPS} ORDER BY t.deleted_ms DESC, t.file_id DESC LIMIT :most"
        ),
        {"account": account_id, "most": MOST},
    )
    return [Item(*(*row[:7], msgspec.json.decode(row[7]).get("sealed", ""))) for row in rows]


def bring_back(conn: Connection, journal: Journal, account_id: str, file: str) -> bool:
    """The thing and what was deleted with it live again, folders first; False while there is more.

    A folder that is gone becomes the root, a name that is taken gets a number. Raises `NotFound`.
    """
    top = "SELECT parent, fields FROM files_trash WHERE account_id = :account AND file_id = :file"
    row = conn.execute(text(top), {"account": account_id, "file": file}).first()
    if row is not None:
        fields: Fields = msgspec.json.decode(row.fields)
        store.place(conn, journal, account_id, fields)
        _put(conn, journal, account_id, file, fields)
    rest = conn.execute(
        text(
            "SELECT file_id, fields FROM files_trash WHERE account_id = :account AND root = :file"
            " ORDER BY CASE WHEN object_id IS NULL THEN 0 ELSE 1 END, file_id LIMIT :most"
        ),
        {"account": account_id, "file": file, "most": AT_ONCE + 1},
    ).all()
    if row is None and (not rest or not store.lives(conn, account_id, file)):
        raise NotFound("not-in-trash", ABSENT)
    for one, kept in rest[:AT_ONCE]:
        _put(conn, journal, account_id, str(one), msgspec.json.decode(kept))
    return len(rest) <= AT_ONCE


def drop(conn: Connection, account_id: str, file: str) -> None:
    """Deletes a thing and what was deleted with it for good. Raises `NotFound`."""
    key = {"account": account_id, "file": file}
    if not _drop(conn, "account_id = :account AND (file_id = :file OR root = :file)", key):
        raise NotFound("not-in-trash", ABSENT)


def drop_alone(conn: Connection, account_id: str, file: str) -> None:
    """Deletes a thing for good where it is in the trash, and nothing that was deleted with it."""
    _drop(conn, "account_id = :account AND file_id = :file", {"account": account_id, "file": file})


def sealed(conn: Connection, account_id: str) -> list[str]:
    """Ids of all that was deleted from the vault."""
    query = text("SELECT file_id, fields FROM files_trash WHERE account_id = :account")
    rows = conn.execute(query, {"account": account_id})
    return [str(file) for file, fields in rows if msgspec.json.decode(fields).get("sealed")]


def empty(conn: Connection, account_id: str) -> None:
    _drop(conn, "account_id = :account", {"account": account_id})


def expire(conn: Connection, before_ms: int) -> int:
    """Deletes for good, for all accounts, what was deleted before; says how many."""
    return _drop(conn, "deleted_ms < :before", {"before": before_ms})


def _drop(conn: Connection, where: str, key: Mapping[str, object]) -> int:
    """With their earlier contents; objects are looked at afterwards."""
    mine = f"SELECT account_id, file_id FROM files_trash WHERE {where}"  # noqa: S608 - constants
    for table, rows in (("files_trash", where), ("files_version", f"(account_id, file_id) IN ({mine})")):
        conn.execute(
            text(
                "INSERT INTO files_doubt (account_id, object_id)"  # noqa: S608 - constants
                f" SELECT account_id, object_id FROM {table} WHERE ({rows}) AND object_id IS NOT NULL"
                " ON CONFLICT DO NOTHING"
            ),
            key,
        )
    conn.execute(text(f"DELETE FROM files_version WHERE (account_id, file_id) IN ({mine})"), key)  # noqa: S608
    return conn.execute(text(f"DELETE FROM files_trash WHERE {where}"), key).rowcount  # noqa: S608


def _put(conn: Connection, journal: Journal, account_id: str, file: str, fields: Fields) -> None:
    try:
        journal.put(conn, account_id, store.COLLECTION, file, fields)
    except Gone:  # its content was lost with a disk, say: what else was deleted with it comes back
        conn.execute(
            text("DELETE FROM files_trash WHERE account_id = :account AND file_id = :file"),
            {"account": account_id, "file": file},
        )


def _inside(conn: Connection, account_id: str, folder: str) -> list[str]:
    """Ids of all that is in a folder, the deepest first; ends where folders lie in a circle."""
    rows = conn.execute(
        text(
            "WITH RECURSIVE inside (id, parent) AS ("
            " SELECT file_id, parent FROM files_entry WHERE account_id = :account AND parent = :folder"
            " UNION SELECT e.file_id, e.parent FROM files_entry AS e JOIN inside AS i ON e.parent = i.id"
            " WHERE e.account_id = :account) SELECT id, parent FROM inside WHERE id <> :folder"
        ),
        {"account": account_id, "folder": folder},
    )
    children: dict[str, list[str]] = {}
    for one, parent in rows:
        children.setdefault(str(parent), []).append(str(one))
    order = [folder]
    for one in order:
        order += children.pop(one, [])
    return order[:0:-1]
