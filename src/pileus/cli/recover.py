"""`pileus recover`: set a forgotten password by a recovery code, and sign this command line in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pileus.cli import passwords
from pileus.cli.login import device_name, keep
from pileus.core.catalogue import Catalogue

TEXTS = Catalogue(
    en={"done": "The password of {name} is set, and this command line is signed in."},
    zh={"done": "已设置 {name} 的密码，此命令行已登录。"},
)


def command(
    server: Annotated[str, typer.Argument(help="The cloud's address, as in http://pileus.localhost:8080")],
    name: Annotated[str, typer.Option("--name", "-n", prompt=True, help="The account's name.")],
    password_file: Annotated[
        Path | None, typer.Option(help="File: the code and the new password in two lines; - is standard input.")
    ] = None,
    keep_devices: Annotated[bool, typer.Option("--keep-devices", help="Other devices stay signed in.")] = False,
) -> None:
    """Set a forgotten password by one of the account's recovery codes."""
    from pileus.sdk.client import Client

    code, password = passwords.recovered(name, password_file)
    wish = {"name": name, "code": code, "password": password, "device_name": device_name()}
    with Client(server) as client:
        session = client.post("/recover", wish | {"sign_out_others": not keep_devices})
        keep(client.server, session)
    print(TEXTS.text("done", name=session["account"]["name"]))
