"""An account's devices in the database; bearer tokens are kept as SHA-256 only. Inside `db.read` or `db.write`."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy import insert as insert_into

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.push import rows as push
from pileus.cloud.kernel.service import Caller
from pileus.core.errors import NotFound
from pileus.core.ids import new_id


@dataclass(frozen=True)
class Device:
    id: str
    name: str
    created_ms: int
    last_seen_ms: int


def of_account(conn: Connection, account_id: str) -> list[Device]:
    """The oldest first."""
    table = tables.device
    found = conn.execute(select(table).where(table.c.account_id == account_id).order_by(table.c.created_ms))
    return [Device(row.id, row.name, row.created_ms, row.last_seen_ms) for row in found]


def one(conn: Connection, account_id: str, device_id: str) -> Device:
    """Raises `NotFound` where it is not this account's."""
    table = tables.device
    row = conn.execute(select(table).where(table.c.id == device_id, table.c.account_id == account_id)).first()
    if row is None:
        raise NotFound("no-device", "This account has no such device.")
    return Device(row.id, row.name, row.created_ms, row.last_seen_ms)


def add(conn: Connection, account_id: str, name: str, now_ms: int) -> tuple[str, Device]:
    """A new device and its bearer token, which exists nowhere else; a name that is in use gets a number."""
    taken = {device.name for device in of_account(conn, account_id)}
    token = secrets.token_urlsafe(32)
    device = Device(new_id(now_ms), rules.free_name(rules.device_name(name), taken), now_ms, now_ms)
    conn.execute(
        insert_into(tables.device).values(
            id=device.id,
            account_id=account_id,
            name=device.name,
            token_hash=hash_token(token),
            created_ms=now_ms,
            last_seen_ms=now_ms,
        )
    )
    return token, device


def rename(conn: Connection, account_id: str, device_id: str, name: str) -> Device:
    """Raises `NotFound`, or `Invalid` for a name that nobody could read."""
    shown = rules.visible_name("device-name", name)
    one(conn, account_id, device_id)
    conn.execute(update(tables.device).where(tables.device.c.id == device_id).values(name=shown))
    return one(conn, account_id, device_id)


def remove(conn: Connection, account_id: str, device_id: str) -> Device:
    """Its token is worth nothing from the commit on; raises `NotFound`."""
    gone = one(conn, account_id, device_id)
    conn.execute(delete(tables.device).where(tables.device.c.id == device_id))
    push.end_device(conn, device_id)
    return gone


def by_token(conn: Connection, hashed: str) -> Caller | None:
    table = tables.device
    mine = select(table.c.id, table.c.account_id, table.c.locked_ms).where(table.c.token_hash == hashed)
    row = conn.execute(mine).first()
    return Caller(row.account_id, row.id, locked=row.locked_ms is not None) if row else None


@dataclass(frozen=True)
class Wiped:
    account_id: str
    device: str


def wiped(conn: Connection, hashed: str) -> Wiped | None:
    """The device that was to be wiped, whose token this was."""
    table = tables.wiped_device
    row = conn.execute(select(table.c.account_id, table.c.device).where(table.c.token_hash == hashed)).first()
    return Wiped(row.account_id, row.device) if row else None


def note_wiped(conn: Connection, hashed: str, now_ms: int) -> bool:
    """Whether it is told for the first time."""
    table = tables.wiped_device
    first = update(table).where(table.c.token_hash == hashed, table.c.told_ms.is_(None))
    return conn.execute(first.values(told_ms=now_ms)).rowcount == 1


def note_seen(conn: Connection, device_id: str, now_ms: int) -> None:
    conn.execute(update(tables.device).where(tables.device.c.id == device_id).values(last_seen_ms=now_ms))


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
