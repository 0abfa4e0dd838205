"""`pileus login`: sign this command line in to a cloud; files, messages and app commands then use it."""

from __future__ import annotations

import socket
from typing import Annotated, Any

import typer

from pileus.cli import passwords
from pileus.cli.passwords import PasswordFile
from pileus.core.catalogue import Catalogue

TEXTS = Catalogue(
    en={"done": "Signed in to {server} as {name}."},
    zh={"done": "已以 {name} 登录 {server}。"},
)


def command(
    server: Annotated[str, typer.Argument(help="The cloud's address, as in http://pileus.localhost:8080")],
    name: Annotated[str, typer.Option("--name", "-n", prompt=True, help="The account's name.")],
    password_file: PasswordFile = None,
) -> None:
    """Sign this command line in to a cloud."""
    from pileus.sdk.client import Client

    password = passwords.asked(name, password_file)
    with Client(server) as client:
        session = client.sign_in(name, password, device_name())
        keep(client.server, session)
    print(TEXTS.text("done", server=server, name=session["account"]["name"]))


def device_name() -> str:
    """What this command line is called among the account's devices."""
    return f"pileus @ {socket.gethostname()}"


def keep(server: str, session: Any) -> None:
    """Has later commands use a session."""
    from pileus.sdk.config import Config, write_config

    write_config(Config(server, session["token"], session["account"]["name"]))
