"""App passwords: what programs other than the owner's devices come in by, each to the scopes that it was given.

One has 140 random bits, is told once and kept as SHA-256: nobody searches through that many, so that a plain hash
is enough, and a right one is never kept waiting by somebody else's wrong ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakSet

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from pileus.cloud.kernel.accounts import rows, rules, tries
from pileus.cloud.kernel.accounts.store import SEEN_EVERY_MS, Accounts
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Access, Caller, Database
from pileus.core.clock import Clock
from pileus.core.codes import ALPHABET, new_code, plain
from pileus.core.errors import Conflict, Invalid, NotFound, StorageFull, StorageReadOnly, Unauthorized
from pileus.core.ids import new_id

MOST = 50
"""An account's app passwords at most."""
LENGTH = 28
DAY_MS = 24 * 3600_000
DAYS_LONGEST = 3650
Scopes = dict[str, Access]


@dataclass(frozen=True)
class AppPassword:
    id: str
    account_id: str
    name: str
    scopes: Scopes
    made_ms: int
    expires_ms: int | None
    used_ms: int | None


class Visit:
    """One request that came in by an app password. `ended`: that is worth nothing any more."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.ended = False

    def check(self) -> None:
        """Raises `Unauthorized` where the app password was removed since the request began."""
        if self.ended:
            raise refused()


class AppPasswords:
    """App passwords of accounts, and who comes in by one. `scopes`: those that this cloud has."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, scopes: Collection[str]) -> None:
        self._db, self._clock, self._accounts = db, clock, accounts
        self.scopes = tuple(sorted(scopes))
        self._visits: WeakSet[Visit] = WeakSet()
        self._ends = 0
        self._seen: dict[str, int] = {}
        accounts.on_sign_out(self._end)

    async def all(self, account_id: str) -> list[AppPassword]:
        """The oldest first, those that have expired too."""
        return await self._db.read_async(lambda conn: _of_account(conn, account_id))

    async def make(
        self,
        caller: Caller,
        present: str,
        name: str,
        scopes: Mapping[str, Access],
        days: int | None,
        address: str,
    ) -> tuple[str, AppPassword]:
        """The secret, which exists nowhere else, and what is kept of it; worth nothing after `days`, if given.

        Raises `Forbidden` where the password is another one, `Invalid` for no scope or one that is not there,
        `Conflict` where there are too many.
        """
        shown = rules.visible_name("app-password-name", name)
        if not scopes or not scopes.keys() <= set(self.scopes):
            raise Invalid("app-password-scopes", f"An app password has scopes of these: {', '.join(self.scopes)}.")
        if days is not None and not 1 <= days <= DAYS_LONGEST:
            raise Invalid("app-password-days", f"An app password lasts for 1 to {DAYS_LONGEST} days, or always.")
        proven = await self._accounts.prove(caller, present, address)
        secret = new_code(LENGTH)

        def write(conn: Connection) -> AppPassword:
            self._accounts.still(conn, caller.account_id, proven)
            if len(_of_account(conn, caller.account_id)) >= MOST:
                raise Conflict(
                    "too-many-app-passwords", f"An account has {MOST} app passwords at most: remove one first."
                )
            now = self._clock.now_ms()
            expires = None if days is None else now + days * DAY_MS
            one = AppPassword(new_id(now), caller.account_id, shown, dict(scopes), now, expires, None)
            values = vars(one) | {"secret_hash": _hash(secret), "scopes": msgspec.json.encode(one.scopes).decode()}
            conn.execute(insert(tables.app_password).values(**values))
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, caller.account_id, "app-password-made", source, shown)
            return one

        return secret, await self._db.write_async(write)

    async def remove(self, caller: Caller, password_id: str, address: str) -> None:
        """It is worth nothing from the commit on, also to requests that are under way; raises `NotFound`."""

        def write(conn: Connection) -> None:
            table = tables.app_password
            mine = table.c.account_id == caller.account_id, table.c.id == password_id
            name = conn.execute(select(table.c.name).where(*mine)).scalar()
            if name is None:
                raise NotFound("no-app-password", "This app password was removed.")
            conn.execute(delete(table).where(*mine))
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, caller.account_id, "app-password-removed", source, name)

        await self._db.write_async(write)
        self._accounts.forget([password_id])

    async def enter(self, name: str | None, secret: str, address: str) -> Visit:
        """Who comes by a secret, and by the account's name where one is told.

        Raises `Unauthorized` for what is no living app password of that account, `Throttled` after too many.
        """
        key = None if name is None else rules.name_key(name[:1000])
        hashed = _hash(secret)
        while True:
            before = self._ends
            found = await self._db.read_async(lambda conn: _by_secret(conn, hashed, key, self._clock.now_ms()))
            if found is None:
                await self._refuse(key, address)
                raise refused()
            # One that was removed during the read must not come in.
            if self._ends == before:
                break
        visit = Visit(Caller(found.account_id, found.id, found.scopes))
        self._visits.add(visit)
        await self._note_used(found.id)
        return visit

    async def _refuse(self, key: str | None, address: str) -> None:
        kind = "app-password-"
        keys = {f"{kind}address:{address}": rules.ADDRESS} if key is None else tries.keys(kind, key, address)
        await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
        known = None if key is None else await self._db.read_async(lambda conn: rows.known(conn, key))
        await self._accounts.refuse(known.account.id if known else None, keys, "app-password-refused", address)

    async def _note_used(self, password_id: str) -> None:
        now = self._clock.now_ms()
        if now - self._seen.get(password_id, 0) < SEEN_EVERY_MS:
            return
        self._seen[password_id] = now
        mine = update(tables.app_password).where(tables.app_password.c.id == password_id)
        with suppress(StorageFull, StorageReadOnly):  # who only reads is answered all the same
            await self._db.write_async(lambda conn: conn.execute(mine.values(used_ms=now)))

    def _end(self, gone: str) -> None:
        self._ends += 1
        self._seen.pop(gone, None)
        for visit in self._visits:
            if visit.caller.device_id == gone:
                visit.ended = True


