"""What a change of a file's record means for its content, the trash and earlier versions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import AppliedChange, Fields, all_live, take_back
from pileus.cloud.services.files import index, rules, store, trash, vault, versions
from pileus.core.errors import Forbidden, Gone


def project(conn: Connection, change: AppliedChange) -> None:
    """Keeps names and references true; an object that a record named is looked at after the commit.

    A file that comes back takes its content back here, so that no sweep comes between; raises `Gone` where
    the content did not outlive its deletion (tombstones do, and an old edit may revive one), and `Conflict` for
    what is sealed with another key than the vault has.
    """
    key = {"account": change.account_id, "file": change.record}
    if change.before and not change.deleted and _differs(change.before, change.fields):
        raise Forbidden("guarded-field", "A file's size and kind are those of its content.")
    sealed = "" if change.deleted else str(change.fields.get("sealed", ""))
    if sealed and sealed != (change.before or {}).get("sealed"):
        vault.check_key(conn, change.account_id, sealed)
    after = None if change.deleted else change.fields.get("object")
    before = (change.before or {}).get("object")
    if after is not None and after != before and not take_back(conn, change.account_id, store.AREA, after):
        raise Gone("content-gone", "This file was deleted too long ago: its content is kept no more.")
    for name in {before, after, change.fields.get("object")}:
        if name is not None:
            store.doubt(conn, change.account_id, name)
    versions.follow(conn, change)
    trash.follow(conn, change)
    index.follow(conn, change)
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


def project_many(conn: Connection, account_id: str, records: Sequence[tuple[str, Fields]]) -> None:
    """The same for new files that came together: none of their ids is in the trash or has versions."""
    objects = [str(fields["object"]) for _, fields in records if "object" in fields]
    if not all_live(conn, account_id, store.AREA, objects):
        raise Gone("content-gone", "One of these files was deleted meanwhile: its content is kept no more.")
    conn.execute(
        text(
            "INSERT INTO files_entry (account_id, file_id, parent, name, object_id)"
            " VALUES (:account, :file, :parent, :name, :object)"
        ),
        [
            {
                "account": account_id,
                "file": record,
                "parent": fields["parent"],
                "name": fields["name"],
                "object": fields.get("object"),
            }
            for record, fields in records
        ],
    )
    index.enter(conn, account_id, records)


def _differs(before: Fields, after: Fields) -> bool:
    """Whether size or kind changed without a new content."""
    same = before.get("object") == after.get("object")
    return (same and before.get("size", 0) != after.get("size", 0)) or (
        rules.is_folder(before) != rules.is_folder(after)
    )
