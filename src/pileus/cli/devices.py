"""`pileus devices`: what the account is signed in on."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli import files, passwords, scan
from pileus.cli.choosing import matching
from pileus.cli.passwords import PasswordFile
from pileus.core.catalogue import Catalogue
from pileus.core.errors import NotFound

TEXTS = Catalogue(
    en={
        "here": "this command line",
        "seen": "last seen {when}",
        "named": "It is named {name} now.",
        "out": "{name} was signed out.",
        "rung": "{name} rings as soon as it hears of it.",
        "asked": "{name} is asked where it is; `pileus devices place` shows what it says.",
        "locked": "{name} is locked: it needs the account's password.",
        "wiped": "{name} was signed out; it erases what it has kept as soon as it asks for anything.",
        "place": "{name}: {lat}, {lon} (within {accuracy} m), {when}",
        "no_place": "{name} has not said where it is.",
        "scan": "Scan this with the camera of the new device, or sign in there with the code {code}.",
        "wait": "It is good once, until {when}, while this waits.",
        "wants": "{name} ({address}) wants to sign in. The number that it shows, or nothing to keep it out: ",
        "kept_out": "{name} was kept out.",
        "let_in": "{name} is signed in.",
        "none": "No device is named {name}, or has an id that begins so; `pileus devices list` shows them.",
        "many": "More than one device is named {name}: say the id that `pileus devices list` shows.",
    },
    zh={
        "here": "此命令行",
        "seen": "上次使用：{when}",
        "named": "现在名为 {name}。",
        "out": "{name} 已退出登录。",
        "rung": "{name} 收到通知后即会响铃。",
        "asked": "已向 {name} 查询位置；可用 pileus devices place 查看。",
        "locked": "{name} 已锁定，需要账户密码。",
        "wiped": "{name} 已退出登录，下次联络时会清除所保存的数据。",
        "place": "{name}：{lat}, {lon}（{accuracy} 米以内），{when}",
        "no_place": "{name} 尚未报告位置。",
        "scan": "请用新设备的相机扫描，或在新设备上用配对码 {code} 登录。",
        "wait": "只能使用一次，{when} 之前且此命令运行时有效。",
        "wants": "{name}（{address}）请求登录。请输入它显示的数字，留空则拒绝：",
        "kept_out": "已拒绝 {name}。",
        "let_in": "{name} 已登录。",
        "none": "没有名为 {name} 或编号以此开头的设备；可用 pileus devices list 查看。",
        "many": "有多台设备名为 {name}：请使用 pileus devices list 显示的编号。",
    },
)

EVERY_SECONDS = 1.0

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


@app.command()
def pair(password_file: PasswordFile = None) -> None:
    """Let a new device in by a code, without the password; it shows a number, which you type here."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        present = passwords.asked(client.get("/account")["name"], password_file)
        made = client.post("/pairings", {"present": present})
        path = f"/pairings/{made['pairing']['id']}"
        try:
            print(TEXTS.text("scan", code=made["code"]))
            scan.show(client.server + made["path"])
            print(TEXTS.text("wait", when=files.moment(made["pairing"]["expires_at"])), flush=True)
            print(_let_in(client, path))
        finally:
            with contextlib.suppress(NotFound):
                client.delete(path)


@app.command()
def ring(device: Which) -> None:
    """Have a device ring, loudly, until somebody stops it there."""
    _ask(device, "ring", "rung")


@app.command()
def locate(device: Which) -> None:
    """Ask a device where it is; it answers where its owner allowed that on it."""
    _ask(device, "locate", "asked")


@app.command()
def lock(device: Which) -> None:
    """Lock a device until somebody enters the account's password there."""
    _ask(device, "lock", "locked")


@app.command()
def wipe(device: Which, password_file: PasswordFile = None) -> None:
    """Sign a device out, and have it erase what it has kept of the account."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = _find(client, device)
        mine = client.get("/account")["name"]
        client.post(f"/devices/{found['id']}/wipe", {"present": passwords.asked(mine, password_file)})
    print(TEXTS.text("wiped", name=found["name"]))


@app.command()
def place(
    device: Which,
    passphrase_file: Annotated[Path | None, typer.Option(help="File with the passphrase for places.")] = None,
) -> None:
    """Where a device said last that it is: read here, with the passphrase for places."""
    from pileus.sdk import place as places
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = _find(client, device)
        told = client.records("finding.device").get(found["id"], {})
        if not told.get("place"):
            print(TEXTS.text("no_place", name=found["name"]))
            return
        [key] = client.records("finding.key").values()
    seen = places.opened(
        told["place"], places.private_key(key, passwords.passphrase(passphrase_file)), key["public"]
    )
    print(TEXTS.text("place", name=found["name"], when=files.moment(seen["at_ms"]), **_shown(seen)))


def _let_in(client: Any, path: str) -> str:
    """Asks about the device that comes, and says what became of it."""
    while (came := client.get(path))["state"] == "open":
        time.sleep(EVERY_SECONDS)
    print(TEXTS.text("wants", name=came["device_name"], address=came["address"]), end="", flush=True)
    number = sys.stdin.readline().strip()
    client.post(f"{path}/answer", {"allow": bool(number), "number": number})
    if not number:
        return TEXTS.text("kept_out", name=came["device_name"])
    while client.get(path)["state"] != "done":
        time.sleep(EVERY_SECONDS)
    return TEXTS.text("let_in", name=came["device_name"])


def _shown(seen: Mapping[str, Any]) -> dict[str, str]:
    return {
        "lat": f"{seen['lat']:.5f}",
        "lon": f"{seen['lon']:.5f}",
        "accuracy": f"{seen['accuracy']:.0f}",
    }


def _ask(device: str, what: str, said: str) -> None:
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        found = _find(client, device)
        client.post(f"/devices/{found['id']}/{what}")
    print(TEXTS.text(said, name=found["name"]))


def _find(client: Any, wanted: str) -> Any:
    """By its id, its name, or how its id begins; raises `NotFound` where that is none or more than one."""
    found = matching(client.get("/devices"), wanted)
    if len(found) != 1:
        raise NotFound("no-device", TEXTS.text("many" if found else "none", name=wanted))
    return found[0]
