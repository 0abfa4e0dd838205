"""The accounts of a cloud as its owners see them: names, room, roles – never what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, update

from pileus.cloud.kernel import quota
from pileus.cloud.kernel.accounts import kin, rows
from pileus.cloud.kernel.accounts.log import Event, Source
from pileus.cloud.kernel.accounts.rows import Account, Role
from pileus.cloud.kernel.accounts.store import Accounts, not_owner
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.errors import Forbidden, Invalid

MOST_BYTES = 1 << 60
GB = 1000**3


@dataclass(frozen=True)
class Member:
    account: Account
    used_bytes: int


@dataclass(frozen=True)
class Change:
    """What is to be another; None: stays."""

    quota_bytes: int | None = None
    role: Role | None = None
    disabled: bool | None = None


class Members:
    """Looking after the accounts of a cloud."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts) -> None:
        self._db, self._clock, self._accounts = db, clock, accounts

    async def all(self, caller: Caller) -> list[Member]:
        """By name; raises `Forbidden` for anybody but an owner."""

        def read(conn: Connection) -> list[Member]:
            owner(conn, caller)
            return [_member(conn, one.id) for one in rows.every(conn) if one.name]

        return await self._db.read_async(read)

    async def change(self, caller: Caller, account_id: str, wish: Change, present: str, address: str) -> Member:
        """Whoever makes an owner has to know the present password, too.

        Raises `Forbidden` for anybody but an owner, `NotFound`, `Invalid` for a strange quota.
        """
        await self._db.read_async(lambda conn: owner(conn, caller))
        if wish.role == "owner":
            await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> tuple[Member, list[str]]:
            by = owner(conn, caller)
            account = rows.get(conn, account_id)
            if account.id == by.id and (wish.role is not None or wish.disabled is not None):
                raise Forbidden("own-account", "Another owner has to do that to your own account.")
            gone = self._change(conn, account, wish, by.name)
            return _member(conn, account_id), gone

        changed, gone = await self._db.write_async(write)
        self._accounts.forget(gone)
        return changed

    def change_blocking(self, name: str, wish: Change) -> Account:
        """For the command line of whoever runs the cloud. Blocks."""

        def write(conn: Connection) -> Account:
            account = rows.named(conn, name)
            self._change(conn, account, wish, "")
            return rows.get(conn, account.id)

        return self._db.write(write)

    def _change(self, conn: Connection, account: Account, wish: Change, by: str) -> list[str]:
        """Devices and app passwords that go; `by`: the owner who wishes it."""
        gone: list[str] = []
        if account.keeper and (wish.role == "member" or wish.disabled):
            raise Forbidden("keeper-is-owner", "The account that keeps this cloud stays an owner.")
        relative = kin.of(conn, account.id) if wish.role == "owner" else None
        if relative is not None and relative.kind == "child":
            raise Forbidden("child-is-member", "A child's account is looked after by others: it is no owner's.")
        mine = update(tables.account).where(tables.account.c.id == account.id)
        if wish.quota_bytes is not None and wish.quota_bytes != account.quota_bytes:
            check_quota(wish.quota_bytes)
            conn.execute(mine.values(quota_bytes=wish.quota_bytes))
            self._note(conn, account, "quota-set", f"{wish.quota_bytes / GB:g} GB")
        if wish.role is not None and wish.role != account.role:
            conn.execute(mine.values(role=wish.role))
            self._note(conn, account, "made-owner" if wish.role == "owner" else "made-member", by)
        if wish.disabled is not None and wish.disabled != account.disabled:
            conn.execute(mine.values(disabled_ms=self._clock.now_ms() if wish.disabled else None))
            self._note(conn, account, "disabled" if wish.disabled else "enabled", by)
            gone = self._accounts.end_others(conn, account.id, Source()) if wish.disabled else []
        if wish.disabled or wish.role == "member":
            rows.remove_invitations(conn, account.id)
        return gone

    def _note(self, conn: Connection, account: Account, event: Event, about: str) -> None:
        self._accounts.note(conn, account.id, event, Source(), about)


def owner(conn: Connection, caller: Caller) -> Account:
    """The caller's account; raises `Forbidden` where it is no owner's."""
    account = rows.get(conn, caller.account_id)
    if account.role != "owner":
        raise not_owner()
    return account


def check_quota(size: int) -> None:
    """Raises `Invalid`."""
    if not 0 <= size <= MOST_BYTES:
        raise Invalid("quota", "A quota is a number of bytes, not below nothing.")


def _member(conn: Connection, account_id: str) -> Member:
    return Member(rows.get(conn, account_id), quota.used_bytes(conn, account_id))
