"""Uploads and entries in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, text

from pileus.cloud.kernel.service import Fields, Journal, ObjectRef, take_back
from pileus.cloud.services.files import rules
from pileus.core.errors import NotFound
from pileus.core.filenames import numbered

LEAVING = 2000
"""Rows of an erased account that one transaction takes."""

COLLECTION = "files.file"
AREA = "files"
COLUMNS = (
    "id, account_id, name, parent, size, type, blake3, modified_ms, place, touched_ms, file_name, replaces, seen,"
    " metadata, sealed"
)


@dataclass(frozen=True)
class Upload:
    """`place` bytes are safe. `file_name`: it is complete, and the record `file` has that name.

    `replaces`: the file that it becomes the content of, as long as that has the object `seen` ("": any).
    """

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
    replaces: str = ""
    seen: str = ""
    metadata: str = ""
    sealed: str = ""

    @property
    def file(self) -> str:
        return self.replaces or self.id


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
    doubt(conn, upload.account_id, upload.id)


def expire(conn: Connection, before_ms: int) -> list[str]:
    """Drops uploads that nobody touched since; their ids."""
    rows = conn.execute(
        text(f"SELECT {COLUMNS} FROM files_upload WHERE touched_ms < :before"),  # noqa: S608
        {"before": before_ms},
    ).all()
    for row in rows:
        drop_upload(conn, Upload(*row))
    return [str(row[0]) for row in rows]


def begun(conn: Connection, account_id: str) -> list[str]:
    """Unfinished uploads of an account."""
    query = text("SELECT id FROM files_upload WHERE account_id = :account AND file_name IS NULL")
    return [str(one) for one in conn.execute(query, {"account": account_id}).scalars()]


def leave(conn: Connection, account_id: str) -> int:
    """Some rows of an account that is being erased which do not name it: words, and what others share with it."""
    mine = {"account": account_id, "some": LEAVING}
    query = text("SELECT row FROM files_indexed WHERE account_id = :account LIMIT :some")
    rows = [{"row": row} for row in conn.execute(query, mine).scalars()]
    if rows:
        conn.execute(text("DELETE FROM files_search WHERE rowid = :row"), rows)
        conn.execute(text("DELETE FROM files_indexed WHERE row = :row"), rows)
    shared = conn.execute(text("DELETE FROM files_share WHERE grantee_id = :account"), {"account": account_id})
    return len(rows) + shared.rowcount


def open_uploads(conn: Connection) -> set[str]:
    rows = conn.execute(text("SELECT id FROM files_upload WHERE file_name IS NULL"))
    return {str(row[0]) for row in rows}


def commit(conn: Connection, journal: Journal, upload: Upload, kept: ObjectRef) -> Upload:
    """The upload becomes a file's content: of the one that it replaces, or of a new one.

    A file that is gone or has another content than its sender saw is left as it is, and the upload is a new
    file beside it; a name that is taken gets a number, a lost folder becomes the root.
    """
    found = find_upload(conn, upload.account_id, upload.id)
    if found.file_name is not None:
        return found
    now = content(kept, upload.type, upload.modified_ms)
    old = replaced(conn, journal, upload)
    if old is None:
        fields = {"name": upload.name, "parent": upload.parent, **now}
        if upload.sealed:
            fields["sealed"] = upload.sealed
        place(conn, journal, upload.account_id, fields)
        journal.put(conn, upload.account_id, COLLECTION, upload.id, fields)
    elif old["blake3"] == kept.blake3:  # it is there already: no version that differs in nothing
        fields = old
        doubt(conn, upload.account_id, kept.id)
    else:
        fields = old
        journal.put(conn, upload.account_id, COLLECTION, upload.replaces, now)
    conn.execute(
        text("UPDATE files_upload SET file_name = :name, place = size, replaces = :replaces WHERE id = :id"),
        {"name": fields["name"], "replaces": "" if old is None else upload.replaces, "id": upload.id},
    )
    return find_upload(conn, upload.account_id, upload.id)


def content(kept: ObjectRef, type_: str, modified_ms: int) -> Fields:
    """The fields of a record that say what is in the file."""
    return {
        "size": kept.size,
        "type": type_,
        "object": kept.id,
        "blake3": kept.blake3,
        "modified_ms": modified_ms,
    }


def replaced(conn: Connection, journal: Journal, upload: Upload) -> Fields | None:
    """The file that the upload may replace; None where there is none, or not as its sender saw it."""
    record = journal.record(conn, upload.account_id, COLLECTION, upload.replaces) if upload.replaces else None
    if record is None or "object" not in record.fields:
        return None
    return record.fields if upload.seen in ("", record.fields["object"]) else None


def place(
    conn: Connection, journal: Journal, account_id: str, fields: Fields, also: Set[str] = frozenset()
) -> None:
    """Changes the name and parent of what is to live: a name that is taken, `also` one of those, gets a number."""
    if not _is_folder(conn, journal, account_id, fields["parent"]):
        fields["parent"] = ""
    wish, number = fields["name"], 2
    while fields["name"] in also or _taken(conn, account_id, fields["parent"], fields["name"]):
        fields["name"], number = numbered(wish, number), number + 1


def place_many(conn: Connection, journal: Journal, account_id: str, files: Sequence[Fields]) -> None:
    """`place` for files that come together, each beside those before it."""
    query = text(
        "SELECT name FROM files_entry WHERE account_id = :account AND parent = :parent AND name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    by_parent: dict[str, list[Fields]] = {}
    for fields in files:
        by_parent.setdefault(fields["parent"], []).append(fields)
    for parent in [one for one in by_parent if one and not _is_folder(conn, journal, account_id, one)]:
        by_parent.setdefault("", []).extend(by_parent.pop(parent))
    for parent, inside in by_parent.items():
        names = [str(fields["name"]) for fields in inside]
        taken: set[str] = set()
        for start in range(0, len(names), 500):
            values = {"account": account_id, "parent": parent, "names": names[start : start + 500]}
            taken.update(conn.execute(query, values).scalars())
        for fields in inside:
            fields["parent"] = parent
            if fields["name"] in taken:
                place(conn, journal, account_id, fields, taken)
            taken.add(fields["name"])


def named(conn: Connection, account_id: str, objects: Sequence[str]) -> dict[str, str]:
    """Where the contents are: paths of files by object, of those in use before trashed and earlier ones."""
    paths: dict[str, str] = {}
    for source in (
        "files_entry AS e",
        "files_trash AS e",
        "files_version AS v JOIN files_entry AS e ON e.account_id = v.account_id AND e.file_id = v.file_id",
    ):
        column = "v.object_id" if "files_version" in source else "e.object_id"
        query = text(
            f"SELECT {column}, e.parent, e.name FROM {source} WHERE e.account_id = :account"  # noqa: S608 - constants
            f" AND {column} IN :objects ORDER BY e.file_id"
        ).bindparams(bindparam("objects", expanding=True))
        for name, parent, own in conn.execute(query, {"account": account_id, "objects": list(objects)}):
            paths.setdefault(str(name), _path(conn, account_id, str(parent), str(own)))
    return paths


def _path(conn: Connection, account_id: str, parent: str, name: str) -> str:
    """From the root, "/" between its parts; a parent that is gone ends it, so does a ring."""
    query = text("SELECT parent, name FROM files_entry WHERE account_id = :account AND file_id = :file")
    parts, seen = [name], set[str]()
    while parent and parent not in seen:
        seen.add(parent)
        row = conn.execute(query, {"account": account_id, "file": parent}).first()
        if row is None:
            break
        parent, own = str(row[0]), str(row[1])
        parts.insert(0, own)
    return "/".join(parts)


def inside(conn: Connection, account_id: str, folder: str) -> list[str]:
    """Ids of what lies in a folder, not deeper; also of one that is gone."""
    query = text("SELECT file_id FROM files_entry WHERE account_id = :account AND parent = :folder")
    return [str(one) for one in conn.execute(query, {"account": account_id, "folder": folder}).scalars()]


def lives(conn: Connection, account_id: str, file: str) -> bool:
    query = text("SELECT 1 FROM files_entry WHERE account_id = :account AND file_id = :file")
    return conn.execute(query, {"account": account_id, "file": file}).first() is not None


_USED = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} AS e WHERE e.account_id = d.account_id AND e.object_id = d.object_id)"  # noqa: S608
    for table in ("files_entry", "files_trash", "files_version")
)
"""A record, the trash or an earlier version counts on the object `d`."""


def doubt(conn: Connection, account_id: str, object_id: str) -> None:
    """Whether the object is still wanted is looked at after the commit."""
    conn.execute(
        text("INSERT INTO files_doubt (account_id, object_id) VALUES (:account, :object) ON CONFLICT DO NOTHING"),
        {"account": account_id, "object": object_id},
    )


def doubts(conn: Connection, account_id: str | None = None) -> list[tuple[str, str, bool]]:
    """Account, object, and whether it is in use; of one account, or all."""
    rows = conn.execute(
        text(
            f"SELECT d.account_id, d.object_id, {_USED} FROM files_doubt AS d"  # noqa: S608 - constants
            " WHERE :account IS NULL OR d.account_id = :account"
        ),
        {"account": account_id},
    )
    return [(str(account), str(name), bool(used)) for account, name, used in rows]


def wanted(doubted: tuple[str, str], conn: Connection) -> bool:
    """Whether an object of an account is in use; it is in doubt no more."""
    key = dict(zip(("account", "object"), doubted, strict=True))
    conn.execute(text("DELETE FROM files_doubt WHERE account_id = :account AND object_id = :object"), key)
    asked = "(SELECT CAST(:account AS TEXT) AS account_id, CAST(:object AS TEXT) AS object_id) AS d"
    return bool(conn.execute(text(f"SELECT {_USED} FROM {asked}"), key).scalar_one())  # noqa: S608 - constants


def settle_used(conn: Connection, used: list[tuple[str, str]]) -> None:
    """Objects that are wanted live, in one transaction; one that is wanted no more stays in doubt."""
    for account, name in used:
        if wanted((account, name), conn):
            take_back(conn, account, AREA, name)
        else:
            doubt(conn, account, name)


def held(conn: Connection, account_id: str) -> tuple[int, int]:
    """Bytes that emptying the trash would free, and those that deleting all earlier versions would."""
    unique = (
        "SELECT coalesce(sum(size), 0) FROM (SELECT object_id, max(size) AS size FROM ({}) AS k"
        " WHERE NOT EXISTS (SELECT 1 FROM files_entry AS e"
        " WHERE e.account_id = :account AND e.object_id = k.object_id) GROUP BY object_id) AS u"
    )
    old = "SELECT v.object_id, v.size FROM files_version AS v WHERE v.account_id = :account AND {} EXISTS"
    gone = " (SELECT 1 FROM files_trash AS t WHERE t.account_id = v.account_id AND t.file_id = v.file_id)"
    in_trash = "SELECT object_id, size FROM files_trash WHERE account_id = :account AND object_id IS NOT NULL"
    queries = (
        unique.format(f"{in_trash} UNION ALL {old.format('')}{gone}"),
        unique.format(old.format("NOT") + gone),
    )
    found = [int(conn.execute(text(query), {"account": account_id}).scalar_one()) for query in queries]
    return found[0], found[1]


def file(conn: Connection, journal: Journal, account_id: str, file_id: str) -> dict[str, Any]:
    """A live file's or folder's fields; raises `NotFound`."""
    record = journal.record(conn, account_id, COLLECTION, file_id)
    if record is None:
        raise NotFound("no-file", "There is no such file.")
    return record.fields


def _taken(conn: Connection, account_id: str, parent: str, name: str) -> bool:
    query = text(
        "SELECT 1 FROM files_entry WHERE account_id = :account AND parent = :parent AND name = :name LIMIT 1"
    )
    return conn.execute(query, {"account": account_id, "parent": parent, "name": name}).first() is not None


def _is_folder(conn: Connection, journal: Journal, account_id: str, parent: str) -> bool:
    record = journal.record(conn, account_id, COLLECTION, parent) if parent else None
    return record is not None and rules.is_folder(record.fields)
