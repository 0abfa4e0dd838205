"""Objects: encrypted, content-addressed chunks in packs (docs/design/objects.md)."""

from __future__ import annotations

from sqlalchemy import text

from pileus.cloud.kernel.objects.blobs import LocalBlobs
from pileus.cloud.kernel.objects.keys import Keyring, server_key
from pileus.cloud.kernel.objects.s3 import S3Blobs
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.kernel.service import Database, Quota
from pileus.core.clock import Clock
from pileus.core.settings import Settings


def open_objects(settings: Settings, db: Database, clock: Clock, quota: Quota) -> PackedObjects:
    """The account store's objects where the settings say, with the key in `data_dir/keys`. Blocks."""
    used = db.read(lambda conn: conn.execute(text("SELECT 1 FROM object_key LIMIT 1")).first() is not None)
    server = server_key(settings.data_dir / "keys" / "server.key", expected=used)
    blobs = S3Blobs(settings.objects) if settings.objects else LocalBlobs(settings.data_dir / "objects")
    objects = PackedObjects(db, blobs, Keyring(db, blobs, clock, server), clock, quota)
    objects.tend = sweep
    return objects


__all__ = ["PackedObjects", "open_objects"]
