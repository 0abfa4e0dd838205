"""The cloud on this machine, opened beside a server that may be running: the database lets both write in turn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pileus.core.errors import NotFound
from pileus.core.settings import Settings, default_runtime_dir

if TYPE_CHECKING:
    from pileus.cloud.kernel.db import OneWriter

GB = 1000**3
Data = Annotated[Path | None, typer.Option(help="Folder that holds everything.")]
Whose = Annotated[
    str, typer.Argument(help="An account of the cloud on this machine; without it the one you signed in to.")
]


def settings_of(data: Path | None) -> Settings:
    """Of the folder that is named, or the environment's."""
    settings = Settings.from_env()
    if data is None:
        return settings
    settings = settings.changed(data_dir=data.expanduser().absolute())
    if "PILEUS_RUNTIME_DIR" in os.environ:
        return settings
    return settings.changed(runtime_dir=default_runtime_dir(settings.data_dir, os.environ))


def is_there(settings: Settings) -> bool:
    """Whether a cloud has its database in that folder, or its settings name one."""
    from pileus.cloud.kernel.db import FILE, MOVED

    return bool(settings.database) or any((settings.data_dir / name).exists() for name in (FILE, MOVED))


@contextmanager
def database(data: Path | None, *, make: bool = False) -> Iterator[tuple[Settings, OneWriter]]:
    """Of the folder that is named, or of the settings'. Raises `NotFound` where there is none, unless it is to be
    made."""
    from pileus.cloud.app import open_database

    settings = settings_of(data)
    if not make and not is_there(settings):
        folder = str(settings.data_dir)
        detail = f"There is no cloud in {folder}; --data names another folder."
        raise NotFound("no-cloud-here", detail, folder=folder)
    db = open_database(settings)
    try:
        yield settings, db
    finally:
        db.close()
