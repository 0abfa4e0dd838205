"""The code without which nobody on a network makes the first account. Standard library only: the parent reads it.

It lies in the data folder from the start of a server without accounts until its first account is made, and is
a part of the address that the owner is shown, behind its `#`: browsers send that to nobody.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from pathlib import Path

from pileus.core.durable import fsync
from pileus.core.settings import Settings

DATABASE = "pileus.db"
FILE = "setup-code"


class SetupCode:
    """The code of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / FILE

    def get(self) -> str:
        """The code; empty where there is none."""
        try:
            return self._file.read_text("ascii")
        except FileNotFoundError:
            return ""

    def ensure(self) -> str:
        """The code, made where there is none."""
        part = self._file.with_name(f"{FILE}.{os.getpid()}")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(12))
        fsync(part)
        # Linked, not renamed: another process may have made one meanwhile, and that one holds.
        with contextlib.suppress(FileExistsError):
            os.link(part, self._file)
        part.unlink()
        fsync(self._file.parent)
        return self.get()

    def spend(self) -> None:
        """Takes it away, with those that a crash left half made."""
        for part in (self._file, *self._file.parent.glob(f"{FILE}.*")):
            part.unlink(missing_ok=True)


def fragment(settings: Settings) -> str:
    """What the shown address ends with, for the first account of a server on a network."""
    code = SetupCode(settings.data_dir).get() if settings.tls else ""
    return f"#setup={code}" if code else ""


def has_account(settings: Settings) -> bool:
    """Whether the database of the settings holds an account; one that is not there yet does not."""
    if settings.database:
        from pileus.cloud.kernel.accounts.rows import any_there
        from pileus.cloud.kernel.db import connect

        with contextlib.closing(connect(settings)) as there:
            return there.read(any_there)
    data_dir = settings.data_dir
    try:
        with contextlib.closing(sqlite3.connect(f"{(data_dir / DATABASE).as_uri()}?mode=ro", uri=True)) as db:
            return db.execute("SELECT 1 FROM account LIMIT 1").fetchone() is not None
    except sqlite3.OperationalError:
        return False
