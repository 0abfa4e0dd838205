"""Families in the database: who is in one, and as what. All of it runs inside `db.read` or `db.write`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, or_, select

from pileus.cloud.kernel.accounts import rows
from pileus.cloud.kernel.accounts.rows import Account
from pileus.cloud.kernel.db import tables
from pileus.core.errors import Conflict, Forbidden, NotFound
from pileus.core.ids import new_id

Kind = Literal["parent", "child"]
MOST = 12
"""Members of a family, with those who are invited."""


@dataclass(frozen=True)
class Kin:
    """An account's place in its family."""

    account_id: str
    family_id: str
    kind: Kind


def of(conn: Connection, account_id: str) -> Kin | None:
    """None where it is in no family."""
    table = tables.family_member
    row = conn.execute(select(table).where(table.c.account_id == account_id)).first()
    return Kin(row.account_id, row.family_id, row.kind) if row else None


def members(conn: Connection, family_id: str) -> list[Kin]:
    """Parents first, each in the order in which they came."""
    table = tables.family_member
    found = select(table).where(table.c.family_id == family_id).order_by(table.c.joined_ms, table.c.account_id)
    all_of_them = [Kin(row.account_id, row.family_id, row.kind) for row in conn.execute(found)]
    return sorted(all_of_them, key=lambda one: one.kind != "parent")


def parent(conn: Connection, account_id: str) -> Kin:
    """Raises `Forbidden` where it is no parent."""
    found = of(conn, account_id)
    if found is None or found.kind != "parent":
        raise Forbidden("not-parent", "Only a parent of a family may do that.")
    return found


def begin(conn: Connection, account_id: str, now_ms: int) -> Kin:
    """The family of which an account is a parent, made where it is in none; raises `Forbidden` for a child."""
    if of(conn, account_id) is None:
        add(conn, Kin(account_id, new_id(now_ms), "parent"), now_ms)
    return parent(conn, account_id)


def child(conn: Connection, parent_id: str, account_id: str) -> Account:
    """A child of the parent's family; raises `Forbidden` for no parent, `NotFound` for anybody else's account."""
    mine, found = parent(conn, parent_id), of(conn, account_id)
    if found is None or found.kind != "child" or found.family_id != mine.family_id:
        raise NotFound("no-child", "This is no child of your family.")
    return rows.get(conn, account_id)


def add(conn: Connection, one: Kin, now_ms: int) -> None:
    """Raises `Conflict` for one who is in a family, and for one too many."""
    if of(conn, one.account_id) is not None:
        raise Conflict("in-family", "This account is in a family already.")
    check_room(conn, one.family_id)
    table = tables.family_member
    values = {"account_id": one.account_id, "family_id": one.family_id, "kind": one.kind, "joined_ms": now_ms}
    conn.execute(insert(table).values(**values))


def check_room(conn: Connection, family_id: str) -> None:
    """Raises `Conflict` where a family has as many as it may, those who are invited among them."""
    asked = tables.family_invitation
    invited = select(func.count()).select_from(asked).where(asked.c.family_id == family_id)
    if len(members(conn, family_id)) + conn.execute(invited).scalar_one() >= MOST:
        raise Conflict("family-full", f"A family has {MOST} members at most.")


def remove(conn: Connection, account_id: str) -> None:
    """From its family; what it invited, and to what it was, is void."""
    member, asked = tables.family_member, tables.family_invitation
    conn.execute(delete(member).where(member.c.account_id == account_id))
    conn.execute(delete(asked).where(or_(asked.c.account_id == account_id, asked.c.by_id == account_id)))


def check_may_go(conn: Connection, account_id: str) -> None:
    """Raises `Forbidden` for a child, and for the last parent of one: nobody would look after it."""
    found = of(conn, account_id)
    if found is None:
        return
    if found.kind == "child":
        raise Forbidden("child-stays", "A parent of the family has to let this account go first.")
    others = [one.kind for one in members(conn, found.family_id) if one.account_id != account_id]
    if "child" in others and "parent" not in others:
        raise Forbidden("last-parent", "The family's children need a parent: invite another one, or let them go.")
