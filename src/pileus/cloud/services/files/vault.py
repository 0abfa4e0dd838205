"""The vault's keys in the database, all of them wrapped; everything here runs inside `db.read` or `db.write`."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from blake3 import blake3
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import Journal, Push, PushNote
from pileus.cloud.services.files import rules
from pileus.core.errors import Conflict, Forbidden, NotFound

ASKS = "files.vault-ask"
"""Records by which the account's devices hear which of them asks to be let in; by its id."""
ANEW, ANEW_RECORD = "files.vault-anew", "vault"
"""The record by which the account's devices hear which of them last began the vault anew."""
ASK_MS = 10 * 60_000
"""For so long a device that asks to be let in waits for an answer."""
LIVE = "device_id IN (SELECT id FROM device WHERE account_id = :account)"
"""Devices that are signed in: what was kept for another one is never told again."""


@dataclass(frozen=True)
class Vault:
    """`wrapped`: the area key under the recovery code. `public`: for what others seal for it; `pair`: with the
    private part, as the vault sealed it; both "" until its owner is to be shared with. `verifier`: as `hashed`."""

    key_id: str
    wrapped: str
    made_ms: int
    verifier: str
    public: str = ""
    pair: str = ""


@dataclass(frozen=True)
class Ask:
    """`proof` tells who knows the code that the device shows; `answer` is "" until another device let it in."""

    device: str
    name: str
    salt: str
    proof: str
    answer: str
    asked_ms: int


def hashed(verifier: bytes) -> str:
    """What is kept of what a holder of the key shows: who reads the database cannot show it. 32 bytes that were
    derived from a random key need no slow hash."""
    return str(blake3(verifier, derive_key_context="pileus files 1 vault verifier").hexdigest())


def make(conn: Connection, account_id: str, device_id: str, vault: Vault, held: str) -> None:
    """With the key as the device that makes it holds it. Raises `Conflict` where there is one."""
    if find(conn, account_id) is not None:
        raise Conflict("vault-exists", "There is a vault already. Let this device in from another one.")
    conn.execute(
        text(
            "INSERT INTO files_vault (account_id, key_id, wrapped, made_ms, verifier)"
            " VALUES (:account, :key_id, :wrapped, :made, :verifier)"
        ),
        {
            "account": account_id,
            "key_id": vault.key_id,
            "wrapped": vault.wrapped,
            "made": vault.made_ms,
            "verifier": vault.verifier,
        },
    )
    hold(conn, account_id, device_id, vault.key_id, held, vault.verifier, vault.made_ms)


def anew(conn: Connection, account_id: str, device_id: str, vault: Vault, held: str) -> None:
    """Another key in place of the one that nobody holds: who held it holds none, and what was shared by it
    ends. Raises `NotFound` where there is no vault."""
    if find(conn, account_id) is None:
        raise NotFound("no-vault", "There is no vault.")
    mine = {"account": account_id}
    for table in ("files_vault", "files_vault_device", "files_vault_ask"):
        conn.execute(text(f"DELETE FROM {table} WHERE account_id = :account"), mine)  # noqa: S608 - constants
    for table in ("files_share", "files_upload"):
        conn.execute(text(f"DELETE FROM {table} WHERE account_id = :account AND sealed <> ''"), mine)  # noqa: S608
    make(conn, account_id, device_id, vault, held)


def tell_anew(
    conn: Connection, journal: Journal, push: Push, account_id: str, device_id: str, now_ms: int
) -> None:
    """The account's other devices hear that what the old key sealed is gone, and who did it."""
    query = text("SELECT id, name FROM device WHERE account_id = :account")
    names = {str(row.id): str(row.name) for row in conn.execute(query, {"account": account_id})}
    told = {"device": device_id, "name": names.pop(device_id, ""), "begun_ms": now_ms}
    journal.put(conn, account_id, ANEW, ANEW_RECORD, told)
    for other in names:
        push.tell(conn, account_id, PushNote("vault-anew", "vault-anew", told, urgency="high"), other)


def find(conn: Connection, account_id: str) -> Vault | None:
    row = conn.execute(
        text(
            "SELECT key_id, wrapped, made_ms, verifier, public, pair FROM files_vault WHERE account_id = :account"
        ),
        {"account": account_id},
    ).first()
    return None if row is None else Vault(*row)


def same(conn: Connection, account_id: str, key_id: str) -> None:
    """Raises `Conflict` where the vault has another key than this by now."""
    found = find(conn, account_id)
    if found is None or found.key_id != key_id:
        raise Conflict("vault-changed", "The vault was started over on another device in this very moment.")


