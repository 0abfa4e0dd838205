"""The cloud as a push service for its devices (UnifiedPush, RFC 8030): an app on a device gets an address, its
server posts there, and the device's own connection brings what came.

Servers of apps are anybody. An address is 256 random bits, of which the cloud keeps a hash; what is posted is
bounded in size, pace and number, and is a message that the app's own keys encrypt.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select

from pileus.cloud.kernel.accounts import devices
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.push import vapid
from pileus.cloud.kernel.service import Caller, Database, Events
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from pileus.core.ids import new_id
from pileus.core.pace import Pace

BODY_MOST = 4096
APP_LONGEST = 200
OF_ACCOUNT = 100
"""Registrations at most."""
WAITING = 50
"""Messages of a registration that wait for its device: of more the oldest go."""
LEAST_SECONDS = 60
"""For which what is to be delivered at once (TTL 0) is kept all the same: a device may be changing networks."""
LONGEST_SECONDS = 7 * 24 * 3600
PAGE = 100


@dataclass(frozen=True)
class Registration:
    """`app` is what the device calls it; `vapid` (base64url) the key of the only server that may post."""

    id: str
    account_id: str
    device_id: str
    app: str
    vapid: str | None
    made_ms: int


@dataclass(frozen=True)
class Arrival:
    number: int
    registration_id: str
    body: bytes
    encoding: str
    """The Content-Encoding that it came with."""
    at_ms: int


@dataclass(frozen=True)
class Posted:
    """A message as a server posts it: for how many seconds it is of use, and what it takes the place of."""

    body: bytes
    encoding: str
    ttl: int
    topic: str
    authorization: str


class Distributor:
    """Registrations of devices, and what comes for them."""

    def __init__(self, db: Database, clock: Clock, events: Events, origin: str) -> None:
        """`origin`: of the addresses that are given out, with the path of the API."""
        self._db, self._clock, self._events, self._origin = db, clock, events, origin
        self._by_registration = Pace(60, 60)
        self._by_address = Pace(600, 600)
        self._unknown = Pace(30, 10)

    async def register(self, caller: Caller, app: str, key: str | None) -> tuple[Registration, str]:
        """A new address for an app of the caller's device, told this once. Raises `Invalid` or `Conflict`."""
        if not 0 < len(app) <= APP_LONGEST or not app.isprintable():
            raise Invalid("push-app", f"An app's name has 1 to {APP_LONGEST} visible characters.")
        if key is not None and vapid.key_of(key) is None:
            raise Invalid("push-vapid", "vapid is an uncompressed point of P-256 in base64url.")
        token = secrets.token_urlsafe(32)

        def write(conn: Connection) -> Registration:
            devices.one(conn, caller.account_id, caller.device_id)
            if _count(conn, caller.account_id) >= OF_ACCOUNT:
                raise Conflict("too-many-registrations", f"{OF_ACCOUNT} apps of an account are pushed to at most.")
            now = self._clock.now_ms()
            one = Registration(new_id(now), caller.account_id, caller.device_id, app, key, now)
            conn.execute(insert(tables.push_registration).values(**vars(one), token_hash=_hash(token)))
            return one

        return await self._db.write_async(write), f"{self._origin}/push/to/{token}"

    async def registrations(self, caller: Caller) -> list[Registration]:
        """Of the caller's device, the oldest first."""
        return await self._db.read_async(lambda conn: _of_device(conn, caller.device_id))

    async def unregister(self, caller: Caller, registration_id: str) -> None:
        """Its address is nobody's from the commit on. Raises `NotFound`."""

        def write(conn: Connection) -> None:
            table = tables.push_registration
            mine = table.c.id == registration_id, table.c.device_id == caller.device_id
            if conn.execute(delete(table).where(*mine)).rowcount == 0:
                raise NotFound("no-registration", "This app is not registered on this device.")
            arrival = tables.push_arrival
            conn.execute(delete(arrival).where(arrival.c.registration_id == registration_id))

        await self._db.write_async(write)

    async def post(self, token: str, message: Posted, address: str) -> int:
        """Keeps a message for the device: for how many seconds. Durable when it returns.

        Raises `NotFound`, `Forbidden` for another server than the one that was named, `Throttled`.
        """
        now = self._clock.monotonic()
        _slow(self._by_address.take(address, now))
        one = await self._db.read_async(lambda conn: _by_token(conn, token))
        if one is None:
            _slow(self._unknown.take(address, now))
            raise NotFound("no-endpoint", "Nobody is reached here.")
        _slow(self._by_registration.take(one.id, now))
        origin = self._origin.partition("/api/")[0]
        if one.vapid and not vapid.verified(message.authorization, one.vapid, origin, self._clock.now_ms()):
            raise Forbidden("push-vapid", "Only the server that the app named may post here.")
        kept = min(max(message.ttl, LEAST_SECONDS), LONGEST_SECONDS)
        await self._db.write_async(lambda conn: self._keep(conn, one, message, kept))
        self._events.ring(one.account_id)
        return min(message.ttl, LONGEST_SECONDS)

    async def arrivals(self, caller: Caller, after: int) -> list[Arrival]:
        """What came for the caller's device, by rising number, a page of it."""
        now = self._clock.now_ms()

        def read(conn: Connection) -> list[Arrival]:
            table = tables.push_arrival
            mine = table.c.device_id == caller.device_id, table.c.number > after, table.c.expires_ms > now
            found = conn.execute(select(table).where(*mine).order_by(table.c.number).limit(PAGE))
            return [
                Arrival(row.number, row.registration_id, bytes(row.body), row.encoding, row.at_ms) for row in found
            ]

        return await self._db.read_async(read)

    async def taken(self, caller: Caller, upto: int) -> None:
        """The device has what came, up to a number."""
        table = tables.push_arrival
        mine = table.c.device_id == caller.device_id, table.c.number <= upto
        await self._db.write_async(lambda conn: conn.execute(delete(table).where(*mine)))

    def _keep(self, conn: Connection, one: Registration, message: Posted, seconds: int) -> None:
        table, now = tables.push_arrival, self._clock.now_ms()
        of_it = table.c.registration_id == one.id
        if not conn.execute(select(tables.push_registration.c.id).filter_by(id=one.id)).first():
            raise NotFound("no-endpoint", "Nobody is reached here.")
        conn.execute(delete(table).where(table.c.expires_ms <= now))
        if message.topic:
            conn.execute(delete(table).where(of_it, table.c.topic == message.topic))
        newest = select(table.c.number).where(of_it).order_by(table.c.number.desc()).offset(WAITING - 1).limit(1)
        conn.execute(delete(table).where(of_it, table.c.number <= newest.scalar_subquery()))
        conn.execute(
            insert(table).values(
                account_id=one.account_id,
                device_id=one.device_id,
                registration_id=one.id,
                body=message.body,
                encoding=message.encoding,
                topic=message.topic,
                at_ms=now,
                expires_ms=now + seconds * 1000,
            )
        )


