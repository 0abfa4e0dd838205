"""Who hears by Web Push, and what is told: the kernel's `Push`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.accounts import devices
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.push import encryption, rows, rules
from pileus.cloud.kernel.push.rows import Message, Subscription
from pileus.cloud.kernel.service import Caller, Database, PushNote, Subscriber
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, NotFound, TooLarge
from pileus.core.ids import new_id

MOST = 50
"""Subscribed devices of an account."""


class PushStore:
    """Subscriptions of devices, and notes to them."""

    def __init__(self, db: Database, clock: Clock, allowed: Sequence[rules.Network]) -> None:
        self._db = db
        self._clock = clock
        self._allowed = allowed
        self.wake: Callable[[], None] = lambda: None
        """Called from any thread when something is to be sent."""

    async def subscription(self, caller: Caller) -> Subscription | None:
        """That of the caller's device."""
        found = await self._db.read_async(
            lambda conn: rows.subscriptions(conn, caller.account_id, caller.device_id)
        )
        return found[0] if found else None

    async def subscribe(
        self, caller: Caller, endpoint: str, p256dh: str, auth: str, zone: str, language: str
    ) -> Subscription:
        """In place of what the device had; raises `Invalid`, or `Conflict` where too many devices hear."""
        address = rules.endpoint(endpoint, self._allowed)
        point, secret = rules.keys(p256dh, auth)
        known_zone = rules.zone(zone)
        spoken = language if language in rules.LANGUAGES else "auto"
        hashed = hashlib.sha256(address.encode()).hexdigest()

        def write(conn: Connection) -> Subscription:
            devices.one(conn, caller.account_id, caller.device_id)
            others = [
                one for one in rows.subscriptions(conn, caller.account_id) if one.device_id != caller.device_id
            ]
            if len(others) >= MOST:
                raise Conflict("too-many-subscriptions", f"{MOST} devices of an account are notified at most.")
            now = self._clock.now_ms()
            one = Subscription(
                new_id(now),
                caller.account_id,
                caller.device_id,
                address,
                point,
                secret,
                known_zone,
                spoken,
                now,
                None,
            )
            rows.keep(conn, one, hashed)
            return one

        return await self._db.write_async(write)

    async def unsubscribe(self, caller: Caller) -> None:
        """Nothing happens where the device is not subscribed."""
        mine = tables.push_subscription.c.device_id == caller.device_id
        await self._db.write_async(lambda conn: rows.end(conn, mine))

    async def try_out(self, caller: Caller) -> None:
        """Sends the caller's device a note that says that it works; raises `NotFound` where it hears none."""
        note = PushNote("try", "try", {}, ttl_seconds=300, urgency="high")
        told = await self._db.write_async(lambda conn: self.tell(conn, caller.account_id, note, caller.device_id))
        if not told:
            raise NotFound("not-subscribed", "This device does not hear of anything while its page is closed.")

    def subscribers(self, conn: Connection) -> list[Subscriber]:
        return [
            Subscriber(one.account_id, one.device_id, one.zone, one.made_ms) for one in rows.subscriptions(conn)
        ]

    def tell(self, conn: Connection, account_id: str, note: PushNote, device_id: str | None = None) -> int:
        now = self._clock.now_ms()
        # A locked device shows nothing of the account; that it is looked for it does.
        to = rows.subscriptions(conn, account_id, device_id, locked=note.kind == LOUD)
        for one in to:
            rows.add(conn, _message(one, note, now), now)
        if to:
            self._db.after_commit(conn, self.wake)
        return len(to)


LOUD = "ring"
"""The kind of note that goes to locked devices, too."""


def _message(to: Subscription, note: PushNote, now_ms: int) -> Message:
    """Encrypted at once: what waits in the database is not to be read there."""
    told = {"kind": note.kind, "tag": note.tag, "language": to.language, "zone": to.zone, "data": note.data}
    plain = msgspec.json.encode(told)
    if len(plain) > encryption.MOST:
        raise TooLarge("push-too-large", f"A note has at most {encryption.MOST} bytes.")
    body = encryption.encrypt(plain, to.p256dh, to.auth)
    # A push service sees the topic: without the subscription's secret it tells nothing (RFC 8030 §5.4).
    mark = hashlib.sha256(to.auth + note.tag.encode()).digest()
    topic = base64.urlsafe_b64encode(mark[:24]).decode()
    return Message(new_id(now_ms), to, body, topic, note.urgency, now_ms + note.ttl_seconds * 1000, 0)
