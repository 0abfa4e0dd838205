"""What is there of a cloud, in a form that is alike whenever the same was done: without what is drawn by lot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from pileus.cloud.app import Cloud

VARIES = {"seconds", "added", "bytes", "as_of", "checked_ms", "copied_ms"}
"""Fields that say how it went, or are of what is drawn by lot and compressed."""
BY_LOT = re.compile(r"(?=.*[0-9A-Z_+/=])[A-Za-z0-9+/_=.:$,-]{16,}|.*[0-9a-f]{8}-[0-9a-f]{4}-7.*", re.DOTALL)
LEFT = re.compile(
    r"alembic_version|.*_doubt|messages_letter|migration_applied|sqlite_.*|sign_in_try|journal_history|journal_mutation|.*_search.*"
    r"|object_(chunk|pack|part|key|care|check|problem|copy_problem|pack_dropped|moment)|restored.*"
)
"""Tables whose rows are how it came to what is there, or what is settled daily: `left_over` looks at those."""
COLUMNS = re.compile(
    r"seq|number|row|failures|blocked_until_ms|head|floor|marks|writers|runs|last_seen_ms|used_ms|changed_ms|born|held|found|until_ms|touched_ms"
)


def seen(cloud: Cloud, folder: Path) -> dict[str, list[str]]:
    """Rows by table, sorted; of the log what happened, once. Of the folder its files beside packs and database."""
    return cloud.db.read(_read) | {"files": sorted(_files(folder))}


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        whole = path.is_file() and parts[0] not in ("objects", "copy") and not path.name.startswith("pileus.db")
        if whole and parts[:3] != ("services", "apps", "uploads"):  # which a later start removes
            yield "/".join(alike(part) for part in parts)


def _read(conn: Connection) -> dict[str, list[str]]:
    found = {}
    for table in sorted(inspect(conn).get_table_names()):
        if not LEFT.fullmatch(table):
            every = conn.execute(text(f'SELECT * FROM "{table}"')).mappings()
            rows = [_row(table, dict(row)) for row in every if not _of_no_matter(table, row)]
            found[table] = sorted(set(rows) if table == "account_log" else rows)
    return {table: rows for table, rows in found.items() if rows}


def _of_no_matter(table: str, row: Any) -> bool:
    """An upload that has ended, which is forgotten in its time; sizes of what is compressed."""
    return (table == "files_upload" and row["file_name"] is not None) or (
        table == "quota_use" and row["area"] in ("backups", "journal")
    )


def _row(table: str, row: dict[str, Any]) -> str:
    if table == "account_log":
        row = {"event": row["event"], "about": row["about"]}
    if table == "object":
        row["deleted_ms"] = row["deleted_ms"] is not None
    if table in ("journal_record", "object"):
        del row["size"]
    return json.dumps(
        {name: alike(one) for name, one in row.items() if not COLUMNS.fullmatch(name)}, sort_keys=True
    )


def alike(value: Any) -> Any:
    if isinstance(value, bytes):
        return "bytes"
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return alike(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, str):
        return "*" if BY_LOT.fullmatch(value) else value
    if isinstance(value, dict):
        return {str(alike(name)): alike(one) for name, one in value.items() if name not in VARIES}
    return [alike(one) for one in value] if isinstance(value, list) else value
