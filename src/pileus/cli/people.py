"""Of `pileus account`: inviting somebody, and what owners do with accounts of the cloud on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pileus.cli import files, passwords
from pileus.cli.here import GB, Data, database
from pileus.cli.passwords import PasswordFile
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid

if TYPE_CHECKING:
    from pileus.cloud.kernel.accounts.members import Change
    from pileus.cloud.kernel.accounts.rows import Account

TEXTS = Catalogue(
    en={
        "until": "Whoever opens it first makes an account by it, until {when}.",
        "owner": "{name} is an owner of this cloud now.",
        "member": "{name} is a member now.",
        "disabled": "{name} is shut: nobody can sign in, and every device was signed out.",
        "enabled": "{name} can sign in again.",
        "bad_role": "A role is owner or member.",
        "bad_quota": "A quota is a number of GB, as in 250 or 0.5.",
    },
    zh={
        "until": "在 {when} 之前，最先打开此链接的人可用它创建一个账户。",
        "owner": "{name} 现在是这个云端的所有者。",
        "member": "{name} 现在是普通成员。",
        "disabled": "{name} 已停用：无法登录，其设备均已退出登录。",
        "enabled": "{name} 可以重新登录。",
        "bad_role": "角色为 owner 或 member。",
        "bad_quota": "配额是以 GB 为单位的数字，例如 250 或 0.5。",
    },
)

ROLES = ("owner", "member")


def command_invite(
    name: Annotated[str, typer.Argument(help="Whom it is for, as owners see it in their lists.")],
    role: Annotated[str, typer.Option(help="owner (administers the cloud) or member.")] = "member",
    quota: Annotated[
        str | None, typer.Option(help="GB that the account may keep; else what the cloud gives.")
    ] = None,
    days: Annotated[int, typer.Option(help="The link is worth nothing after so many.")] = 7,
    password_file: PasswordFile = None,
    data: Annotated[Path | None, typer.Option(help="Invite to the cloud of this folder, as who runs it.")] = None,
) -> None:
    """Print a link by which somebody makes an account, once; without --data as an owner who signed in."""
    wish = {
        "name": name,
        "role": _role(role),
        "quota_bytes": None if quota is None else size_of(quota),
        "days": days,
    }
    link, ends = _of_cloud(wish, password_file) if data is None else _of_folder(wish, data)
    print(link)
    print(TEXTS.text("until", when=files.moment(ends)))


def command_role(name: str, role: str, data: Data = None) -> None:
    """Make an account an owner, who administers the cloud, or a member."""
    from pileus.cloud.kernel.accounts.members import Change

    account = _change(name, Change(role=_role(role)), data)
    print(TEXTS.text(role, name=account.name))


def command_disable(name: str, data: Data = None) -> None:
    """Shut an account: nobody can sign in, every device is signed out; what is in it stays."""
    from pileus.cloud.kernel.accounts.members import Change

    print(TEXTS.text("disabled", name=_change(name, Change(disabled=True), data).name))


def command_enable(name: str, data: Data = None) -> None:
    """Open an account again that was shut."""
    from pileus.cloud.kernel.accounts.members import Change

    print(TEXTS.text("enabled", name=_change(name, Change(disabled=False), data).name))


def given_room(name: str, quota_bytes: int, data: Path | None) -> Account:
    """An account of the cloud on this machine, which may keep so much from now on."""
    from pileus.cloud.kernel.accounts.members import Change

    return _change(name, Change(quota_bytes=quota_bytes), data)


def size_of(gigabytes: str) -> int:
    """Bytes of a number of GB; raises `Invalid`."""
    try:
        return round(float(gigabytes) * GB)
    except (ValueError, OverflowError):
        raise Invalid("quota", TEXTS.text("bad_quota")) from None


def _role(text: str) -> Any:
    if text not in ROLES:
        raise Invalid("role", TEXTS.text("bad_role"))
    return text


def _of_cloud(wish: dict[str, Any], password_file: Path | None) -> tuple[str, int]:
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        if wish["role"] == "owner":
            mine = client.get("/account")["name"]
            wish = wish | {"present": passwords.asked(mine, password_file)}
        made = client.post("/invitations", wish)
        return client.server + made["path"], made["invitation"]["expires_at"]


def _of_folder(wish: dict[str, Any], data: Path) -> tuple[str, int]:
    from pileus.cloud.kernel.accounts import Accounts
    from pileus.cloud.kernel.accounts.invitations import Invitations, Wish
    from pileus.cloud.kernel.http.people_routes import link
    from pileus.core.clock import SystemClock

    with database(data) as (settings, db):
        accounts = Accounts(db, SystemClock(), settings.quota_bytes)
        invitations = Invitations(db, SystemClock(), accounts, settings.quota_bytes)
        secret, made = invitations.make_blocking(Wish(**wish))
        return settings.shell_origins[0] + link(secret), made.expires_ms


def _change(name: str, wish: Change, data: Path | None) -> Account:
    from pileus.cloud.kernel.accounts import Accounts
    from pileus.cloud.kernel.accounts.members import Members
    from pileus.core.clock import SystemClock

    with database(data) as (settings, db):
        accounts = Accounts(db, SystemClock(), settings.quota_bytes)
        return Members(db, SystemClock(), accounts).change_blocking(name, wish)
