"""Blobs in an S3 bucket: `s3://BUCKET/PREFIX`, with access from the environment (`AWS_*`, as obstore reads it)."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from obstore.store import S3Store

from pileus.cloud.kernel.objects.blobs import StoredBlobs
from pileus.core.errors import Conflict, Invalid, PileusError

CONNECT = timedelta(seconds=5)
WHOLE = timedelta(seconds=120)
"""For one request: a pack of 16 MB through 2 Mbit/s takes 70 s."""
RETRIES, RETRY_FOR = 4, timedelta(seconds=20)
"""A request that fails is repeated so often and so long before the store is said not to answer."""
PROBE = "probe/once"


class StoreUnsafe(PileusError):
    """The store lets a name be used twice: writers could overwrite one another."""

    code = "store-unsafe"


class S3Blobs(StoredBlobs):
    """Durable when the store answers. Before the first blob it proves that a name is taken once only."""

    def __init__(self, url: str, access: Mapping[str, str] | None = None) -> None:
        """`access`: `AWS_*` that goes before the environment's."""
        bucket, prefix = s3_place(url)
        self._url, self._proven, self._lock = url, False, threading.Lock()
        own = {name.lower(): value for name, value in (access or {}).items()}
        endpoint = own.get("aws_endpoint_url") or os.environ.get("AWS_ENDPOINT_URL", "")
        store = S3Store(
            bucket,
            prefix=prefix or None,
            config=cast(Any, own),
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": WHOLE,
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_FOR},
        )
        super().__init__(store)

    def put(self, name: str, data: bytes | bytearray) -> None:
        """As in the border; raises `StoreUnsafe` where the store ignores the condition of a write."""
        self._prove()
        super().put(name, data)

    def _prove(self) -> None:
        with self._lock:
            if self._proven:
                return
            if not (self._taken() or self._taken()):
                raise StoreUnsafe(detail=f"{self._url} takes the same name twice: it knows no If-None-Match.")
            self._proven = True

    def _taken(self) -> bool:
        try:
            super().put(PROBE, b"")
        except Conflict:
            return True
        return False


def s3_place(url: str) -> tuple[str, str]:
    """Bucket and prefix; raises `Invalid`."""
    parts = urlsplit(url)
    prefix = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise Invalid("settings", f"{url!r} is not of the form s3://BUCKET or s3://BUCKET/PREFIX.")
    return parts.netloc, prefix
