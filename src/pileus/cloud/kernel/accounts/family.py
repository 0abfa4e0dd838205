"""Families: accounts of one cloud that belong together, parents and children.

A parent looks after a child's account – its room, the way back in, its devices – and sees nothing that is in it.
The room of a child is its parent's: what owners gave to a family's accounts in all stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from pileus.cloud.kernel import quota
from pileus.cloud.kernel.accounts import devices, kin, recovery, rows, rules
from pileus.cloud.kernel.accounts.devices import Device
from pileus.cloud.kernel.accounts.finding import Finding
from pileus.cloud.kernel.accounts.kin import Kin, Kind
from pileus.cloud.kernel.accounts.log import Event, Source
from pileus.cloud.kernel.accounts.members import GB, check_quota
from pileus.cloud.kernel.accounts.rows import Account
from pileus.cloud.kernel.accounts.store import Accounts
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, NotFound
from pileus.core.ids import new_id


@dataclass(frozen=True)
class Relative:
    """A member of a family, as another one sees it. Its room: of a child to a parent, else None."""

    account: Account
    kind: Kind
    quota_bytes: int | None = None
    used_bytes: int | None = None


@dataclass(frozen=True)
class Asked:
    """An open invitation to be a parent: `name` is invited by `by`."""

    id: str
    name: str
    by: str


@dataclass(frozen=True)
class View:
    """`kind` None: in no family. `invited`: by this family; `invitations`: of this account to others."""

    kind: Kind | None
    members: list[Relative]
    invited: list[Asked]
    invitations: list[Asked]


class Families:
    """The families of a cloud."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, finding: Finding) -> None:
        self._db, self._clock, self._accounts, self._finding = db, clock, accounts, finding

    async def view(self, caller: Caller) -> View:
        """The caller's own family, as far as it is theirs to see."""
        return await self._db.read_async(lambda conn: _view(conn, caller.account_id))

    async def make_child(
        self, caller: Caller, name: str, password: str, quota_bytes: int, address: str
    ) -> Relative:
        """A child's account, with room of the caller's, who is a parent from then on.

        Raises `Forbidden` for a child, `Invalid` for a name, password or room that is none, `Conflict` for a name
        that is taken, for more room than is free, and for one child too many.
        """
        shown = rules.account_name(name)
        rules.check_password(password)
        check_quota(quota_bytes)
        hashed = await self._accounts.passwords.hash_async(password)

        def write(conn: Connection) -> Relative:
            now, source = self._clock.now_ms(), self._accounts.source(conn, caller, address)
            mine = kin.begin(conn, caller.account_id, now)
            kin.check_room(conn, mine.family_id)
            account = rows.add(conn, shown, hashed, 0, now)
            kin.add(conn, Kin(account.id, mine.family_id, "child"), now)
            _move_room(conn, caller.account_id, account.id, quota_bytes)
            by = rows.get(conn, caller.account_id)
            self._accounts.note(conn, account.id, "account-made", Source(), by.name)
            self._accounts.note(conn, by.id, "family-child-made", source, shown)
            return _relative(conn, Kin(account.id, mine.family_id, "child"), "parent")

        return await self._db.write_async(write)

    async def give_room(self, caller: Caller, account_id: str, quota_bytes: int, address: str) -> Relative:
        """What a child may keep; the difference is the caller's own. Raises as `make_child`, and `NotFound`."""
        check_quota(quota_bytes)

        def write(conn: Connection) -> Relative:
            account = kin.child(conn, caller.account_id, account_id)
            by = rows.get(conn, caller.account_id)
            _move_room(conn, caller.account_id, account_id, quota_bytes - account.quota_bytes)
            if quota_bytes != account.quota_bytes:
                source, told = self._accounts.source(conn, caller, address), f"{quota_bytes / GB:g} GB"
                self._accounts.note(conn, account_id, "quota-set", Source(), f"{told} ({by.name})")
                self._accounts.note(conn, by.id, "family-room-set", source, f"{account.name}: {told}")
            return _relative(conn, Kin(account_id, kin.parent(conn, by.id).family_id, "child"), "parent")

        return await self._db.write_async(write)

    async def way_back(self, caller: Caller, account_id: str, present: str, address: str) -> str:
        """A recovery code of a child that forgot its password, which so chooses the new one by itself.

        Raises `Forbidden` for no parent and for another password of the parent, `NotFound` for no child of theirs.
        """
        await self._db.read_async(lambda conn: kin.child(conn, caller.account_id, account_id))
        proven = await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> str:
            self._accounts.still(conn, caller.account_id, proven)
            account, by = kin.child(conn, caller.account_id, account_id), rows.get(conn, caller.account_id)
            code = recovery.add(conn, account_id, self._clock.now_ms())
            self._accounts.note(conn, account_id, "family-code-made", Source(), by.name)
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, by.id, "family-code-made", source, account.name)
            return code

        return await self._db.write_async(write)

    async def devices(self, caller: Caller, account_id: str) -> list[Device]:
        """A child's. Raises `Forbidden`, `NotFound`."""

        def read(conn: Connection) -> list[Device]:
            kin.child(conn, caller.account_id, account_id)
            return devices.of_account(conn, account_id)

        return await self._db.read_async(read)

    async def ring(self, caller: Caller, account_id: str, device_id: str, address: str) -> None:
        """A child's device. Raises `Forbidden`, `NotFound`."""
        await self._finding.ring(caller, device_id, address, account_id)

    async def lock(self, caller: Caller, account_id: str, device_id: str, address: str) -> None:
        """A child's device, until the child's password is entered there. Raises `Forbidden`, `NotFound`."""
        await self._finding.lock(caller, device_id, address, account_id)

    async def invite(self, caller: Caller, name: str, present: str, address: str) -> Asked:
        """Asks an account to be a parent too, which gives it the care of the children.

        Raises `Forbidden` for a child and for another password, `NotFound` for no such account, `Conflict` for one
        that is in a family, was asked already, or is one too many.
        """
        proven = await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> Asked:
            self._accounts.still(conn, caller.account_id, proven)
            now = self._clock.now_ms()
            mine = kin.begin(conn, caller.account_id, now)
            other, by = rows.named(conn, name), rows.get(conn, caller.account_id)
            if kin.of(conn, other.id) is not None:
                raise Conflict("in-family", "This account is in a family already.")
            table = tables.family_invitation
            again = select(table.c.id).where(table.c.family_id == mine.family_id, table.c.account_id == other.id)
            if conn.execute(again).first() is not None:
                raise Conflict("family-asked", "This account was asked already.")
            kin.check_room(conn, mine.family_id)
            values = {"id": new_id(now), "account_id": other.id, "family_id": mine.family_id, "by_id": by.id}
            conn.execute(insert(table).values(**values, made_ms=now))
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, by.id, "family-invited", source, other.name)
            return Asked(str(values["id"]), other.name, by.name)

        return await self._db.write_async(write)

    async def accept(self, caller: Caller, invitation_id: str, address: str) -> None:
        """The caller is a parent of that family. Raises `NotFound`, `Conflict` for one who is in a family."""

        def write(conn: Connection) -> None:
            table = tables.family_invitation
            row = conn.execute(select(table).where(table.c.id == invitation_id)).first()
            if row is None or row.account_id != caller.account_id:
                raise _no_invitation()
            conn.execute(delete(table).where(table.c.account_id == caller.account_id))
            kin.add(conn, Kin(caller.account_id, row.family_id, "parent"), self._clock.now_ms())
            mine = rows.get(conn, caller.account_id)
            source = self._accounts.source(conn, caller, address)
            self._accounts.note(conn, mine.id, "family-joined", source, mine.name)
            self._tell(conn, row.family_id, mine, "family-joined")

        await self._db.write_async(write)

    async def decline(self, caller: Caller, invitation_id: str) -> None:
        """An invitation of the caller, or of a family of which they are a parent. Raises `NotFound`."""

        def write(conn: Connection) -> None:
            table, mine = tables.family_invitation, kin.of(conn, caller.account_id)
            family = mine.family_id if mine and mine.kind == "parent" else ""
            theirs = or_(table.c.account_id == caller.account_id, table.c.family_id == family)
            if conn.execute(delete(table).where(table.c.id == invitation_id, theirs)).rowcount == 0:
                raise _no_invitation()

        await self._db.write_async(write)

    async def part(self, caller: Caller, account_id: str, present: str, address: str) -> None:
        """The caller leaves, or a child is let go of: its account is its own from then on, with all that is in it.

        Raises `Forbidden` for a child that would leave, for the last parent of one, and for another password,
        `NotFound` for anybody else.
        """

        def parting(conn: Connection) -> tuple[Kin, Account]:
            mine = kin.of(conn, caller.account_id)
            if mine is None:
                raise NotFound("no-family", "This account is in no family.")
            if account_id == caller.account_id:
                kin.check_may_go(conn, account_id)
                return mine, rows.get(conn, account_id)
            return mine, kin.child(conn, caller.account_id, account_id)

        await self._db.read_async(parting)  # before the password counts as a guess
        proven = await self._accounts.prove(caller, present, address)

        def write(conn: Connection) -> None:
            self._accounts.still(conn, caller.account_id, proven)
            mine, account = parting(conn)
            source = self._accounts.source(conn, caller, address) if account.id == caller.account_id else Source()
            self._accounts.note(conn, account_id, "family-left", source, account.name)
            kin.remove(conn, account_id)
            self._tell(conn, mine.family_id, account, "family-left")

        await self._db.write_async(write)

    def _tell(self, conn: Connection, family_id: str, about: Account, event: Event) -> None:
        for one in kin.members(conn, family_id):
            if one.kind == "parent" and one.account_id != about.id:
                self._accounts.note(conn, one.account_id, event, Source(), about.name)


