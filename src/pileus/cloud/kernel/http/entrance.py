"""Who comes with a request, and what they may ask for: a device all, an app password what its scopes say."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, replace
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.accounts.app_passwords import AppPasswords, Visit, is_secret
from pileus.cloud.kernel.http.account_routes import address_of
from pileus.cloud.kernel.http.paces import Paces
from pileus.cloud.kernel.service import BY_RECORD, Caller, Operation
from pileus.core.errors import Forbidden, Unauthorized

Part = TypeVar("Part")
NOBODY = Caller("", "")
SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110 §9.2.1)."""


@dataclass(frozen=True)
class Credentials:
    """What an Authorization header carries. `name` None: a bearer's (RFC 6750); else Basic's (RFC 7617)."""

    name: str | None
    secret: str


def credentials(header: str) -> Credentials | None:
    """None where there are none that could be anybody's."""
    scheme, _, rest = header.partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer" and rest:
        return Credentials(None, rest)
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(name, secret) if colon else None


class Entrance:
    """Every request passes here. Whatever no scope names is closed to app passwords."""

    def __init__(self, accounts: Accounts, app_passwords: AppPasswords, paces: Paces) -> None:
        self._accounts, self._app_passwords, self._paces = accounts, app_passwords, paces

    async def answer(self, operation: Operation, request: Request) -> Response:
        """Asks the operation; what goes to or fro by an app password ends when that is removed.

        Raises `Unauthorized` for nobody's credentials, `Forbidden` out of an app password's scopes, `Throttled`
        for what costs much and comes too often.
        """
        shown = credentials(request.headers.get("authorization", ""))
        if shown is None:
            if operation.public:
                return await operation.handler(request, NOBODY)
            raise Unauthorized("no-token", "Sign in: this needs a bearer token.")
        if shown.name is None and not is_secret(shown.secret):
            caller = await self._accounts.caller(shown.secret)
            if caller is None:
                raise await self._accounts.ended(shown.secret, address_of(request))
            if caller.locked and not operation.while_locked:
                raise Forbidden("device-locked", "This device was locked: it needs the account's password.")
            self._bound(operation, caller)
            return await operation.handler(request, replace(caller, address=address_of(request)))
        visit = await self._app_passwords.enter(shown.name, shown.secret, address_of(request))
        if not may_ask(operation, visit.caller):
            raise Forbidden("out-of-scope", "This app password is not for that.")
        self._bound(operation, visit.caller)
        return _watched(await operation.handler(_received(request, visit), visit.caller), visit)

    def _bound(self, operation: Operation, caller: Caller) -> None:
        if operation.costly is not None:
            self._paces.take(operation.costly, caller)


def may_ask(operation: Operation, caller: Caller) -> bool:
    """Whether the caller's scopes open an operation; with `BY_RECORD` its handler sees to the rest."""
    if caller.scopes is None:
        return True
    if operation.devices_only:
        return False
    write = operation.method not in SAFE
    if operation.scope == BY_RECORD:
        return any(caller.may(scope, write=write) for scope in caller.scopes)
    return caller.may(operation.scope, write=write)


def _received(request: Request, visit: Visit) -> Request:
    """The request, whose body breaks off when the visit ends."""

    async def receive() -> Message:
        message = await request.receive()
        visit.check()
        return message

    return Request(request.scope, receive)


def _watched(response: Response, visit: Visit) -> Response:
    """The response, whose body breaks off when the visit ends."""
    visit.check()
    if isinstance(response, StreamingResponse):
        response.body_iterator = _until_ended(response.body_iterator, visit)
    return response


async def _until_ended(body: AsyncIterable[Part], visit: Visit) -> AsyncIterator[Part]:
    async for part in body:
        visit.check()
        yield part
