"""Accounts and devices in the database; bearer tokens are kept as SHA-256 only."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.dialects.sqlite import insert

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.accounts.passwords import Passwords
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Forbidden, Invalid, NotFound, Throttled, Unauthorized
from pileus.core.ids import new_id

SEEN_EVERY_MS = 5 * 60_000
CACHE = 10_000
SignedOut = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    quota_bytes: int
    keeper: bool


@dataclass(frozen=True)
class Device:
    id: str
    name: str
    created_ms: int
    last_seen_ms: int


@dataclass(frozen=True)
class SignedIn:
    """`token` exists here and with the device, nowhere else."""

    token: str
    account: Account
    device: Device


class SetupCode(Protocol):
    """What whoever makes the first account must know."""

    def get(self) -> str: ...

    def spend(self) -> None: ...


class Accounts:
    """Accounts, sign-in and devices. The first account keeps the server: it may make others."""

    def __init__(self, db: Database, clock: Clock, quota_bytes: int, setup_code: SetupCode | None = None) -> None:
        self._db = db
        self._clock = clock
        self._quota_bytes = quota_bytes
        self._setup_code = setup_code
        self.passwords = Passwords()
        self._callers: dict[str, Caller] = {}
        self._seen: dict[str, int] = {}
        self._signed_out: list[SignedOut] = []

    def on_sign_out(self, listener: SignedOut) -> None:
        """`listener(device_id)` is called in the event loop when a device is signed out."""
        self._signed_out.append(listener)

    async def setup_needed(self) -> bool:
        return await self._db.read_async(lambda conn: _count(conn) == 0)

    @property
    def setup_code_needed(self) -> bool:
        """Whether the first account needs the setup code."""
        return self._setup_code is not None

    async def create(
        self, caller: Caller | None, name: str, password: str, device: str, setup_code: str = ""
    ) -> SignedIn:
        """A new account with its first device; without a caller only where there is none yet."""
        await self._db.read_async(lambda conn: self._may_create(conn, caller, setup_code))
        shown = rules.account_name(name)
        rules.check_password(password)
        hashed = await self.passwords.hash_async(password)

        def write(conn: Connection) -> SignedIn:
            self._may_create(conn, caller, setup_code)
            account = self._insert(conn, shown, hashed, self._quota_bytes)
            return self._new_device(conn, account, device)

        signed = await self._db.write_async(write)
        if self._setup_code is not None:
            self._setup_code.spend()
        return signed

    def create_blocking(self, name: str, password: str, quota_bytes: int | None = None) -> Account:
        """For the command line of the server's owner: no device, no caller. Blocks."""
        shown = rules.account_name(name)
        rules.check_password(password)
        hashed = self.passwords.hash(password)
        quota = self._quota_bytes if quota_bytes is None else quota_bytes
        return self._db.write(lambda conn: self._insert(conn, shown, hashed, quota))

    async def sign_in(self, name: str, password: str, device: str, address: str) -> SignedIn:
        """Raises `Unauthorized` for a wrong name or password, `Throttled` after too many of them."""
        key = rules.name_key(name[:1000])
        keys = {
            f"pair:{hashlib.sha256(key.encode()).hexdigest()}:{address}": rules.PAIR,
            f"address:{address}": rules.ADDRESS,
            f"name:{hashlib.sha256(key.encode()).hexdigest()}": rules.NAME,
        }
        # A try is counted as a failure before the password is looked at, so that many at once
        # do not get more of them than one after the other.
        await self._db.write_async(lambda conn: self._begin_try(conn, keys))
        row = await self._db.read_async(lambda conn: _by_name(conn, key))
        known = await self.passwords.matches(
            row.password_hash if row else None, password[: rules.PASSWORD_LONGEST + 1]
        )
        if row is None or not known:
            raise Unauthorized("wrong-password", "The name or the password is wrong.")

        def write(conn: Connection) -> SignedIn:
            conn.execute(delete(tables.sign_in_try).where(tables.sign_in_try.c.key.in_(keys)))
            return self._new_device(conn, _account(row), device)

        return await self._db.write_async(write)

    async def caller(self, token: str) -> Caller | None:
        """Whose token this is; remembered until the device is signed out."""
        hashed = _hash(token)
        caller = self._callers.get(hashed)
        if caller is None:
            caller = await self._db.read_async(lambda conn: _by_token(conn, hashed))
            if caller is None:
                return None
            if len(self._callers) >= CACHE:
                self._callers.clear()
            # A sign-out that was committed during the read must not be undone by remembering.
            if not await self._db.read_async(lambda conn: _by_token(conn, hashed)):
                return None
            self._callers[hashed] = caller
        await self._note_seen(caller)
        return caller

    async def account(self, account_id: str) -> Account:
        return await self._db.read_async(lambda conn: get(conn, account_id))

    async def devices(self, account_id: str) -> list[Device]:
        return await self._db.read_async(lambda conn: _devices(conn, account_id))

    async def sign_out(self, account_id: str, device_id: str) -> None:
        """The device's token stops at once; raises `NotFound` where it is not this account's."""
        table = tables.device

        def write(conn: Connection) -> None:
            mine = delete(table).where(table.c.id == device_id, table.c.account_id == account_id)
            if conn.execute(mine).rowcount == 0:
                raise NotFound("no-device", "This account has no such device.")

        await self._db.write_async(write)
        self._callers = {key: one for key, one in self._callers.items() if one.device_id != device_id}
        for listener in self._signed_out:
            listener(device_id)

    def _may_create(self, conn: Connection, caller: Caller | None, code: str) -> None:
        if _count(conn) == 0:
            known = self._setup_code.get() if self._setup_code else None
            if known is None or (known and hmac.compare_digest(code.encode(), known.encode())):
                return
            raise Forbidden("setup-code", "The first account needs the setup code of the printed address.")
        if caller is None:
            raise Unauthorized("setup-done", "This cloud has its first account: sign in.")
        if not get(conn, caller.account_id).keeper:
            raise Forbidden("not-keeper", "Only the account that keeps this cloud makes others.")

    def _insert(self, conn: Connection, shown: str, hashed: str, quota_bytes: int) -> Account:
        key = rules.name_key(shown)
        if _by_name(conn, key) is not None:
            raise Conflict("name-taken", f"There is an account named {shown} already.")
        now = self._clock.now_ms()
        account = Account(new_id(now), shown, quota_bytes, _count(conn) == 0)
        conn.execute(
            insert_into(tables.account).values(
                id=account.id,
                name=shown,
                name_key=key,
                password_hash=hashed,
                keeper=account.keeper,
                quota_bytes=quota_bytes,
                created_ms=now,
            )
        )
        return account

    def _new_device(self, conn: Connection, account: Account, name: str) -> SignedIn:
        now = self._clock.now_ms()
        token = secrets.token_urlsafe(32)
        device = Device(new_id(now), rules.device_name(name), now, now)
        conn.execute(
            insert_into(tables.device).values(
                id=device.id,
                account_id=account.id,
                name=device.name,
                token_hash=_hash(token),
                created_ms=now,
                last_seen_ms=now,
            )
        )
        return SignedIn(token, account, device)

    def _begin_try(self, conn: Connection, keys: dict[str, rules.Allowance]) -> None:
        now = self._clock.now_ms()
        table = tables.sign_in_try
        conn.execute(delete(table).where(table.c.last_ms < now - 2 * rules.WINDOW_MS))
        found = {
            row.key: rules.Tries(row.failures, row.last_ms, row.blocked_until_ms)
            for row in conn.execute(select(table).where(table.c.key.in_(keys)))
        }
        wait = max((rules.wait_ms(tries, now) for tries in found.values()), default=0)
        if wait:
            seconds = math.ceil(wait / 1000)
            raise Throttled("sign-in-throttled", f"Too many tries: wait {seconds} seconds.", retry_after=seconds)
        for key, allowance in keys.items():
            tries = rules.failed(found.get(key, rules.Tries()), allowance, now)
            values = {
                "failures": tries.failures,
                "last_ms": tries.last_ms,
                "blocked_until_ms": tries.blocked_until_ms,
            }
            conn.execute(
                insert(table).values(key=key, **values).on_conflict_do_update(index_elements=["key"], set_=values)
            )

    async def _note_seen(self, caller: Caller) -> None:
        now = self._clock.now_ms()
        if now - self._seen.get(caller.device_id, 0) < SEEN_EVERY_MS:
            return
        self._seen[caller.device_id] = now
        table = tables.device
        await self._db.write_async(
            lambda conn: conn.execute(update(table).where(table.c.id == caller.device_id).values(last_seen_ms=now))
        )


