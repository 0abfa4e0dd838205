"""What services have to say for an account's log."""

from __future__ import annotations

from sqlalchemy import Connection

from pileus.cloud.kernel.accounts.log import Source
from pileus.cloud.kernel.accounts.store import Accounts
from pileus.cloud.kernel.service import Caller, Database, Deed
from pileus.core.errors import NotFound

ABOUT_LONGEST = 200
"""Characters of what something was done to."""


class Deeds:
    """The border's `ActivityLog`."""

    def __init__(self, db: Database, accounts: Accounts) -> None:
        self._db, self._accounts = db, accounts

    def note(self, conn: Connection, caller: Caller, deed: Deed, about: str = "") -> None:
        try:
            source = self._accounts.source(conn, caller, caller.address)
        except NotFound:  # what a device asked for goes on when that is signed out
            source = Source(address=caller.address)
        self._accounts.note(conn, caller.account_id, deed, source, about[:ABOUT_LONGEST])

    async def write(self, caller: Caller, deed: Deed, about: str = "") -> None:
        await self._db.write_async(lambda conn: self.note(conn, caller, deed, about))
