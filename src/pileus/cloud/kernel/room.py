"""A disk of the cloud without room, however it is noticed: by a file's write or by the database's."""

from __future__ import annotations

import sqlite3

from pileus.core.errors import StorageFull, is_disk_full

DISK_FULL = "53100"
"""PostgreSQL's word for it (appendix A, class 53)."""


def storage_full(error: BaseException) -> StorageFull | None:
    """How a failure is told where a full disk is behind it, else None.

    SQLite may end a transaction by itself when it finds no room (sqlite.org/lang_transaction.html); what is
    seen then is the failure of the next statement, with the cause behind it.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, StorageFull):
            return seen
        if is_disk_full(seen) or getattr(seen, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return StorageFull()
        if getattr(seen, "sqlstate", None) == DISK_FULL:
            return StorageFull()
        seen = seen.__cause__ or seen.__context__
    return None
