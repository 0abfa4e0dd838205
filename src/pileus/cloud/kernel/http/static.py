"""Built web parts from a folder: the shell from `shell/`, a packaged app from `apps/ID/`."""

from __future__ import annotations

from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from pileus.cloud.kernel.http.origins import Place
from pileus.cloud.kernel.http.problems import problem
from pileus.core.errors import NotFound, PileusError, Unavailable
from pileus.core.pages import APP_ID, find, kept


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
        found = await anyio.to_thread.run_sync(find, root, path)
        if found is None and "." not in path.rpartition("/")[2]:
            path, found = "index.html", await anyio.to_thread.run_sync(find, root, "index.html")
        if found is None:
            raise NotFound("no-file", "There is no such file.")
        response = FileResponse(found, headers=kept(path))
        if _unchanged(request, response, found):
            return Response(status_code=304, headers={"ETag": response.headers["etag"], **kept(path)})
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


def _unchanged(request: Request, response: FileResponse, found: Path) -> bool:
    tag = request.headers.get("if-none-match")
    if tag is None or request.headers.get("range"):
        return False
    response.set_stat_headers(found.stat())
    return response.headers["etag"] in [one.strip().removeprefix("W/") for one in tag.split(",")]
