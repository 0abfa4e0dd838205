"""The database: one writer thread, pooled readers, migrations at start."""

from pileus.cloud.kernel.db.sqlite import SqliteDatabase

__all__ = ["SqliteDatabase"]
