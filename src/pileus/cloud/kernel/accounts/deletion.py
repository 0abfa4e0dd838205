"""Giving an account up: it is erased after a grace period in which signing in keeps it.

Erasing begins with the account's name and password: from then on nobody signs in, and what a crash leaves of it
the next run takes. Then goes what services keep outside of the database, then the rows that only they know, then
the packs and keys of its objects, and at last every row of every table that has an `account_id`.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sqlalchemy import Connection, delete, inspect, text, update

from pileus.cloud.kernel.accounts import kin, rows
from pileus.cloud.kernel.accounts.log import Source
from pileus.cloud.kernel.accounts.store import Accounts
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.objects import PackedObjects
from pileus.cloud.kernel.objects.erase import erase
from pileus.cloud.kernel.service import Caller, Database, Outside, OwnRows
from pileus.core.clock import Clock
from pileus.core.errors import Forbidden

GRACE_MS = 14 * 24 * 3600_000
EVERY_SECONDS = 3600.0
BATCH = 2000
"""Rows that one transaction takes, so that no write waits long."""

log = logging.getLogger(__name__)


class Deletion:
    """The kernel's `Departures`, and what asks for them."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._outside: list[Outside] = []
        self._own_rows: list[OwnRows] = []

    def outside(self, work: Outside) -> None:
        self._outside.append(work)

    def own_rows(self, work: OwnRows) -> None:
        self._own_rows.append(work)

    async def ask(self, caller: Caller, present: str, address: str) -> int:
        """Signs every device out; when it is erased (ms). Raises `Forbidden` for another password, and for the
        account that keeps the cloud while there are others, and for one that `kin.check_may_go` keeps."""
        proven = await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> tuple[int, list[str]]:
            self._accounts.still(conn, caller.account_id, proven)
            source = self._accounts.source(conn, caller, address)
            return self._give_up(conn, rows.get(conn, caller.account_id), source)

        at_ms, gone = await self._db.write_async(write)
        self._accounts.forget(gone)
        return at_ms

    def ask_blocking(self, name: str) -> int:
        """For the command line of the server's owner. Blocks."""

        def write(conn: Connection) -> int:
            return self._give_up(conn, rows.named(conn, name), Source())[0]

        return self._db.write(write)

    def _give_up(self, conn: Connection, account: rows.Account, source: Source) -> tuple[int, list[str]]:
        if account.keeper and rows.count(conn) > 1:
            raise Forbidden("keeper-stays", "The account that keeps this cloud is the last to go.")
        kin.check_may_go(conn, account.id)
        kin.remove(conn, account.id)
        at_ms = self._clock.now_ms() + GRACE_MS
        rows.set_deletion(conn, account.id, at_ms)
        rows.remove_invitations(conn, account.id)
        self._accounts.note(conn, account.id, "deletion-asked", source)
        return at_ms, self._accounts.end_others(conn, account.id, Source(address=source.address))

    async def keep_erasing(self, objects: PackedObjects) -> None:
        """Erases what is due now and then hourly, until cancelled."""
        while True:
            await self.erase_due(objects)
            await asyncio.sleep(EVERY_SECONDS)

    async def erase_due(self, objects: PackedObjects) -> int:
        """How many accounts went. One that cannot be erased now is tried again, and stops no other."""
        now = self._clock.now_ms()
        due = await self._db.read_async(lambda conn: rows.due(conn, now))
        gone = 0
        for account_id in due:
            try:
                gone += await self._erase(objects, account_id, now)
            except Exception:
                log.exception("account %s could not be erased; it is tried again in an hour", account_id)
        return gone

    async def _erase(self, objects: PackedObjects, account_id: str, now: int) -> bool:
        if not await self._db.write_async(lambda conn: _close(conn, account_id, now)):
            return False
        for work in self._outside:
            await work(account_id)
        for own in self._own_rows:
            await self._empty(own, account_id)
        await objects.work(lambda: erase(objects, account_id))
        for table in await self._db.read_async(_tables):
            await self._empty(partial(_take, table), account_id)
        mine = delete(tables.account).where(tables.account.c.id == account_id)
        await self._db.write_async(lambda conn: conn.execute(mine))
        return True

    async def _empty(self, some: OwnRows, account_id: str) -> None:
        """A transaction for some rows at a time, so that no write waits for all."""
        while await self._db.write_async(lambda conn: some(conn, account_id)):
            pass


def _close(conn: Connection, account_id: str, now: int) -> bool:
    """Whether it is still to go: its owner may have signed in. From here on nobody can."""
    table = tables.account
    mine = update(table).where(table.c.id == account_id, table.c.deletion_ms <= now)
    # No name that can be typed has this key, and no password this hash. (PostgreSQL's texts hold no U+0000.)
    gone = mine.values(name="", name_key=f"\x01{account_id}", password_hash="", keeper=False, role="member")
    if conn.execute(gone).rowcount == 0:
        return False
    rows.remove_passkeys(conn, account_id)
    return True


def _tables(conn: Connection) -> list[tuple[str, tuple[str, ...]]]:
    """Tables with rows of accounts, whoever made them, and what their rows are told apart by."""
    seen = inspect(conn)
    found = []
    for name in sorted(seen.get_table_names()):
        if any(column["name"] == "account_id" for column in seen.get_columns(name)):
            found.append((name, tuple(seen.get_pk_constraint(name)["constrained_columns"])))
    return found


def _take(table: tuple[str, tuple[str, ...]], conn: Connection, account_id: str) -> int:
    name, key = table
    columns = ", ".join(f'"{column}"' for column in key)
    some = f'SELECT {columns} FROM "{name}" WHERE account_id = :account LIMIT {BATCH}'  # noqa: S608 - from the schema
    where = f"({columns}) IN ({some})" if key else "account_id = :account"
    return conn.execute(text(f'DELETE FROM "{name}" WHERE {where}'), {"account": account_id}).rowcount  # noqa: S608
