"""Bringing a database to the form that this code expects, at each start.

The kernel's tables go through Alembic revisions (`revisions/`). Every other owner of tables (a service,
the object store) has a folder of plain `NNNN_name.sql`, applied in order, each once, each in a
transaction of its own; what was applied is in `migration_applied`. They are written in SQLite's words and
translated for PostgreSQL (`dialect`). A database that is newer than the
code is refused. Alembic is imported only when there is something to do.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, inspect

from pileus.cloud.kernel.db.dialect import is_postgresql, translated
from pileus.cloud.kernel.db.writer import OneWriter
from pileus.core.errors import PileusError

REVISIONS = Path(__file__).with_name("revisions")
SQL_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


class MigrationError(PileusError):
    """The database cannot be brought to the form that this version needs."""

    code = "migration"


def migrate(db: OneWriter, owners: Mapping[str, Path]) -> None:
    """Runs what is missing; `owners` maps an owner's name to its folder of SQL files. Blocks."""
    db.owners = dict(owners)
    db.write(_kernel)
    for owner in sorted(owners):
        files = _sql_files(owners[owner])
        db.read(partial(_refuse_newer, owner=owner, known={path.name for path in files}))
        for path in files:
            db.write(partial(_apply, owner=owner, path=path))


def revision(db: OneWriter) -> str:
    """The form of a database in a word: the kernel's revision, and how many files of the others were applied."""

    def look(connection: Connection) -> str:
        if not inspect(connection).has_table("migration_applied"):
            return _present(connection) or "0000"
        files = connection.exec_driver_sql("SELECT count(*) FROM migration_applied").scalar_one()
        return f"{_present(connection)}.{files}"

    return db.read(look)


def statements(script: str) -> list[str]:
    """A script's single statements (triggers with their inner semicolons stay whole)."""
    found, current = [], ""
    for part in script.split(";"):
        current += part + ";"
        if sqlite3.complete_statement(current):
            if re.sub(r"--[^\n]*", "", current).strip(" \t\r\n;"):
                found.append(current.strip())
            current = ""
    if re.sub(r"--[^\n]*", "", current).strip(" \t\r\n;"):
        raise MigrationError(detail=f"The statement has no end: {current.strip()[:80]!r}")
    return found


def _kernel(connection: Connection) -> None:
    head = max(path.name[:4] for path in REVISIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))
    present = _present(connection)
    if present == head:
        return
    if present is not None and present > head:
        raise MigrationError(
            detail=f"The database has revision {present}, this version knows {head}: run a newer version."
        )
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory(str(REVISIONS), version_locations=[str(REVISIONS)])

    def upgrade(revision: tuple[str, ...], _context: MigrationContext) -> list[object]:
        return list(directory._upgrade_revs("head", revision))  # type: ignore[arg-type]

    context = MigrationContext.configure(
        connection, opts={"fn": upgrade, "script": directory, "transactional_ddl": False}
    )
    with Operations.context(context):
        context.run_migrations()


def _present(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(row[0]) if row else None


def _sql_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.sql"))
    for path in files:
        if SQL_NAME.fullmatch(path.name) is None:
            raise MigrationError(detail=f"{path.name} is not named NNNN_name.sql.")
    return files


def _refuse_newer(connection: Connection, owner: str, known: set[str]) -> None:
    if not inspect(connection).has_table("migration_applied"):
        return
    applied = connection.exec_driver_sql("SELECT name FROM migration_applied WHERE owner = ?", (owner,))
    strange = sorted({str(row[0]) for row in applied} - known)
    if strange:
        raise MigrationError(
            detail=f"The database has {strange[-1]} of {owner}, which this version does not know: run a newer"
            " version."
        )


def _apply(connection: Connection, owner: str, path: Path) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS migration_applied "
        "(owner TEXT, name TEXT, at_ms BIGINT NOT NULL, PRIMARY KEY (owner, name))"
    )
    done = connection.exec_driver_sql(
        "SELECT 1 FROM migration_applied WHERE owner = ? AND name = ?", (owner, path.name)
    ).first()
    if done is not None:
        return
    for statement in statements(path.read_text(encoding="utf-8")):
        for one in translated(statement) if is_postgresql(connection) else [statement]:
            connection.exec_driver_sql(one)
    connection.exec_driver_sql(
        "INSERT INTO migration_applied VALUES (?, ?, ?)", (owner, path.name, int(time.time() * 1000))
    )
