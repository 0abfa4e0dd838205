"""Finding a device that is lost: ring, locate, lock, wipe.

What a device is asked for is a record of its own, so that it hears of it as of any change and the owner's other
devices see what became of it. Its place is sealed on the device: the cloud keeps what it cannot read. A lock
holds in the cloud, whatever the device does; a wipe ends its session at once, and what it has kept at its next
contact.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pileus.cloud.kernel.accounts import devices, kin, log, rows
from pileus.cloud.kernel.accounts.store import Accounts
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.journal.collections import Collection
from pileus.cloud.kernel.push import rows as push
from pileus.cloud.kernel.service import Caller, Database, Journal, Push, PushNote
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Invalid

DEVICES = Collection("finding.device", write="service", priority=10, over_quota=True)
KEYS = Collection("finding.key", write="service", priority=10, over_quota=True)
KEY = "places"
SEALED_MOST = 2048
"""Bytes of a sealed place."""
RING_SECONDS = 600
"""A ring that its device hears of later is not rung."""
POINT_BYTES = 65
WRAPPED_BYTES = (40, 512)
SALT_BYTES = (16, 64)
ROUNDS = (600_000, 10_000_000)


class Finding:
    """What an owner does about a device that is elsewhere, and what that device answers."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, journal: Journal, push: Push) -> None:
        self._db, self._clock, self._accounts = db, clock, accounts
        self._journal, self._push = journal, push
        self._locked: list[Callable[[str], None]] = []
        self._unlocked: list[Callable[[str], None]] = []

    def on_lock(self, listener: Callable[[str], None]) -> None:
        """`listener(device_id)` is called in the event loop when a device is locked."""
        self._locked.append(listener)

    def on_unlock(self, listener: Callable[[str], None]) -> None:
        """`listener(device_id)` is called in the event loop when it is unlocked."""
        self._unlocked.append(listener)

    async def ring(self, caller: Caller, device_id: str, address: str, child: str = "") -> None:
        """A device of the caller's, or of the child with this id whose parent they are; raises `NotFound`.

        A device whose page is closed is told by push, where it has that.
        """

        def write(conn: Connection) -> None:
            account_id, source = self._whose(conn, caller, address, child)
            asked = {"ring_ms": self._clock.now_ms(), "ring_by": source.device, "ring_end_ms": None}
            self._ask(conn, account_id, device_id, asked, "device-rung", source)
            note = PushNote("ring", "ring", {"by": source.device}, RING_SECONDS, "high")
            self._push.tell(conn, account_id, note, device_id)

        await self._db.write_async(write)

    async def locate(self, caller: Caller, device_id: str, address: str) -> None:
        """Raises `NotFound`, or `Conflict` where the account has no key for places yet."""

        def write(conn: Connection) -> None:
            if self._journal.record(conn, caller.account_id, KEYS.name, KEY) is None:
                raise Conflict("no-place-key", "Choose a passphrase for places first.")
            source = self._accounts.source(conn, caller, address)
            self._ask(
                conn,
                caller.account_id,
                device_id,
                {"locate_ms": self._clock.now_ms()},
                "device-locate-asked",
                source,
            )

        await self._db.write_async(write)

    async def lock(self, caller: Caller, device_id: str, address: str, child: str = "") -> None:
        """From the commit on the device is answered nothing but to the account's password. Whose: as `ring`."""

        def write(conn: Connection) -> None:
            now = self._clock.now_ms()
            account_id, source = self._whose(conn, caller, address, child)
            asked = {"lock_ms": now, "lock_end_ms": None}
            self._ask(conn, account_id, device_id, asked, "device-locked", source)
            conn.execute(update(tables.device).where(tables.device.c.id == device_id).values(locked_ms=now))
            push.drop_waiting(conn, device_id)

        await self._db.write_async(write)
        self._accounts.look_again(device_id)
        for listener in self._locked:
            listener(device_id)

    async def unlock(self, caller: Caller, address: str) -> None:
        """The device has shown the account's password."""

        def write(conn: Connection) -> None:
            table = tables.device
            mine = update(table).where(table.c.id == caller.device_id, table.c.locked_ms.is_not(None))
            if conn.execute(mine.values(locked_ms=None)).rowcount == 0:
                return
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, caller.account_id, "device-unlocked", source)
            self._put(conn, caller, {"lock_end_ms": self._clock.now_ms()})

        await self._db.write_async(write)
        self._accounts.look_again(caller.device_id)
        for listener in self._unlocked:
            listener(caller.device_id)

    async def wipe(self, caller: Caller, device_id: str, present: str, address: str) -> None:
        """Ends the device's session at once; its next request is told to erase what it has kept.

        Raises `NotFound`, `Forbidden` for another password, `Conflict` for the device that asks.
        """
        if device_id == caller.device_id:
            raise Conflict("wipe-itself", "A device is wiped from another one: sign out here.")
        # Whose device it is comes first: a password that is shown for nothing is not to count as a guess.
        await self._db.read_async(lambda conn: devices.one(conn, caller.account_id, device_id))
        proven = await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> None:
            self._accounts.still(conn, caller.account_id, proven)
            source = self._accounts.source(conn, caller, address)
            gone = devices.one(conn, caller.account_id, device_id)
            mine = select(tables.device.c.token_hash).where(tables.device.c.id == device_id)
            conn.execute(
                insert(tables.wiped_device).values(
                    token_hash=conn.execute(mine).scalar_one(),
                    account_id=caller.account_id,
                    device=gone.name,
                    asked_ms=self._clock.now_ms(),
                )
            )
            devices.remove(conn, caller.account_id, device_id)
            self._journal.delete(conn, caller.account_id, DEVICES.name, device_id)
            self._accounts.note(conn, caller.account_id, "device-wipe-asked", source, gone.name)

        await self._db.write_async(write)
        self._accounts.forget([device_id])

    async def ring_ended(self, caller: Caller) -> None:
        """Somebody stopped it there."""
        await self._db.write_async(lambda conn: self._put(conn, caller, {"ring_end_ms": self._clock.now_ms()}))

    async def place(self, caller: Caller, sealed: str) -> None:
        """The device's place, in place of its last one; raises `Invalid` for what is no sealed one."""
        size = len(_decoded(sealed))
        if not POINT_BYTES < size <= SEALED_MOST:
            raise Invalid("place-malformed", f"A sealed place has at most {SEALED_MOST} bytes.")
        told = {"place": sealed, "place_ms": self._clock.now_ms()}
        await self._db.write_async(lambda conn: self._put(conn, caller, told))

    async def set_key(self, caller: Caller, present: str, key: Mapping[str, Any], address: str) -> None:
        """`key`: `public`, `wrapped`, `salt` (base64) and `rounds`. Places sealed for another key go."""
        sizes = {"public": (POINT_BYTES, POINT_BYTES), "wrapped": WRAPPED_BYTES, "salt": SALT_BYTES}
        for name, (least, most) in sizes.items():
            if not least <= len(_decoded(key[name])) <= most:
                raise Invalid("place-key", "This is no key for places.")
        if not ROUNDS[0] <= key["rounds"] <= ROUNDS[1]:
            raise Invalid("place-key", "A passphrase is stretched by 600,000 rounds at least.")
        proven = await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> None:
            self._accounts.still(conn, caller.account_id, proven)
            account = caller.account_id
            self._journal.put(conn, account, KEYS.name, KEY, {**key, "made_ms": self._clock.now_ms()})
            for one in self._journal.records(conn, account, DEVICES.name):
                if "place" in one.fields:
                    self._journal.put(conn, account, DEVICES.name, one.id, {"place": None, "place_ms": None})
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, account, "place-key-set", source)

        await self._db.write_async(write)

    def _ask(
        self,
        conn: Connection,
        account_id: str,
        device_id: str,
        fields: dict[str, Any],
        event: log.Event,
        source: log.Source,
    ) -> None:
        about = devices.one(conn, account_id, device_id).name
        self._forget_gone(conn, account_id)
        self._journal.put(conn, account_id, DEVICES.name, device_id, fields)
        self._accounts.note(conn, account_id, event, source, about)

    def _whose(self, conn: Connection, caller: Caller, address: str, child: str) -> tuple[str, log.Source]:
        """The account that is cared for, and who does it as its log tells: a child learns of the parent alone."""
        if not child:
            return caller.account_id, self._accounts.source(conn, caller, address)
        kin.child(conn, caller.account_id, child)
        return child, log.Source(device=rows.get(conn, caller.account_id).name)

    def _put(self, conn: Connection, caller: Caller, fields: dict[str, Any]) -> None:
        devices.one(conn, caller.account_id, caller.device_id)
        self._journal.put(conn, caller.account_id, DEVICES.name, caller.device_id, fields)

    def _forget_gone(self, conn: Connection, account_id: str) -> None:
        """Records of devices that were signed out meanwhile."""
        there = {one.id for one in devices.of_account(conn, account_id)}
        for one in self._journal.records(conn, account_id, DEVICES.name):
            if one.id not in there:
                self._journal.delete(conn, account_id, DEVICES.name, one.id)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
