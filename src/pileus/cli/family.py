"""`pileus family`: who belongs together, and what a parent does for a child."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pileus.cli import files, passwords, people
from pileus.cli.choosing import matching
from pileus.cli.passwords import PasswordFile
from pileus.cli.sizes import size_text
from pileus.core.catalogue import Catalogue
from pileus.core.errors import NotFound

TEXTS = Catalogue(
    en={
        "alone": "You are in no family.",
        "parent": "parent",
        "child": "child",
        "asked": "asked to be a parent",
        "room": "{used} of {quota}",
        "asks": "{by} asks you to be a parent of their family: pileus family accept.",
        "made": "{name} has an account, with {quota} of your room.",
        "given": "{name} may keep {quota}.",
        "code": "By this code {name} sets a new password, once: pileus recover, or Forgot your password?",
        "seen": "last seen {when}",
        "rung": "{name} rings as soon as it hears of it.",
        "locked": "{name} is locked until the child's password is entered there.",
        "invited": "{name} was asked to be a parent.",
        "joined": "You are a parent of the family of {by}.",
        "left": "You left the family.",
        "gone": "{name} was let go: the account is its own.",
        "no_child": "You have no child named {name}.",
        "no_device": "{name} has no such device.",
        "nobody_asks": "Nobody asks you to be a parent.",
    },
    zh={
        "alone": "你不在任何家庭中。",
        "parent": "家长",
        "child": "孩子",
        "asked": "已邀请为家长",
        "room": "已用 {used} / {quota}",
        "asks": "{by} 邀请你成为其家庭的家长：pileus family accept。",
        "made": "已为 {name} 创建账户，从你的空间中分得 {quota}。",
        "given": "{name} 最多可保存 {quota}。",
        "code": "{name} 可用此恢复码设置一次新密码（pileus recover 或“忘记密码？”）。",
        "seen": "上次使用：{when}",
        "rung": "{name} 收到通知后即会响铃。",
        "locked": "{name} 已锁定，需要孩子的密码。",
        "invited": "已邀请 {name} 成为家长。",
        "joined": "你已成为 {by} 家庭的家长。",
        "left": "你已离开家庭。",
        "gone": "{name} 已离开家庭，账户归其自己管理。",
        "no_child": "你没有名为 {name} 的孩子。",
        "no_device": "{name} 没有这台设备。",
        "nobody_asks": "没有人邀请你成为家长。",
    },
)

app = typer.Typer(help="Your family: parents, children, and what a parent does for them.", no_args_is_help=True)
Child = Annotated[str, typer.Argument(metavar="CHILD", help="The child's name.")]


@app.command("list")
def listed() -> None:
    """Who is in the family, and who asks you to be in theirs."""
    with _client() as client:
        family = client.get("/family")
    for one in family["members"]:
        words = [one["name"], TEXTS.text(one["kind"])]
        if one["quota_bytes"] is not None:
            words.append(
                TEXTS.text("room", used=size_text(one["used_bytes"]), quota=size_text(one["quota_bytes"]))
            )
        print("  ".join(words))
    for one in family["invited"]:
        print(one["name"], TEXTS.text("asked"), sep="  ")
    if family["kind"] is None:
        print(TEXTS.text("alone"))
    for one in family["invitations"]:
        print(TEXTS.text("asks", by=one["by"]))


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    quota: Annotated[str, typer.Option(help="GB that it may keep, of your own room.")],
    password_file: PasswordFile = None,
) -> None:
    """Make a child's account, with a password that the child may change."""
    password = passwords.chosen(name, password_file)
    with _client() as client:
        wish = {"name": name, "password": password, "quota_bytes": people.size_of(quota)}
        made = client.post("/family/children", wish)
    print(TEXTS.text("made", name=made["name"], quota=size_text(made["quota_bytes"])))


@app.command("quota")
def room(child: Child, gigabytes: str) -> None:
    """Set how many GB of your room a child may keep."""
    size = people.size_of(gigabytes)
    with _client() as client:
        told = client.request("PATCH", _path(client, child), json={"quota_bytes": size})
    print(TEXTS.text("given", name=told["name"], quota=size_text(told["quota_bytes"])))


@app.command("recovery-code")
def code(child: Child, password_file: PasswordFile = None) -> None:
    """Print a code by which a child that forgot its password sets a new one."""
    with _client() as client:
        path = _path(client, child)
        print(client.post(f"{path}/recovery-code", _present(client, password_file))["code"])
    print(TEXTS.text("code", name=child))


@app.command()
def devices(child: Child) -> None:
    """What a child is signed in on."""
    with _client() as client:
        for one in client.get(f"{_path(client, child)}/devices"):
            print(one["id"], one["name"], TEXTS.text("seen", when=files.moment(one["last_seen_at"])), sep="  ")


@app.command()
def ring(child: Child, device: str) -> None:
    """Have a child's device ring."""
    _ask(child, device, "ring", "rung")


@app.command()
def lock(child: Child, device: str) -> None:
    """Lock a child's device until the child's password is entered there."""
    _ask(child, device, "lock", "locked")


@app.command()
def invite(name: str, password_file: PasswordFile = None) -> None:
    """Ask an account of this cloud to be a parent too."""
    with _client() as client:
        made = client.post("/family/invitations", {"name": name} | _present(client, password_file))
    print(TEXTS.text("invited", name=made["name"]))


@app.command()
def accept() -> None:
    """Be a parent of the family that asks you first."""
    with _client() as client:
        asked = client.get("/family")["invitations"]
        if not asked:
            raise NotFound("no-family-invitation", TEXTS.text("nobody_asks"))
        client.post(f"/family/invitations/{asked[0]['id']}/accept")
    print(TEXTS.text("joined", by=asked[0]["by"]))


@app.command()
def leave(password_file: PasswordFile = None) -> None:
    """Leave the family; its last parent stays while there are children."""
    with _client() as client:
        mine = client.get("/account")["id"]
        client.post(f"/family/members/{mine}/part", _present(client, password_file))
    print(TEXTS.text("left"))


@app.command("let-go")
def let_go(child: Child, password_file: PasswordFile = None) -> None:
    """Let a child go: its account and all that is in it are its own from then on."""
    with _client() as client:
        account = _path(client, child).rsplit("/", 1)[1]
        client.post(f"/family/members/{account}/part", _present(client, password_file))
    print(TEXTS.text("gone", name=child))


def _client() -> Any:
    from pileus.sdk.client import Client

    return Client.from_config()


def _present(client: Any, password_file: Any) -> dict[str, str]:
    return {"present": passwords.asked(client.get("/account")["name"], password_file)}


def _path(client: Any, name: str) -> str:
    """Of a child, by its name in whatever case; raises `NotFound`."""
    found = [one for one in client.get("/family")["members"] if one["kind"] == "child"]
    for one in found:
        if one["name"].casefold() == name.casefold():
            return f"/family/children/{one['id']}"
    raise NotFound("no-child", TEXTS.text("no_child", name=name))


def _ask(child: str, device: str, what: str, said: str) -> None:
    with _client() as client:
        path = f"{_path(client, child)}/devices"
        found = matching(client.get(path), device)
        if len(found) != 1:
            raise NotFound("no-device", TEXTS.text("no_device", name=child))
        client.post(f"{path}/{found[0]['id']}/{what}")
    print(TEXTS.text(said, name=found[0]["name"]))
