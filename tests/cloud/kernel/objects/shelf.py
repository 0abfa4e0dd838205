"""What the tests of stored objects do to a cloud, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import text

from pileus.cloud.app import Cloud
from pileus.cloud.kernel.objects import PackedObjects
from pileus.core.settings import Settings


async def stream(data: bytes) -> AsyncIterator[bytes]:
    yield data


def put(objects: PackedObjects, account: str, data: bytes, name: str | None = None) -> str:
    return asyncio.run(objects.put(account, "files", stream(data), name)).id


def read(objects: PackedObjects, account: str, name: str) -> bytes:
    async def go() -> bytes:
        return b"".join([piece async for piece in objects.get(account, "files", name)])

    return asyncio.run(go())


def delete(objects: PackedObjects, account: str, name: str) -> None:
    asyncio.run(objects.delete(account, "files", name))


def packs(settings: Settings) -> list[Path]:
    """The files of the packs."""
    return [path for path in (settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()]


def packed(cloud: Cloud) -> PackedObjects:
    assert isinstance(cloud.context.objects, PackedObjects)
    return cloud.context.objects


def named(cloud: Cloud) -> set[str]:
    """The packs that the database names."""
    return cloud.db.read(lambda conn: set(conn.execute(text("SELECT name FROM object_pack")).scalars()))


def forget_index(cloud: Cloud) -> None:
    tables = ("object_part", "object", "object_chunk", "object_pack", "object_key", "quota_use")
    cloud.db.write(lambda conn: [conn.execute(text(f"DELETE FROM {table}")) for table in tables])
