"""`pileus devices`: what the account is signed in on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pileus.cli import files
from pileus.cli.choosing import matching
from pileus.core.catalogue import Catalogue
from pileus.core.errors import NotFound

TEXTS = Catalogue(
    en={
        "here": "this command line",
        "seen": "last seen {when}",
        "named": "It is named {name} now.",
        "out": "{name} was signed out.",
        "none": "No device is named {name}, or has an id that begins so; `pileus devices list` shows them.",
        "many": "More than one device is named {name}: say the id that `pileus devices list` shows.",
    },
    zh={
        "here": "此命令行",
        "seen": "上次使用：{when}",
        "named": "现在名为 {name}。",
        "out": "{name} 已退出登录。",
        "none": "没有名为 {name} 或编号以此开头的设备；可用 pileus devices list 查看。",
        "many": "有多台设备名为 {name}：请使用 pileus devices list 显示的编号。",
    },
)

app = typer.Typer(help="What your account is signed in on.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(metavar="DEVICE", help="A device's name, or its id.")]


@app.command("list")
def listed() -> None:
    """The devices and when they were seen last."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = client.get("/devices")
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in found:
        seen = TEXTS.text("here") if one["current"] else TEXTS.text("seen", when=files.moment(one["last_seen_at"]))
        table.add_row(one["id"], one["name"], seen)
    files.show(table)


@app.command()
def rename(device: Which, name: Annotated[str, typer.Argument(help="The name that it gets.")]) -> None:
    """Give a device another name."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        made = client.request("PATCH", f"/devices/{_find(client, device)['id']}", json={"name": name})
    print(TEXTS.text("named", name=made["name"]))


@app.command("sign-out")
def sign_out(device: Which) -> None:
    """Sign a device out: what it holds of the account is not to be reached with it any more."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = _find(client, device)
        client.delete(f"/devices/{found['id']}")
    print(TEXTS.text("out", name=found["name"]))


def _find(client: Any, wanted: str) -> Any:
    """By its id, its name, or how its id begins; raises `NotFound` where that is none or more than one."""
    found = matching(client.get("/devices"), wanted)
    if len(found) != 1:
        raise NotFound("no-device", TEXTS.text("many" if found else "none", name=wanted))
    return found[0]
