"""An account's block list in the database. Runs inside `db.read` or `db.write`."""

from __future__ import annotations

from sqlalchemy import Connection

from pileus.cloud.kernel.service import Journal
from pileus.cloud.services.messages.blocking import Blocked, blocked_of

BLOCKS = "messages.block"
MOST = 5000
"""Blocks that are looked at, so that no list makes what comes slow."""


def blocked(conn: Connection, journal: Journal, account_id: str) -> Blocked:
    return blocked_of(one.fields for one in journal.records(conn, account_id, BLOCKS, limit=MOST))