def _view(conn: Connection, account_id: str) -> View:
    mine = kin.of(conn, account_id)
    asked = tables.family_invitation
    own = _asked(conn, asked.c.account_id == account_id)
    if mine is None:
        return View(None, [], [], own)
    members = [_relative(conn, one, mine.kind) for one in kin.members(conn, mine.family_id)]
    invited = _asked(conn, asked.c.family_id == mine.family_id) if mine.kind == "parent" else []
    return View(mine.kind, members, invited, own)


def _asked(conn: Connection, which: ColumnElement[bool]) -> list[Asked]:
    """The oldest first; who invites is in the family still."""
    table, account = tables.family_invitation, tables.account
    by = account.alias()
    found = (
        select(table.c.id, account.c.name, by.c.name.label("by"))
        .join(account, account.c.id == table.c.account_id)
        .join(by, by.c.id == table.c.by_id)
        .where(which)
        .order_by(table.c.made_ms, table.c.id)
    )
    return [Asked(row.id, row.name, row.by) for row in conn.execute(found)]


def _relative(conn: Connection, one: Kin, seen_by: Kind) -> Relative:
    """The room is told of a child, and to its parents."""
    account = rows.get(conn, one.account_id)
    if seen_by == "parent" and one.kind == "child":
        return Relative(account, one.kind, account.quota_bytes, quota.used_bytes(conn, one.account_id))
    return Relative(account, one.kind)


def _move_room(conn: Connection, parent_id: str, child_id: str, size: int) -> None:
    """Bytes of a parent's room to a child, or back; raises `Conflict` for what the giver has not left."""
    table = tables.account
    if size < 0 and quota.used_bytes(conn, child_id) > quota.limit_bytes(conn, child_id) + size:
        raise Conflict("family-room-used", "The child keeps more than that already.")
    if size > 0 and quota.used_bytes(conn, parent_id) + size > quota.limit_bytes(conn, parent_id):
        raise Conflict("family-room", "A child's room is yours: you have not so much left.")
    for account_id, delta in ((parent_id, -size), (child_id, size)):
        mine = update(table).where(table.c.id == account_id)
        conn.execute(mine.values(quota_bytes=table.c.quota_bytes + delta))


def _no_invitation() -> NotFound:
    return NotFound("no-family-invitation", "This invitation was answered or taken back.")
