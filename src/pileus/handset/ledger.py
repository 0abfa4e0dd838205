"""What the handset has and the account does not have yet: a durable ledger in SQLite (WAL, synchronous=FULL).

What the modem got is written here before the modem's copy is deleted, and leaves when the account has it. What is
to be sent is written here before the cloud is told that it starts, so that after a kill it is known what may have
left. Everything runs in one thread of its own; a `write` returns when its transaction is on the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from pileus.core.errors import PileusError, StorageFull

T = TypeVar("T")

_VERSIONS = (
    """
CREATE TABLE arrived (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, wish TEXT NOT NULL, made_ms INTEGER NOT NULL,
    whose TEXT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX arrived_state ON arrived (state, made_ms);
CREATE TABLE in_modem (
    life TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (life, path)
) WITHOUT ROWID;
CREATE INDEX in_modem_key ON in_modem (key);
CREATE TABLE outgoing (
    whose TEXT NOT NULL, record TEXT NOT NULL, person TEXT NOT NULL, token TEXT NOT NULL,
    card TEXT NOT NULL, body TEXT NOT NULL,
    phase TEXT NOT NULL, made_ms INTEGER NOT NULL, reference INTEGER NOT NULL DEFAULT -1,
    error TEXT NOT NULL DEFAULT '', told TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (record, person)
) WITHOUT ROWID;
CREATE TABLE report (
    card TEXT NOT NULL, reference INTEGER NOT NULL, person TEXT NOT NULL, good INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
""",
    """
CREATE TABLE letter (
    record TEXT PRIMARY KEY, whose TEXT NOT NULL, token TEXT NOT NULL, wish TEXT NOT NULL,
    made_ms INTEGER NOT NULL, left_ms INTEGER NOT NULL DEFAULT 0, brought INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX letter_brought ON letter (brought, made_ms);
""",
)
"""What each version of the tables adds to the one before."""
VERSION = len(_VERSIONS)


class Ledger:
    """Close it. Errors of the disk are raised as `StorageFull` or `PileusError` (`ledger-broken`)."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._db = self._thread.submit(_open, path).result()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """May be repeated."""
        if not self._closed:
            self._closed = True
            await self._run(lambda db: db.close())
            self._thread.shutdown()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._run(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """In one transaction, which is on the disk when this returns; nothing of it where `work` raises."""

        def whole(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                done = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
            return done

        return await self._run(whole)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def safely() -> T:
            try:
                return work(self._db)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
                    raise StorageFull(detail="The handset's storage is full.") from error
                raise PileusError("ledger-broken", f"The handset's ledger cannot be used: {error}") from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, safely)


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    with closing(db.execute("PRAGMA user_version")) as rows:
        version = int(rows.fetchone()[0])
    if version > VERSION:
        db.close()
        raise PileusError("ledger-newer", f"{path} is of a newer Pileus than this one.")
    if version < VERSION:
        db.execute("BEGIN IMMEDIATE")
        for tables in _VERSIONS[version:]:
            for statement in tables.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    return db


def setting(db: sqlite3.Connection, name: str) -> str:
    """Empty for none."""
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return str(row["value"]) if row else ""


def set_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )


def keep(
    db: sqlite3.Connection, whose: str, record: str, kind: str, wish: Any, now_ms: int, state: str = "owed"
) -> None:
    """What an account is owed (`wish`: as `messages/arrivals` takes it), or `open` while it goes on. `whose`: the
    account, empty for whoever signs in next."""
    text = msgspec.json.encode(wish).decode()
    db.execute(
        "INSERT INTO arrived (id, kind, wish, made_ms, whose, state) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET wish = excluded.wish, state = excluded.state WHERE state = 'open'",
        (record, kind, text, now_ms, whose, state),
    )


def owed(db: sqlite3.Connection, whose: str, most: int) -> list[sqlite3.Row]:
    """The oldest that an account is owed."""
    return db.execute(
        "SELECT id, kind, wish FROM arrived WHERE state = 'owed' AND whose IN (?, '')"
        " ORDER BY made_ms, id LIMIT ?",
        (whose, most),
    ).fetchall()


def count_owed(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM arrived WHERE state = 'owed'").fetchone()[0])
