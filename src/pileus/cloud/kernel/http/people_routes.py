"""The people of a cloud over HTTP: its accounts, as owners look after them, and invitations to make one."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts.invitations import DAYS, DAYS_LONGEST, Invitation, Invitations, Wish
from pileus.cloud.kernel.accounts.members import Change, Member, Members
from pileus.cloud.kernel.accounts.rows import Role
from pileus.cloud.kernel.accounts.stated import AccountName, NewPassword, QuotaBytes, VisibleName
from pileus.cloud.kernel.http.account_routes import Session, address_of, session
from pileus.cloud.kernel.service import Caller, Operation, Quota, decode, reply
from pileus.core import stated

LIMIT = 16 * 1024


class MemberInfo(msgspec.Struct):
    """An account as owners see it."""

    id: str
    name: str
    role: Role
    keeper: bool
    disabled: bool
    quota_bytes: int
    used_bytes: int


class MemberChange(msgspec.Struct):
    """What is left out stays."""

    quota_bytes: QuotaBytes | None = None
    role: Role | None = None
    disabled: bool | None = None
    """Nobody can sign in, and every device is signed out."""
    present: str = ""
    """The caller's own password, to make an owner."""


class NewInvitation(msgspec.Struct):
    name: VisibleName
    """Whom it is for, as owners see it in their lists."""
    role: Role = "member"
    quota_bytes: QuotaBytes | None = None
    """None: what this cloud gives to everybody."""
    days: Annotated[int, stated.number(1, DAYS_LONGEST)] = DAYS
    present: str = ""
    """The caller's own password, to invite an owner."""


class InvitationInfo(msgspec.Struct):
    id: str
    name: str
    role: Role
    quota_bytes: int
    made_at: int
    """Milliseconds since 1970 UTC, as `expires_at`."""
    expires_at: int
    by: str
    """The account that invites; empty: whoever runs the cloud."""


class MadeInvitation(msgspec.Struct):
    secret: str
    """Told this once."""
    path: str
    """Of the link, below the phone's own address."""
    invitation: InvitationInfo


class InvitationSecret(msgspec.Struct):
    secret: str


class Invited(msgspec.Struct):
    by: str
    expires_at: int


class InvitedAccount(msgspec.Struct):
    secret: str
    name: AccountName
    password: NewPassword
    device_name: str = ""


def operations(members: Members, invitations: Invitations, quota: Quota) -> list[Operation]:
    """The kernel's operations on the accounts of a cloud."""

    async def every(_request: Request, caller: Caller) -> Response:
        return reply([member_info(one) for one in await members.all(caller)])

    async def change(request: Request, caller: Caller) -> Response:
        wish = await decode(request, MemberChange, LIMIT)
        wanted = Change(wish.quota_bytes, wish.role, wish.disabled)
        account = request.path_params["account"]
        return reply(member_info(await members.change(caller, account, wanted, wish.present, address_of(request))))

    async def open_ones(_request: Request, caller: Caller) -> Response:
        return reply([info(one) for one in await invitations.all(caller)])

    async def invite(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewInvitation, LIMIT)
        wanted = Wish(wish.name, wish.role, wish.quota_bytes, wish.days)
        secret, made = await invitations.make(caller, wanted, wish.present, address_of(request))
        return reply(MadeInvitation(secret, link(secret), info(made)), 201)

    async def remove(request: Request, caller: Caller) -> Response:
        await invitations.remove(caller, request.path_params["invitation"], address_of(request))
        return reply(status=204)

    async def look(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, InvitationSecret, LIMIT)
        found = await invitations.look(wish.secret, address_of(request))
        return reply(Invited(found.by, found.expires_ms))

    async def accept(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, InvitedAccount, LIMIT)
        signed = await invitations.accept(
            wish.secret, wish.name, wish.password, wish.device_name, address_of(request)
        )
        return reply(session(signed, await quota.used(signed.account.id)), 201)

    return [
        Operation(
            "GET", "/accounts", every, "The accounts of this cloud, for its owners", response=list[MemberInfo]
        ),
        Operation(
            "PATCH", "/accounts/{account}", change, "Set an account's room, role or lock", MemberChange, MemberInfo
        ),
        Operation("GET", "/invitations", open_ones, "Open invitations", response=list[InvitationInfo]),
        Operation("POST", "/invitations", invite, "Invite somebody", NewInvitation, MadeInvitation, 201),
        Operation("DELETE", "/invitations/{invitation}", remove, "Take an invitation back", status=204),
        Operation(
            "POST", "/invited", look, "Who invites, by a link's secret", InvitationSecret, Invited, public=True
        ),
        Operation(
            "POST",
            "/invited/account",
            accept,
            "Make an account by an invitation",
            InvitedAccount,
            Session,
            201,
            public=True,
        ),
    ]


def link(secret: str) -> str:
    """The secret is in the fragment, which no server and no proxy gets to see."""
    return f"/#invite={secret}"


def member_info(one: Member) -> MemberInfo:
    account = one.account
    return MemberInfo(
        account.id,
        account.name,
        account.role,
        account.keeper,
        account.disabled,
        account.quota_bytes,
        one.used_bytes,
    )


def info(one: Invitation) -> InvitationInfo:
    return InvitationInfo(one.id, one.name, one.role, one.quota_bytes, one.made_ms, one.expires_ms, one.by)
