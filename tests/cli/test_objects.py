"""`pileus objects` on a folder that a server has left."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

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
        "1 unknown pack was read, 1 object came back: 0 problems.",
    ), told.stderr
    told = pileus(settings, "objects", "check")
    assert told.returncode == 0, told.stderr
    assert re.search(r"\b1 pack\b", told.stdout)
    cloud = build(settings, services=[])
    assert asyncio.run(cloud.context.quota.used(anna)) == kept.size
    cloud.close()

    [pack] = [path for path in (settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()]
    pack.write_bytes(pack.read_bytes()[:-1])
    told = pileus(settings, "objects", "check")
    assert told.returncode == 1
    assert pack.name in told.stdout
    assert "Traceback" not in told.stderr


def test_a_second_copy_is_restored_into_an_empty_folder_only(settings: Settings, tmp_path: Path) -> None:
    build(settings, services=[]).close()
    told = pileus(settings, "objects", "copy")
    assert told.returncode == 1
    assert "PILEUS_COPY_TO" in told.stdout
    settings = settings.changed(copy_to=str(tmp_path / "copy"))
    cloud = build(settings, services=[])
    anna = cloud.accounts.create_blocking("anna", "correct horse").id
    kept = asyncio.run(cloud.context.objects.put(anna, "files", _stream(b"kept")))
    cloud.close()
    told = pileus(settings, "objects", "copy")
    assert told.returncode == 0, told.stderr
    assert "is complete: 2 blobs" in told.stdout

    key = str(settings.data_dir / "keys" / "server.key")
    there = settings.changed(data_dir=tmp_path / "there")
    told = pileus(there, "objects", "restore", str(tmp_path / "copy"), "--key", key)
    assert told.returncode == 0, told.stderr
    assert re.search(r"\b1 pack\b", told.stdout)
    cloud = build(there, services=[])

    async def read() -> bytes:
        return b"".join([piece async for piece in cloud.context.objects.get(anna, "files", kept.id)])

    assert asyncio.run(read()) == b"kept"
    cloud.close()
    told = pileus(there, "objects", "restore", str(tmp_path / "copy"), "--key", key)
    assert told.returncode == 1
    assert "empty folder" in told.stderr + told.stdout
    assert "Traceback" not in told.stderr
