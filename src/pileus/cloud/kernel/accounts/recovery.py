"""Recovery codes: each sets a forgotten password once. They are shown when they are made, and kept as hashes.

A code has 80 random bits, so that a plain hash of it cannot be searched through, as one of a password could.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from pileus.cloud.kernel.accounts import log, rows, rules, tries
from pileus.cloud.kernel.accounts.store import Accounts, SignedIn
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.codes import new_code, plain
from pileus.core.errors import Unauthorized

COUNT = 10
LENGTH = 16
MOST = 20
"""With those that a parent made for a child."""


@dataclass(frozen=True)
class Codes:
    """How many codes of an account are left, and when they were made (None: never)."""

    left: int
    made_ms: int | None


class Recovery:
    """Codes of accounts, and what one is good for."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts

    async def codes(self, account_id: str) -> Codes:
        table = tables.recovery_code

        def read(conn: Connection) -> Codes:
            found = select(func.count(), func.max(table.c.made_ms)).where(table.c.account_id == account_id)
            left, made_ms = conn.execute(found).one()
            return Codes(left, made_ms)

        return await self._db.read_async(read)

    async def make(self, caller: Caller, present: str, address: str) -> list[str]:
        """New codes in place of all earlier ones; raises `Forbidden` where the password is another one."""
        proven = await self._accounts.prove(caller, present, address)
        codes = [new_code(LENGTH) for _ in range(COUNT)]

        def write(conn: Connection) -> None:
            self._accounts.still(conn, caller.account_id, proven)
            now = self._clock.now_ms()
            table = tables.recovery_code
            conn.execute(delete(table).where(table.c.account_id == caller.account_id))
            hashes = [hash_code(caller.account_id, code) for code in codes]
            values = [{"account_id": caller.account_id, "code_hash": one, "made_ms": now} for one in hashes]
            conn.execute(insert(table), values)
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, caller.account_id, "recovery-codes-made", source)

        await self._db.write_async(write)
        return codes

    async def reset(
        self, name: str, code: str, password: str, device: str, address: str, *, sign_out_others: bool
    ) -> SignedIn:
        """Sets the password of an account and signs a device in; the code is spent.

        Raises `Unauthorized` for a wrong name or code, `Throttled` after too many of them, `Invalid` for a
        password that is too short.
        """
        rules.check_password(password)
        key = rules.name_key(name[:1000])
        keys = tries.keys("recovery-", key, address)
        await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
        found = await self._db.read_async(lambda conn: rows.known(conn, key))
        account_id = found.account.id if found else ""
        hashed = hash_code(account_id, code)
        there = await self._db.read_async(lambda conn: _is_there(conn, account_id, hashed))
        if found is None or not there:
            await self._accounts.refuse(account_id or None, keys, "recovery-refused", address)
            raise _refused()
        fresh = await self._accounts.passwords.hash_async(password)

        def write(conn: Connection) -> tuple[SignedIn, list[str]]:
            # Of two that come with the same code at once, one finds it.
            if not _spend(conn, account_id, hashed):
                raise _refused()
            tries.forgive(conn, [*keys, *tries.keys("", key, address)])
            rows.set_password(conn, account_id, fresh)
            signed = self._accounts.new_device(conn, found.account, device, address, "recovered")
            source = log.Source(signed.device.id, signed.device.name, address)
            gone = self._accounts.end_others(conn, account_id, source) if sign_out_others else []
            return signed, gone

        signed, gone = await self._db.write_async(write)
        self._accounts.forget(gone)
        return signed


def add(conn: Connection, account_id: str, now_ms: int) -> str:
    """One more code, beside those that there are; of too many the oldest goes."""
    table, code = tables.recovery_code, new_code(LENGTH)
    mine = select(table.c.code_hash).where(table.c.account_id == account_id).order_by(table.c.made_ms.desc())
    for old in conn.execute(mine).scalars().all()[MOST - 1 :]:
        conn.execute(delete(table).where(table.c.account_id == account_id, table.c.code_hash == old))
    values = {"account_id": account_id, "code_hash": hash_code(account_id, code), "made_ms": now_ms}
    conn.execute(insert(table).values(**values))
    return code


def hash_code(account_id: str, code: str) -> str:
    """Of a code in whatever way it was typed."""
    return hashlib.sha256(f"{account_id}:{plain(code)}".encode("utf-8", "replace")).hexdigest()


def _refused() -> Unauthorized:
    return Unauthorized("wrong-recovery-code", "The name or the recovery code is wrong.")


def _is_there(conn: Connection, account_id: str, hashed: str) -> bool:
    table = tables.recovery_code
    mine = select(table.c.made_ms).where(table.c.account_id == account_id, table.c.code_hash == hashed)
    return conn.execute(mine).first() is not None


def _spend(conn: Connection, account_id: str, hashed: str) -> bool:
    table = tables.recovery_code
    mine = delete(table).where(table.c.account_id == account_id, table.c.code_hash == hashed)
    return conn.execute(mine).rowcount == 1
