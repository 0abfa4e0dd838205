"""The account's side of an Android app: what its calls to the system are answered with.

Small for now: notifications are handed to the shell, the clipboard is kept while the app runs. A parcel is a
JSON object in UTF-8. See docs/design/android.md for the services and codes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pileus.core.errors import Invalid, NotFound
from pileus.surfaces import wire
from pileus.surfaces.engine import AppSpec

MAX_TEXT = 4096
NOTIFY, CANCEL = 1, 2
SET_CLIP, GET_CLIP = 1, 2


class System:
    """Answers the calls of one app."""

    def __init__(self, spec: AppSpec) -> None:
        self._spec = spec
        self._clip = ""

    def call(self, service: str, code: int, parcel: bytes) -> tuple[bytes, bytes | None]:
        """The reply's parcel, and a message for the device that looks; raises `PileusError`."""
        try:
            fields = msgspec.json.decode(parcel, type=dict[str, Any]) if parcel else {}
        except msgspec.DecodeError as error:
            raise Invalid("parcel", "The call's parcel is no JSON object.") from error
        if service == "notification":
            return b"{}", self._notification(code, fields)
        if service == "clipboard":
            return self._clipboard(code, fields)
        raise NotFound("service-unknown", f"The system has no service {service!r}.")

    def _notification(self, code: int, fields: dict[str, Any]) -> bytes:
        key = f"{self._spec.app_id}/{_text(fields, 'key')}"
        if code == CANCEL:
            return wire.encode(wire.Notify({"key": key, "cancelled": True}))
        if code != NOTIFY:
            raise NotFound("code-unknown", f"Notifications have no call {code}.")
        content = {"key": key, "title": _text(fields, "title"), "text": _text(fields, "text"), "actions": []}
        return wire.encode(wire.Notify({**content, "when_ms": int(fields.get("when_ms") or 0)}))

    def _clipboard(self, code: int, fields: dict[str, Any]) -> tuple[bytes, bytes | None]:
        if code == SET_CLIP:
            self._clip = _text(fields, "text", 1 << 20)
            return b"{}", wire.encode(wire.ClipboardChanged("text/plain", self._clip.encode()))
        if code == GET_CLIP:
            return msgspec.json.encode({"text": self._clip}), None
        raise NotFound("code-unknown", f"The clipboard has no call {code}.")


def _text(fields: dict[str, Any], name: str, limit: int = MAX_TEXT) -> str:
    value = fields.get(name)
    return value[:limit] if isinstance(value, str) else ""
