"""Pairing: a device that is signed in lets a new one in, which so needs no password.

The signed-in device shows a code, the new one comes with it and shows a number, and the owner types that number on
the first one: whoever got hold of the code has only asked, and shows another number than the device at hand.
Nobody answered is no.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from pileus.cloud.kernel.accounts import devices, rows, rules, tries
from pileus.cloud.kernel.accounts.log import Event
from pileus.cloud.kernel.accounts.store import Accounts, SignedIn
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.codes import new_code, plain
from pileus.core.errors import Conflict, Forbidden, NotFound
from pileus.core.ids import new_id

LENGTH = 8
"""Characters of a code: 40 bits, which nobody guesses in its minutes – and whoever did would have but asked."""
CODE_MS = 5 * 60_000
ANSWER_MS = 2 * 60_000
"""From the new device's coming on for the owner to answer, and from there on for the new device to hear of it."""

State = Literal["open", "asked", "allowed", "denied", "done"]


@dataclass(frozen=True)
class Pairing:
    """`device` and `address`: the new one, once it asked."""

    id: str
    state: State
    device: str
    address: str
    expires_ms: int


@dataclass(frozen=True)
class Asked:
    """What the new device gets. `claim`: by which it asks on; `number`: what it shows; `account`: a name."""

    claim: str
    number: str
    account: str
    expires_ms: int


