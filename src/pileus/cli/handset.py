"""`pileus handset`: the daemon of a phone, for its shell (docs/design/handset.md)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid

TEXTS = Catalogue(
    en={
        "server": "{server!r} is no address such as http://pileus.localhost:8080.",
        "shell": "The shell of this phone (keep this address to yourself):",
    },
    zh={
        "server": "{server!r} 不是 http://pileus.localhost:8080 这样的地址。",
        "shell": "此手机的界面（请勿泄露此地址）：",
    },
)
DEFAULT_PORT = 8790


Folder = Annotated[Path, typer.Option(help="Folder of the handset: what the account does not have yet.")]
Server = Annotated[str, typer.Option(help="The cloud, until the owner names another one.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of the gateway, on this machine alone.")]


def command(
    data: Folder = Path("var/handset"),
    server: Server = "http://pileus.localhost:8080",
    port: Port = DEFAULT_PORT,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Stand-ins for battery, Wi-Fi and the rest.")
    ] = False,
) -> None:
    """Run the daemon of this phone: modem, network, battery and the rest, for its shell."""
    from urllib.parse import urlsplit

    from pileus.handset.token import ensure

    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Invalid("server-url", TEXTS.text("server", server=server))
    folder, origin = data.expanduser().absolute(), f"{parts.scheme}://{parts.netloc}"
    print(TEXTS.text("shell"))
    # From this device's own disk: it opens without a network. The cloud's own page may use the daemon, too.
    print(f"http://pileus.localhost:{port}/#handset={port}.{ensure(folder)}", flush=True)
    given = ["--folder", str(folder), "--port", str(port), "--origin", origin, "--server", origin]
    given += ["--simulated"] if simulated else []
    # The daemon replaces this process: it stays small, and what was imported here is gone.
    os.execv(sys.executable, [sys.executable, "-m", "pileus.handset", *given])  # noqa: S606
