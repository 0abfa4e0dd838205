"""Families over HTTP: who belongs together, and what a parent does for a child."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts.family import Asked, Families, Relative, View
from pileus.cloud.kernel.accounts.kin import Kind
from pileus.cloud.kernel.accounts.stated import AccountName, NewPassword, QuotaBytes
from pileus.cloud.kernel.http.account_routes import DeviceInfo, address_of, device_info
from pileus.cloud.kernel.http.security_routes import Proof
from pileus.cloud.kernel.service import Caller, Operation, decode, reply

LIMIT = 16 * 1024
CHILD = "/family/children/{account}"
DEVICE = f"{CHILD}/devices/{{device}}"
INVITATION = "/family/invitations/{invitation}"


class RelativeInfo(msgspec.Struct):
    id: str
    name: str
    kind: Kind
    quota_bytes: int | None
    """Told of a child, to its parents, as `used_bytes`; else None."""
    used_bytes: int | None


class FamilyInvitation(msgspec.Struct):
    id: str
    name: str
    """The account that is to be a parent."""
    by: str


class FamilyInfo(msgspec.Struct):
    kind: Kind | None
    """What the account is in it; None: it is in no family."""
    members: list[RelativeInfo]
    invited: list[FamilyInvitation]
    """By this family, told to its parents."""
    invitations: list[FamilyInvitation]
    """Of the account itself."""


class NewChild(msgspec.Struct):
    name: AccountName
    password: NewPassword
    quota_bytes: QuotaBytes
    """Of the parent's own room."""


class ChildRoom(msgspec.Struct):
    quota_bytes: QuotaBytes


class ChildCode(msgspec.Struct):
    code: str
    """Told this once: by it, the child sets a new password."""


class FamilyWish(msgspec.Struct):
    name: str
    present: str
    """The caller's own password."""


def operations(families: Families) -> list[Operation]:
    """The kernel's operations on families."""

    async def view(_request: Request, caller: Caller) -> Response:
        return reply(info(await families.view(caller)))

    async def make_child(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewChild, LIMIT)
        room, address = wish.quota_bytes, address_of(request)
        return reply(relative(await families.make_child(caller, wish.name, wish.password, room, address)), 201)

    async def give_room(request: Request, caller: Caller) -> Response:
        wish = await decode(request, ChildRoom, LIMIT)
        account = request.path_params["account"]
        return reply(relative(await families.give_room(caller, account, wish.quota_bytes, address_of(request))))

    async def way_back(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, LIMIT)
        account = request.path_params["account"]
        return reply(ChildCode(await families.way_back(caller, account, wish.present, address_of(request))), 201)

    async def devices(request: Request, caller: Caller) -> Response:
        found = await families.devices(caller, request.path_params["account"])
        return reply([device_info(one, caller) for one in found])

    async def ring(request: Request, caller: Caller) -> Response:
        which = request.path_params
        await families.ring(caller, which["account"], which["device"], address_of(request))
        return reply(status=204)

    async def lock(request: Request, caller: Caller) -> Response:
        which = request.path_params
        await families.lock(caller, which["account"], which["device"], address_of(request))
        return reply(status=204)

    async def invite(request: Request, caller: Caller) -> Response:
        wish = await decode(request, FamilyWish, LIMIT)
        return reply(invitation(await families.invite(caller, wish.name, wish.present, address_of(request))), 201)

    async def accept(request: Request, caller: Caller) -> Response:
        await families.accept(caller, request.path_params["invitation"], address_of(request))
        return reply(status=204)

    async def decline(request: Request, caller: Caller) -> Response:
        await families.decline(caller, request.path_params["invitation"])
        return reply(status=204)

    async def part(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, LIMIT)
        await families.part(caller, request.path_params["account"], wish.present, address_of(request))
        return reply(status=204)

    return [
        Operation("GET", "/family", view, "The family of the account", response=FamilyInfo),
        Operation("POST", "/family/children", make_child, "Make a child's account", NewChild, RelativeInfo, 201),
        Operation("PATCH", CHILD, give_room, "Set a child's room", ChildRoom, RelativeInfo),
        Operation(
            "POST",
            f"{CHILD}/recovery-code",
            way_back,
            "Make a code by which a child sets a new password",
            Proof,
            ChildCode,
            201,
        ),
        Operation("GET", f"{CHILD}/devices", devices, "A child's devices", response=list[DeviceInfo]),
        Operation("POST", f"{DEVICE}/ring", ring, "Ring a child's device", status=204),
        Operation("POST", f"{DEVICE}/lock", lock, "Lock a child's device", status=204),
        Operation(
            "POST",
            "/family/invitations",
            invite,
            "Ask an account to be a parent",
            FamilyWish,
            FamilyInvitation,
            201,
        ),
        Operation("POST", f"{INVITATION}/accept", accept, "Be a parent of a family", status=204),
        Operation("DELETE", INVITATION, decline, "Decline an invitation, or take it back", status=204),
        Operation("POST", "/family/members/{account}/part", part, "Leave, or let a child go", Proof, status=204),
    ]


def info(view: View) -> FamilyInfo:
    invited, own = [invitation(one) for one in view.invited], [invitation(one) for one in view.invitations]
    return FamilyInfo(view.kind, [relative(one) for one in view.members], invited, own)


def relative(one: Relative) -> RelativeInfo:
    return RelativeInfo(one.account.id, one.account.name, one.kind, one.quota_bytes, one.used_bytes)


def invitation(one: Asked) -> FamilyInvitation:
    return FamilyInvitation(one.id, one.name, one.by)
