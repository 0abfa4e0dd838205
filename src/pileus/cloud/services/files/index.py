"""The index of words in the database; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, text

from pileus.cloud.kernel.db.dialect import TextIndex
from pileus.cloud.kernel.service import AppliedChange, Fields
from pileus.cloud.services.files import rules
from pileus.core.words import tokens

SEARCH = TextIndex("files_search", ("scope", "name", "body"))


@dataclass(frozen=True)
class Due:
    row: int
    account_id: str
    file_id: str


def follow(conn: Connection, change: AppliedChange) -> None:
    """A name is found at once; a new content's words are taken in later."""
    key = {"account": change.account_id, "file": change.record}
    if change.deleted:
        at = "SELECT row FROM files_indexed WHERE account_id = :account AND file_id = :file"
        conn.execute(text(f"DELETE FROM files_search WHERE rowid IN ({at})"), key)  # noqa: S608 - constant
        conn.execute(text("DELETE FROM files_indexed WHERE account_id = :account AND file_id = :file"), key)
        return
    before, after = change.before or {}, change.fields
    same_content = change.before is not None and before.get("object") == after.get("object")
    if same_content and before.get("name") == after.get("name"):
        return
    conn.execute(
        text(
            "INSERT INTO files_indexed (account_id, file_id, due) VALUES (:account, :file, FALSE)"
            " ON CONFLICT (account_id, file_id) DO NOTHING"
        ),
        key,
    )
    row, due = conn.execute(
        text("SELECT row, due FROM files_indexed WHERE account_id = :account AND file_id = :file"), key
    ).one()
    body = conn.execute(text("SELECT body FROM files_search WHERE rowid = :row"), {"row": row}).scalar()
    write(conn, row, change.account_id, str(after["name"]), body if same_content and body else "")
    now_due = bool(due) if same_content else rules.has_words(after)
    conn.execute(text("UPDATE files_indexed SET due = :due WHERE row = :row"), {"due": now_due, "row": row})


def enter(conn: Connection, account_id: str, records: Sequence[tuple[str, Fields]]) -> None:
    """`follow` for new files that came together."""
    files = dict(records)
    conn.execute(
        text("INSERT INTO files_indexed (account_id, file_id, due) VALUES (:account, :file, :due)"),
        [
            {"account": account_id, "file": record, "due": rules.has_words(fields)}
            for record, fields in files.items()
        ],
    )
    query = text(
        "SELECT row, file_id FROM files_indexed WHERE account_id = :account AND file_id IN :files"
    ).bindparams(bindparam("files", expanding=True))
    names = list(files)
    for start in range(0, len(names), 500):
        rows = conn.execute(query, {"account": account_id, "files": names[start : start + 500]}).all()
        conn.execute(
            text("INSERT INTO files_search (rowid, scope, name, body) VALUES (:row, :scope, :name, '')"),
            [
                {
                    "row": row,
                    "scope": scope(account_id),
                    "name": " ".join(tokens(str(files[file]["name"]))),
                }
                for row, file in rows
            ],
        )


def write(conn: Connection, row: int, account_id: str, name: str, body: str) -> None:
    """`body` is words already, with spaces between them."""
    conn.execute(text("DELETE FROM files_search WHERE rowid = :row"), {"row": row})
    conn.execute(
        text("INSERT INTO files_search (rowid, scope, name, body) VALUES (:row, :scope, :name, :body)"),
        {"row": row, "scope": scope(account_id), "name": " ".join(tokens(name)), "body": body},
    )


def due(conn: Connection, account_id: str | None, limit: int) -> list[Due]:
    """Files whose words are to be taken in, the newest first: an account's, or anybody's."""
    # No OR over both: SQLite would look at every file of the cloud instead of at the index of what is due.
    whose = "" if account_id is None else " AND account_id = :account"
    query = f"SELECT row, account_id, file_id FROM files_indexed WHERE due{whose} ORDER BY row DESC LIMIT :limit"  # noqa: S608 - constants
    return [Due(*one) for one in conn.execute(text(query), {"account": account_id, "limit": limit})]


def done(conn: Connection, one: Due) -> None:
    conn.execute(text("UPDATE files_indexed SET due = FALSE WHERE row = :row"), {"row": one.row})


def waiting(conn: Connection, account_id: str, most: int) -> int:
    """How many files have words that are not in the index, up to `most`."""
    few = "SELECT 1 FROM files_indexed WHERE due AND account_id = :account LIMIT :most"
    query = f"SELECT count(*) FROM ({few}) AS few"  # noqa: S608 - constant
    return int(conn.execute(text(query), {"account": account_id, "most": most}).scalar_one())


def search(conn: Connection, account_id: str, words: str, columns: tuple[str, ...], limit: int) -> list[str]:
    """Ids of files that have all words in the columns, the newest first. `words` is a `search_expression`."""
    condition, value = SEARCH.matching(conn, {("scope",): f'"{scope(account_id)}"', columns: words})
    rows = conn.execute(
        text(
            f"SELECT i.file_id FROM (SELECT rowid FROM files_search WHERE {condition}"  # noqa: S608 - constant
            " ORDER BY rowid DESC LIMIT :limit) AS s JOIN files_indexed AS i ON i.row = s.rowid"
            " ORDER BY i.row DESC"
        ),
        {"expression": value, "limit": limit},
    )
    return [str(row.file_id) for row in rows]


def scope(account_id: str) -> str:
    """An account as one token."""
    return "a" + "".join(char for char in account_id.lower() if char.isalnum())
