"""What a sync knows and must not forget, in the folder's own `.pileus/sync.db` (SQLite). Everything blocks.

Each change is one transaction, fsynced before it returns (WAL, synchronous=FULL). What it says of the folder is
written after the folder's own changes were fsynced, what it says of the cloud after the cloud acknowledged it.
"""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pileus.core.errors import PileusError
from pileus.sdk.sync.trees import Item, Synced

VERSION = "1"
PAGE = 32768
"""What SQLite adds to its shared memory at once (sqlite.org/walformat.html §2)."""
PRIMARY = 0xFF
"""Of SQLite's extended result codes (sqlite.org/rescode.html)."""
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (id TEXT PRIMARY KEY, parent TEXT NOT NULL, name TEXT NOT NULL, content TEXT,
    object TEXT NOT NULL, modified_ms INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE agreed (id TEXT PRIMARY KEY, parent TEXT NOT NULL, name TEXT NOT NULL, content TEXT,
    local TEXT NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE claim (id TEXT PRIMARY KEY, parent TEXT NOT NULL, name TEXT NOT NULL, content TEXT,
    local TEXT NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE upload (id TEXT PRIMARY KEY, upload TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE trouble (path BLOB NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Stamp:
    """By what a file is known to be unchanged. `ctime_ns` 0: it was too new when it was read; read it again."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True)
class Entry:
    """An item as it was agreed on or claimed, and its file then."""

    item: Synced
    stamp: Stamp


@dataclass(frozen=True)
class Record:
    """A file's or folder's record; `object` and `modified_ms` are a file's."""

    item: Item
    object: str
    modified_ms: int
    seq: int


class Ledger:
    """One connection, for several threads. Close it."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            with self.writing():
                if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    for statement in SCHEMA.split(";"):
                        self._db.execute(statement)
                    self.set("version", VERSION)
            if self.get("version") != VERSION:
                raise PileusError(
                    "sync-version", f"{path} was written by another version of pileus sync.", folder=str(path)
                )
        except sqlite3.DatabaseError as error:
            raise _problem(path, error) from error
        self.path = path

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction, durable when it ends; those within it are a part of it."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self.commit()
            except sqlite3.DatabaseError as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise _problem(getattr(self, "path", Path("sync.db")), error) from error

    def commit(self) -> None:
        """Ends the transaction; a boundary of its own, so that tests can die at it."""
        self._db.execute("COMMIT")

    def get(self, key: str) -> str | None:
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set(self, key: str, value: str) -> None:
        with self.writing():
            self._db.execute("REPLACE INTO meta VALUES (?, ?)", (key, value))

    def records(self) -> dict[str, Record]:
        """All of the account, in whatever folder."""
        rows = self._rows("SELECT id, parent, name, content, object, modified_ms, seq FROM record")
        return {row[0]: Record(Item(row[1], row[2], row[3]), row[4], row[5], row[6]) for row in rows}

    def forget_records(self) -> None:
        with self.writing():
            self._db.execute("DELETE FROM record")

    def put_record(self, name: str, record: Record) -> None:
        item = record.item
        values = (name, item.parent, item.name, item.content, record.object, record.modified_ms, record.seq)
        with self.writing():
            self._db.execute("REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def drop_record(self, name: str) -> None:
        with self.writing():
            self._db.execute("DELETE FROM record WHERE id = ?", (name,))

    def agreed(self) -> dict[str, Entry]:
        return self._entries("agreed")

    def claims(self) -> dict[str, Entry]:
        """What is to be made in the cloud, under the ids that it gets there."""
        return self._entries("claim")

    def put_agreed(self, name: str, entry: Entry) -> None:
        with self.writing():
            self._put("agreed", name, entry)

    def drop_agreed(self, name: str) -> None:
        with self.writing():
            self._db.execute("DELETE FROM agreed WHERE id = ?", (name,))

    def put_claims(self, claims: Iterable[tuple[str, Entry]]) -> None:
        """These instead of those that there are."""
        with self.writing():
            self._db.execute("DELETE FROM claim")
            for name, entry in claims:
                self._put("claim", name, entry)

    def rename_claim(self, name: str, new: str) -> None:
        with self.writing():
            self._db.execute("UPDATE OR REPLACE claim SET id = ? WHERE id = ?", (new, name))

    def uploads(self) -> dict[str, tuple[str, str]]:
        """Unfinished uploads by the id of what is sent: the upload, the content."""
        return {row[0]: (row[1], row[2]) for row in self._rows("SELECT id, upload, content FROM upload")}

    def put_upload(self, name: str, upload: str, content: str) -> None:
        with self.writing():
            self._db.execute("REPLACE INTO upload VALUES (?, ?, ?)", (name, upload, content))

    def drop_upload(self, name: str) -> None:
        with self.writing():
            self._db.execute("DELETE FROM upload WHERE id = ?", (name,))

    def troubles(self) -> list[tuple[str, str, str]]:
        """Path, code and detail of what the last round could not do."""
        rows = self._rows("SELECT path, code, detail FROM trouble ORDER BY path")
        return [(os.fsdecode(path), code, detail) for path, code, detail in rows]

    def put_troubles(self, troubles: Iterable[tuple[str, str, str]]) -> None:
        with self.writing():
            self._db.execute("DELETE FROM trouble")
            rows = [(os.fsencode(path), code, detail) for path, code, detail in troubles]
            self._db.executemany("INSERT INTO trouble VALUES (?, ?, ?)", rows)

    def _entries(self, table: str) -> dict[str, Entry]:
        rows = self._rows(
            "SELECT id, parent, name, content, local, inode, size, mtime_ns, ctime_ns"  # noqa: S608 - two tables
            f" FROM {table}"
        )
        return {row[0]: Entry(Synced(*row[1:5]), Stamp(*row[5:])) for row in rows}

    def _put(self, table: str, name: str, entry: Entry) -> None:
        item, stamp = entry.item, entry.stamp
        about = (stamp.inode, stamp.size, stamp.mtime_ns, stamp.ctime_ns)
        values = (name, item.parent, item.name, item.content, item.local, *about)
        self._db.execute(f"REPLACE INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608

    def _rows(self, query: str) -> list[Any]:
        with self._lock:
            return self._db.execute(query).fetchall()


def _problem(path: Path, error: sqlite3.DatabaseError) -> PileusError:
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY
    refused = _refused(path) if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) else 0
    if code == sqlite3.SQLITE_FULL or refused in (errno.ENOSPC, errno.EDQUOT):
        return PileusError(
            "sync-disk-full", f"The disk of {path} is full: make room and try again.", folder=str(path)
        )
    if code == sqlite3.SQLITE_READONLY or refused == errno.EROFS:
        return PileusError(
            "sync-disk-read-only", f"{path} cannot be written: its disk is read-only.", folder=str(path)
        )
    said = f"{path} cannot be used ({error}). Without it the next sync compares everything anew."
    return PileusError("sync-ledger", said, folder=str(path))


def _refused(path: Path) -> int:
    """Why nothing can be written beside it, as the system tells it; 0 where it can. SQLite says of its files'
    errors only that there was one."""
    tried = path.with_name(f".tried-{secrets.token_hex(8)}")
    try:
        tried.write_bytes(bytes(PAGE))
    except OSError as error:
        return error.errno or 0
    finally:
        with suppress(OSError):
            tried.unlink()
    return 0
