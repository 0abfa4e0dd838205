"""Shares in the database; everything here runs inside `db.read` or `db.write`. What is not shared is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blake3 import blake3
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import Directory, Journal
from pileus.cloud.services.files import rules, store
from pileus.core.errors import Forbidden, NotFound, Throttled

COLUMNS = (
    "id, account_id, file_id, token_hash, password_hash, grantee_id, writes, created_ms, expires_ms, failures,"
    " blocked_until_ms, family_id, sealed"
)
FAMILY = "(family_id = :family AND account_id <> :account)"
"""Shares with the asking account's family, but for its own."""
MOST = 1000
"""Shares of one account."""
SOME = 200
"""Shares of an erased account that one transaction takes."""
DEPTH = 200
FREE = 5
"""Wrong passwords that cost nothing; each further one doubles the wait, from a second to a quarter of an hour."""
LONGEST_MS = 15 * 60_000
KEPT_MS = 30 * rules.DAY_MS
"""For which an expired share is still listed."""
ABSENT = "This is not shared, or not any more."


@dataclass(frozen=True)
class Share:
    """`account_id` owns the file; `grantee_id` and `family_id` None: whoever has the link."""

    id: str
    account_id: str
    file_id: str
    token_hash: str | None
    password_hash: str | None
    grantee_id: str | None
    writes: bool
    created_ms: int
    expires_ms: int | None
    failures: int = 0
    blocked_until_ms: int = 0
    family_id: str | None = None
    sealed: str = ""
    """Of a file of the vault: its key and name, for the account that it is shared with."""


def token_hash(token: str) -> str:
    """What of a link's token is kept: who reads the database cannot open it."""
    return str(blake3(token.encode(), derive_key_context="pileus files 1 share").hexdigest())


def add(conn: Connection, share: Share) -> None:
    """One for an account or a family takes the place of one that it had. Raises `Throttled`."""
    conn.execute(
        text(
            "DELETE FROM files_share WHERE account_id = :account AND file_id = :file"
            " AND (grantee_id = :grantee OR family_id = :family)"
        ),
        {
            "account": share.account_id,
            "file": share.file_id,
            "grantee": share.grantee_id,
            "family": share.family_id,
        },
    )
    if len(of_owner(conn, share.account_id)) >= MOST:
        raise Throttled("too-many-shares", f"An account has at most {MOST} shares: end some.")
    names = COLUMNS.split(", ")
    values = ", ".join(f":{name}" for name in names)
    conn.execute(
        text(f"INSERT INTO files_share ({COLUMNS}) VALUES ({values})"),  # noqa: S608 - constants
        {name: getattr(share, name) for name in names},
    )


def of_owner(conn: Connection, account_id: str, file: str | None = None) -> list[Share]:
    """All that an account shares, or its shares of one file; the newest first."""
    where = "account_id = :account AND (:file IS NULL OR file_id = :file) ORDER BY created_ms DESC, id"
    return _some(conn, where, {"account": account_id, "file": file})


def of_grantee(conn: Connection, directory: Directory, account_id: str, now_ms: int) -> list[Share]:
    """What others share with an account, or with its family."""
    where = (
        f"(grantee_id = :account OR {FAMILY}) AND (expires_ms IS NULL OR expires_ms > :now)"
        " ORDER BY created_ms DESC, id LIMIT :most"
    )
    key = {"account": account_id, "family": directory.family(conn, account_id), "now": now_ms, "most": MOST}
    return [share for share in _some(conn, where, key) if _holds(conn, directory, share)]


def is_given(conn: Connection, share: Share) -> bool:
    """Whether the account has a share of this file already, of which the time is not over when `share` is made."""
    rows = of_owner(conn, share.account_id, share.file_id)
    had = [one for one in rows if one.grantee_id is not None and one.grantee_id == share.grantee_id]
    return any(one.expires_ms is None or one.expires_ms > share.created_ms for one in had)


def with_accounts(conn: Connection, account_id: str) -> list[Share]:
    """Some of an account's shares with single accounts."""
    where = "account_id = :account AND grantee_id IS NOT NULL LIMIT :some"
    return _some(conn, where, {"account": account_id, "some": SOME})


def expired(conn: Connection, now_ms: int) -> list[Share]:
    """All with single accounts whose time is over."""
    return _some(conn, "expires_ms <= :now AND grantee_id IS NOT NULL", {"now": now_ms})


def for_grantee(conn: Connection, directory: Directory, account_id: str, share: str, now_ms: int) -> Share:
    """Raises `NotFound`, for everything that is not shared with this account, or its family, now."""
    key = {"key": share, "account": account_id, "family": directory.family(conn, account_id)}
    found = _one(conn, f"id = :key AND (grantee_id = :account OR {FAMILY})", key, now_ms)
    if not _holds(conn, directory, found):
        raise NotFound("no-share", ABSENT)
    return found


def by_token(conn: Connection, token: str, now_ms: int) -> Share:
    """Raises `NotFound`: a link that never was, was ended or expired looks the same."""
    return _one(conn, "token_hash = :key AND grantee_id IS NULL", {"key": token_hash(token)}, now_ms)