def get(conn: Connection, account_id: str) -> Account:
    """Raises `NotFound`."""
    row = conn.execute(select(tables.account).where(tables.account.c.id == account_id)).first()
    if row is None:
        raise NotFound("no-account", "This account does not exist.")
    return _account(row)


def named(conn: Connection, name: str) -> Account:
    """Raises `NotFound`."""
    row = _by_name(conn, rules.name_key(name))
    if row is None:
        raise NotFound("no-account", f"There is no account named {name}.")
    return _account(row)


def every(conn: Connection) -> list[Account]:
    """All accounts by name."""
    return [_account(row) for row in conn.execute(select(tables.account).order_by(tables.account.c.name_key))]


def set_quota(conn: Connection, name: str, quota_bytes: int) -> Account:
    """Raises `NotFound`, or `Invalid` for a number below nothing."""
    if quota_bytes < 0:
        raise Invalid("quota", "A quota is not below nothing.")
    account = named(conn, name)
    conn.execute(update(tables.account).where(tables.account.c.id == account.id).values(quota_bytes=quota_bytes))
    return get(conn, account.id)


def _count(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(tables.account)).scalar_one())


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.name, row.quota_bytes, row.keeper)


def _by_name(conn: Connection, key: str) -> Row[tuple[object, ...]] | None:
    return conn.execute(select(tables.account).where(tables.account.c.name_key == key)).first()


def _by_token(conn: Connection, hashed: str) -> Caller | None:
    table = tables.device
    row = conn.execute(select(table.c.id, table.c.account_id).where(table.c.token_hash == hashed)).first()
    return Caller(row.account_id, row.id) if row else None


def _devices(conn: Connection, account_id: str) -> list[Device]:
    table = tables.device
    found = conn.execute(select(table).where(table.c.account_id == account_id).order_by(table.c.created_ms))
    return [Device(row.id, row.name, row.created_ms, row.last_seen_ms) for row in found]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