def is_secret(text: str) -> bool:
    """Whether it has the form of an app password, which no device's token has."""
    typed = plain(text)
    return len(typed) == LENGTH and set(typed) <= set(ALPHABET)


def refused() -> Unauthorized:
    """Said alike of what never was, was removed, or has expired."""
    return Unauthorized("wrong-app-password", "The name or the app password is wrong, or it is no longer valid.")


def _hash(secret: str) -> str:
    return hashlib.sha256(f"app:{plain(secret)}".encode("utf-8", "replace")).hexdigest()


def _of_account(conn: Connection, account_id: str) -> list[AppPassword]:
    table = tables.app_password
    mine = select(table).where(table.c.account_id == account_id).order_by(table.c.made_ms, table.c.id)
    return [_app_password(row) for row in conn.execute(mine)]


def _by_secret(conn: Connection, hashed: str, name_key: str | None, now_ms: int) -> AppPassword | None:
    """The one that is not expired, and of the account of that name where one is given."""
    table, account = tables.app_password, tables.account
    wanted = select(table).join(account, account.c.id == table.c.account_id).where(table.c.secret_hash == hashed)
    if name_key is not None:
        wanted = wanted.where(account.c.name_key == name_key)
    row = conn.execute(wanted).first()
    if row is None or (row.expires_ms is not None and row.expires_ms <= now_ms):
        return None
    return _app_password(row)


def _app_password(row: Row[tuple[object, ...]]) -> AppPassword:
    scopes = msgspec.json.decode(row.scopes, type=Scopes)
    return AppPassword(row.id, row.account_id, row.name, scopes, row.made_ms, row.expires_ms, row.used_ms)
