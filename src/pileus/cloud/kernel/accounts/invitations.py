"""Invitations: links by which somebody makes an account, once. A link's secret is told once, kept as SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select

from pileus.cloud.kernel.accounts import rows, rules, tries
from pileus.cloud.kernel.accounts.log import Source
from pileus.cloud.kernel.accounts.members import check_quota, owner
from pileus.cloud.kernel.accounts.rows import Role
from pileus.cloud.kernel.accounts.store import Accounts, SignedIn
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Forbidden, Invalid, NotFound
from pileus.core.ids import new_id

MOST = 100
"""Open ones of a cloud at most."""
DAY_MS = 24 * 3600_000
DAYS = 7
DAYS_LONGEST = 90


@dataclass(frozen=True)
class Wish:
    """`name`: whom it is for, as owners see it in their lists. `quota_bytes` None: what the cloud gives."""

    name: str
    role: Role = "member"
    quota_bytes: int | None = None
    days: int = DAYS


@dataclass(frozen=True)
class Invitation:
    """`by`: the account that invites; empty: whoever runs the cloud."""

    id: str
    name: str
    role: Role
    quota_bytes: int
    made_ms: int
    expires_ms: int
    by: str


class Invitations:
    """Invitations of a cloud, and making an account by one. `quota_bytes`: what an account is given by itself."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, quota_bytes: int) -> None:
        self._db, self._clock, self._accounts, self._quota_bytes = db, clock, accounts, quota_bytes

    async def all(self, caller: Caller) -> list[Invitation]:
        """Those that are open, the oldest first; raises `Forbidden` for anybody but an owner."""

        def read(conn: Connection) -> list[Invitation]:
            owner(conn, caller)
            return _open(conn, self._clock.now_ms())

        return await self._db.read_async(read)

    async def make(self, caller: Caller, wish: Wish, present: str, address: str) -> tuple[str, Invitation]:
        """The link's secret, and what is kept of it. Whoever invites an owner proves to know the present password.

        Raises `Forbidden` for anybody but an owner, `Invalid` for a strange wish, `Conflict` for too many.
        """
        await self._db.read_async(lambda conn: owner(conn, caller))
        if wish.role == "owner":
            await self._accounts.prove(caller, present, address)
        secret = _secret()

        def write(conn: Connection) -> Invitation:
            by = owner(conn, caller)
            made = self._make(conn, wish, secret, by.id)
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, by.id, "invitation-made", source, made.name)
            return made

        return secret, await self._db.write_async(write)

    def make_blocking(self, wish: Wish) -> tuple[str, Invitation]:
        """For the command line of whoever runs the cloud. Blocks."""
        secret = _secret()

        def write(conn: Connection) -> Invitation:
            if rows.count(conn) == 0:
                raise Conflict("no-account-yet", "This cloud has no account yet: make the first one.")
            return self._make(conn, wish, secret, None)

        return secret, self._db.write(write)

    async def remove(self, caller: Caller, invitation_id: str, address: str) -> None:
        """Its link is worth nothing from the commit on; raises `Forbidden`, `NotFound`."""

        def write(conn: Connection) -> None:
            by = owner(conn, caller)
            table = tables.invitation
            mine = table.c.id == invitation_id
            name = conn.execute(select(table.c.name).where(mine)).scalar()
            if name is None:
                raise NotFound("no-invitation", "This invitation was used or taken back.")
            conn.execute(delete(table).where(mine))
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, by.id, "invitation-removed", source, name)

        await self._db.write_async(write)

    async def look(self, secret: str, address: str) -> Invitation:
        """The open one of a link; raises `Forbidden` where there is none, `Throttled` after too many of those."""
        hashed = _hash(secret)
        found = await self._db.read_async(lambda conn: _by_secret(conn, hashed, self._clock.now_ms()))
        if found is None:
            keys = {f"invitation-address:{address}": rules.ADDRESS}
            await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
            raise _void()
        return found

    async def accept(self, secret: str, name: str, password: str, device: str, address: str) -> SignedIn:
        """A new account with its first device; the invitation is used up.

        Raises as `look`, `Invalid` for a name or password that are none, `Conflict` for a name that is taken:
        the invitation stays then.
        """
        shown = rules.account_name(name)
        rules.check_password(password)
        await self.look(secret, address)
        hashed = await self._accounts.passwords.hash_async(password)
        code = _hash(secret)

        def write(conn: Connection) -> SignedIn:
            now = self._clock.now_ms()
            found = _by_secret(conn, code, now)
            # Of two that come with the same link at once, one finds it.
            spent = conn.execute(delete(tables.invitation).where(tables.invitation.c.secret_hash == code))
            if found is None or spent.rowcount == 0:
                raise _void()
            account = rows.add(conn, shown, hashed, found.quota_bytes, now, found.role)
            if found.by:
                inviter = rows.named(conn, found.by)
                self._accounts.note(conn, inviter.id, "invitation-used", Source(), shown)
            return self._accounts.new_device(conn, account, device, address, "account-made", found.by)

        return await self._db.write_async(write)

    def _make(self, conn: Connection, wish: Wish, secret: str, by: str | None) -> Invitation:
        name = rules.visible_name("invitation-name", wish.name)
        size = self._quota_bytes if wish.quota_bytes is None else wish.quota_bytes
        check_quota(size)
        if not 1 <= wish.days <= DAYS_LONGEST:
            raise Invalid("invitation-days", f"An invitation lasts for 1 to {DAYS_LONGEST} days.")
        now, table = self._clock.now_ms(), tables.invitation
        conn.execute(delete(table).where(table.c.expires_ms <= now))
        if conn.execute(select(func.count()).select_from(table)).scalar_one() >= MOST:
            raise Conflict("too-many-invitations", f"A cloud has {MOST} open invitations at most: take one back.")
        values = {
            "id": new_id(now),
            "account_id": by,
            "name": name,
            "secret_hash": _hash(secret),
            "role": wish.role,
            "quota_bytes": size,
            "made_ms": now,
            "expires_ms": now + wish.days * DAY_MS,
        }
        conn.execute(insert(table).values(**values))
        return next(one for one in _open(conn, now) if one.id == values["id"])


def _secret() -> str:
    """192 random bits, so that a plain hash of them cannot be searched through."""
    return secrets.token_urlsafe(24)


def _hash(secret: str) -> str:
    return hashlib.sha256(f"invitation:{secret[:100]}".encode("utf-8", "replace")).hexdigest()


def _void() -> Forbidden:
    """Said alike of what never was, was used or taken back, or has expired."""
    return Forbidden("invitation-void", "This invitation was used, was taken back, or has expired.")


_columns = select(tables.invitation, tables.account.c.name.label("by")).outerjoin(
    tables.account, tables.account.c.id == tables.invitation.c.account_id
)


def _open(conn: Connection, now_ms: int) -> list[Invitation]:
    table = tables.invitation
    found = _columns.where(table.c.expires_ms > now_ms).order_by(table.c.made_ms, table.c.id)
    return [_invitation(row) for row in conn.execute(found)]


def _by_secret(conn: Connection, hashed: str, now_ms: int) -> Invitation | None:
    table = tables.invitation
    row = conn.execute(_columns.where(table.c.secret_hash == hashed, table.c.expires_ms > now_ms)).first()
    return _invitation(row) if row else None


def _invitation(row: Row[tuple[object, ...]]) -> Invitation:
    return Invitation(row.id, row.name, row.role, row.quota_bytes, row.made_ms, row.expires_ms, row.by or "")
