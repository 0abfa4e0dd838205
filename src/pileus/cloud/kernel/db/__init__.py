"""The database: one writer thread, pooled readers, migrations at start. SQLite, or PostgreSQL."""

from __future__ import annotations

from pileus.cloud.kernel.db.sqlite import SqliteDatabase
from pileus.cloud.kernel.db.writer import DatabaseUnusable, OneWriter
from pileus.core.settings import Settings

FILE = "pileus.db"
"""SQLite's, in the data folder."""


def connect(settings: Settings) -> OneWriter:
    """The database of the settings, opened. Blocks; raises `DatabaseUnusable`. Close it."""
    if settings.database:
        from pileus.cloud.kernel.db.postgres import PostgresDatabase  # psycopg only where it is wanted

        return PostgresDatabase(settings.database)
    return SqliteDatabase(settings.data_dir / FILE)


__all__ = ["FILE", "DatabaseUnusable", "OneWriter", "SqliteDatabase", "connect"]
