"""What an app's record holds and what may be opened: no framework, no I/O."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from pileus.core.errors import Invalid
from pileus.core.ids import new_id

MAX_PACKAGE = 1 << 30
MAX_ICON = 64 << 10
ANDROID_SDK = 36
TOLD_MS = 7 * 24 * 3600_000


def android_record(meta: Mapping[str, Any], icon: bytes | None, now_ms: int) -> dict[str, Any]:
    """The fields of `apps.app` for an installed package."""
    names = {language: name for language, name in dict(meta["labels"]).items() if language}
    return {
        "label": meta["label"],
        "kind": "android",
        "engine": "android",
        "icon": data_url("image/webp", icon) if icon else "",
        "package": meta["package"],
        "version_name": meta["version_name"],
        "version_code": meta["version_code"],
        "permissions": list(meta["permissions"]),
        "native": sorted(meta["libraries"]),
        "signer": meta["signer"],
        "sha256": meta["sha256"],
        "origin": "",
        "manifest": {"pileus": {"names": names}},
        "installed_at": now_ms,
    }


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


def data_url(kind: str, content: bytes) -> str:
    """A picture as a URL; empty where it is too large for a record."""
    if len(content) > MAX_ICON:
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def oldest_told(now_ms: int) -> str:
    """Ids of installs below this one are of a week ago and longer: ids rise with time (UUIDv7)."""
    return new_id(max(0, now_ms - TOLD_MS))


def check_sdk(label: str, min_sdk: int) -> None:
    """Raises `Invalid` where the app asks for a newer Android than there is."""
    if min_sdk > ANDROID_SDK:
        raise Invalid(
            "apk-needs-newer-android",
            f"{label} needs Android's API level {min_sdk}; this cloud offers {ANDROID_SDK}.",
        )


def label_for(fields: Mapping[str, Any], locale: str) -> str:
    """The app's name in a language."""
    names = dict(fields.get("manifest") or {}).get("pileus", {}).get("names", {})
    return str(names.get(locale[:2].lower()) or fields.get("label") or "")
