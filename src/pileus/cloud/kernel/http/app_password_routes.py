"""The account's app passwords over HTTP. Only its devices come here."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts.app_passwords import DAYS_LONGEST, AppPassword, AppPasswords
from pileus.cloud.kernel.accounts.stated import VisibleName
from pileus.cloud.kernel.http.account_routes import address_of
from pileus.cloud.kernel.service import Access, Caller, Operation, decode, reply
from pileus.core import stated

LIMIT = 64 * 1024


class AppPasswordInfo(msgspec.Struct):
    id: str
    name: str
    scopes: dict[str, Access]
    made_at: int
    """Milliseconds since 1970 UTC, as `expires_at` and `used_at`."""
    expires_at: int | None
    """None: it does not expire."""
    used_at: int | None
    """Within five minutes; None: it was not used."""


class AppPasswordList(msgspec.Struct):
    passwords: list[AppPasswordInfo]
    """The oldest first."""
    scopes: list[str]
    """Those that a new one can be given."""


class NewAppPassword(msgspec.Struct):
    name: VisibleName
    present: str
    """The account's password."""
    scopes: Annotated[dict[str, Access], stated.members(1)]
    days: Annotated[int, stated.number(1, DAYS_LONGEST)] | None = None
    """It is worth nothing after so many; None: it does not expire."""


class MadeAppPassword(msgspec.Struct):
    secret: str
    """Told this once."""
    password: AppPasswordInfo


def operations(app_passwords: AppPasswords) -> list[Operation]:
    """The kernel's operations on app passwords."""

    async def known(_request: Request, caller: Caller) -> Response:
        found = await app_passwords.all(caller.account_id)
        return reply(AppPasswordList([info(one) for one in found], list(app_passwords.scopes)))

    async def make(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewAppPassword, LIMIT)
        secret, made = await app_passwords.make(
            caller, wish.present, wish.name, wish.scopes, wish.days, address_of(request)
        )
        return reply(MadeAppPassword(secret, info(made)), 201)

    async def remove(request: Request, caller: Caller) -> Response:
        await app_passwords.remove(caller, request.path_params["password"], address_of(request))
        return reply(status=204)

    path = "/account/app-passwords"
    return [
        Operation("GET", path, known, "The account's app passwords", response=AppPasswordList),
        Operation("POST", path, make, "Make an app password", NewAppPassword, MadeAppPassword, 201),
        Operation("DELETE", f"{path}/{{password}}", remove, "Remove an app password", status=204),
    ]


def info(one: AppPassword) -> AppPasswordInfo:
    return AppPasswordInfo(one.id, one.name, one.scopes, one.made_ms, one.expires_ms, one.used_ms)
