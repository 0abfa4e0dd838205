"""Built web parts from a folder: the shell from `shell/`, a packaged app from `apps/ID/`."""

from __future__ import annotations

import re
from pathlib import Path
from stat import S_ISREG

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from pileus.cloud.kernel.http.origins import Place
from pileus.cloud.kernel.http.problems import problem
from pileus.core.errors import NotFound, PileusError, Unavailable

APP_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
FOREVER = "public, max-age=31536000, immutable"
WORKERS = frozenset({"sw.js", "service-worker.js"})


class Site:
    """ASGI: the files of the place that the guard found. A path without a file gets `index.html`."""

    def __init__(self, web_dir: Path) -> None:
        self._web_dir = web_dir

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except PileusError as error:
            response = problem(error)
        await response(scope, receive, send)

    def apps(self) -> list[str]:
        """The ids of the packaged apps that are built."""
        folder = self._web_dir / "apps"
        if not folder.is_dir():
            return []
        return sorted(one.name for one in folder.iterdir() if one.is_dir() and APP_ID.fullmatch(one.name))

    async def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise PileusError("method-not-allowed", "Files are only read here.", status=405)
        place: Place = request.scope["pileus.place"]
        root = await anyio.to_thread.run_sync(self._root, place)
        path = request.url.path.lstrip("/") or "index.html"
        found = await anyio.to_thread.run_sync(_find, root, path)
        if found is None and "." not in path.rpartition("/")[2]:
            path, found = "index.html", await anyio.to_thread.run_sync(_find, root, "index.html")
        if found is None:
            raise NotFound("no-file", "There is no such file.")
        response = FileResponse(found, headers=_headers(path))
        if _unchanged(request, response, found):
            return Response(status_code=304, headers={"ETag": response.headers["etag"], **_headers(path)})
        return response

    def _root(self, place: Place) -> Path:
        if place.app is None:
            root = self._web_dir / "shell"
            if not (root / "index.html").is_file():
                raise Unavailable("web-not-built", "The web part is not built: run `make setup`.")
            return root
        root = self._web_dir / "apps" / place.app
        if APP_ID.fullmatch(place.app) is None or not root.is_dir():
            raise NotFound("no-app", "There is no such app here.")
        return root


def _find(root: Path, path: str) -> Path | None:
    """The regular file of a path below the root; nothing outside of it, however it is written."""
    if "\x00" in path:
        return None
    try:
        found = (root / path).resolve()
        if found.is_relative_to(root.resolve()) and S_ISREG(found.stat().st_mode):
            return found
    except OSError:
        pass
    return None


def _headers(path: str) -> dict[str, str]:
    name = path.rpartition("/")[2]
    if name in WORKERS:
        return {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    if path.startswith("assets/") and HASHED.search(name):
        return {"Cache-Control": FOREVER}
    return {"Cache-Control": "no-cache"}


def _unchanged(request: Request, response: FileResponse, found: Path) -> bool:
    tag = request.headers.get("if-none-match")
    if tag is None or request.headers.get("range"):
        return False
    response.set_stat_headers(found.stat())
    return response.headers["etag"] in [one.strip().removeprefix("W/") for one in tag.split(",")]
