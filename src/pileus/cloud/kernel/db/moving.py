"""All rows of a database in another one: from SQLite to PostgreSQL, and back.

Both were brought to the same form by the same migrations before, so that tables and columns have the same names;
the target is empty. What only PostgreSQL has (a `tsvector`, numbers to come) is made there anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, text

from pileus.cloud.kernel.db.dialect import is_postgresql
from pileus.cloud.kernel.db.writer import OneWriter
from pileus.core.errors import Invalid, PileusError

FORM = ("alembic_version", "migration_applied")
"""What the migrations themselves have written on both sides."""
AT_ONCE = 1000


class NotEmpty(PileusError):
    """Rows are moved into an empty database only."""

    code = "not-empty"


class _Table(msgspec.Struct, frozen=True):
    name: str
    columns: tuple[str, ...]


def move_rows(source: OneWriter, target: OneWriter) -> int:
    """Copies every row in one transaction on each side; says how many. Blocks.

    Raises `NotEmpty`, and `Invalid` where the forms differ or a text cannot be kept by the target.
    """
    return source.read(lambda old: target.write(lambda new: _copy(old, new)))


def _copy(old: Connection, new: Connection) -> int:
    if _form(old) != _form(new):
        raise Invalid("database-form", "The two databases do not have the same form: upgrade the first one.")
    if new.execute(text("SELECT 1 FROM account LIMIT 1")).first() is not None:
        raise NotEmpty(detail="The other database holds a cloud already: name an empty one.")
    count = 0
    for table in _tables(new if is_postgresql(old) else old):
        query = text(f"SELECT {', '.join(table.columns)} FROM {table.name}")  # noqa: S608 - names of the schema
        rows = old.execute(query.execution_options(yield_per=AT_ONCE))
        for part in rows.partitions():
            count += len(part)
            _insert(new, table, part)
    if is_postgresql(new):
        _set_numbers(new)
    return count


def _form(conn: Connection) -> list[tuple[Any, ...]]:
    applied = conn.execute(text("SELECT owner, name FROM migration_applied ORDER BY owner, name"))
    return [*map(tuple, conn.execute(text("SELECT version_num FROM alembic_version"))), *map(tuple, applied)]


def _tables(sqlite: Connection) -> list[_Table]:
    """Of a SQLite database, each after those that it refers to; full-text tables with their row numbers."""
    found: dict[str, str] = {
        row.name: row.sql
        for row in sqlite.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    }
    full_text = {name for name, sql in found.items() if sql.upper().startswith("CREATE VIRTUAL TABLE")}
    inner = {f"{name}_{part}" for name in full_text for part in ("data", "idx", "content", "docsize", "config")}
    names = [name for name in found if name not in inner and name not in FORM and not name.startswith("sqlite_")]
    needs = {name: set(_referred(sqlite, name)) - {name} for name in sorted(names)}
    return [
        _Table(name, (*(["rowid"] if name in full_text else []), *_columns(sqlite, name)))
        for name in TopologicalSorter(needs).static_order()
    ]


def _referred(sqlite: Connection, name: str) -> Iterator[str]:
    for row in sqlite.exec_driver_sql(f"PRAGMA foreign_key_list({name})"):
        yield str(row.table)


def _columns(sqlite: Connection, name: str) -> list[str]:
    return [str(row.name) for row in sqlite.exec_driver_sql(f"PRAGMA table_info({name})")]


def _insert(new: Connection, table: _Table, rows: Sequence[Row[Any]]) -> None:
    names = ", ".join(table.columns)
    if not is_postgresql(new):
        places = ", ".join("?" * len(table.columns))
        new.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) VALUES ({places})",  # noqa: S608
            [tuple(row) for row in rows],
        )
        return
    import psycopg

    cursor = new.connection.cursor()
    try:
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row))
    except psycopg.DataError as error:
        detail = f"The table {table.name} holds a text that PostgreSQL refuses: {error}"
        raise Invalid("malformed-text", detail) from error
    finally:
        cursor.close()


def _set_numbers(new: Connection) -> None:
    """The numbers that the database gives go on after those that came."""
    given = text(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')"
    )
    for table, column in new.execute(given).all():
        new.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence(:table, :column), COALESCE(max({column}), 1),"  # noqa: S608
                f" max({column}) IS NOT NULL) FROM {table}"
            ),
            {"table": table, "column": column},
        )
