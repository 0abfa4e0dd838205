"""Passkeys: key pairs of an authenticator, beside the password (Web Authentication Level 3).

The cloud keeps public keys only. An authenticator signs for one name and one origin, this cloud's own, and has to
have verified its owner (by a PIN, a finger, a face): a passkey is all that a sign-in needs.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, delete, insert, select, update

from pileus.cloud.kernel.accounts import log, rows, rules, tries
from pileus.cloud.kernel.accounts.challenges import Challenges
from pileus.cloud.kernel.accounts.store import Accounts, SignedIn
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized
from pileus.core.ids import new_id
from pileus.core.settings import Settings

MOST = 20
"""An account's passkeys at most."""
SIGN_IN = "sign-in"
T = TypeVar("T")


@dataclass(frozen=True)
class RelyingParty:
    """Whom an authenticator signs for: a host's name (the RP ID), and the one origin that may ask."""

    id: str
    origin: str


@dataclass(frozen=True)
class Passkey:
    id: str
    account_id: str
    name: str
    credential_id: bytes
    public_key: bytes
    """COSE_Key (RFC 9052)."""
    sign_count: int
    """What the authenticator counted to at its last use; 0 where it does not count."""
    made_ms: int
    used_ms: int | None


def relying_party(settings: Settings) -> RelyingParty | None:
    """From the cloud's own address; None where that is a bare IP address, which no authenticator signs for."""
    origin = settings.shell_origins[0]
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return RelyingParty(host, origin)
    return None


class Passkeys:
    """Passkeys of accounts, and signing in with one."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, party: RelyingParty | None) -> None:
        self._db, self._clock, self._accounts = db, clock, accounts
        self._party = party
        self._challenges = Challenges(clock)

    async def all(self, account_id: str) -> list[Passkey]:
        """The oldest first."""
        return await self._db.read_async(lambda conn: _of_account(conn, account_id))

    async def ask_new(self, caller: Caller, present: str, address: str) -> dict[str, Any]:
        """`PublicKeyCredentialCreationOptionsJSON` for an authenticator that the account has no passkey of.

        Raises `Forbidden` where the password is another one, or where this cloud has no name to sign for.
        """
        party = self._needed_party()
        await self._accounts.prove(caller, present, address)
        account = await self._accounts.account(caller.account_id)
        known = [one.credential_id for one in await self.all(caller.account_id)]
        challenge = self._challenges.make(_for_new(caller))
        return await asyncio.to_thread(_creation, party, account, challenge, known)

    async def add(self, caller: Caller, name: str, credential: dict[str, Any], address: str) -> Passkey:
        """Keeps what an authenticator answered; raises `Invalid` for an answer to another question."""
        party = self._needed_party()
        shown = rules.visible_name("passkey-name", name)
        challenge = _challenge(credential)
        if not self._challenges.spend(challenge, _for_new(caller)):
            raise Invalid("passkey-late", "This was asked for too long ago, or is used already: begin again.")
        new = await asyncio.to_thread(_registered, party, challenge, credential)
        if new is None:
            raise Invalid("passkey-malformed", "The authenticator's answer is not one for this cloud.")
        credential_id, public_key, sign_count = new

        def write(conn: Connection) -> Passkey:
            if len(_of_account(conn, caller.account_id)) >= MOST:
                raise Conflict("too-many-passkeys", f"An account has {MOST} passkeys at most: remove one first.")
            if _by_credential(conn, credential_id) is not None:
                raise Conflict("passkey-known", "This passkey is there already.")
            now = self._clock.now_ms()
            one = Passkey(new_id(now), caller.account_id, shown, credential_id, public_key, sign_count, now, None)
            conn.execute(insert(tables.passkey).values(**vars(one)))
            self._note(conn, caller, "passkey-added", address, shown)
            return one

        return await self._db.write_async(write)

    async def rename(self, caller: Caller, passkey_id: str, name: str, address: str) -> Passkey:
        """Raises `NotFound`, or `Invalid` for a name that nobody could read."""
        shown = rules.visible_name("passkey-name", name)

        def write(conn: Connection) -> Passkey:
            old = _one(conn, caller.account_id, passkey_id)
            mine = update(tables.passkey).where(tables.passkey.c.id == old.id)
            conn.execute(mine.values(name=shown))
            if shown != old.name:
                self._note(conn, caller, "passkey-renamed", address, f"{old.name} → {shown}")
            return _one(conn, caller.account_id, passkey_id)

        return await self._db.write_async(write)

    async def remove(self, caller: Caller, passkey_id: str, address: str) -> None:
        """Raises `NotFound`. The account keeps its password, so that this is never the last way in."""

        def write(conn: Connection) -> None:
            gone = _one(conn, caller.account_id, passkey_id)
            conn.execute(delete(tables.passkey).where(tables.passkey.c.id == gone.id))
            self._note(conn, caller, "passkey-removed", address, gone.name)

        await self._db.write_async(write)

    async def ask_sign_in(self) -> dict[str, Any]:
        """`PublicKeyCredentialRequestOptionsJSON` for whatever passkey the authenticator has for this cloud."""
        party = self._needed_party()
        return await asyncio.to_thread(_request, party, self._challenges.make(SIGN_IN))

    async def sign_in(self, credential: dict[str, Any], device: str, address: str) -> SignedIn:
        """Raises `Unauthorized` for what is no such passkey's answer, `Throttled` after too many of those."""
        party = self._needed_party()
        keys = {f"passkey-address:{address}": rules.ADDRESS}
        await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
        challenge, credential_id = _challenge(credential), _decoded(credential.get("rawId"))
        fresh = self._challenges.spend(challenge, SIGN_IN)
        found = await self._db.read_async(lambda conn: _by_credential(conn, credential_id))
        count: int | None = None
        if found is not None and fresh and _is_of(found.account_id, credential):
            count = await asyncio.to_thread(_asserted, party, challenge, credential, found)
        if found is None or count is None:
            await self._accounts.refuse(found.account_id if found else None, keys, "passkey-refused", address)
            raise _refused()

        def write(conn: Connection) -> SignedIn:
            # Of two answers with the same count one is a copy's; a removed passkey is worth nothing.
            if not _use(conn, found.id, count, self._clock.now_ms()):
                raise _refused()
            tries.forgive(conn, keys)
            account = rows.get(conn, found.account_id)
            return self._accounts.new_device(conn, account, device, address, "passkey-signed-in", found.name)

        return await self._db.write_async(write)

    def _needed_party(self) -> RelyingParty:
        if self._party is None:
            raise Forbidden("passkeys-need-name", "Passkeys need a cloud with a name, not a bare IP address.")
        return self._party

    def _note(self, conn: Connection, caller: Caller, event: log.Event, address: str, about: str) -> None:
        self._accounts.note(conn, caller.account_id, event, self._accounts.source(conn, caller, address), about)


