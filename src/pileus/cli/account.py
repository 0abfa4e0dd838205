"""`pileus account`: accounts of the cloud on this machine, running or not."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.cli.here import GB, Data, database, is_there, settings_of
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid

TEXTS = Catalogue(
    en={
        "password": "Password for {name}: ",
        "again": "The same again: ",
        "differ": "The two passwords differ.",
        "made": "The account {name} was made.",
        "none": "There is no account in {folder} yet; --data names another folder.",
        "line": "{name}  {used} of {quota} GB",
        "quota": "{name} may keep {quota} GB.",
        "bad_quota": "A quota is a number of GB, as in 250 or 0.5.",
    },
    zh={
        "password": "{name} 的密码：",
        "again": "再次输入：",
        "differ": "两次输入的密码不同。",
        "made": "已创建账户 {name}。",
        "none": "{folder} 中还没有账户；可用 --data 指定其他文件夹。",
        "line": "{name}  已用 {used} / {quota} GB",
        "quota": "{name} 最多可保存 {quota} GB。",
        "bad_quota": "配额是以 GB 为单位的数字，例如 250 或 0.5。",
    },
)

app = typer.Typer(help="Accounts of the cloud on this machine.", no_args_is_help=True)


@app.command()
def create(
    name: str,
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password; - is standard input.")
    ] = None,
    data: Data = None,
) -> None:
    """Make an account."""
    from pileus.cloud.kernel.accounts import Accounts
    from pileus.core.clock import SystemClock

    password = _password(name, password_file)
    with database(data, make=True) as (settings, db):
        account = Accounts(db, SystemClock(), settings.quota_bytes).create_blocking(name, password)
    print(TEXTS.text("made", name=account.name))


@app.command("list")
def list_all(data: Data = None) -> None:
    """List accounts with what they use."""
    from pileus.cloud.kernel.accounts.store import every
    from pileus.cloud.kernel.quota import used_bytes

    settings = settings_of(data)
    found = []
    if is_there(settings):
        with database(data) as (_, db):
            found = db.read(lambda conn: [(one, used_bytes(conn, one.id)) for one in every(conn)])
    if not found:
        print(TEXTS.text("none", folder=settings.data_dir))
    for one, used in found:
        print(TEXTS.text("line", name=one.name, used=_gb(used), quota=_gb(one.quota_bytes)))


@app.command()
def quota(name: str, gigabytes: str, data: Data = None) -> None:
    """Set how many GB (1000³ bytes) an account may keep."""
    from pileus.cloud.kernel.accounts.store import set_quota

    try:
        size = round(float(gigabytes) * GB)
    except (ValueError, OverflowError):
        raise Invalid("quota", TEXTS.text("bad_quota")) from None
    with database(data) as (_, db):
        account = db.write(lambda conn: set_quota(conn, name, size))
    print(TEXTS.text("quota", name=account.name, quota=_gb(account.quota_bytes)))


def _password(name: str, path: Path | None) -> str:
    if path is None and sys.stdin.isatty():
        first = getpass.getpass(TEXTS.text("password", name=name))
        if first != getpass.getpass(TEXTS.text("again")):
            raise Invalid("password", TEXTS.text("differ"))
        return first
    text = sys.stdin.readline() if path is None or str(path) == "-" else path.read_text(encoding="utf-8")
    return text.split("\n", 1)[0].removesuffix("\r")


def _gb(size: int) -> str:
    return f"{size / GB:.2f}".rstrip("0").rstrip(".")
