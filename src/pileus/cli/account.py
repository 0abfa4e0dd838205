"""`pileus account`: accounts of the cloud on this machine, running or not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.cli import activity, app_passwords, devices, files, passwords, people
from pileus.cli.here import GB, Data, Whose, database, is_there, settings_of
from pileus.cli.passwords import PasswordFile
from pileus.cli.sizes import size_text
from pileus.core import durable
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Conflict

TEXTS = Catalogue(
    en={
        "made": "The account {name} was made.",
        "none": "There is no account in {folder} yet; --data names another folder.",
        "line": "{name}  {used} of {quota}",
        "owner": "owner",
        "shut": "shut",
        "quota": "{name} may keep {quota} GB.",
        "password": "The password was changed.",
        "password_others": "The password was changed, and every other device was signed out.",
        "password_set": "The password of {name} was set; its devices were signed out, "
        "its passkeys and app passwords removed.",
        "password_set_only": "The password of {name} was set.",
        "exported": "{path} was written.",
        "exists": "{path} is here already: name another file.",
        "deletion": "{name} is erased on {when}, unless somebody signs in to it before.",
        "codes": "Each sets a forgotten password once: pileus recover. Keep them; the earlier ones are void now.",
    },
    zh={
        "made": "已创建账户 {name}。",
        "none": "{folder} 中还没有账户；可用 --data 指定其他文件夹。",
        "line": "{name}  已用 {used} / {quota}",
        "owner": "所有者",
        "shut": "已停用",
        "quota": "{name} 最多可保存 {quota} GB。",
        "password": "密码已更改。",
        "password_others": "密码已更改，其他设备均已退出登录。",
        "password_set": "已设置 {name} 的密码；其设备均已退出登录，通行密钥和应用密码已移除。",
        "password_set_only": "已设置 {name} 的密码。",
        "exported": "已写入 {path}。",
        "exists": "{path} 已存在，请指定其他文件。",
        "deletion": "{name} 将于 {when} 彻底删除；在此之前登录即可保留。",
        "codes": "每个恢复码可重设一次忘记的密码（pileus recover）。恢复码只显示这一次，之前的恢复码已失效。",
    },
)

app = typer.Typer(
    help="Accounts of the cloud on this machine; without NAME, your own on the cloud that you signed in to.",
    no_args_is_help=True,
)
app.command("log")(activity.command_log)
app.command("invite")(people.command_invite)
app.command("role")(people.command_role)
app.command("disable")(people.command_disable)
app.command("enable")(people.command_enable)
app.add_typer(app_passwords.commands, name="app-passwords")
app.add_typer(devices.app, name="devices")


@app.command()
def create(
    name: str,
    password_file: PasswordFile = None,
    data: Data = None,
) -> None:
    """Make an account."""
    from pileus.cloud.kernel.accounts import Accounts
    from pileus.core.clock import SystemClock

    password = passwords.chosen(name, password_file)
    with database(data, make=True) as (settings, db):
        account = Accounts(db, SystemClock(), settings.quota_bytes).create_blocking(name, password)
    print(TEXTS.text("made", name=account.name))


@app.command("list")
def list_all(data: Data = None) -> None:
    """List accounts with what they use."""
    from pileus.cloud.kernel.accounts.rows import every
    from pileus.cloud.kernel.quota import used_bytes

    settings = settings_of(data)
    found = []
    if is_there(settings):
        with database(data) as (_, db):
            found = db.read(lambda conn: [(one, used_bytes(conn, one.id)) for one in every(conn)])
    if not found:
        print(TEXTS.text("none", folder=settings.data_dir))
    for one, used in found:
        line = TEXTS.text("line", name=one.name, used=size_text(used), quota=size_text(one.quota_bytes))
        told = [TEXTS.text(word) for word, so in (("owner", one.role == "owner"), ("shut", one.disabled)) if so]
        print("  ".join([line, *told]))


@app.command()
def quota(name: str, gigabytes: str, data: Data = None) -> None:
    """Set how many GB (1000³ bytes) an account may keep."""
    account = people.given_room(name, people.size_of(gigabytes), data)
    print(TEXTS.text("quota", name=account.name, quota=_gb(account.quota_bytes)))


@app.command()
def password(
    name: Whose = "",
    password_file: Annotated[
        Path | None,
        typer.Option(help="File: the present password and the new one in two lines; with NAME only the new one."),
    ] = None,
    keep_devices: Annotated[
        bool,
        typer.Option(
            "--keep-devices", help="Devices stay signed in, app passwords too; with NAME, passkeys stay."
        ),
    ] = False,
    data: Data = None,
) -> None:
    """Change your password; with NAME set that account's, whose present one nobody needs to know."""
    if name:
        _set_password(name, password_file, data, sign_out=not keep_devices)
        return
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        mine = client.get("/account")["name"]
        present, new = passwords.changed(mine, password_file)
        wish = {"present": present, "new": new, "sign_out_others": not keep_devices}
        client.post("/account/password", wish)
    print(TEXTS.text("password" if keep_devices else "password_others"))


@app.command("recovery-codes")
def recovery_codes(password_file: PasswordFile = None) -> None:
    """Make new recovery codes for your account, and print them this once."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        mine = client.get("/account")["name"]
        made = client.post("/account/recovery-codes", {"present": passwords.asked(mine, password_file)})
    print("\n".join(made["codes"]))
    print(TEXTS.text("codes"), file=sys.stderr)


@app.command()
def export(to: Annotated[Path, typer.Argument(help="The ZIP file that is written.")]) -> None:
    """Download all of your account as a ZIP in open formats."""
    from pileus.sdk.client import Client

    part = to.with_name(f".{to.name}.part")
    if to.exists():
        raise Conflict("exists", TEXTS.text("exists", path=to))
    with Client.from_config() as client:
        path = client.post("/account/export")["path"]
        try:
            with part.open("wb") as out:
                client.save(path, {}, out)
            durable.publish(part, to)
        finally:
            part.unlink(missing_ok=True)
    print(TEXTS.text("exported", path=to))


@app.command()
def delete(name: Whose = "", password_file: PasswordFile = None, data: Data = None) -> None:
    """Sign your account out everywhere, and have it erased after two weeks; signing in before keeps it."""
    from pileus.sdk.client import Client

    if name:
        at_ms = _delete(name, data)
    else:
        with Client.from_config() as client:
            name = client.get("/account")["name"]
            at_ms = client.post("/account/deletion", {"present": passwords.asked(name, password_file)})["at"]
    print(TEXTS.text("deletion", name=name, when=files.moment(at_ms)))


def _delete(name: str, data: Path | None) -> int:
    from pileus.cloud.kernel.accounts import Accounts
    from pileus.cloud.kernel.accounts.deletion import Deletion
    from pileus.core.clock import SystemClock

    with database(data) as (settings, db):
        accounts = Accounts(db, SystemClock(), settings.quota_bytes)
        return Deletion(db, SystemClock(), accounts).ask_blocking(name)


def _set_password(name: str, path: Path | None, data: Path | None, *, sign_out: bool) -> None:
    from pileus.cloud.kernel.accounts import Accounts
    from pileus.core.clock import SystemClock

    with database(data) as (settings, db):
        new = passwords.chosen(name, path, "new")
        accounts = Accounts(db, SystemClock(), settings.quota_bytes)
        account = accounts.set_password_blocking(name, new, sign_out=sign_out)
    print(TEXTS.text("password_set" if sign_out else "password_set_only", name=account.name))


def _gb(size: int) -> str:
    return f"{size / GB:.2f}".rstrip("0").rstrip(".")
