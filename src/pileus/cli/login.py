"""`pileus login`: sign this command line in to a cloud; files, messages and app commands then use it."""

from __future__ import annotations

import getpass
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.core.catalogue import Catalogue

TEXTS = Catalogue(
    en={"password": "Password for {name}: ", "done": "Signed in to {server} as {name}."},
    zh={"password": "{name} 的密码：", "done": "已以 {name} 登录 {server}。"},
)


def command(
    server: Annotated[str, typer.Argument(help="The cloud's address, as in http://pileus.localhost:8080")],
    name: Annotated[str, typer.Option("--name", "-n", prompt=True, help="The account's name.")],
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password; - is standard input.")
    ] = None,
) -> None:
    """Sign this command line in to a cloud."""
    from pileus.sdk.client import Client
    from pileus.sdk.config import Config, write_config

    password = _password(name, password_file)
    with Client(server) as client:
        session = client.sign_in(name, password, f"pileus @ {socket.gethostname()}")
        write_config(Config(client.server, session["token"], session["account"]["name"]))
    print(TEXTS.text("done", server=server, name=session["account"]["name"]))


def _password(name: str, path: Path | None) -> str:
    if path is None and sys.stdin.isatty():
        return getpass.getpass(TEXTS.text("password", name=name))
    text = sys.stdin.readline() if path is None or str(path) == "-" else path.read_text(encoding="utf-8")
    return text.split("\n", 1)[0].removesuffix("\r")