def revoke(conn: Connection, account_id: str, share: str) -> Share:
    """Ends one of the owner's, or one that the account was given: what it was. Raises `NotFound`."""
    row = conn.execute(
        text(
            "DELETE FROM files_share WHERE id = :id AND (account_id = :account OR grantee_id = :account)"  # noqa: S608
            f" RETURNING {COLUMNS}"
        ),
        {"id": share, "account": account_id},
    ).first()
    if row is None:
        raise NotFound("no-share", ABSENT)
    return Share(*row)


def forget(conn: Connection, now_ms: int) -> None:
    """Drops shares that expired long ago."""
    conn.execute(text("DELETE FROM files_share WHERE expires_ms < :before"), {"before": now_ms - KEPT_MS})


def reach(conn: Connection, journal: Journal, share: Share, file: str) -> dict[str, Any]:
    """The fields of a live file that is what is shared, or lies in it; raises `NotFound`.

    What is in the vault, or lies in a folder of it, is not there but for the file that was shared by its key.
    """
    place, way = file, [file]
    while place != share.file_id:
        row = conn.execute(
            text("SELECT parent FROM files_entry WHERE account_id = :account AND file_id = :file"),
            {"account": share.account_id, "file": place},
        ).first()
        if row is None or not row.parent or len(way) > DEPTH:
            raise NotFound("no-share", ABSENT)
        place = str(row.parent)
        way.append(place)
    found = journal.named(conn, share.account_id, store.COLLECTION, way)
    if file not in found or place not in found:
        raise NotFound("no-share", ABSENT)
    if not all(shown(share, one, record.fields) for one, record in found.items()):
        raise NotFound("no-share", ABSENT)
    return found[file].fields


def shown(share: Share, file: str, fields: dict[str, Any]) -> bool:
    """Whether a share may tell of it: of the vault that is the one file whose key goes with the share."""
    return not fields.get("sealed") or (file == share.file_id and bool(share.sealed))


def inside(conn: Connection, journal: Journal, share: Share, folder: str) -> dict[str, dict[str, Any]]:
    """What lies in a shared folder and is not the vault's, by id; of all in it the first thousand by name."""
    rows = conn.execute(
        text(
            "SELECT file_id FROM files_entry WHERE account_id = :account AND parent = :folder"
            " ORDER BY name LIMIT :most"
        ),
        {"account": share.account_id, "folder": folder, "most": MOST},
    )
    found = journal.named(conn, share.account_id, store.COLLECTION, [str(row.file_id) for row in rows])
    entries = sorted(found.items(), key=lambda one: (not rules.is_folder(one[1].fields), one[1].fields["name"]))
    return {name: record.fields for name, record in entries if shown(share, name, record.fields)}


def may_write(share: Share) -> None:
    if not share.writes:
        raise Forbidden("share-read-only", "This was shared with you for reading.")


def try_password(conn: Connection, share: str, now_ms: int) -> None:
    """Counts a password as wrong before it is looked at, so that many at once are no way around the wait.

    In the database: a restart forgives nothing. Raises `Throttled` while there is a wait.
    """
    key = {"id": share}
    row = conn.execute(text("SELECT failures, blocked_until_ms FROM files_share WHERE id = :id"), key).first()
    if row is None:
        raise NotFound("no-share", ABSENT)
    if row.blocked_until_ms > now_ms:
        raise Throttled("share-throttled", "Too many wrong passwords: wait, then try again.")
    over = row.failures + 1 - FREE
    wait = 0 if over < 0 else min(1000 * 2 ** min(over, 20), LONGEST_MS)
    _count(conn, share, row.failures + 1, now_ms + wait)


def password_was_right(conn: Connection, share: str) -> None:
    _count(conn, share, 0, 0)


def _count(conn: Connection, share: str, failures: int, until_ms: int) -> None:
    conn.execute(
        text("UPDATE files_share SET failures = :failures, blocked_until_ms = :until WHERE id = :id"),
        {"id": share, "failures": failures, "until": until_ms},
    )


def _holds(conn: Connection, directory: Directory, share: Share) -> bool:
    """A family's share ends with its owner's place in that family."""
    return share.family_id is None or directory.family(conn, share.account_id) == share.family_id


def _some(conn: Connection, where: str, key: dict[str, Any]) -> list[Share]:
    rows = conn.execute(text(f"SELECT {COLUMNS} FROM files_share WHERE {where}"), key)  # noqa: S608 - constants
    return [Share(*row) for row in rows]


def _one(conn: Connection, where: str, key: dict[str, Any], now_ms: int) -> Share:
    row = conn.execute(
        text(
            f"SELECT {COLUMNS} FROM files_share WHERE {where}"  # noqa: S608 - constants
            " AND (expires_ms IS NULL OR expires_ms > :now)"
        ),
        {**key, "now": now_ms},
    ).first()
    if row is None:
        raise NotFound("no-share", ABSENT)
    return Share(*row)
