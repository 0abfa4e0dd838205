"""A disk of the cloud that takes nothing, however it is noticed: by a file's write or by the database's."""

from __future__ import annotations

import errno
import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path

from pileus.core.errors import StorageFull, StorageReadOnly, is_disk_full

DISK_FULL, READ_ONLY = "53100", "25006"
"""PostgreSQL's words for it (appendix A, classes 53 and 25)."""
PAGE = 32768
"""What SQLite adds to its shared memory at once (sqlite.org/walformat.html §2)."""
PRIMARY = 0xFF
"""Of SQLite's extended result codes (sqlite.org/rescode.html)."""

StorageFailure = StorageFull | StorageReadOnly


def storage_failure(error: BaseException) -> StorageFailure | None:
    """How a failure is told where a disk without room, or one that can only be read, is behind it, else None.

    SQLite may end a transaction by itself when it finds no room (sqlite.org/lang_transaction.html); what is
    seen then is the failure of the next statement, with the cause behind it.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, StorageFull | StorageReadOnly):
            return seen
        if found := _failure(seen):
            return found
        seen = seen.__cause__ or seen.__context__
    return None


def shut(error: BaseException, folder: Path) -> StorageFailure | None:
    """Whether SQLite failed since its folder can only be read, or has no room. It says of its files' errors only
    that there was one (of its shared memory's, too: SQLITE_IOERR_SHMSIZE), so that a file is tried. Blocks."""
    seen: BaseException | None = error
    while seen is not None and _primary(seen) not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        seen = seen.__cause__ or seen.__context__
    if seen is None:
        return None
    tried = folder / f".tried-{secrets.token_hex(8)}"
    try:
        tried.touch(0o600)
        tried.write_bytes(bytes(PAGE))
    except OSError as refused:
        return _failure(refused)
    finally:
        with suppress(OSError):
            tried.unlink()
    return None


def _failure(seen: BaseException) -> StorageFailure | None:
    code, state = _primary(seen), getattr(seen, "sqlstate", None)
    if is_disk_full(seen) or code == sqlite3.SQLITE_FULL or state == DISK_FULL:
        return StorageFull()
    read_only = isinstance(seen, OSError) and seen.errno == errno.EROFS
    if read_only or code == sqlite3.SQLITE_READONLY or state == READ_ONLY:
        return StorageReadOnly()
    return None


def _primary(seen: BaseException) -> int | None:
    code = getattr(seen, "sqlite_errorcode", None)
    return None if code is None else int(code) & PRIMARY
