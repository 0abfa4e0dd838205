"""`pileus up`: the whole cloud in one command."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.core.catalogue import Catalogue
from pileus.core.errors import Unavailable
from pileus.core.settings import Settings, default_runtime_dir

TEXTS = Catalogue(
    en={
        "no_network": "No network address was found: connect this machine, or name it with --host.",
        "certificate": "On the phone, first install this server's certificate from {url}",
        "scan": "Scan to begin:",
    },
    zh={
        "no_network": "没有找到网络地址：请将本机连接到网络，或用 --host 指定地址。",
        "certificate": "请先在手机上从 {url} 安装此服务器的证书",
        "scan": "扫描以开始：",
    },
)


def command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65500, help="Port of the shell.")] = None,
    lan: Annotated[bool, typer.Option("--lan", help="Serve phones on this network, over TLS.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder that holds everything.")] = None,
) -> None:
    """Start Pileus and print its address."""
    env = dict(os.environ)
    if data is not None:
        env["PILEUS_DATA_DIR"] = str(data.expanduser().absolute())
        if "PILEUS_RUNTIME_DIR" not in os.environ:
            env["PILEUS_RUNTIME_DIR"] = str(default_runtime_dir(Path(env["PILEUS_DATA_DIR"]), os.environ))
    if port is not None:
        env |= {"PILEUS_PORT": str(port), "PILEUS_SURFACE_PORT": str(port + 1)}
    if host is not None:
        env["PILEUS_HOST"] = host
    if lan:
        own = host if host not in (None, "0.0.0.0", "::") else lan_address()  # noqa: S104 - compared only
        env |= {"PILEUS_ORIGINS": "port", "PILEUS_DOMAIN": str(own)}
        env["PILEUS_HOST"] = host or "0.0.0.0"  # noqa: S104 - the owner asked for the network
    settings = Settings.from_env(env)
    if settings.tls:
        _prepare_lan(settings)
    # The parent replaces this process: it stays small, and what was imported here is gone.
    os.execve(sys.executable, [sys.executable, "-m", "pileus.cloud.parent"], {**env, **settings.as_env()})  # noqa: S606


def lan_address() -> str:
    """This machine's address towards other networks; nothing is sent. Raises `Unavailable`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737)
        except OSError:
            raise Unavailable("no-network", TEXTS.text("no_network")) from None
        return str(one.getsockname()[0])


def _prepare_lan(settings: Settings) -> None:
    """Makes the certificates before anything needs them, and shows the way for a phone."""
    from pileus.cli import scan
    from pileus.cloud.kernel import certificates
    from pileus.cloud.kernel.http.origins import Origins
    from pileus.cloud.setup_code import SetupCode, fragment, has_account

    settings.make_dirs()
    certificates.ensure(settings)
    if not has_account(settings):
        SetupCode(settings.data_dir).ensure()
    url = Origins(settings).ca_url + fragment(settings)
    print(TEXTS.text("certificate", url=url))
    print(TEXTS.text("scan"))
    scan.show(url)
