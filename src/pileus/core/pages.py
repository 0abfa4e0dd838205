"""How pages of ours are served, by a cloud and by a handset's gateway: files of a folder, and what they may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISREG

APP_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
FOREVER = "public, max-age=31536000, immutable"
WORKERS = frozenset({"sw.js", "service-worker.js"})
FEATURES = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "midi", "hid")
HANDSET = "ws://127.0.0.1:*"
"""A browser on a handset speaks to the daemon there, whose port only that page is told."""


def find(root: Path, path: str) -> Path | None:
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


def kept(path: str) -> dict[str, str]:
    """Headers that say how long a browser keeps a file."""
    name = path.rpartition("/")[2]
    if name in WORKERS:
        return {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    if path.startswith("assets/") and HASHED.search(name):
        return {"Cache-Control": FOREVER}
    return {"Cache-Control": "no-cache"}


def headers(policy: Mapping[str, str], *, of_shell: bool) -> dict[str, str]:
    """The security headers of a page with this policy; the shell alone may ask for a camera and the like."""
    granted = dict.fromkeys(FEATURES[3:], "()") | dict.fromkeys(FEATURES[:3], "(self)" if of_shell else "()")
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Origin-Agent-Cluster": "?1",
        "Permissions-Policy": ", ".join(f"{name}={value}" for name, value in granted.items()),
    }


def shell_policy(surfaces: str, frames: str) -> dict[str, str]:
    """The shell talks to its own host and to surfaces (CSP sources), and frames the apps' origins."""
    return _policy() | {
        "script-src": "'self' 'wasm-unsafe-eval'",
        "connect-src": " ".join(one for one in ("'self'", surfaces, HANDSET) if one),
        "frame-src": frames or "'none'",
        "frame-ancestors": "'none'",
    }


def app_policy(shells: str) -> dict[str, str]:
    """An app reaches nothing but its own files; all else goes through the bridge of a shell that frames it."""
    return _policy() | {"frame-ancestors": shells}


def _policy() -> dict[str, str]:
    return {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
