"""Many new records of a collection without texts in one go; runs inside `db.write`.

What `apply` does a mutation at a time: here the records are known to be new, none conflicts with another, and no
request may be repeated record by record. So there is one look for ids in use, one statement that inserts, and one
number after the other. Marks stay empty in an append collection: no rule of it asks who set a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.journal import rows
from pileus.cloud.kernel.journal.collections import Collection
from pileus.cloud.kernel.service import AppliedChange, Fields
from pileus.core.errors import Invalid, PileusError, TooLarge
from pileus.core.ids import is_record_id


@dataclass(frozen=True)
class Batch:
    """Records that may be kept, with the bytes that they count for, and the others with the reason."""

    records: list[tuple[str, Fields, bytes]]
    present: frozenset[str]
    refused: dict[str, PileusError]
    size: int


def gather(
    conn: Connection, account_id: str, collection: Collection, records: Mapping[str, Fields], record_bytes: int
) -> Batch:
    """Checks the records one by one. A collection with texts is a mistake in a service: `ValueError`."""
    if collection.texts:
        raise ValueError(f"{collection.name} takes no records in bulk: it has texts")
    present = rows.ids_in_use(conn, account_id, collection.name, list(records))
    kept: list[tuple[str, Fields, bytes]] = []
    refused: dict[str, PileusError] = {}
    check, encode, size = collection.check, msgspec.json.Encoder().encode, 0
    for record_id, fields in records.items():
        if record_id in present:
            continue
        try:
            if not is_record_id(record_id):
                raise Invalid("malformed-id", "A record's id has 1 to 200 letters, digits or . _ : @ + -")
            if check is not None:
                check(fields)
            encoded = encode(fields)
            if len(encoded) > record_bytes:
                raise TooLarge("record-too-large", f"The record would have {len(encoded)} bytes.")
        except PileusError as error:
            refused[record_id] = error
            continue
        kept.append((record_id, fields, encoded))
        size += len(encoded)
    return Batch(kept, present, refused, size)


def insert(
    conn: Connection,
    account_id: str,
    device_id: str,
    collection: Collection,
    records: list[tuple[str, Fields, bytes]],
    head: int,
    now_ms: int,
) -> None:
    """Writes the records as the numbers from `head` + 1 on, and tells their service."""
    writer = msgspec.json.encode(device_id).decode()

    def marks(fields: Fields, seq: int) -> str:
        if collection.merge == "append":
            return "{}"
        return msgspec.json.encode(dict.fromkeys(fields, (seq, device_id))).decode()

    rows.insert_new(
        conn,
        account_id,
        collection.name,
        [
            (record_id, seq, encoded.decode(), marks(fields, seq), f"{{{writer}:{seq}}}", len(encoded), now_ms)
            for seq, (record_id, fields, encoded) in enumerate(records, head + 1)
        ],
    )
    if collection.project_many is not None:
        collection.project_many(conn, account_id, [(record_id, fields) for record_id, fields, _ in records])
    elif collection.project is not None:
        for seq, (record_id, fields, _) in enumerate(records, head + 1):
            collection.project(
                conn,
                AppliedChange(account_id, device_id, collection.name, record_id, seq, False, None, fields, now_ms),
            )
