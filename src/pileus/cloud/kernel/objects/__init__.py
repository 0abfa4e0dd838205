"""Objects: encrypted, content-addressed chunks in packs (docs/design/objects.md)."""

from __future__ import annotations

from sqlalchemy import text

from pileus.cloud.kernel.objects.blobs import BlobStore, LocalBlobs
from pileus.cloud.kernel.objects.keys import Keyring, server_key
from pileus.cloud.kernel.objects.restored import take_mark
from pileus.cloud.kernel.objects.s3 import S3Blobs
from pileus.cloud.kernel.objects.second import SecondCopy, open_copy
from pileus.cloud.kernel.objects.store import PackedObjects
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.kernel.service import Database, Quota
from pileus.core.clock import Clock
from pileus.core.errors import Invalid
from pileus.core.settings import Settings

NO_COPY = (
    "PILEUS_COPY_TO is for SQLite: with PILEUS_DATABASE, copy the database by PostgreSQL's own programs, and the"
    " packs by the store's."
)


def open_objects(settings: Settings, db: Database, clock: Clock, quota: Quota) -> PackedObjects:
    """The account store's objects where the settings say, with the key in `data_dir/keys`. Blocks."""
    used = db.read(lambda conn: conn.execute(text("SELECT 1 FROM object_key LIMIT 1")).first() is not None)
    server = server_key(settings.data_dir / "keys" / "server.key", expected=used)
    take_mark(db, settings.data_dir, clock)
    blobs = open_blobs(settings)
    objects = PackedObjects(db, blobs, Keyring(db, blobs, clock, server), clock, quota)
    objects.tend = sweep
    if settings.copy_to and settings.database:
        raise Invalid("settings", NO_COPY)
    if settings.copy_to:
        if settings.copy_to.rstrip("/") in (settings.objects.rstrip("/"), str(settings.data_dir / "objects")):
            raise Invalid("settings", "PILEUS_COPY_TO names the first store: a copy lies somewhere else.")
        objects.copy = SecondCopy(db, blobs, open_copy(settings.copy_to), server, clock, settings.data_dir)
    return objects


def open_blobs(settings: Settings) -> BlobStore:
    """Where packs lie. Blocks."""
    return S3Blobs(settings.objects) if settings.objects else LocalBlobs(settings.data_dir / "objects")


__all__ = ["PackedObjects", "open_blobs", "open_objects"]