class Pairings:
    """New devices of accounts, let in by one that is signed in."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts) -> None:
        self._db, self._clock, self._accounts = db, clock, accounts

    async def make(self, caller: Caller, present: str, address: str) -> tuple[str, Pairing]:
        """A code, in place of the account's earlier ones, and what is kept of it.

        Raises `Forbidden` where the password is another one, `Throttled` after too many of those.
        """
        proven = await self._accounts.prove(caller, present, address)
        code = new_code(LENGTH)

        def write(conn: Connection) -> Pairing:
            self._accounts.still(conn, caller.account_id, proven)
            source = self._accounts.source(conn, caller, address)
            now, table = self._clock.now_ms(), tables.pairing
            conn.execute(
                delete(table).where(or_(table.c.account_id == caller.account_id, table.c.expires_ms <= now))
            )
            made = Pairing(new_id(now), "open", "", "", now + CODE_MS)
            conn.execute(
                insert(table).values(
                    id=made.id,
                    account_id=caller.account_id,
                    device_id=caller.device_id,
                    code_hash=_hash(plain(code)),
                    expires_ms=made.expires_ms,
                    state=made.state,
                    device=made.device,
                    address=made.address,
                    number="",
                )
            )
            self._accounts.note(conn, caller.account_id, "pairing-made", source)
            return made

        return code, await self._db.write_async(write)

    async def look(self, caller: Caller, pairing_id: str) -> Pairing:
        """One that this device made, while it lasts; raises `NotFound`."""
        return await self._db.read_async(lambda conn: _pairing(self._mine(conn, caller, pairing_id)))

    async def remove(self, caller: Caller, pairing_id: str) -> None:
        """Its code is worth nothing from the commit on, and whoever asked is not let in; raises `NotFound`."""

        def write(conn: Connection) -> None:
            self._mine(conn, caller, pairing_id)
            conn.execute(delete(tables.pairing).where(tables.pairing.c.id == pairing_id))

        await self._db.write_async(write)

    async def ask(self, code: str, device: str, address: str) -> Asked:
        """A new device comes with a code, which so is used up.

        Raises `Forbidden` where there is none such, `Throttled` after too many tries of an address, right or not:
        a code is short, and its search must not pause for one's own right ones.
        """
        keys = {f"pairing-address:{address}": rules.ADDRESS}
        await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
        claim, number = secrets.token_urlsafe(24), str(10 + secrets.randbelow(90))

        def write(conn: Connection) -> Asked:
            now, table = self._clock.now_ms(), tables.pairing
            row = _by(conn, "code_hash", _hash(plain(code)), now)
            if row is None:
                raise _void()
            # Of two that come with the same code at once, one finds it open.
            taken = update(table).where(table.c.id == row.id, table.c.state == "open")
            ends = now + ANSWER_MS
            values = {
                "state": "asked",
                "claim_hash": _hash(claim),
                "device": rules.device_name(device),
                "address": address,
                "number": number,
                "expires_ms": ends,
            }
            if conn.execute(taken.values(**values)).rowcount == 0:
                raise _void()
            return Asked(claim, number, rows.get(conn, row.account_id).name, ends)

        return await self._db.write_async(write)

    async def answer(self, caller: Caller, pairing_id: str, number: str | None, address: str) -> None:
        """Lets the new device in that shows this number; None: nobody.

        Raises `NotFound`, `Conflict` where nobody asked or it was answered, and `Forbidden` for another number
        than the one shown, which is a no for good: it is another device that asked.
        """

        def write(conn: Connection) -> bool:
            row = self._mine(conn, caller, pairing_id)
            right = number is not None and number.strip() == row.number
            values = {"state": "allowed" if right else "denied", "expires_ms": self._clock.now_ms() + ANSWER_MS}
            table = tables.pairing
            asked = update(table).where(table.c.id == pairing_id, table.c.state == "asked")
            if conn.execute(asked.values(**values)).rowcount == 0:
                raise Conflict("pairing-not-asked", "No new device waits for an answer.")
            event: Event = "pairing-allowed" if right else "pairing-denied"
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, caller.account_id, event, source, f"{row.device} ({row.address})")
            return right

        right = await self._db.write_async(write)
        if number is not None and not right:
            raise Forbidden("pairing-number", "This is not the number that the new device shows: it stays out.")

    async def enter(self, claim: str, address: str) -> SignedIn | None:
        """The new device, signed in; None while the owner has not answered.

        Raises `Forbidden` where they said no, or it is too late.
        """
        hashed = _hash(claim[:100])
        row = await self._db.read_async(lambda conn: _by(conn, "claim_hash", hashed, self._clock.now_ms()))
        if row is None:
            raise _void()
        if row.state == "denied":
            raise Forbidden("pairing-denied", "The owner did not let this device in.")
        if row.state == "asked":
            return None

        def write(conn: Connection) -> SignedIn:
            found, table = _by(conn, "claim_hash", hashed, self._clock.now_ms()), tables.pairing
            done = update(table).where(table.c.claim_hash == hashed, table.c.state == "allowed")
            if found is None or conn.execute(done.values(state="done")).rowcount == 0:
                raise _void()
            account = rows.get(conn, found.account_id)
            by = devices.one(conn, account.id, found.device_id)
            return self._accounts.new_device(conn, account, found.device, address, "device-paired", by.name)

        return await self._db.write_async(write)

    def _mine(self, conn: Connection, caller: Caller, pairing_id: str) -> Row[tuple[object, ...]]:
        row = _by(conn, "id", pairing_id, self._clock.now_ms())
        if row is None or row.device_id != caller.device_id:
            raise NotFound("no-pairing", "This code was taken back, or has expired.")
        return row


def _hash(secret: str) -> str:
    return hashlib.sha256(f"pairing:{secret}".encode("utf-8", "replace")).hexdigest()


def _void() -> Forbidden:
    """Said alike of what never was, was used or taken back, or has expired."""
    return Forbidden("pairing-void", "This code was used, was taken back, or has expired.")


def _by(conn: Connection, column: str, value: str, now_ms: int) -> Row[tuple[object, ...]] | None:
    """One that lasts still: its device is signed in, and not locked."""
    table, device = tables.pairing, tables.device
    live = select(table).join(device, (device.c.id == table.c.device_id) & device.c.locked_ms.is_(None))
    return conn.execute(live.where(table.c[column] == value, table.c.expires_ms > now_ms)).first()


def _pairing(row: Row[tuple[object, ...]]) -> Pairing:
    return Pairing(row.id, row.state, row.device, row.address, row.expires_ms)
