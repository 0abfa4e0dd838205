"""What holds for every request before any route sees it: known hosts, Origin, security headers."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pileus.cloud.kernel.http.origins import Origins, Place, bracketed, same_site
from pileus.cloud.kernel.http.problems import problem
from pileus.core import pages
from pileus.core.errors import Forbidden, PileusError

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORBIDDEN_CLOSE = 4403


class Guard:
    """ASGI: sends a request to the shell's app or to the web apps' one, by its host."""

    def __init__(self, origins: Origins, shell: ASGIApp, apps: ASGIApp) -> None:
        self._origins = origins
        self._shell = shell
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._shell(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        server = scope.get("server")
        place = self._origins.place(host, server[1] if server else None)
        refusal = self._refusal(scope, headers, place)
        if refusal is not None or place is None:
            await self._refuse(scope, receive, send, refusal or Forbidden())
            return
        if scope["type"] == "websocket":
            await (self._shell if place.app is None else self._refused_socket)(scope, receive, send)
            return
        scope["pileus.place"] = place
        target = self._shell if place.app is None else self._apps
        await target(scope, receive, self._with_headers(send, place))

    def _refusal(self, scope: Scope, headers: Headers, place: Place | None) -> PileusError | None:
        if place is None:
            return PileusError("unknown-host", "This server does not serve that host.", status=421)
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE
        origin = headers.get("origin")
        if changes and origin is not None and not same_site(origin, headers.get("host", "")):
            return Forbidden("foreign-origin", "A page of another origin may not do this.")
        return None

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: PileusError) -> None:
        if scope["type"] == "websocket":
            await self._refused_socket(scope, receive, send)
            return
        await problem(error)(scope, receive, send)

    async def _refused_socket(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.close", "code": FORBIDDEN_CLOSE})

    def _with_headers(self, send: Send, place: Place) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers(place).items():
                    headers.setdefault(name, value)
            await send(message)

        return with_headers

    def headers(self, place: Place) -> dict[str, str]:
        """The security headers of a place's answers."""
        policy = self.app_policy() if place.app is not None else self.shell_policy(place)
        return pages.headers(policy, of_shell=place.app is None)

    def shell_policy(self, place: Place) -> dict[str, str]:
        """The shell talks to this host and its surfaces, and frames the apps' origins."""
        scheme = "wss" if self._origins.settings.origins != "localhost" else "ws"
        surfaces = f"{scheme}://{bracketed(place.host)}:{self._origins.settings.surface_port}"
        return pages.shell_policy(surfaces, " ".join(self._origins.frames()))

    def app_policy(self) -> dict[str, str]:
        """An app reaches nothing but its own files; all else goes through the bridge."""
        return pages.app_policy(" ".join(self._origins.shells()))
