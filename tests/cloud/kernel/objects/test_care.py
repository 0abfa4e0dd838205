"""What is found damaged, unchecked or not copied is told: to owners, to whose file it is, and in numbers."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.objects import PackedObjects, daily
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.daily import do_all
from pileus.cloud.kernel.storage import StorageNews
from pileus.core.errors import StoreUnavailable
from pileus.core.settings import Settings
from tests.cloud.kernel.test_metrics import numbers
from tests.conftest import RunningServer, free_port

from .shelf import packed, packs


def upload(client: httpx.Client, name: str, data: bytes, parent: str = "") -> str:
    begun = client.post("/files/uploads", json={"name": name, "size": len(data), "parent": parent}).json()
    done = client.patch(f"/files/uploads/{begun['upload']}", content=data, headers={"Upload-Offset": "0"})
    return str(done.json()["file"])


def told(client: httpx.Client) -> dict[str, Any]:
    """The live records of `storage.state` by id."""
    pages = client.get("/journal/changes?since=0").json()["changes"]
    return {
        one["id"]: one["fields"]
        for one in pages
        if one["collection"] == "storage.state" and not one.get("deleted")
    }


def go(server: RunningServer) -> None:
    """A day's tasks, and what is told afterwards."""
    news = server.cloud.context.damage
    assert isinstance(news, StorageNews)

    async def both() -> None:
        await do_all(packed(server.cloud))
        await news.tell()

    asyncio.run(both())


def test_a_damaged_file_is_told_to_its_owner_and_to_whoever_runs_the_cloud(
    settings: Settings, serve: Any, tmp_path: Any
) -> None:
    asked = settings.changed(metrics=f"127.0.0.1:{free_port()}", copy_to=str(tmp_path / "copy"))
    with serve(asked) as server:
        keeper, member = server.account("keeper"), server.account("mei")
        with server.client(keeper["token"]) as owner, server.client(member["token"]) as mei:
            fields = {"name": "旅行", "parent": "", "type": "inode/directory", "size": 0, "modified_ms": 1}
            wish = {"id": "m", "base": 0, "collection": "files.file", "record": "trip", "op": "put"}
            mei.post("/journal/mutations", json={"mutations": [{**wish, "fields": fields}]})
            upload(mei, "西湖.bin", b"lake" * 5000, "trip")
            assert (told(owner), told(mei)) == ({}, {}), "nothing was tried yet"
            go(server)
            care = told(owner)["care"]
            assert (care["packs"], care["problems"], care["lost"], care.get("check_code")) == (0, 0, 0, None)
            assert care["copies"]
            assert min(care["checked_ms"], care["copied_ms"]) > 0
            assert told(mei) == {}

            [pack] = packs(settings)
            whole = pack.read_bytes()
            pack.unlink()
            go(server)
            care = told(owner)["care"]
            assert (care["packs"], care["lost"], care["copy_lacks"]) == (1, 1, 0), "the copy has it already"
            damage = told(mei)["damage"]
            assert damage["count"] == 1
            [item] = damage["items"]
            assert item == {"area": "files", "name": "旅行/西湖.bin", "size": 20000, "lost": 20000}
            assert "damage" not in told(owner), "it is not the owner's file"
            now = numbers(asked)
            assert (now["pileus_object_problems", ()], now["pileus_objects_damaged", ()]) == (1, 1)
            assert 0 <= now["pileus_object_task_age_seconds", ("check",)] < 60
            assert 0 <= now["pileus_object_task_age_seconds", ("copy",)] < 60
            assert now["pileus_object_task_failed", ("copy",)] == 0

            pack.write_bytes(whole)
            assert check(packed(server.cloud)).problems == []
            go(server)
            assert (told(owner)["care"]["packs"], told(mei)) == (0, {})


def test_a_task_that_fails_is_told_with_its_reason(
    settings: Settings, serve: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_objects: PackedObjects) -> None:
        raise StoreUnavailable(detail="The bucket is away.")

    asked = settings.changed(metrics=f"127.0.0.1:{free_port()}", copy_to=str(tmp_path / "copy"))
    with serve(asked) as server, server.client(server.account("keeper")["token"]) as owner:
        with monkeypatch.context() as broken:
            broken.setitem(daily.WORKS, "copy", away)  # type: ignore[arg-type]
            go(server)
        care = told(owner)["care"]
        assert (care["copy_code"], care.get("copied_ms")) == ("store-unavailable", None)
        assert care["checked_ms"] > 0, "the others were done"
        now = numbers(asked)
        assert now["pileus_object_task_failed", ("copy",)] == 1
        assert ("pileus_object_task_age_seconds", ("copy",)) not in now
        go(server)
        assert "copy_code" not in told(owner)["care"]
