"""`pileus login`: sign this command line in to a cloud; files, messages and app commands then use it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pileus.cli import passwords
from pileus.cli.passwords import PasswordFile
from pileus.core.catalogue import Catalogue

if TYPE_CHECKING:
    from pileus.sdk.client import Client

TEXTS = Catalogue(
    en={
        "done": "Signed in to {server} as {name}.",
        "name": "The account's name",
        "number": "Type {number} on the device that showed the code, to sign in as {name}.",
    },
    zh={
        "done": "已以 {name} 登录 {server}。",
        "name": "账户名称",
        "number": "请在显示配对码的设备上输入 {number}，即可以 {name} 登录。",
    },
)
EVERY_SECONDS = 1.0


def command(
    server: Annotated[str, typer.Argument(help="The cloud's address, as in http://pileus.localhost:8080")],
    name: Annotated[str, typer.Option("--name", "-n", help="The account's name.")] = "",
    password_file: PasswordFile = None,
    code: Annotated[
        str, typer.Option(help="In place of name and password: a code that a signed-in device shows.")
    ] = "",
) -> None:
    """Sign this command line in to a cloud."""
    from pileus.sdk.client import Client

    with Client(server) as client:
        if code:
            session = _let_in(client, code)
        else:
            name = name or typer.prompt(TEXTS.text("name"))
            session = client.sign_in(name, passwords.asked(name, password_file), device_name())
        keep(client.server, session)
    print(TEXTS.text("done", server=server, name=session["account"]["name"]))


def device_name() -> str:
    """What this command line is called among the account's devices."""
    return f"pileus @ {socket.gethostname()}"


def _let_in(client: Client, code: str) -> Any:
    """The session, once the owner typed the number that is shown here on the device that shows the code."""
    asked = client.post("/pair", {"code": code, "device_name": device_name()})
    print(TEXTS.text("number", number=asked["number"], name=asked["account"]), flush=True)
    while not (session := client.post("/pair/session", {"claim": asked["claim"]})["session"]):
        time.sleep(EVERY_SECONDS)
    return session


def keep(server: str, session: Any) -> None:
    """Has later commands use a session."""
    from pileus.sdk.config import Config, write_config

    write_config(Config(server, session["token"], session["account"]["name"]))
