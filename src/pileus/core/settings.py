"""Settings of one cloud, read from the environment (`PILEUS_*`)."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pileus.core import durable
from pileus.core.errors import Invalid

Origins = Literal["localhost", "wildcard", "port"]
LogLevel = Literal["debug", "info", "warning", "error"]

_SERVER = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?")
"""Host, port and transport of a STUN or TURN URI (RFC 7064 §3.1, RFC 7065 §3.1)."""
DEFAULT_QUOTA = 100 * 1000**3
DEFAULT_PORT = 8080
DEFAULT_FREEZE = 600
DEFAULT_RESERVE_MB = 512
DEFAULT_TRASH_DAYS = 30
DEFAULT_VERSION_DAYS = 90


@dataclass(frozen=True)
class Settings:
    """All settings of a cloud; immutable, handed to every part at its construction.

    `domain` is the host that people type: `pileus.localhost` for the form `localhost`, a DNS name
    for `wildcard`, a LAN address or name for `port`. `runtime_dir` holds sockets, so it is short
    (a Unix socket's path may have 107 bytes). `quota_bytes` is given to new accounts. An app that nobody has
    looked at for `freeze_seconds` is frozen (0: never for that), and the oldest of those while the machine has
    less than `memory_reserve_mb` to give (0: never).
    """

    data_dir: Path
    runtime_dir: Path
    cache_dir: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    surface_port: int = DEFAULT_PORT + 1
    origins: Origins = "localhost"
    domain: str = "pileus.localhost"
    quota_bytes: int = DEFAULT_QUOTA
    log_level: LogLevel = "info"
    freeze_seconds: int = DEFAULT_FREEZE
    memory_reserve_mb: int = DEFAULT_RESERVE_MB
    objects: str = ""
    """Where packs lie: empty for `data_dir/objects`, or `s3://BUCKET/PREFIX` (docs/design/objects.md)."""
    copy_to: str = ""
    """Where a second copy of everything stored is kept: empty for nowhere, a folder, or `s3://BUCKET/PREFIX`."""
    database: str = ""
    """The database: empty for SQLite in `data_dir`, or `postgresql://USER:PASSWORD@HOST/NAME`."""
    trash_days: int = DEFAULT_TRASH_DAYS
    """For so long a deleted file stays in its owner's trash."""
    version_days: int = DEFAULT_VERSION_DAYS
    """For so long a file's earlier contents are kept."""
    metrics: str = ""
    """Where numbers for Prometheus are given out, `HOST:PORT`; empty: nowhere."""
    traces: str = ""
    """Where traces are sent by OTLP over HTTP, `http://HOST:4318/v1/traces`; empty: nowhere."""
    push_networks: str = ""
    """Networks that push messages may go to beside the internet, such as `192.168.0.0/16,fd00::/8`."""
    stun: str = ""
    """Servers that tell a device how the network sees it, `stun:HOST:PORT,…` (RFC 7064); empty: none."""
    turn: str = ""
    """Relays for calls between accounts, `turn:HOST:PORT,…` (RFC 7065); empty: none."""
    turn_secret_file: str = ""
    """The file with the secret that those relays share with this cloud (coturn's `static-auth-secret`)."""
    web_dir: Path | None = None
    """Where the built web parts lie (`shell/`, `apps/ID/`); None: found beside the code."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Reads `PILEUS_*`; raises `Invalid` naming the variable that makes no sense."""
        env = os.environ if env is None else env
        home = Path(env.get("HOME") or Path.home())
        data_dir = _path(env, "PILEUS_DATA_DIR", home / ".local/share/pileus")
        port = _number(env, "PILEUS_PORT", DEFAULT_PORT, 1, 65535)
        origins = _choice(env, "PILEUS_ORIGINS", "localhost", get_args(Origins))
        domain = env.get("PILEUS_DOMAIN") or ("pileus.localhost" if origins == "localhost" else "")
        if not domain:
            raise Invalid("settings", f"PILEUS_DOMAIN must name the host when PILEUS_ORIGINS is {origins}.")
        return cls(
            data_dir=data_dir,
            runtime_dir=_path(env, "PILEUS_RUNTIME_DIR", default_runtime_dir(data_dir, env)),
            cache_dir=_path(
                env, "PILEUS_CACHE_DIR", Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "pileus"
            ),
            host=env.get("PILEUS_HOST") or "127.0.0.1",
            port=port,
            surface_port=_number(env, "PILEUS_SURFACE_PORT", min(port + 1, 65535), 1, 65535),
            origins=origins,
            domain=domain.lower(),
            quota_bytes=_number(env, "PILEUS_QUOTA_BYTES", DEFAULT_QUOTA, 0, 2**62),
            log_level=_choice(env, "PILEUS_LOG_LEVEL", "info", get_args(LogLevel)),
            freeze_seconds=_number(env, "PILEUS_FREEZE_SECONDS", DEFAULT_FREEZE, 0, 2**31),
            memory_reserve_mb=_number(env, "PILEUS_MEMORY_RESERVE_MB", DEFAULT_RESERVE_MB, 0, 2**31),
            objects=env.get("PILEUS_OBJECTS") or "",
            copy_to=env.get("PILEUS_COPY_TO") or "",
            database=_database(env),
            trash_days=_number(env, "PILEUS_TRASH_DAYS", DEFAULT_TRASH_DAYS, 0, 36500),
            version_days=_number(env, "PILEUS_VERSION_DAYS", DEFAULT_VERSION_DAYS, 0, 36500),
            metrics=_metrics(env),
            traces=_traces(env),
            push_networks=_networks(env),
            stun=_servers(env, "PILEUS_STUN", ("stun", "stuns")),
            turn=_servers(env, "PILEUS_TURN", ("turn", "turns")),
            turn_secret_file=_secret_file(env),
            web_dir=Path(env["PILEUS_WEB_DIR"]).absolute() if env.get("PILEUS_WEB_DIR") else None,
        )

    def as_env(self) -> dict[str, str]:
        """The variables from which `from_env` makes equal settings, for a child process."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {f"PILEUS_{name.upper()}": str(value) for name, value in values if value is not None}

    def changed(self, **values: Any) -> Settings:
        """A copy with other values."""
        return replace(self, **values)

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port of `metrics`."""
        host, _, port = self.metrics.rpartition(":")
        return (host.strip("[]"), int(port)) if self.metrics else None

    @property
    def tls(self) -> bool:
        """Whether the web process itself speaks TLS (form `port`)."""
        return self.origins == "port"

    @property
    def shell_origins(self) -> tuple[str, ...]:
        """All origins under which the shell may be open, the one that people type first.

        Who opens it on this machine may use the names of this machine, in all forms but `wildcard`.
        """
        if self.origins == "wildcard":
            return (f"https://{self.domain}",)
        scheme = "https" if self.tls else "http"
        own = f"[{self.domain}]" if ":" in self.domain else self.domain
        hosts = dict.fromkeys((own, "localhost", "127.0.0.1"))
        return tuple(f"{scheme}://{host}:{self.port}" for host in hosts)

    @property
    def supervisor_socket(self) -> Path:
        """The session supervisor's control socket."""
        return self.runtime_dir / "supervisor.sock"

    def make_dirs(self) -> None:
        """Makes the data, runtime and cache folders, readable by their owner only."""
        for folder in (self.data_dir, self.runtime_dir, self.cache_dir):
            durable.make_folder(folder)
        for folder in (self.data_dir, self.runtime_dir):
            if folder.stat().st_uid != os.getuid():
                raise Invalid("settings", f"{folder} belongs to another user.")
            folder.chmod(0o700)


def default_runtime_dir(data_dir: Path, env: Mapping[str, str]) -> Path:
    """A short folder for sockets, the same for the same data folder."""
    mark = hashlib.sha256(str(data_dir).encode()).hexdigest()[:10]
    base = env.get("XDG_RUNTIME_DIR")
    if base and os.access(base, os.W_OK):
        return Path(base) / f"pileus-{mark}"
    return Path(f"/tmp/pileus-{os.getuid()}-{mark}")  # noqa: S108 - its owner is checked in make_dirs


def _database(env: Mapping[str, str]) -> str:
    text = env.get("PILEUS_DATABASE") or ""
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise Invalid("settings", "PILEUS_DATABASE must begin with postgresql://, or be empty for SQLite.")
    return text.replace("postgres://", "postgresql://", 1) if text.startswith("postgres://") else text


def _metrics(env: Mapping[str, str]) -> str:
    """A port alone is this machine's own."""
    text = env.get("PILEUS_METRICS") or ""
    if not text:
        return ""
    host, _, port = text.rpartition(":")
    unclear = ":" in host and not (host.startswith("[") and host.endswith("]"))
    if unclear or not port.isascii() or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise Invalid("settings", f"PILEUS_METRICS must be PORT or HOST:PORT, not {text!r}.")
    return f"{host or '127.0.0.1'}:{int(port)}"


def _traces(env: Mapping[str, str]) -> str:
    text = env.get("PILEUS_TRACES") or ""
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise Invalid("settings", "PILEUS_TRACES must be the address of an OTLP receiver, http:// or https://.")
    return text


def _networks(env: Mapping[str, str]) -> str:
    text = env.get("PILEUS_PUSH_NETWORKS") or ""
    try:
        return ",".join(str(ip_network(one.strip())) for one in text.split(",") if one.strip())
    except ValueError:
        raise Invalid(
            "settings", f"PILEUS_PUSH_NETWORKS must be networks such as 192.168.0.0/16, not {text!r}."
        ) from None


def _servers(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    found = [one.strip() for one in (env.get(name) or "").split(",") if one.strip()]
    for one in found:
        scheme, _, host = one.partition(":")
        if scheme not in schemes or not _SERVER.fullmatch(host):
            raise Invalid(
                "settings", f"{name} must be addresses such as {schemes[0]}:relay.example.org:3478, not {one!r}."
            )
    return ",".join(found)


def _secret_file(env: Mapping[str, str]) -> str:
    path = env.get("PILEUS_TURN_SECRET_FILE") or ""
    if env.get("PILEUS_TURN") and not path:
        raise Invalid("settings", "PILEUS_TURN needs PILEUS_TURN_SECRET_FILE, the file with the relay's secret.")
    return str(Path(path).expanduser().absolute()) if path else ""


def _path(env: Mapping[str, str], name: str, default: Path) -> Path:
    return Path(env.get(name) or default).expanduser().absolute()


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name)
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        raise Invalid("settings", f"{name} must be a number, not {text!r}.") from None
    if not low <= number <= high:
        raise Invalid("settings", f"{name} must be between {low} and {high}, not {number}.")
    return number


def _choice(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> Any:
    text = env.get(name) or default
    if text not in choices:
        raise Invalid("settings", f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text
