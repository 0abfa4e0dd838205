"""Passkeys over HTTP: the account's own, and signing in with one."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts.passkeys import Passkey, Passkeys
from pileus.cloud.kernel.accounts.stated import VisibleName
from pileus.cloud.kernel.http.account_routes import Session, address_of, session
from pileus.cloud.kernel.http.security_routes import Proof
from pileus.cloud.kernel.service import Caller, Operation, Quota, decode, reply

LIMIT = 64 * 1024


class PasskeyInfo(msgspec.Struct):
    id: str
    name: str
    made_at: int
    """Milliseconds since 1970 UTC, as `used_at`."""
    used_at: int | None


class PasskeyName(msgspec.Struct):
    name: VisibleName


class AuthenticatorOptions(msgspec.Struct):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."""

    public_key: dict[str, Any]


class Attestation(msgspec.Struct):
    client_data: str = msgspec.field(name="clientDataJSON")
    attestation_object: str = msgspec.field(name="attestationObject")


class NewCredential(msgspec.Struct):
    """`RegistrationResponseJSON` (Web Authentication §5.1); members that nobody reads may be there."""

    id: str
    raw_id: str = msgspec.field(name="rawId")
    type: str
    response: Attestation


class NewPasskey(msgspec.Struct):
    name: VisibleName
    credential: NewCredential


class Assertion(msgspec.Struct):
    client_data: str = msgspec.field(name="clientDataJSON")
    authenticator_data: str = msgspec.field(name="authenticatorData")
    signature: str
    user_handle: str = msgspec.field(name="userHandle")


class Credential(msgspec.Struct):
    """`AuthenticationResponseJSON`."""

    id: str
    raw_id: str = msgspec.field(name="rawId")
    type: str
    response: Assertion


class PasskeySignIn(msgspec.Struct):
    credential: Credential
    device_name: str = ""


def operations(passkeys: Passkeys, quota: Quota) -> list[Operation]:
    """The kernel's operations on passkeys."""

    async def known(_request: Request, caller: Caller) -> Response:
        return reply([info(one) for one in await passkeys.all(caller.account_id)])

    async def ask_new(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, LIMIT)
        return reply(AuthenticatorOptions(await passkeys.ask_new(caller, wish.present, address_of(request))))

    async def add(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewPasskey, LIMIT)
        credential = msgspec.to_builtins(wish.credential)
        return reply(info(await passkeys.add(caller, wish.name, credential, address_of(request))), 201)

    async def rename(request: Request, caller: Caller) -> Response:
        wish = await decode(request, PasskeyName, LIMIT)
        passkey = request.path_params["passkey"]
        return reply(info(await passkeys.rename(caller, passkey, wish.name, address_of(request))))

    async def remove(request: Request, caller: Caller) -> Response:
        await passkeys.remove(caller, request.path_params["passkey"], address_of(request))
        return reply(status=204)

    async def ask_sign_in(_request: Request, _caller: Caller) -> Response:
        return reply(AuthenticatorOptions(await passkeys.ask_sign_in()))

    async def sign_in(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, PasskeySignIn, LIMIT)
        credential = msgspec.to_builtins(wish.credential)
        signed = await passkeys.sign_in(credential, wish.device_name, address_of(request))
        return reply(session(signed, await quota.used(signed.account.id)))

    return [
        Operation("GET", "/account/passkeys", known, "The account's passkeys", response=list[PasskeyInfo]),
        Operation(
            "POST",
            "/account/passkeys/options",
            ask_new,
            "What to ask an authenticator for a new passkey",
            Proof,
            AuthenticatorOptions,
        ),
        Operation("POST", "/account/passkeys", add, "Keep a new passkey", NewPasskey, PasskeyInfo, 201),
        Operation("PATCH", "/account/passkeys/{passkey}", rename, "Name a passkey", PasskeyName, PasskeyInfo),
        Operation("DELETE", "/account/passkeys/{passkey}", remove, "Remove a passkey", status=204),
        Operation(
            "POST",
            "/sign-in/passkey/options",
            ask_sign_in,
            "What to ask an authenticator to sign in",
            response=AuthenticatorOptions,
            public=True,
        ),
        Operation(
            "POST",
            "/sign-in/passkey",
            sign_in,
            "Sign a device in with a passkey",
            PasskeySignIn,
            Session,
            public=True,
        ),
    ]


def info(one: Passkey) -> PasskeyInfo:
    return PasskeyInfo(one.id, one.name, one.made_ms, one.used_ms)
