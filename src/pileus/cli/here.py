"""The cloud on this machine, opened beside a server that may be running: SQLite lets both write in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pileus.core.settings import Settings

if TYPE_CHECKING:
    from pileus.cloud.kernel.db import SqliteDatabase

GB = 1000**3
Data = Annotated[Path | None, typer.Option(help="Folder that holds everything.")]


@contextmanager
def database(data: Path | None) -> Iterator[tuple[Settings, SqliteDatabase]]:
    """Of the folder that is named, or of the settings'."""
    from pileus.cloud.app import open_database

    settings = Settings.from_env()
    if data is not None:
        settings = settings.changed(data_dir=data.expanduser().absolute())
    db = open_database(settings)
    try:
        yield settings, db
    finally:
        db.close()
