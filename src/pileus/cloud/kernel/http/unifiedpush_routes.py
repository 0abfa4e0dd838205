"""The cloud as a push service over HTTP: for devices, and for servers of apps."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.http.account_routes import address_of
from pileus.cloud.kernel.push.distributor import APP_LONGEST, BODY_MOST, Distributor, Posted, Registration
from pileus.cloud.kernel.service import Caller, Operation, decode, number, number_of, read_limited, reply
from pileus.core import stated
from pileus.core.errors import Invalid

LIMIT = 16 * 1024
DAY = 24 * 3600
TOPIC = re.compile(r"[A-Za-z0-9_-]{0,32}")
ENCODING = re.compile(r"[a-z0-9_-]{0,32}")


class NewRegistration(msgspec.Struct):
    app: Annotated[str, stated.text(1, APP_LONGEST, r"(?:[^\p{C}\p{Z}]| )+")]
    """What the device calls it; nobody else sees it."""
    vapid: str | None = None
    """The key (RFC 8292, base64url) of the only server that may post; None: whoever has the address."""


class RegistrationInfo(msgspec.Struct):
    id: str
    app: str
    vapid: str | None
    made_at: int
    """Milliseconds since 1970 UTC."""


class NewEndpoint(msgspec.Struct):
    registration: RegistrationInfo
    endpoint: str
    """Told this once: it is a secret between the app and its server."""


class ArrivalInfo(msgspec.Struct):
    number: int
    registration: str
    body: bytes
    """Base64."""
    encoding: str
    """`aes128gcm` where it is encrypted by RFC 8291; "" where its server did not say."""
    at: int


class Discovery(msgspec.Struct):
    version: int


class Discovered(msgspec.Struct):
    unifiedpush: Discovery


def operations(distributor: Distributor) -> list[Operation]:
    """The kernel's operations on addresses for apps."""

    async def register(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewRegistration, LIMIT)
        made, endpoint = await distributor.register(caller, wish.app, wish.vapid)
        return reply(NewEndpoint(_info(made), endpoint), 201)

    async def registrations(_request: Request, caller: Caller) -> Response:
        return reply([_info(one) for one in await distributor.registrations(caller)])

    async def unregister(request: Request, caller: Caller) -> Response:
        await distributor.unregister(caller, request.path_params["registration"])
        return reply(status=204)

    async def arrivals(request: Request, caller: Caller) -> Response:
        found = await distributor.arrivals(caller, number(request, "after", 0, 0, 1 << 53))
        return reply(
            [ArrivalInfo(one.number, one.registration_id, one.body, one.encoding, one.at_ms) for one in found]
        )

    async def taken(request: Request, caller: Caller) -> Response:
        await distributor.taken(caller, number(request, "upto", 0, 0, 1 << 53))
        return reply(status=204)

    async def discover(_request: Request, _caller: Caller) -> Response:
        return reply(Discovered(Discovery(1)))

    async def post(request: Request, _caller: Caller) -> Response:
        headers = request.headers
        ttl, topic, encoding = (
            headers.get("ttl", ""),
            headers.get("topic", ""),
            headers.get("content-encoding", ""),
        )
        if ttl and not (ttl.isascii() and ttl.isdigit()):
            raise Invalid("push-header", "TTL is a number of seconds (RFC 8030 §5.2).")
        if not TOPIC.fullmatch(topic) or not ENCODING.fullmatch(encoding):
            raise Invalid("push-header", "A Topic has 1 to 32 characters of base64url (RFC 8030 §5.4).")
        body = await read_limited(request, BODY_MOST)
        seconds = int(ttl[:9]) if ttl else DAY
        message = Posted(body, encoding, seconds, topic, headers.get("authorization", ""))
        kept = await distributor.post(request.path_params["token"], message, address_of(request))
        return Response(status_code=201, headers={"TTL": str(kept)})

    to = "/push/to/{token}"
    return [
        Operation(
            "POST",
            "/push/registrations",
            register,
            "An address for an app of this device",
            NewRegistration,
            NewEndpoint,
            201,
        ),
        Operation(
            "GET", "/push/registrations", registrations, "Apps that are pushed to", response=list[RegistrationInfo]
        ),
        Operation("DELETE", "/push/registrations/{registration}", unregister, "Revoke an address", status=204),
        Operation(
            "GET",
            "/push/messages",
            arrivals,
            "What came for this device's apps after a number, at most 100",
            response=list[ArrivalInfo],
            query={"after": number_of(0, 1 << 53)},
        ),
        Operation(
            "DELETE",
            "/push/messages",
            taken,
            "This device has what came, up to a number",
            status=204,
            query={"upto": number_of(0, 1 << 53)},
        ),
        Operation("GET", to, discover, "That this is a push service", response=Discovered, public=True),
        Operation("POST", to, post, "Push a message of at most 4,096 bytes to an app", status=201, public=True),
    ]


def _info(one: Registration) -> RegistrationInfo:
    return RegistrationInfo(one.id, one.app, one.vapid, one.made_ms)
