"""Accounts by their names, for services; runs inside `db.read` or `db.write`."""

from __future__ import annotations

from sqlalchemy import Connection

from pileus.cloud.kernel.accounts import kin, rows
from pileus.cloud.kernel.service import AccountName
from pileus.core.errors import NotFound


class AccountDirectory:
    """The kernel's `Directory`."""

    def find(self, conn: Connection, name: str) -> AccountName | None:
        try:
            account = rows.named(conn, name)
        except NotFound:
            return None
        return AccountName(account.id, account.name, account.disabled)

    def name(self, conn: Connection, account_id: str) -> str:
        return rows.get(conn, account_id).name

    def family(self, conn: Connection, account_id: str) -> str | None:
        found = kin.of(conn, account_id)
        return found.family_id if found else None