# The library and what it draws in are loaded when a passkey is used: an idle cloud has no need of them.


def _creation(party: RelyingParty, account: rows.Account, challenge: bytes, known: list[bytes]) -> dict[str, Any]:
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict, structs

    return options_to_json_dict(
        generate_registration_options(
            rp_id=party.id,
            rp_name="Pileus",
            user_name=account.name,
            user_id=account.id.encode(),
            challenge=challenge,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
        )
    )


def _request(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict, structs

    required = structs.UserVerificationRequirement.REQUIRED
    return options_to_json_dict(
        generate_authentication_options(rp_id=party.id, challenge=challenge, user_verification=required)
    )


def _registered(
    party: RelyingParty, challenge: bytes, credential: dict[str, Any]
) -> tuple[bytes, bytes, int] | None:
    """The credential's id, public key and count; None where the answer is not one to this question."""
    from webauthn import verify_registration_response

    verified = _verified(
        lambda: verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    )
    if verified is None:
        return None
    return verified.credential_id, verified.credential_public_key, verified.sign_count


def _asserted(party: RelyingParty, challenge: bytes, credential: dict[str, Any], found: Passkey) -> int | None:
    """What the authenticator counted to; None where the answer is not this passkey's to this question."""
    from webauthn import verify_authentication_response

    verified = _verified(
        lambda: verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=found.public_key,
            credential_current_sign_count=found.sign_count,
            require_user_verification=True,
        )
    )
    return None if verified is None else verified.new_sign_count


def _verified(check: Callable[[], T]) -> T | None:
    try:
        return check()
    except Exception:
        # Every way in which hostile CBOR, keys or certificates break the reader is the same refusal.
        return None


def _challenge(credential: Mapping[str, Any]) -> bytes:
    """What the client says that was signed; empty where it says nothing that can be read."""
    try:
        data = json.loads(_decoded(credential["response"]["clientDataJSON"]))
        return _decoded(data["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return b""


def _decoded(text: object) -> bytes:
    """Base64url; empty where it is none."""
    try:
        return base64.urlsafe_b64decode(f"{text}===") if isinstance(text, str) else b""
    except ValueError:
        return b""


def _is_of(account_id: str, credential: Mapping[str, Any]) -> bool:
    """A passkey that is found without an allow list names its account (§7.2, step 6)."""
    return _decoded(credential["response"].get("userHandle")) == account_id.encode()


def _for_new(caller: Caller) -> str:
    return f"new:{caller.account_id}:{caller.device_id}"


def _refused() -> Unauthorized:
    return Unauthorized("wrong-passkey", "This passkey does not sign in here.")


def _of_account(conn: Connection, account_id: str) -> list[Passkey]:
    table = tables.passkey
    mine = select(table).where(table.c.account_id == account_id).order_by(table.c.made_ms, table.c.id)
    return [_passkey(row) for row in conn.execute(mine)]


def _one(conn: Connection, account_id: str, passkey_id: str) -> Passkey:
    table = tables.passkey
    mine = select(table).where(table.c.account_id == account_id, table.c.id == passkey_id)
    row = conn.execute(mine).first()
    if row is None:
        raise NotFound("no-passkey", "This passkey was removed.")
    return _passkey(row)


def _by_credential(conn: Connection, credential_id: bytes) -> Passkey | None:
    row = conn.execute(select(tables.passkey).where(tables.passkey.c.credential_id == credential_id)).first()
    return _passkey(row) if row else None


def _use(conn: Connection, passkey_id: str, count: int, now_ms: int) -> bool:
    """Whether it is still there and counted on; one that does not count stays at 0 (§7.2, step 22)."""
    table = tables.passkey
    on = table.c.sign_count < count if count else table.c.sign_count == 0
    mine = update(table).where(table.c.id == passkey_id, on)
    return conn.execute(mine.values(sign_count=count, used_ms=now_ms)).rowcount == 1


def _passkey(row: Row[tuple[object, ...]]) -> Passkey:
    return Passkey(
        row.id,
        row.account_id,
        row.name,
        bytes(row.credential_id),
        bytes(row.public_key),
        row.sign_count,
        row.made_ms,
        row.used_ms,
    )