def check_key(conn: Connection, account_id: str, sealed: str) -> None:
    """Raises `Conflict` where the vault's key is another one than that by which a file or folder is sealed."""
    found = find(conn, account_id)
    if found is not None and found.key_id != rules.key_of(sealed):
        raise rules.other_key()


def rewrap(conn: Connection, account_id: str, device_id: str, key_id: str, wrapped: str, verifier: str) -> None:
    """Another recovery code for the same key. Raises `Conflict` for a device that does not hold it, and
    `Forbidden` for one that only says so."""
    if held(conn, account_id, device_id, key_id) is None:
        raise Conflict("vault-closed", "This device does not hold the vault's key.")
    _check_holder(find(conn, account_id), verifier)
    conn.execute(
        text("UPDATE files_vault SET wrapped = :wrapped WHERE account_id = :account AND key_id = :key_id"),
        {"account": account_id, "key_id": key_id, "wrapped": wrapped},
    )


def set_pair(conn: Connection, account_id: str, device_id: str, public: str, pair: str) -> None:
    """Once a vault: whoever was told the number of the one before could not reach it. Raises `Conflict`."""
    vault = find(conn, account_id)
    if vault is None or held(conn, account_id, device_id, vault.key_id) is None:
        raise Conflict("vault-closed", "This device does not hold the vault's key.")
    if vault.public:
        raise Conflict("vault-pair", "The vault has a pair of keys already.")
    conn.execute(
        text("UPDATE files_vault SET public = :public, pair = :pair WHERE account_id = :account"),
        {"account": account_id, "public": public, "pair": pair},
    )


def hold(
    conn: Connection, account_id: str, device_id: str, key_id: str, wrapped: str, verifier: str, now_ms: int
) -> None:
    """The device holds the key from now on, and asks no more. Raises `NotFound` where that is no vault's key, and
    `Forbidden` where what was shown (hashed) is not this key's."""
    vault = find(conn, account_id)
    if vault is None or vault.key_id != key_id:
        raise NotFound("no-vault", "There is no vault with this key.")
    _check_holder(vault, verifier)
    forget(conn, account_id)
    _expire(conn, account_id, now_ms)
    key = {"account": account_id, "device": device_id}
    conn.execute(
        text(
            "INSERT INTO files_vault_device (account_id, device_id, key_id, wrapped, since_ms)"
            " VALUES (:account, :device, :key_id, :wrapped, :now) ON CONFLICT (account_id, device_id)"
            " DO UPDATE SET key_id = excluded.key_id, wrapped = excluded.wrapped, since_ms = excluded.since_ms"
        ),
        {**key, "key_id": key_id, "wrapped": wrapped, "now": now_ms},
    )
    drop_ask(conn, account_id, device_id)


def held(conn: Connection, account_id: str, device_id: str, key_id: str) -> str | None:
    """The key as this device wrapped it; None where it does not hold it."""
    found = conn.execute(
        text(
            "SELECT wrapped FROM files_vault_device"
            " WHERE account_id = :account AND device_id = :device AND key_id = :key_id"
        ),
        {"account": account_id, "device": device_id, "key_id": key_id},
    ).scalar()
    return None if found is None else str(found)


def holders(conn: Connection, account_id: str, key_id: str) -> list[str]:
    """Ids of the signed-in devices that hold the key, the oldest first."""
    rows = conn.execute(
        text(
            "SELECT device_id FROM files_vault_device"  # noqa: S608 - constant
            f" WHERE account_id = :account AND key_id = :key_id AND {LIVE} ORDER BY since_ms, device_id"
        ),
        {"account": account_id, "key_id": key_id},
    )
    return [str(one) for one in rows.scalars()]


def let_go(conn: Connection, account_id: str, device_id: str) -> None:
    """The device holds the key no more."""
    conn.execute(
        text("DELETE FROM files_vault_device WHERE account_id = :account AND device_id = :device"),
        {"account": account_id, "device": device_id},
    )


def ask(conn: Connection, account_id: str, device_id: str, salt: str, proof: str, now_ms: int) -> None:
    """In place of what it asked before. Raises `NotFound` where there is no vault."""
    if find(conn, account_id) is None:
        raise NotFound("no-vault", "There is no vault.")
    _expire(conn, account_id, now_ms)
    drop_ask(conn, account_id, device_id)
    conn.execute(
        text(
            "INSERT INTO files_vault_ask (account_id, device_id, salt, proof, answer, asked_ms)"
            " VALUES (:account, :device, :salt, :proof, '', :now)"
        ),
        {"account": account_id, "device": device_id, "salt": salt, "proof": proof, "now": now_ms},
    )


