"""Finding a lost device over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts.finding import (
    POINT_BYTES,
    ROUNDS,
    SALT_BYTES,
    SEALED_MOST,
    WRAPPED_BYTES,
    Finding,
)
from pileus.cloud.kernel.http.account_routes import address_of
from pileus.cloud.kernel.http.security_routes import Proof
from pileus.cloud.kernel.service import Caller, Operation, decode, reply
from pileus.core import stated

LIMIT = 16 * 1024


class SealedPlace(msgspec.Struct):
    sealed: Annotated[str, stated.base64(POINT_BYTES + 1, SEALED_MOST)]
    """Base64: an ephemeral point of P-256, then AES-256-GCM's ciphertext (docs/design/finding.md)."""


class PlaceKey(msgspec.Struct):
    """Base64: `public` a point of P-256; `wrapped` the private key (PKCS #8) under the passphrase's key."""

    present: str
    public: Annotated[str, stated.base64(POINT_BYTES)]
    wrapped: Annotated[str, stated.base64(*WRAPPED_BYTES)]
    salt: Annotated[str, stated.base64(*SALT_BYTES)]
    rounds: Annotated[int, stated.number(*ROUNDS)]


def operations(finding: Finding) -> list[Operation]:
    """The kernel's operations on lost devices."""

    async def ring(request: Request, caller: Caller) -> Response:
        await finding.ring(caller, request.path_params["device"], address_of(request))
        return reply(status=204)

    async def locate(request: Request, caller: Caller) -> Response:
        await finding.locate(caller, request.path_params["device"], address_of(request))
        return reply(status=204)

    async def lock(request: Request, caller: Caller) -> Response:
        await finding.lock(caller, request.path_params["device"], address_of(request))
        return reply(status=204)

    async def wipe(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, LIMIT)
        await finding.wipe(caller, request.path_params["device"], wish.present, address_of(request))
        return reply(status=204)

    async def ring_ended(_request: Request, caller: Caller) -> Response:
        await finding.ring_ended(caller)
        return reply(status=204)

    async def place(request: Request, caller: Caller) -> Response:
        wish = await decode(request, SealedPlace, LIMIT)
        await finding.place(caller, wish.sealed)
        return reply(status=204)

    async def set_key(request: Request, caller: Caller) -> Response:
        wish = msgspec.structs.asdict(await decode(request, PlaceKey, LIMIT))
        await finding.set_key(caller, wish.pop("present"), wish, address_of(request))
        return reply(status=204)

    return [
        Operation("POST", "/devices/{device}/ring", ring, "Have a device ring", status=204),
        Operation("POST", "/devices/{device}/locate", locate, "Ask a device where it is", status=204),
        Operation("POST", "/devices/{device}/lock", lock, "Lock a device until the password", status=204),
        Operation(
            "POST", "/devices/{device}/wipe", wipe, "Sign a device out and have it erased", Proof, status=204
        ),
        Operation(
            "POST", "/finding/ring-ended", ring_ended, "This device rings no more", status=204, while_locked=True
        ),
        Operation(
            "PUT",
            "/finding/place",
            place,
            "Where this device is, sealed",
            SealedPlace,
            status=204,
            while_locked=True,
        ),
        Operation("PUT", "/finding/key", set_key, "The key that places are sealed for", PlaceKey, status=204),
    ]
