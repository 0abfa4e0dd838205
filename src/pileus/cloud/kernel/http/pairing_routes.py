"""Pairing over HTTP: a signed-in device's side, and the new device's, which has no token yet."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts.pairing import Pairing, Pairings, State
from pileus.cloud.kernel.http.account_routes import Session, address_of, session
from pileus.cloud.kernel.http.security_routes import Proof
from pileus.cloud.kernel.service import Caller, Operation, Quota, decode, reply

LIMIT = 16 * 1024


class PairingInfo(msgspec.Struct):
    id: str
    state: State
    """open: nobody came yet; asked: a new device waits for an answer; done: it is signed in."""
    device_name: str
    """What the new device calls itself; empty before it asks, as `address`."""
    address: str
    expires_at: int
    """Milliseconds since 1970 UTC."""


class MadePairing(msgspec.Struct):
    code: str
    """Told this once."""
    path: str
    """Of the link that a QR code holds, below the phone's own address."""
    pairing: PairingInfo


class PairingAnswer(msgspec.Struct):
    allow: bool
    number: str = ""
    """What the new device shows, to let it in."""


class PairingWish(msgspec.Struct):
    code: str
    device_name: str = ""


class PairingAsked(msgspec.Struct):
    claim: str
    """By which the new device asks whether it was let in."""
    number: str
    """To be shown, for the owner to type on the other device."""
    account: str
    """Whose cloud it is to open."""
    expires_at: int


class PairingClaim(msgspec.Struct):
    claim: str


class PairingSession(msgspec.Struct):
    session: Session | None
    """None while the owner has not answered."""


def operations(pairings: Pairings, quota: Quota) -> list[Operation]:
    """The kernel's operations on letting a new device in."""

    async def make(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, LIMIT)
        code, made = await pairings.make(caller, wish.present, address_of(request))
        return reply(MadePairing(code, link(code), info(made)), 201)

    async def look(request: Request, caller: Caller) -> Response:
        return reply(info(await pairings.look(caller, request.path_params["pairing"])))

    async def answer(request: Request, caller: Caller) -> Response:
        wish = await decode(request, PairingAnswer, LIMIT)
        number = wish.number if wish.allow else None
        await pairings.answer(caller, request.path_params["pairing"], number, address_of(request))
        return reply(status=204)

    async def remove(request: Request, caller: Caller) -> Response:
        await pairings.remove(caller, request.path_params["pairing"])
        return reply(status=204)

    async def ask(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, PairingWish, LIMIT)
        asked = await pairings.ask(wish.code, wish.device_name, address_of(request))
        return reply(PairingAsked(asked.claim, asked.number, asked.account, asked.expires_ms), 201)

    async def enter(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, PairingClaim, LIMIT)
        signed = await pairings.enter(wish.claim, address_of(request))
        if signed is None:
            return reply(PairingSession(None))
        return reply(PairingSession(session(signed, await quota.used(signed.account.id))))

    return [
        Operation("POST", "/pairings", make, "Make a code for a new device", Proof, MadePairing, 201),
        Operation("GET", "/pairings/{pairing}", look, "Whether a new device asks", response=PairingInfo),
        Operation(
            "POST",
            "/pairings/{pairing}/answer",
            answer,
            "Let the new device in, or not",
            PairingAnswer,
            status=204,
        ),
        Operation("DELETE", "/pairings/{pairing}", remove, "Take a code for a new device back", status=204),
        Operation(
            "POST", "/pair", ask, "Ask to be let in, by a code", PairingWish, PairingAsked, 201, public=True
        ),
        Operation(
            "POST",
            "/pair/session",
            enter,
            "The new device's session, once it was let in",
            PairingClaim,
            PairingSession,
            public=True,
        ),
    ]


def link(code: str) -> str:
    """The code is in the fragment, which no server and no proxy gets to see."""
    return f"/#pair={code}"


def info(one: Pairing) -> PairingInfo:
    return PairingInfo(one.id, one.state, one.device, one.address, one.expires_ms)
