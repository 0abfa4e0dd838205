"""Subscriptions and messages in the database. All of it runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from pileus.cloud.kernel.db import tables

WAITING = 50
"""Messages that wait for one subscription at most: of more the oldest go."""


@dataclass(frozen=True)
class Subscription:
    """`endpoint` is a secret: whoever knows it can have the push service deliver something."""

    id: str
    account_id: str
    device_id: str
    endpoint: str
    p256dh: bytes
    auth: bytes
    zone: str
    language: str
    made_ms: int
    taken_ms: int | None


@dataclass(frozen=True)
class Message:
    """`body` is encrypted; to be sent at `next_ms`, for the `tries`+1st time."""

    id: str
    subscription: Subscription
    body: bytes
    topic: str
    urgency: str
    expires_ms: int
    tries: int


def subscriptions(
    conn: Connection, account_id: str | None = None, device_id: str | None = None, *, locked: bool = True
) -> list[Subscription]:
    """Without `locked` not those of devices that are locked."""
    table = tables.push_subscription
    wanted = select(table).order_by(table.c.account_id, table.c.made_ms, table.c.id)
    if account_id is not None:
        wanted = wanted.where(table.c.account_id == account_id)
    if device_id is not None:
        wanted = wanted.where(table.c.device_id == device_id)
    if not locked:
        shut = select(tables.device.c.id).where(tables.device.c.locked_ms.is_not(None))
        wanted = wanted.where(table.c.device_id.not_in(shut))
    return [_subscription(row) for row in conn.execute(wanted)]


def drop_waiting(conn: Connection, device_id: str) -> None:
    """What has not been sent to a device yet."""
    table, message = tables.push_subscription, tables.push_message
    own = select(table.c.id).where(table.c.device_id == device_id)
    conn.execute(delete(message).where(message.c.subscription_id.in_(own)))


def keep(conn: Connection, one: Subscription, endpoint_hash: str) -> None:
    """In place of what the device had, and of any device's with the same endpoint (another account used the
    browser before); the same one told again keeps what waits for it."""
    table = tables.push_subscription
    same = (
        (table.c.device_id == one.device_id)
        & (table.c.endpoint_hash == endpoint_hash)
        & (table.c.auth == one.auth)
    )
    told = update(table).where(same).values(zone=one.zone, language=one.language)
    if conn.execute(told).rowcount:
        return
    end(conn, (table.c.device_id == one.device_id) | (table.c.endpoint_hash == endpoint_hash))
    conn.execute(insert(table).values(**vars(one), endpoint_hash=endpoint_hash))


def end(conn: Connection, which: ColumnElement[bool]) -> int:
    """Removes subscriptions and what waits for them: how many they were."""
    table, message = tables.push_subscription, tables.push_message
    conn.execute(delete(message).where(message.c.subscription_id.in_(select(table.c.id).where(which))))
    return conn.execute(delete(table).where(which)).rowcount


def end_device(conn: Connection, device_id: str) -> None:
    """A device that was signed out hears nothing, and nobody reaches its apps."""
    end(conn, tables.push_subscription.c.device_id == device_id)
    for table in (tables.push_arrival, tables.push_registration):
        conn.execute(delete(table).where(table.c.device_id == device_id))


def add(conn: Connection, message: Message, now_ms: int) -> None:
    """To be sent now; takes the place of what waits with the same topic."""
    table = tables.push_message
    mine = table.c.subscription_id == message.subscription.id
    conn.execute(delete(table).where(mine, table.c.topic == message.topic))
    oldest = select(table.c.id).where(mine).order_by(table.c.id.desc()).offset(WAITING - 1)
    conn.execute(delete(table).where(table.c.id.in_(oldest.scalar_subquery())))
    conn.execute(
        insert(table).values(
            id=message.id,
            account_id=message.subscription.account_id,
            subscription_id=message.subscription.id,
            body=message.body,
            topic=message.topic,
            urgency=message.urgency,
            expires_ms=message.expires_ms,
            next_ms=now_ms,
            tries=message.tries,
        )
    )


def due(conn: Connection, now_ms: int, limit: int, but: Collection[str], busy: Collection[str]) -> list[Message]:
    """What is to be sent now, the longest overdue first, without those that are being sent and accounts `busy`."""
    message, table = tables.push_message, tables.push_subscription
    wanted = (
        select(message, table.c.device_id)
        .join(table, table.c.id == message.c.subscription_id)
        .where(message.c.next_ms <= now_ms, message.c.id.not_in(but), message.c.account_id.not_in(busy))
        .order_by(message.c.next_ms, message.c.id)
        .limit(limit)
    )
    found = list(conn.execute(wanted))
    by_id = {one.id: one for row in found for one in subscriptions(conn, device_id=row.device_id)}
    return [
        Message(
            row.id, by_id[row.subscription_id], bytes(row.body), row.topic, row.urgency, row.expires_ms, row.tries
        )
        for row in found
    ]


def next_ms(conn: Connection, but: Collection[str], busy: Collection[str]) -> int | None:
    """When the next message is due, of those that `due` would give."""
    table = tables.push_message
    others = (table.c.id.not_in(but), table.c.account_id.not_in(busy))
    found: int | None = conn.execute(select(func.min(table.c.next_ms)).where(*others)).scalar_one()
    return found


def later(conn: Connection, message_id: str, at_ms: int) -> None:
    table = tables.push_message
    conn.execute(update(table).where(table.c.id == message_id).values(next_ms=at_ms, tries=table.c.tries + 1))


def drop(conn: Connection, message_id: str) -> None:
    conn.execute(delete(tables.push_message).where(tables.push_message.c.id == message_id))


def taken(conn: Connection, message: Message, now_ms: int) -> None:
    """The push service has it."""
    drop(conn, message.id)
    table = tables.push_subscription
    conn.execute(update(table).where(table.c.id == message.subscription.id).values(taken_ms=now_ms))


def expire(conn: Connection, now_ms: int) -> int:
    """Drops what nobody needs to be told any more: how many."""
    table = tables.push_message
    return conn.execute(delete(table).where(table.c.expires_ms <= now_ms)).rowcount


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    return Subscription(
        row.id,
        row.account_id,
        row.device_id,
        row.endpoint,
        bytes(row.p256dh),
        bytes(row.auth),
        row.zone,
        row.language,
        row.made_ms,
        row.taken_ms,
    )
