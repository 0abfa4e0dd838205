"""The web apps that come with a cloud: every `apps/ID/manifest.webmanifest` with a `pileus` member."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps.rules import web_record
from pileus.core.data_urls import data_url
from pileus.core.settings import Settings

Origin = Callable[[str], str | None]
_ROOT = Path(__file__).resolve().parents[5]


def built_in(settings: Settings, origin: Origin) -> dict[str, dict[str, Any]]:
    """The fields of `apps.app` by id, without `installed_at` meaning anything; reads files."""
    folders = [(settings.web_dir or _ROOT / "web" / "dist") / "apps", _ROOT / "web" / "apps"]
    folder = next((one for one in folders if any(one.glob("*/manifest.webmanifest"))), folders[0])
    found = {}
    for path in sorted(folder.glob("*/manifest.webmanifest")):
        try:
            manifest = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            app_id = str(manifest["pileus"]["id"])
        except (msgspec.DecodeError, KeyError, TypeError):
            continue
        found[app_id] = web_record(manifest, _icon(path.parent, manifest), origin(app_id) or "", 0)
    return found


def seed(ctx: ServiceContext, conn: Connection, account_id: str) -> None:
    """Gives an account the built-in apps that it lacks, and mends those that changed; within a write."""
    for app_id, fields in built_in(ctx.settings, ctx.app_origin).items():
        record = ctx.journal.record(conn, account_id, "apps.app", app_id)
        known = record.fields if record else {}
        fields["installed_at"] = known.get("installed_at") or ctx.clock.now_ms()
        if any(known.get(name) != value for name, value in fields.items()):
            ctx.journal.put(conn, account_id, "apps.app", app_id, fields)


def _icon(folder: Path, manifest: dict[str, Any]) -> str:
    for item in manifest.get("icons", []):
        source = str(item.get("src", "")).lstrip("/")
        for path in (folder / source, folder / "public" / source):
            if source and ".." not in source and path.is_file():
                return data_url(str(item.get("type", "image/png")), path.read_bytes())
    return ""
