"""`pileus login`: sign this command line in to a cloud; files, messages and app commands then use it."""

from __future__ import annotations

import socket
from typing import Annotated

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
    from pileus.sdk.config import Config, write_config

    password = passwords.asked(name, password_file)
    with Client(server) as client:
        session = client.sign_in(name, password, f"pileus @ {socket.gethostname()}")
        write_config(Config(client.server, session["token"], session["account"]["name"]))
    print(TEXTS.text("done", server=server, name=session["account"]["name"]))
