"""The shell and the built-in web apps from the phone's own disk, each at its origin, under the cloud's policy."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pileus.core import pages
from pileus.core.errors import NotFound, PileusError, Unavailable
from pileus.handset.head import Head

NAME = "pileus.localhost"
"""Loopback by its name (RFC 6761 §6.3) and a secure context for a browser; apps are below it."""
LOCAL = frozenset({NAME, "localhost", "127.0.0.1"})
_TYPES = {
    ".js": "text/javascript", ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".json": "application/json", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml",
    ".woff2": "font/woff2", ".wasm": "application/wasm", ".txt": "text/plain; charset=utf-8",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """The shell's origin, or one app's."""

    app: str = ""


@dataclass(frozen=True)
class Page:
    """An answer; `file` is its body, None for none."""

    status: int
    headers: dict[str, str]
    file: Path | None = None


class Site:
    """`web` has `shell/` and `apps/ID/`; `port` is the listener's."""

    def __init__(self, web: Path, port: int) -> None:
        self._web, self._port = web, port

    @property
    def there(self) -> bool:
        return (self._web / "shell" / "index.html").is_file()

    @property
    def origin(self) -> str:
        return f"http://{NAME}:{self._port}"

    @property
    def origins(self) -> frozenset[str]:
        """Those that the shell may be open at."""
        return frozenset(f"http://{name}:{self._port}" for name in LOCAL)

    def place(self, host: str) -> Place:
        """What a Host header is for; a name that a foreign site had point here is none of ours (DNS rebinding).
        Raises `PileusError` (`unknown-host`)."""
        name, _, port = host.lower().rpartition(":")
        if port == str(self._port):
            app = name.removesuffix(f".apps.{NAME}")
            if name in LOCAL:
                return Place()
            if app != name and pages.APP_ID.fullmatch(app):
                return Place(app)
        raise PileusError("unknown-host", "This handset does not serve that host.", status=421)

    def page(self, place: Place, head: Head, cloud: str) -> Page:
        """Blocks a moment. `cloud`: the address of the account's cloud. Raises `PileusError`."""
        if head.method not in ("GET", "HEAD"):
            raise PileusError("method-not-allowed", "Files are only read here.", status=405)
        root = self._web / "apps" / place.app if place.app else self._web / "shell"
        path = unquote(head.path).lstrip("/") or "index.html"
        found = pages.find(root, path)
        if found is None and "." not in path.rpartition("/")[2]:
            path, found = "index.html", pages.find(root, "index.html")
        if found is None:
            if not place.app and not self.there:
                raise Unavailable("web-not-built", "The web part is not built: run `make setup`.")
            raise NotFound("no-file", "There is no such file.")
        stat = found.stat()
        headers = {
            "ETag": f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
            **pages.kept(path),
            **pages.headers(self._policy(place, cloud), of_shell=not place.app),
        }
        if headers["ETag"] in [one.strip().removeprefix("W/") for one in head.get("if-none-match").split(",")]:
            return Page(304, headers)
        kind = _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        headers |= {"Content-Type": kind, "Content-Length": str(stat.st_size)}
        return Page(200, headers, found if head.method == "GET" else None)

    def _policy(self, place: Place, cloud: str) -> dict[str, str]:
        if place.app:
            return pages.app_policy(" ".join(sorted(self.origins)))
        return pages.shell_policy(surfaces_of(cloud), f"http://*.apps.{NAME}:{self._port}")


def surfaces_of(cloud: str) -> str:
    """Where a cloud's surfaces are, which have a port of their own; "" without a cloud."""
    parts = urlsplit(cloud)
    scheme = "wss" if parts.scheme == "https" else "ws"
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{scheme}://{host}:*" if host else ""