def asks(conn: Connection, account_id: str, now_ms: int) -> list[Ask]:
    """Of signed-in devices that still wait, the newest first."""
    rows = conn.execute(
        text(
            "SELECT a.device_id, d.name, a.salt, a.proof, a.answer, a.asked_ms FROM files_vault_ask AS a"
            " JOIN device AS d ON d.id = a.device_id AND d.account_id = a.account_id"
            " WHERE a.account_id = :account AND a.asked_ms > :after ORDER BY a.asked_ms DESC, a.device_id"
        ),
        {"account": account_id, "after": now_ms - ASK_MS},
    )
    return [Ask(*row) for row in rows]


def answer(
    conn: Connection, account_id: str, device_id: str, asking: str, salt: str, sealed: str, now_ms: int
) -> None:
    """Lets a device in that asked with this salt. Raises `Conflict` for who does not hold the key itself, and
    `NotFound` where the device waits no more, or asks anew."""
    vault = find(conn, account_id)
    if vault is None or held(conn, account_id, device_id, vault.key_id) is None:
        raise Conflict("vault-closed", "This device does not hold the vault's key.")
    if not any(one.device == asking and one.salt == salt for one in asks(conn, account_id, now_ms)):
        raise _no_ask()
    conn.execute(
        text(
            "UPDATE files_vault_ask SET answer = :answer"
            " WHERE account_id = :account AND device_id = :device AND salt = :salt"
        ),
        {"account": account_id, "device": asking, "salt": salt, "answer": sealed},
    )


def drop_ask(conn: Connection, account_id: str, device_id: str) -> bool:
    """Whether it asked."""
    dropped = conn.execute(
        text("DELETE FROM files_vault_ask WHERE account_id = :account AND device_id = :device"),
        {"account": account_id, "device": device_id},
    )
    return dropped.rowcount > 0


def deny(conn: Connection, account_id: str, device_id: str) -> None:
    """Raises `NotFound` where that device does not ask."""
    if not drop_ask(conn, account_id, device_id):
        raise _no_ask()


def _no_ask() -> NotFound:
    return NotFound("no-vault-ask", "That device does not wait any more. Let it ask again.")


def expire(conn: Connection, journal: Journal, now_ms: int) -> None:
    """Drops asks of all accounts that wait no more."""
    query = text("SELECT DISTINCT account_id FROM files_vault_ask WHERE asked_ms <= :before")
    for account_id in list(conn.execute(query, {"before": now_ms - ASK_MS}).scalars()):
        _expire(conn, account_id, now_ms)
        tell_asks(conn, journal, account_id, now_ms)


def _expire(conn: Connection, account_id: str, now_ms: int) -> None:
    """An answer has the key under a short code, which is not to lie about."""
    conn.execute(
        text("DELETE FROM files_vault_ask WHERE account_id = :account AND asked_ms <= :before"),
        {"account": account_id, "before": now_ms - ASK_MS},
    )


def tell_asks(conn: Connection, journal: Journal, account_id: str, now_ms: int) -> None:
    """Makes the records of those that ask, and deletes those of others."""
    waiting = {one.device: one for one in asks(conn, account_id, now_ms) if not one.answer}
    there = {record.id: record.fields for record in journal.records(conn, account_id, ASKS)}
    for device in there.keys() - waiting.keys():
        journal.delete(conn, account_id, ASKS, device)
    for device, one in waiting.items():
        fields = {"name": one.name, "asked_ms": one.asked_ms}
        if there.get(device) != fields:
            journal.put(conn, account_id, ASKS, device, fields)


def forget(conn: Connection, account_id: str) -> None:
    """What was kept for devices that are signed out."""
    for table in ("files_vault_device", "files_vault_ask"):
        conn.execute(
            text(f"DELETE FROM {table} WHERE account_id = :account AND NOT {LIVE}"),  # noqa: S608 - constants
            {"account": account_id},
        )


def _check_holder(vault: Vault | None, verifier: str) -> None:
    if vault is None or not hmac.compare_digest(vault.verifier, verifier):
        raise Forbidden("vault-unproven", "This device did not show that it knows the vault's key.")
