"""What an app's record holds and what may be opened: no framework, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.core.errors import Conflict
from pileus.core.ids import new_id

MAX_PACKAGE = 1 << 30
NAME_LENGTH = 200
"""Characters of a package's file name."""
TOLD_MS = 7 * 24 * 3600_000


def web_record(manifest: Mapping[str, Any], icon: str, origin: str, now_ms: int) -> dict[str, Any]:
    """The fields of `apps.app` for a packaged web app."""
    own = manifest["pileus"]
    return {
        "label": str(manifest.get("short_name") or manifest["name"]),
        "kind": "web",
        "engine": "",
        "icon": icon,
        "package": own["id"],
        "version_name": str(own.get("version", "")),
        "version_code": 0,
        "permissions": list(own.get("permissions", [])),
        "origin": origin,
        "manifest": dict(manifest),
        "installed_at": now_ms,
    }


def oldest_told(now_ms: int) -> str:
    """Ids of installs below this one are of a week ago and longer: ids rise with time (UUIDv7)."""
    return new_id(max(0, now_ms - TOLD_MS))


def check_owner(fields: Mapping[str, Any] | None, app_id: str, engine: str) -> None:
    """Raises `Conflict` where an app of that name is there, and is not one of the engine's."""
    if fields is not None and fields.get("engine") != engine:
        raise Conflict("app-id-taken", f"Another app is called {app_id} already; remove that one first.")


def file_name(name: str) -> str:
    """Of a package as its owner's phone calls it: what can be shown, bounded."""
    return "".join(one for one in name if one.isprintable())[:NAME_LENGTH]


def label_for(fields: Mapping[str, Any], locale: str) -> str:
    """The app's name in a language."""
    names = dict(fields.get("manifest") or {}).get("pileus", {}).get("names", {})
    return str(names.get(locale[:2].lower()) or fields.get("label") or "")