def newest(conn: Connection, device_id: str, now_ms: int) -> int:
    """The number of the last message that waits for a device; 0 where there is none. Inside `db.read`."""
    table = tables.push_arrival
    mine = table.c.device_id == device_id, table.c.expires_ms > now_ms
    found: int | None = conn.execute(select(func.max(table.c.number)).where(*mine)).scalar_one()
    return found or 0


def _slow(wait: float) -> None:
    if wait:
        seconds = math.ceil(wait)
        raise Throttled("push-too-fast", f"Too many messages: wait {seconds} seconds.", retry_after=seconds)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _count(conn: Connection, account_id: str) -> int:
    table = tables.push_registration
    mine = select(func.count()).where(table.c.account_id == account_id)
    return int(conn.execute(mine).scalar_one())


def _of_device(conn: Connection, device_id: str) -> list[Registration]:
    table = tables.push_registration
    mine = select(table).where(table.c.device_id == device_id).order_by(table.c.made_ms, table.c.id)
    return [_registration(row) for row in conn.execute(mine)]


def _by_token(conn: Connection, token: str) -> Registration | None:
    table = tables.push_registration
    row = conn.execute(select(table).where(table.c.token_hash == _hash(token))).first()
    return _registration(row) if row else None


def _registration(row: Row[tuple[object, ...]]) -> Registration:
    return Registration(row.id, row.account_id, row.device_id, row.app, row.vapid, row.made_ms)
