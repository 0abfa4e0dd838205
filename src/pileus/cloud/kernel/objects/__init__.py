"""Objects: encrypted, content-addressed chunks in packs (docs/design/objects.md)."""

from __future__ import annotations

from pathlib import Path

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


def open_objects(settings: Settings, db: Database, clock: Clock, quota: Quota) -> PackedObjects:
    """The account store's objects where the settings say, with the key in `data_dir/keys`. Blocks."""
    used = db.read(lambda conn: conn.execute(text("SELECT 1 FROM object_key LIMIT 1")).first() is not None)
    server = server_key(key_file(settings), expected=used)
    take_mark(db, settings.data_dir, clock)
    blobs = open_blobs(settings)
    objects = PackedObjects(db, blobs, Keyring(db, blobs, clock, server), clock, quota)
    objects.tend = sweep
    if settings.copy_to:
        objects.copy = copy_into(settings.copy_to, settings, objects)
    return objects


def copy_into(place: str, settings: Settings, objects: PackedObjects) -> SecondCopy:
    """A copy of everything in another place; raises `Invalid` where that is the first one."""
    if place.rstrip("/") in (settings.objects.rstrip("/"), str(settings.data_dir / "objects")):
        raise Invalid("settings", "This names the first store: a copy lies somewhere else.")
    server = server_key(key_file(settings), expected=True)
    return SecondCopy(objects.db, objects.blobs, open_copy(place), server, objects.clock, settings)


def key_file(settings: Settings) -> Path:
    """Where the server's key lies."""
    return settings.data_dir / "keys" / "server.key"


def open_blobs(settings: Settings) -> BlobStore:
    """Where packs lie. Blocks."""
    return S3Blobs(settings.objects) if settings.objects else LocalBlobs(settings.data_dir / "objects")


__all__ = ["PackedObjects", "copy_into", "key_file", "open_blobs", "open_objects"]
