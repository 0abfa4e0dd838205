"""`pileus share`: links to files, and shares with accounts of the same cloud."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli import files, passwords
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Conflict, Invalid

TEXTS = Catalogue(
    en={
        "account": "{path} is shared with {name}.",
        "family": "your family",
        "ended": "The share has ended.",
        "link": "link",
        "password": "with a password",
        "write": "may write",
        "until": "until {when}",
        "from": "from {name}",
        "exists": "{path} is here already: name another file.",
        "written": "{path} was written.",
        "empty-password": "The password is empty.",
    },
    zh={
        "account": "已与 {name} 共享 {path}。",
        "family": "你的家庭",
        "ended": "共享已结束。",
        "link": "链接",
        "password": "有密码",
        "write": "可写",
        "until": "到 {when} 为止",
        "from": "来自 {name}",
        "exists": "{path} 已存在：请换一个文件名。",
        "written": "已写入 {path}。",
        "empty-password": "密码为空。",
    },
)

app = typer.Typer(help="Files for others: by a link, or for accounts of this cloud.", no_args_is_help=True)

DAY_MS = 24 * 3600_000


@app.command()
def add(
    path: str,
    account: Annotated[
        str, typer.Option("--with", help="An account of this cloud; without it a link is made")
    ] = "",
    family: Annotated[
        bool, typer.Option("--family", help="For all of your family, whoever joins later too.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="The account may write, too.")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="Ends by itself after so many days")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the link's password; - is standard input.")
    ] = None,
) -> None:
    """Share a file or folder; prints the link, which is told this once."""
    from pileus.sdk.client import Client

    wish: dict[str, Any] = {
        "account": account,
        "family": family,
        "write": write,
        "password": _password(password_file),
    }
    if days is not None:
        wish["expires_ms"] = int(time.time() * 1000) + days * DAY_MS
    with Client.from_config() as client:
        file = files.find(client.records("files.file"), path)
        made = client.post(f"/files/{file}/shares", wish)
    print(made["url"] or TEXTS.text("account", path=path, name=_whom(made)))


@app.command("list")
def listed() -> None:
    """What is shared, with whom and until when."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = client.get("/files/shares")["shares"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in found:
        traits = [TEXTS.text(trait) for trait in ("password", "write") if one[trait]]
        if one["expires_ms"]:
            traits.append(TEXTS.text("until", when=files.moment(one["expires_ms"])))
        table.add_row(one["id"], one["name"], _whom(one), ", ".join(traits))
    files.show(table)


@app.command()
def end(share: Annotated[str, typer.Argument(help="Id, as in `list` or `given`")]) -> None:
    """End a share of yours, or leave one of another account's."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        client.delete(f"/files/shares/{share}")
    print(TEXTS.text("ended"))


@app.command()
def given(
    share: Annotated[str, typer.Argument(help="Id of a share; without it all are listed")] = "",
    file: Annotated[str, typer.Argument(help="Id of a file to download, or of a folder to list")] = "",
    to: Annotated[Path | None, typer.Option(help="Where the file goes")] = None,
) -> None:
    """What others share with this account: list it, or download from it."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = client.get("/files/shared")["entries"]
        if share:
            top = next((one for one in found if one["share"] == share), None)
            if top is not None and (file or not files.is_folder(top)) and to is not None:
                _save(client, f"/files/shared/{share}/{file or top['file']}/content", to)
                return
            found = client.get(f"/files/shared/{share}/{file or (top or {}).get('file', share)}")["entries"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in found:
        name = one["name"] + "/" * files.is_folder(one)
        size = "" if files.is_folder(one) else f"{one['size']:,}"
        table.add_row(one["share"], one["file"], name, size, TEXTS.text("from", name=one["owner"]))
    files.show(table)


def _save(client: Any, path: str, to: Path) -> None:
    try:
        with to.open("xb") as out:
            client.save(path, {}, out)
    except FileExistsError:
        raise Conflict("exists", TEXTS.text("exists", path=to)) from None
    print(TEXTS.text("written", path=to))


def _password(path: Path | None) -> str:
    if path is None:
        return ""
    found = passwords.lines(path, 1)[0]
    if not found:
        raise Invalid("password-short", TEXTS.text("empty-password"))
    return found


def _whom(share: Any) -> str:
    return share["account"] or TEXTS.text("family" if share["family"] else "link")
