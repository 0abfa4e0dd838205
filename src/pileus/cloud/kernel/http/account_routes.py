"""Accounts and devices over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.accounts import Account, Accounts, Device, SignedIn
from pileus.cloud.kernel.accounts.passkeys import relying_party
from pileus.cloud.kernel.accounts.rows import Role
from pileus.cloud.kernel.accounts.stated import AccountName, NewPassword, VisibleName
from pileus.cloud.kernel.http.origins import Origins
from pileus.cloud.kernel.service import Caller, Operation, Quota, decode, reply
from pileus.core.version import version


class ServerInfo(msgspec.Struct):
    version: str
    setup_needed: bool
    setup_code_needed: bool
    """Whether the first account needs the code of the printed address (on a network)."""
    origins: str
    surface_port: int
    app_origin_template: str | None
    passkey_origin: str | None
    """The one origin at which passkeys work; None where the cloud is reached by a bare IP address."""
    app_origins: dict[str, str]
    """Origin of each packaged app, by its id."""


class Credentials(msgspec.Struct):
    name: str
    password: str
    device_name: str = ""


class NewAccount(msgspec.Struct):
    name: AccountName
    password: NewPassword
    device_name: str = ""
    setup_code: str = ""


class AccountInfo(msgspec.Struct):
    id: str
    name: str
    quota_bytes: int
    used_bytes: int
    keeper: bool
    """The first account, which goes last."""
    role: Role
    created_ms: int


class DeviceName(msgspec.Struct):
    name: VisibleName


class DeviceInfo(msgspec.Struct):
    id: str
    name: str
    created_at: int
    """Milliseconds since 1970 UTC, as `last_seen_at`."""
    last_seen_at: int
    current: bool


class Session(msgspec.Struct):
    token: str
    account: AccountInfo
    device: DeviceInfo
    deletion_undone: bool
    """The account was to be erased, and stays because of this sign-in."""


def operations(
    accounts: Accounts, quota: Quota, origins: Origins, packaged: Callable[[], list[str]]
) -> list[Operation]:
    """The kernel's operations on accounts."""

    async def server(_request: Request, _caller: Caller) -> Response:
        settings = origins.settings
        apps = {app: origin for app in packaged() if (origin := origins.app(app))}
        needed = await accounts.setup_needed()
        party = relying_party(settings)
        return reply(
            ServerInfo(
                version(),
                needed,
                needed and accounts.setup_code_needed,
                settings.origins,
                settings.surface_port,
                origins.app_template,
                party.origin if party else None,
                apps,
            )
        )

    async def create(request: Request, caller: Caller) -> Response:
        wish = await decode(request, NewAccount, 16 * 1024)
        by = caller if caller.account_id else None
        signed = await accounts.create(
            by, wish.name, wish.password, wish.device_name, address_of(request), wish.setup_code
        )
        return reply(session(signed, 0), 201)

    async def sign_in(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, Credentials, 16 * 1024)
        signed = await accounts.sign_in(wish.name, wish.password, wish.device_name, address_of(request))
        return reply(session(signed, await quota.used(signed.account.id)))

    async def sign_out(request: Request, caller: Caller) -> Response:
        await accounts.sign_out(caller, caller.device_id, address_of(request))
        return reply(status=204)

    async def account(_request: Request, caller: Caller) -> Response:
        one = await accounts.account(caller.account_id)
        used = await quota.used(one.id)
        return reply(account_info(one, used))

    async def devices(_request: Request, caller: Caller) -> Response:
        found = await accounts.devices(caller.account_id)
        return reply([device_info(one, caller) for one in found])

    async def rename_device(request: Request, caller: Caller) -> Response:
        wish = await decode(request, DeviceName, 16 * 1024)
        device = request.path_params["device"]
        renamed = await accounts.rename_device(caller, device, wish.name, address_of(request))
        return reply(device_info(renamed, caller))

    async def remove_device(request: Request, caller: Caller) -> Response:
        await accounts.sign_out(caller, request.path_params["device"], address_of(request))
        return reply(status=204)

    return [
        Operation("GET", "/server", server, "What this server is", response=ServerInfo, public=True),
        Operation(
            "POST",
            "/accounts",
            create,
            "Make an account; without a token only the first one",
            NewAccount,
            Session,
            201,
            public=True,
        ),
        Operation("POST", "/sign-in", sign_in, "Sign a device in", Credentials, Session, public=True),
        Operation("POST", "/sign-out", sign_out, "Sign this device out", status=204),
        Operation("GET", "/account", account, "The account of the token", response=AccountInfo),
        Operation("GET", "/devices", devices, "The account's devices", response=list[DeviceInfo]),
        Operation("PATCH", "/devices/{device}", rename_device, "Name a device", DeviceName, DeviceInfo),
        Operation("DELETE", "/devices/{device}", remove_device, "Sign a device out", status=204),
    ]


def session(signed: SignedIn, used: int) -> Session:
    """What a device gets when it is signed in."""
    account, device = signed.account, signed.device
    return Session(
        signed.token,
        account_info(account, used),
        DeviceInfo(device.id, device.name, device.created_ms, device.last_seen_ms, True),
        signed.deletion_undone,
    )


def account_info(one: Account, used: int) -> AccountInfo:
    return AccountInfo(one.id, one.name, one.quota_bytes, used, one.keeper, one.role, one.created_ms)


def device_info(device: Device, caller: Caller) -> DeviceInfo:
    return DeviceInfo(
        device.id, device.name, device.created_ms, device.last_seen_ms, device.id == caller.device_id
    )


def address_of(request: Request) -> str:
    """The network address that a request came from: of a proxy, where one stands before this server."""
    return request.client.host if request.client else ""
