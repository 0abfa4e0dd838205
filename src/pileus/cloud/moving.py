"""The database of a stopped cloud in another place or form. All of it blocks."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from pileus.cloud.app import migration_folders
from pileus.cloud.kernel.accounts.rows import any_there
from pileus.cloud.kernel.db import FILE, MOVED, DatabaseUnusable, OneWriter, SqliteDatabase, connect
from pileus.cloud.kernel.db.migrations import migrate, revision
from pileus.cloud.kernel.db.moving import NotEmpty, move_rows
from pileus.cloud.kernel.objects.snapshot import stamp_of
from pileus.core import durable
from pileus.core.clock import SystemClock
from pileus.core.settings import Settings


@dataclass(frozen=True)
class Upgraded:
    """Forms before and now; `kept`: a copy of the database as it was, where one was made."""

    before: str
    now: str
    kept: Path | None = None


def refuse_used(settings: Settings) -> None:
    """Raises `NotEmpty` where the PostgreSQL database of the settings holds a cloud already."""
    if settings.database:
        with closing(connect(settings)) as db:
            if db.read(any_there):
                raise NotEmpty(detail="The database of PILEUS_DATABASE holds a cloud already: name an empty one.")


def move_away(settings: Settings, url: str) -> tuple[int, Path]:
    """The folder's SQLite database in an empty PostgreSQL one: the number of rows, the old file's new name.

    A kill before the end leaves the file as it is. Raises `NotEmpty`, `DatabaseUnusable`.
    """
    file = settings.data_dir / FILE
    if not file.exists():
        raise DatabaseUnusable(detail=f"There is no database in {settings.data_dir}.")
    with closing(SqliteDatabase(file)) as source, closing(connect(settings.changed(database=url))) as target:
        for one in (source, target):
            migrate(one, migration_folders())
        rows = move_rows(source, target)
    old = file.rename(settings.data_dir / MOVED)
    durable.fsync(settings.data_dir)
    return rows, old


def move_back(settings: Settings) -> Path:
    """The PostgreSQL database of the settings as the folder's file; that one stays. Raises `NotEmpty`."""
    file = settings.data_dir / FILE
    if file.exists():
        raise NotEmpty(detail=f"{file} is there already: put it elsewhere first.")
    with closing(connect(settings)) as source:
        migrate(source, migration_folders())
        _keep(source, file)
    (settings.data_dir / MOVED).unlink(missing_ok=True)
    return file


def upgrade(settings: Settings) -> Upgraded:
    """Brings the database to this version's form; SQLite's file is copied before. Raises `MigrationError`,
    `StorageFull`; a copy stays where a part of the way was gone."""
    with closing(connect(settings)) as db:
        before, kept = revision(db), None
        if not settings.database:
            kept = settings.data_dir / f"before-{stamp_of(SystemClock().now_ms())}.db"
            _keep(db, kept)
        try:
            migrate(db, migration_folders())
        except BaseException:
            with suppress(Exception):  # of a database that cannot be read now: its copy stays
                if kept is not None and revision(db) == before:
                    kept.unlink()  # of what is there as it was: each try on a full disk would leave one more
            raise
        now = revision(db)
    if kept is not None and before == now:
        kept.unlink()
        kept = None
    return Upgraded(before, now, kept)


def _keep(db: OneWriter, file: Path) -> None:
    """A snapshot that is whole and on the disk when it has its name; what a kill left of another is removed."""
    part = file.with_name("snapshot.part")
    for left in (part, part.with_name(f"{part.name}-journal")):
        left.unlink(missing_ok=True)
    db.snapshot(part)
    durable.publish(part, file)
