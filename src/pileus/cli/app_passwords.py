"""`pileus account app-passwords`: what other programs come in by, to some of your account."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from pileus.cli import files, passwords
from pileus.cli.choosing import matching
from pileus.cli.passwords import PasswordFile
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid, NotFound

TEXTS = Catalogue(
    en={
        "secret": "It is told this once. Programs take it with your account's name, {name}.",
        "removed": "{name} is worth nothing any more.",
        "none": "There are no app passwords.",
        "unused": "not used yet",
        "used": "last used {when}",
        "until": "until {when}",
        "always": "does not expire",
        "unknown": "No app password is named {name}, or has an id that begins so; `… list` shows them.",
        "many": "More than one app password is named {name}: say the id that `… list` shows.",
        "bad_scope": "A scope is as in files or files:read, not {scope}.",
    },
    zh={
        "secret": "应用密码只显示这一次。其他程序用它和你的账户名 {name} 登录。",
        "removed": "{name} 已失效。",
        "none": "没有应用密码。",
        "unused": "尚未使用",
        "used": "上次使用：{when}",
        "until": "有效期至 {when}",
        "always": "长期有效",
        "unknown": "没有名为 {name} 或编号以此开头的应用密码；可用 list 查看。",
        "many": "有多个应用密码名为 {name}：请使用 list 显示的编号。",
        "bad_scope": "权限范围应为 files 或 files:read 这样的形式，而不是 {scope}。",
    },
)

commands = typer.Typer(
    help="Passwords of other programs than your devices, each for some of your account.", no_args_is_help=True
)


@commands.command("list")
def listed() -> None:
    """The app passwords with their scopes, and when they were used last."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = client.get("/account/app-passwords")["passwords"]
    if not found:
        print(TEXTS.text("none"))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in found:
        used, until = one["used_at"], one["expires_at"]
        seen = TEXTS.text("unused") if used is None else TEXTS.text("used", when=files.moment(used))
        ends = TEXTS.text("always") if until is None else TEXTS.text("until", when=files.moment(until))
        table.add_row(one["id"], one["name"], " ".join(_scope_words(one["scopes"])), seen, ends)
    files.show(table)


@commands.command()
def make(
    name: Annotated[str, typer.Argument(help="What it is for, as you will see it in lists.")],
    scope: Annotated[
        list[str], typer.Option(help="What it opens, as in files; files:read changes nothing there.")
    ],
    days: Annotated[int | None, typer.Option(help="It is worth nothing after so many; else it stays.")] = None,
    password_file: PasswordFile = None,
) -> None:
    """Make an app password, and print it this once."""
    from pileus.sdk.client import Client

    scopes = dict(_scope(one) for one in scope)
    with Client.from_config() as client:
        mine = client.get("/account")["name"]
        wish = {
            "name": name,
            "present": passwords.asked(mine, password_file),
            "scopes": scopes,
            "days": days,
        }
        made = client.post("/account/app-passwords", wish)
    print(made["secret"])
    print(TEXTS.text("secret", name=mine), file=sys.stderr)


@commands.command()
def remove(password: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its id.")]) -> None:
    """Remove an app password: what is under way by it ends, too."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = _find(client.get("/account/app-passwords")["passwords"], password)
        client.delete(f"/account/app-passwords/{found['id']}")
    print(TEXTS.text("removed", name=found["name"]))


def _scope(text: str) -> tuple[str, str]:
    """`files` or `files:read`; raises `Invalid`."""
    name, colon, access = text.partition(":")
    if not name or (colon and access not in ("read", "write")):
        raise Invalid("app-password-scopes", TEXTS.text("bad_scope", scope=text))
    return name, access or "write"


def _scope_words(scopes: dict[str, str]) -> list[str]:
    return [name if access == "write" else f"{name}:{access}" for name, access in sorted(scopes.items())]


def _find(known: list[Any], wanted: str) -> Any:
    """By its id, its name, or how its id begins; raises `NotFound` where that is none or more than one."""
    found = matching(known, wanted)
    if len(found) != 1:
        raise NotFound("no-app-password", TEXTS.text("many" if found else "unknown", name=wanted))
    return found[0]
