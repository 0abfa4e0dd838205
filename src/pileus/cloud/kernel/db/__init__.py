"""The database: one writer thread, pooled readers, migrations at start. SQLite, or PostgreSQL."""

from __future__ import annotations

from pileus.cloud.kernel.db.sqlite import SqliteDatabase
from pileus.cloud.kernel.db.writer import DatabaseUnusable, OneWriter
from pileus.core.settings import Settings

FILE = "pileus.db"
"""SQLite's, in the data folder."""
MOVED = f"{FILE}.moved"
"""What it is called once PostgreSQL has its rows."""


def connect(settings: Settings) -> OneWriter:
    """The database of the settings, opened. Blocks; raises `DatabaseUnusable`, or as a full disk. Close it."""
    if settings.database:
        from pileus.cloud.kernel.db.postgres import PostgresDatabase  # psycopg only where it is wanted

        return PostgresDatabase(settings.database)
    if not (settings.data_dir / FILE).exists() and (settings.data_dir / MOVED).exists():
        raise DatabaseUnusable(
            detail=f"The database of {settings.data_dir} was moved to PostgreSQL: name it in PILEUS_DATABASE."
        )
    return SqliteDatabase(settings.data_dir / FILE)


__all__ = ["FILE", "MOVED", "DatabaseUnusable", "OneWriter", "SqliteDatabase", "connect"]
