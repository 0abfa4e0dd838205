"""Which origin serves what, in the three forms of docs/design/apps.md (design decision 5): pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from pileus.core.settings import Settings

CA_OFFSET = 2
APPS_OFFSET = 10
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Place:
    """What a request is for: the shell's origin, or one app's (`app` set)."""

    host: str
    app: str | None = None


@dataclass(frozen=True)
class Origins:
    """The origins of one server. `app_ports` counts in the form `port` only."""

    settings: Settings
    app_ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def shell(self) -> str:
        """The shell's origin, as people type it."""
        return self.settings.shell_origins[0]

    @property
    def app_template(self) -> str | None:
        """An app's origin with `{app}` in its place; None in the form `port`."""
        if self.settings.origins == "port":
            return None
        scheme, _, rest = self.shell.partition("://")
        return f"{scheme}://{{app}}.apps.{rest}"

    @property
    def ca_url(self) -> str:
        """Where a phone gets the authority's certificate (form `port`)."""
        return f"http://{bracketed(self.settings.domain)}:{self.settings.port + CA_OFFSET}/"

    def app(self, app_id: str) -> str | None:
        """One app's origin; None where it has none."""
        template = self.app_template
        if template is not None:
            return template.replace("{app}", app_id)
        port = self.app_ports.get(app_id)
        return None if port is None else f"https://{bracketed(self.settings.domain)}:{port}"

    def place(self, host_header: str, port: int | None) -> Place | None:
        """What a Host header (and the port of the socket) is for; None: nothing here has that name."""
        host = hostname(host_header)
        if host is None:
            return None
        if self.settings.origins == "port":
            app = next((one for one, number in self.app_ports.items() if number == port), None)
            known = host == self.settings.domain or host in LOCAL or host == self.settings.host
            return Place(host, app) if known else None
        domain = hostname(self.settings.domain) or ""
        suffix = f".apps.{domain}"
        if host.endswith(suffix):
            label = host[: -len(suffix)]
            return Place(host, label) if label and "." not in label else None
        return Place(host) if host == domain or host in LOCAL or host == self.settings.host else None

    def shells(self) -> tuple[str, ...]:
        """All origins under which the shell may be open: they may frame an app."""
        return self.settings.shell_origins

    def frames(self) -> tuple[str, ...]:
        """CSP sources of all apps' origins."""
        template = self.app_template
        if template is not None:
            return (template.replace("{app}", "*"),)
        return tuple(f"https://{bracketed(self.settings.domain)}:{port}" for port in self.app_ports.values())


def hostname(host_header: str) -> str | None:
    """The name or address in a Host header, in lower case without port and brackets."""
    try:
        return urlsplit(f"//{host_header}").hostname
    except ValueError:
        return None


def same_site(origin: str, host_header: str) -> bool:
    """Whether an Origin header names the very host and port that the request went to."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host_header.lower()


def bracketed(host: str) -> str:
    """An IPv6 address as it stands in a URL; everything else as it is."""
    try:
        return f"[{host}]" if ip_address(host).version == 6 else host
    except ValueError:
        return host


def assign_ports(known: Mapping[str, int], apps: list[str], base: int) -> dict[str, int]:
    """A port for each app from base + 10 on; one that had a port keeps it."""
    ports = {app: known[app] for app in apps if app in known}
    free = iter(number for number in range(base + APPS_OFFSET, 65536) if number not in set(known.values()))
    for app in sorted(apps):
        if app not in ports:
            ports[app] = next(free)
    return ports
