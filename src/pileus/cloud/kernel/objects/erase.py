"""Taking all objects of an account, without a grace period: nobody can ask for them any more. Blocks."""

from __future__ import annotations

from sqlalchemy import Connection, text

from pileus.cloud.kernel.db.dialect import is_postgresql
from pileus.cloud.kernel.objects.keys import key_blob
from pileus.cloud.kernel.objects.packs import delete_dropped, drop
from pileus.cloud.kernel.objects.store import PackedObjects

PACKS = 16
"""Packs that one transaction takes."""


def erase(objects: PackedObjects, account_id: str) -> None:
    """May be repeated after a crash. The keys go first: what is left of a pack anywhere cannot be read then.

    Packs that the database does not name stay until the sweep finds them; without the key they are noise.
    """
    mine = {"account": account_id}
    keys = text("SELECT id FROM object_key WHERE account_id = :account")
    for key_id in objects.db.read(lambda conn: list(conn.execute(keys, mine).scalars())):
        objects.blobs.delete(key_blob(bytes(key_id)))
    objects.keys.forget(account_id)
    for table in ("object_part", "object"):
        while objects.db.write(lambda conn, table=table: _delete_some(conn, table, mine)):  # type: ignore[misc]
            pass
    while objects.db.write(lambda conn: _drop_some(conn, account_id)):
        pass
    delete_dropped(objects)


def _delete_some(conn: Connection, table: str, mine: dict[str, str]) -> int:
    row = "ctid" if is_postgresql(conn) else "rowid"
    batch = f"SELECT {row} FROM {table} WHERE account_id = :account LIMIT 5000"  # noqa: S608 - constants
    return conn.execute(text(f"DELETE FROM {table} WHERE {row} IN ({batch})"), mine).rowcount  # noqa: S608


def _drop_some(conn: Connection, account_id: str) -> int:
    query = text("SELECT id, name FROM object_pack WHERE account_id = :account LIMIT :some")
    packs = [(int(pack), str(name)) for pack, name in conn.execute(query, {"account": account_id, "some": PACKS})]
    drop(conn, packs)
    return len(packs)
