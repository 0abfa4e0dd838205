"""Where a signed-in command line finds its cloud, and how its answers are understood. No HTTP library in here."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from pileus.core import durable
from pileus.core.errors import Invalid, NotFound, PileusError, Unauthorized, Unavailable

API = "/api/v1"


class Config(msgspec.Struct, frozen=True):
    """Where a signed-in command line finds its cloud."""

    server: str
    token: str
    account: str = ""


def config_path() -> Path:
    """`~/.config/pileus/client.json`, or where PILEUS_CLIENT_CONFIG says."""
    named = os.environ.get("PILEUS_CLIENT_CONFIG")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "pileus" / "client.json"


def read_config(path: Path | None = None) -> Config:
    path = path or config_path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Config)
    except FileNotFoundError:
        raise Unauthorized("not-signed-in", "Sign in first: pileus login URL --name NAME.") from None
    except msgspec.DecodeError as error:
        raise Unauthorized("not-signed-in", f"{path} cannot be read ({error}): run pileus login URL.") from None


def write_config(config: Config, path: Path | None = None) -> Path:
    """Replaces the file at once; only its owner can read it (it holds the token)."""
    path = path or config_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, msgspec.json.encode(config))
    return path


def problem_of(status: int, body: bytes) -> PileusError:
    """The error that a problem document (RFC 9457) tells."""
    try:
        problem = msgspec.json.decode(body)
        code, detail = str(problem["code"]), str(problem.get("detail", ""))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        code, detail, problem = "http", f"The server answered {status}.", {}
    kind = {401: Unauthorized, 404: NotFound, 503: Unavailable}.get(status, PileusError)
    known = {"type", "title", "status", "detail", "code"}
    extra = {key: value for key, value in problem.items() if key not in known}
    return kind(code, detail, status=status, **extra)


def address_of(server: str) -> tuple[str, dict[str, str]]:
    """Names below `.localhost` are this machine (RFC 6761 §6.3), whatever its resolver thinks."""
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PileusError("server-url", f"{server!r} is not an address such as http://pileus.localhost:8080.")
    if parts.hostname != "localhost" and not parts.hostname.endswith(".localhost"):
        return server, {}
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}", {"Host": parts.netloc}


def tls_context(verify: str | bool) -> ssl.SSLContext | bool:
    """For `PILEUS_CA_FILE`; True where the system's authorities do."""
    if verify is True:
        return True
    try:
        return ssl.create_default_context(cafile=str(verify))
    except OSError as error:
        raise Invalid("ca-file", f"PILEUS_CA_FILE: {verify} cannot be used ({error.strerror or error}).") from None
