"""Accounts in the database. All of it runs inside `db.read` or `db.write`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Row, delete, func, inspect, select, update
from sqlalchemy import insert as insert_into

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.db import tables
from pileus.core.errors import Conflict, NotFound
from pileus.core.ids import new_id

Role = Literal["owner", "member"]


@dataclass(frozen=True)
class Account:
    """`keeper`: the first one, which goes last. `role`: owners administer the cloud; the keeper is one always."""

    id: str
    name: str
    quota_bytes: int
    keeper: bool
    role: Role = "member"
    disabled: bool = False
    created_ms: int = 0


@dataclass(frozen=True)
class Known:
    """An account and the hash of its password."""

    account: Account
    password_hash: str


def get(conn: Connection, account_id: str) -> Account:
    """Raises `NotFound`."""
    row = conn.execute(select(tables.account).where(tables.account.c.id == account_id)).first()
    if row is None:
        raise NotFound("no-account", "This account does not exist.")
    return _account(row)


def known(conn: Connection, key: str) -> Known | None:
    """The account of a name's key."""
    row = conn.execute(select(tables.account).where(tables.account.c.name_key == key)).first()
    return Known(_account(row), row.password_hash) if row else None


def named(conn: Connection, name: str) -> Account:
    """Raises `NotFound`."""
    found = known(conn, rules.name_key(name))
    if found is None:
        raise NotFound("no-account", f"There is no account named {name}.")
    return found.account


def every(conn: Connection) -> list[Account]:
    """All accounts by name."""
    return [_account(row) for row in conn.execute(select(tables.account).order_by(tables.account.c.name_key))]


def count(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(tables.account)).scalar_one())


def any_there(conn: Connection) -> bool:
    """Whether there is an account, in a database that may have no tables yet."""
    return inspect(conn).has_table(tables.account.name) and count(conn) > 0


def add(
    conn: Connection, shown: str, password_hash: str, quota_bytes: int, now_ms: int, role: Role = "member"
) -> Account:
    """A new account, the keeper and an owner where it is the first; raises `Conflict` where the name is taken."""
    key = rules.name_key(shown)
    if known(conn, key) is not None:
        raise Conflict("name-taken", f"There is an account named {shown} already.")
    first = count(conn) == 0
    account = Account(new_id(now_ms), shown, quota_bytes, first, "owner" if first else role, created_ms=now_ms)
    conn.execute(
        insert_into(tables.account).values(
            id=account.id,
            name=shown,
            name_key=key,
            password_hash=password_hash,
            keeper=account.keeper,
            role=account.role,
            quota_bytes=quota_bytes,
            created_ms=now_ms,
        )
    )
    return account


def password_hash(conn: Connection, account_id: str) -> str:
    column = tables.account.c.password_hash
    return str(conn.execute(select(column).where(tables.account.c.id == account_id)).scalar_one())


def set_password(conn: Connection, account_id: str, fresh: str) -> None:
    conn.execute(update(tables.account).where(tables.account.c.id == account_id).values(password_hash=fresh))


def remove_passkeys(conn: Connection, account_id: str) -> list[str]:
    """All of an account's; gives their names."""
    table = tables.passkey
    mine = table.c.account_id == account_id
    names = list(conn.execute(select(table.c.name).where(mine).order_by(table.c.made_ms)).scalars())
    conn.execute(delete(table).where(mine))
    return names


def remove_app_passwords(conn: Connection, account_id: str) -> list[tuple[str, str]]:
    """All of an account's; gives their ids and names."""
    table = tables.app_password
    mine = table.c.account_id == account_id
    gone = [(row.id, row.name) for row in conn.execute(select(table).where(mine).order_by(table.c.made_ms))]
    conn.execute(delete(table).where(mine))
    return gone


def remove_invitations(conn: Connection, account_id: str) -> None:
    """All that an account made and nobody used."""
    conn.execute(delete(tables.invitation).where(tables.invitation.c.account_id == account_id))


def deletion(conn: Connection, account_id: str) -> int | None:
    """When it is erased (ms), where its owner gave it up."""
    column = tables.account.c.deletion_ms
    found: int | None = conn.execute(select(column).where(tables.account.c.id == account_id)).scalar_one()
    return found


def set_deletion(conn: Connection, account_id: str, at_ms: int | None) -> None:
    conn.execute(update(tables.account).where(tables.account.c.id == account_id).values(deletion_ms=at_ms))


def due(conn: Connection, now_ms: int) -> list[str]:
    """Accounts that are to be erased now."""
    table = tables.account
    return list(conn.execute(select(table.c.id).where(table.c.deletion_ms <= now_ms)).scalars())


def _account(row: Row[tuple[object, ...]]) -> Account:
    disabled = row.disabled_ms is not None
    return Account(row.id, row.name, row.quota_bytes, row.keeper, row.role, disabled, row.created_ms)
