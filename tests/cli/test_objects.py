"""`pileus objects` on a folder that a server has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sqlalchemy import text

from pileus.cloud.app import build
from pileus.core.settings import Settings

from .test_account import pileus


async def _stream(data: bytes) -> AsyncIterator[bytes]:
    yield data


def test_check_names_what_is_harmed_and_rebuild_brings_back_what_is_unknown(settings: Settings) -> None:
    cloud = build(settings, services=[])
    anna = cloud.accounts.create_blocking("anna", "correct horse").id
    kept = asyncio.run(cloud.context.objects.put(anna, "files", _stream(b"kept")))
    tables = ("object_part", "object", "object_chunk", "object_pack", "quota_use")
    cloud.db.write(lambda conn: [conn.execute(text(f"DELETE FROM {table}")) for table in tables])
    cloud.close()

    told = pileus(settings, "objects", "rebuild")
    assert (told.returncode, told.stdout.strip()) == (
        0,
        "1 unknown packs were read, 1 objects came back: 0 problems.",
    ), told.stderr
    told = pileus(settings, "objects", "check")
    assert told.returncode == 0, told.stderr
    assert "1 packs" in told.stdout
    cloud = build(settings, services=[])
    assert asyncio.run(cloud.context.quota.used(anna)) == kept.size
    cloud.close()

    [pack] = [path for path in (settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()]
    pack.write_bytes(pack.read_bytes()[:-1])
    told = pileus(settings, "objects", "check")
    assert told.returncode == 1
    assert pack.name in told.stdout
    assert "Traceback" not in told.stderr
