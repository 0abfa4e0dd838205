"""What keeps an account its owner's, over HTTP: its password, recovery codes, and the log of what happened."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.accounts import Accounts
from pileus.cloud.kernel.accounts.deletion import Deletion
from pileus.cloud.kernel.accounts.finding import Finding
from pileus.cloud.kernel.accounts.log import Entry
from pileus.cloud.kernel.accounts.recovery import Recovery
from pileus.cloud.kernel.accounts.stated import NewPassword
from pileus.cloud.kernel.accounts.takeout import Takeout
from pileus.cloud.kernel.http.account_routes import Session, address_of, session
from pileus.cloud.kernel.service import Caller, Operation, Quota, decode, number, number_of, reply

PAGE = 50


class PasswordChange(msgspec.Struct):
    present: str
    new: NewPassword
    sign_out_others: bool = True


class Proof(msgspec.Struct):
    present: str
    """The account's password."""


class DeletionDate(msgspec.Struct):
    at: int
    """When all of the account is erased, in milliseconds since 1970 UTC, unless its owner signs in before."""


class Download(msgspec.Struct):
    path: str
    """Below `/api/v1`; good once, for a minute, without a token."""


class RecoveryState(msgspec.Struct):
    left: int
    made_at: int | None
    """Milliseconds since 1970 UTC; None where there are none."""


class RecoveryCodes(msgspec.Struct):
    codes: list[str]
    """Told this once."""


class RecoveryWish(msgspec.Struct):
    name: str
    code: str
    password: NewPassword
    """The new one."""
    device_name: str = ""
    sign_out_others: bool = True


class LogEntry(msgspec.Struct):
    number: int
    at_ms: int
    """Milliseconds since 1970 UTC; of several refusals the last one's."""
    event: str
    device_id: str
    """The device that did it; empty where none was signed in."""
    device: str
    address: str
    about: str
    """What it was done to, such as another device's name."""
    times: int


class LogPage(msgspec.Struct):
    entries: list[LogEntry]
    """The newest first."""
    next: int | None
    """To ask for the earlier ones as `before`; None where there are none."""


def operations(
    accounts: Accounts, recovery: Recovery, deletion: Deletion, takeout: Takeout, finding: Finding, quota: Quota
) -> list[Operation]:
    """The kernel's operations on what keeps an account safe."""

    async def change_password(request: Request, caller: Caller) -> Response:
        wish = await decode(request, PasswordChange, 16 * 1024)
        await accounts.change_password(
            caller, wish.present, wish.new, address_of(request), sign_out_others=wish.sign_out_others
        )
        return reply(status=204)

    async def prove(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, 16 * 1024)
        await accounts.prove(caller, wish.present, address_of(request))
        if caller.locked:
            await finding.unlock(caller, address_of(request))
        return reply(status=204)

    async def give_up(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, 16 * 1024)
        return reply(DeletionDate(await deletion.ask(caller, wish.present, address_of(request))), 202)

    async def export(request: Request, caller: Caller) -> Response:
        ticket = await takeout.ticket(caller, address_of(request))
        return reply(Download(f"/account/export/{ticket}"), 201)

    async def download(request: Request, _caller: Caller) -> Response:
        account_id = takeout.spend(request.path_params["ticket"])
        headers = {"Content-Disposition": 'attachment; filename="pileus.zip"', "X-Content-Type-Options": "nosniff"}
        return StreamingResponse(takeout.write(account_id), 200, headers, media_type="application/zip")

    async def recovery_state(_request: Request, caller: Caller) -> Response:
        codes = await recovery.codes(caller.account_id)
        return reply(RecoveryState(codes.left, codes.made_ms))

    async def make_codes(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Proof, 16 * 1024)
        return reply(RecoveryCodes(await recovery.make(caller, wish.present, address_of(request))), 201)

    async def recover(request: Request, _caller: Caller) -> Response:
        wish = await decode(request, RecoveryWish, 16 * 1024)
        signed = await recovery.reset(
            wish.name,
            wish.code,
            wish.password,
            wish.device_name,
            address_of(request),
            sign_out_others=wish.sign_out_others,
        )
        return reply(session(signed, await quota.used(signed.account.id)))

    async def log(request: Request, caller: Caller) -> Response:
        before = number(request, "before", 0, 0, 1 << 53)
        limit = number(request, "limit", PAGE, 1, 200)
        found = await accounts.log(caller.account_id, before or None, limit)
        return reply(LogPage([entry(one) for one in found], found[-1].number if len(found) == limit else None))

    return [
        Operation("POST", "/account/password", change_password, "Change the password", PasswordChange, status=204),
        Operation(
            "POST",
            "/account/proof",
            prove,
            "Whether a password is the account's; it unlocks a locked device",
            Proof,
            status=204,
            while_locked=True,
        ),
        Operation(
            "POST",
            "/account/deletion",
            give_up,
            "Sign out everywhere and erase the account after the grace period",
            Proof,
            DeletionDate,
            202,
        ),
        Operation(
            "POST",
            "/account/export",
            export,
            "Prepare a download of all",
            response=Download,
            status=201,
            costly="export",
        ),
        Operation(
            "GET",
            "/account/export/{ticket}",
            download,
            "All of the account as a ZIP in open formats",
            public=True,
            media_type="application/zip",
        ),
        Operation(
            "GET",
            "/account/recovery-codes",
            recovery_state,
            "How many recovery codes are left",
            response=RecoveryState,
        ),
        Operation(
            "POST",
            "/account/recovery-codes",
            make_codes,
            "Make new recovery codes in place of the earlier ones",
            Proof,
            RecoveryCodes,
            201,
        ),
        Operation(
            "POST",
            "/recover",
            recover,
            "Set a forgotten password by a recovery code, and sign in",
            RecoveryWish,
            Session,
            public=True,
        ),
        Operation(
            "GET",
            "/account/log",
            log,
            "What happened to the account, the newest first",
            response=LogPage,
            query={"before": number_of(0, 1 << 53), "limit": number_of(1, 200)},
        ),
    ]


def entry(one: Entry) -> LogEntry:
    source = one.source
    return LogEntry(
        one.number, one.at_ms, one.event, source.device_id, source.device, source.address, one.about, one.times
    )
