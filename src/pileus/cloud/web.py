"""The web process (`python -m pileus.cloud.web`): HTTP, the journal and its doorbells.

One process may listen on several sockets: in the form `port` the shell and each app have a port with
TLS, and the authority's certificate is handed out over plain HTTP on one more (docs/decisions/0001).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pileus.cloud.app import Cloud, build
from pileus.cloud.connections import Connection
from pileus.cloud.kernel.http.origins import CA_OFFSET
from pileus.cloud.sockets import Socket
from pileus.core import tracing
from pileus.core.errors import PileusError, Unavailable
from pileus.core.settings import Settings

if TYPE_CHECKING:
    from pileus.cloud.kernel.certificates import Certificates

GRACE_SECONDS = 5
log = logging.getLogger(__name__)


class PortTaken(Unavailable):
    """Another program listens on the port."""

    code = "port-taken"


class _Server(uvicorn.Server):
    """Several of these share a process: signals are heard once, by `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> None:
    """Serves until SIGTERM or SIGINT; exit status 3 when a port is taken, 1 for another known error."""
    settings = Settings.from_env()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        run(settings)
    except PortTaken as error:
        print(error.detail, file=sys.stderr)
        sys.exit(3)
    except PileusError as error:
        print(f"Pileus cannot start: {error.detail or error.code}", file=sys.stderr)
        sys.exit(1)


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; raises `PortTaken`, or what keeps the cloud from being built."""
    sockets = listen(settings.host, [settings.port])
    traces = tracing.start(settings.traces, "pileus-web") if settings.traces else None
    cloud = build(settings, sessions=_sessions(settings))
    try:
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(serve(cloud, sockets))
    finally:
        cloud.close()
        if traces is not None:
            traces.close()


async def serve(cloud: Cloud, sockets: list[socket.socket]) -> None:
    """Serves a cloud until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve_until(cloud, sockets, stop, _tell_ready)


async def serve_until(
    cloud: Cloud, sockets: list[socket.socket], stop: asyncio.Event, ready: Callable[[], None]
) -> None:
    """Serves on the shell's socket, and on those that the form of origins adds, until `stop`.

    `ready` is called when all of them answer. Closes the sockets.
    """
    servers = _servers(cloud, sockets)
    tasks = [asyncio.create_task(server.serve(sockets=own)) for server, own in servers]
    stopped = asyncio.create_task(stop.wait())
    try:
        while not all(server.started for server, _ in servers):
            await asyncio.wait([*tasks, stopped], timeout=0.01, return_when=asyncio.FIRST_COMPLETED)
            if stopped.done() or any(task.done() for task in tasks):
                break
        else:
            ready()
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)
        for _, own in servers:
            for one in own:
                one.close()


def _servers(cloud: Cloud, sockets: list[socket.socket]) -> list[tuple[_Server, list[socket.socket]]]:
    settings = cloud.settings
    numbers = _numbers(cloud)
    if not settings.tls:
        return [(_Server(_config(cloud, None)), sockets), *numbers]
    from pileus.cloud.kernel import certificates  # takes long to import, and few have TLS of their own

    files = certificates.ensure(settings)
    apps = listen(settings.host, sorted(cloud.origins.app_ports.values()))
    plain = listen(settings.host, [settings.port + CA_OFFSET])
    handout = uvicorn.Config(
        _handout(cloud, files.authority), http=Connection, ws="none", log_config=None, lifespan="off"
    )
    return [(_Server(_config(cloud, files)), sockets + apps), (_Server(handout), plain), *numbers]


def _numbers(cloud: Cloud) -> list[tuple[_Server, list[socket.socket]]]:
    """The metrics, on a socket of their own: whoever reaches that may read them."""
    metrics, address = cloud.metrics, cloud.settings.metrics_address
    if metrics is None or address is None:
        return []

    async def page(_request: Request) -> Response:
        body, kind = await metrics.page()
        return Response(body, headers={"Content-Type": kind, "Cache-Control": "no-store"})

    app = Starlette(routes=[Route("/metrics", page)])
    host, port = address
    config = uvicorn.Config(app, http=Connection, ws="none", log_config=None, lifespan="off")
    return [(_Server(config), listen(host, [port], " for PILEUS_METRICS"))]


def listen(host: str, ports: list[int], how: str = " with --port") -> list[socket.socket]:
    """Listening sockets; raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sockets = []
    for port in ports:
        # asyncio sends at once (TCP_NODELAY) only on a socket that says its protocol. Else an answer's body, which
        # follows its head, waits for a peer's delayed acknowledgement of that: 40 ms.
        one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
            one.listen(512)
        except OSError as error:
            one.close()
            raise PortTaken(
                detail=f"Port {port} on {host} cannot be used ({error.strerror}): end the program that has it,"
                f" or choose another{how}."
            ) from None
        sockets.append(one)
    return sockets


def _config(cloud: Cloud, files: Certificates | None) -> uvicorn.Config:
    behind_proxy = cloud.settings.origins == "wildcard"
    return uvicorn.Config(
        cloud.asgi,
        http=Connection,
        ws=Socket,
        ws_max_size=4096,
        ws_per_message_deflate=False,  # of 20 bytes nothing is saved, and a browser that asks for it costs 40 kB
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips="127.0.0.1" if behind_proxy else None,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=str(files.server) if files else None,
        ssl_keyfile=str(files.key) if files else None,
    )


def _handout(cloud: Cloud, authority: Path) -> Starlette:
    """Plain HTTP, before the phone trusts anything: the authority's certificate and the way on."""

    async def certificate(_request: Request) -> Response:
        body = await asyncio.to_thread(authority.read_bytes)
        return Response(body, media_type="application/x-x509-ca-cert")

    async def page(_request: Request) -> Response:
        return HTMLResponse(HANDOUT.format(url=cloud.origins.shell))

    return Starlette(routes=[Route("/ca.crt", certificate), Route("/", page)])


HANDOUT = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Pileus</title>
<style>body{{font:1.1rem/1.6 system-ui;max-width:34rem;margin:2rem auto;padding:0 1rem}}</style>
<p>1. <a href="/ca.crt">Install this server's certificate</a> and trust it in your phone's settings.</p>
<p>2. <a href="{url}">Open Pileus</a></p>
<p lang="zh">1. <a href="/ca.crt">安装此服务器的证书</a>，并在手机设置中信任它。</p>
<p lang="zh">2. <a href="{url}">打开 Pileus</a></p>
<script>for (const a of document.querySelectorAll('a[href^=https]')) a.hash = location.hash;</script></html>"""


def _tell_ready() -> None:
    """Says so on the descriptor that the parent gave, if one did."""
    descriptor = os.environ.get("PILEUS_READY_FD")
    if descriptor is not None:
        with contextlib.suppress(OSError), os.fdopen(int(descriptor), "wb") as pipe:
            pipe.write(b"ready\n")


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def _sessions(settings: Settings) -> object:
    from pileus.surfaces.client import SupervisorClient

    return SupervisorClient(settings)


if __name__ == "__main__":
    os.umask(0o077)
    main()
