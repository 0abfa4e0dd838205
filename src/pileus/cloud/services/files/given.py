"""What others share with an account is told to its devices: by a record, which goes with the share, and by push.

Everything here runs inside `db.write`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import DayCount, PushNote, ServiceContext
from pileus.cloud.services.files import rules, shares
from pileus.cloud.services.files.shares import Share

COLLECTION = "files.given"
TOLD = DayCount("files_given_told", "grantee_id")
A_DAY = 50
"""Shares of one account that another is told of in a day (UTC); further ones are only listed."""


def record_of(share: Share) -> str:
    """The same for whatever share of a file an account has."""
    return blake2b(f"{share.account_id}\x1f{share.file_id}".encode(), digest_size=16).hexdigest()


def tell(ctx: ServiceContext, conn: Connection, share: Share, file: Mapping[str, Any]) -> None:
    """Tells the account of a share that it had not; `file` has the fields of what is shared."""
    if share.grantee_id is None or TOLD.add(conn, share.account_id, share.grantee_id, share.created_ms) > A_DAY:
        return
    fields = {
        "from": ctx.directory.name(conn, share.account_id),
        "file": share.file_id,
        # The cloud cannot read what is in a vault: the name that it has says nothing.
        "name": "" if file.get("sealed") else str(file["name"]),
        "folder": rules.is_folder(file),
        "given_ms": share.created_ms,
    }
    record = record_of(share)
    ctx.journal.put(conn, share.grantee_id, COLLECTION, record, fields)
    ctx.push.tell(conn, share.grantee_id, PushNote("given", f"given-{record}", fields))


def end(ctx: ServiceContext, conn: Connection, ended: Sequence[Share]) -> None:
    """Takes back what was told of shares."""
    for share in ended:
        if share.grantee_id is None:
            continue
        record = record_of(share)
        if ctx.journal.record(conn, share.grantee_id, COLLECTION, record) is not None:
            ctx.journal.delete(conn, share.grantee_id, COLLECTION, record)


def forget(ctx: ServiceContext, conn: Connection) -> None:
    """Takes back what was told of shares whose time is over."""
    end(ctx, conn, shares.expired(conn, ctx.clock.now_ms()))


def leave(ctx: ServiceContext, conn: Connection, account_id: str) -> int:
    """Ends shares of an account that is being erased, takes back what was told of them, and forgets how many it
    was told of; how many rows that were."""
    some = shares.with_accounts(conn, account_id)
    end(ctx, conn, some)
    for share in some:
        shares.revoke(conn, account_id, share.id)
    told = text("DELETE FROM files_given_told WHERE grantee_id = :account")
    return len(some) + conn.execute(told, {"account": account_id}).rowcount
