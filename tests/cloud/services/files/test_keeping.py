"""Trash and earlier versions, on a real server: kept, counted, had back, gone after their time."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.services.files import trash
from pileus.cloud.services.files.keeping import Keeping
from pileus.cloud.services.files.uploads import Uploads
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.errors import Invalid
from pileus.core.settings import Settings

from .test_files import begin, erase, keep, mutate, records, send

NOISE = [random.Random(number).randbytes(1 << 20) for number in range(4)]
DAY = 24 * 3600.0


def in_trash(client: httpx.Client) -> Any:
    return client.get("/files/trash").json()["items"]


def versions(client: httpx.Client, file: str) -> Any:
    answer = client.get(f"/files/{file}/versions")
    assert answer.status_code == 200, answer.text
    return answer.json()["versions"]


def usage(client: httpx.Client) -> Any:
    return client.get("/files/usage").json()


def folder(client: httpx.Client, name: str, parent: str = "") -> str:
    fields = {"name": name, "parent": parent, "type": "inode/directory", "size": 0, "modified_ms": 1}
    assert mutate(client, id=f"make-{name}", record=f"id-{name}", fields=fields)["status"] == "applied"
    return f"id-{name}"


def tend(server: Any) -> None:
    """The daily work, now."""
    context = server.cloud.context
    asyncio.run(Keeping(context, Uploads(context)).tend())


def test_a_deleted_file_is_in_the_trash_and_comes_back(client: httpx.Client) -> None:
    file = keep(client, NOISE[0], "湖.bin")["file"]
    assert usage(client)["trash"] == 0
    assert client.delete(f"/files/{file}").status_code == 204
    assert records(client) == {}
    assert client.get(f"/files/{file}/content").status_code == 404
    (item,) = in_trash(client)
    assert (item["id"], item["name"], item["size"], item["items"]) == (file, "湖.bin", len(NOISE[0]), 0)
    assert item["until_ms"] - item["deleted_ms"] == 30 * DAY * 1000
    told = usage(client)
    assert told["trash"] == len(NOISE[0])
    assert told["used"] >= len(NOISE[0]), "what can be had back is counted"
    assert client.post(f"/files/trash/{file}/restore").json() == {"file": file, "name": "湖.bin", "parent": ""}
    assert client.get(f"/files/{file}/content").content == NOISE[0]
    assert in_trash(client) == []
    assert client.post(f"/files/trash/{file}/restore").json()["code"] == "not-in-trash"


def test_what_comes_back_finds_its_place(client: httpx.Client) -> None:
    inside = folder(client, "in")
    first, second = (keep(client, data, "a.txt", parent=inside)["file"] for data in NOISE[:2])
    client.delete(f"/files/{first}")
    assert keep(client, NOISE[2], "a.txt", parent=inside)["name"] == "a.txt"
    assert client.post(f"/files/trash/{first}/restore").json()["name"] == "a (3).txt"
    client.delete(f"/files/{second}")
    client.delete(f"/files/{inside}")
    client.delete("/files/trash/" + inside)
    assert client.post(f"/files/trash/{second}/restore").json() == {
        "file": second,
        "name": "a (2).txt",
        "parent": "",
    }


def test_a_folder_goes_and_comes_with_all_in_it(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trash, "AT_ONCE", 2)
    top = folder(client, "top")
    deep = folder(client, "deep", folder(client, "sub", top))
    files = [
        keep(client, data, "a.bin", parent=parent)["file"]
        for data, parent in zip(NOISE, [top, deep] * 2, strict=True)
    ]
    apart = keep(client, b"stays", "b.bin")["file"]
    before = records(client)
    assert client.delete(f"/files/{top}").status_code == 204
    assert list(records(client)) == [apart]
    (item,) = in_trash(client)
    assert (item["name"], item["items"], item["size"]) == ("top", 6, 4 << 20)
    one = client.post(f"/files/trash/{files[1]}/restore").json()
    assert one["parent"] == "", "its folder is still in the trash"
    client.delete(f"/files/{files[1]}")
    assert [item["id"] for item in in_trash(client)] == [files[1], top]
    assert client.post(f"/files/trash/{top}/restore").status_code == 200
    assert client.post(f"/files/trash/{files[1]}/restore").status_code == 200
    after = records(client)
    assert {key: {**fields, "parent": ""} for key, fields in after.items()} == {
        key: {**fields, "parent": ""} for key, fields in before.items()
    }
    assert {key for key in after if after[key]["parent"] != before[key]["parent"]} == {files[1]}
    for file, data in zip(files, NOISE, strict=True):
        assert client.get(f"/files/{file}/content").content == data


def test_emptying_the_trash_frees_its_bytes(client: httpx.Client, server: Any) -> None:
    start = usage(client)["used"]
    kept, gone = (keep(client, data)["file"] for data in NOISE[:2])
    client.delete(f"/files/{gone}")
    assert usage(client)["trash"] == len(NOISE[1])
    assert client.delete("/files/trash").status_code == 204
    told = usage(client)
    assert told["trash"] == 0
    assert len(NOISE[0]) <= told["used"] - start < len(NOISE[0]) + 4000
    assert client.post(f"/files/trash/{gone}/restore").status_code == 404
    with server.client(server.account("ben")["token"]) as other:
        client.delete(f"/files/{kept}")
        assert in_trash(other) == []
        assert other.delete("/files/trash").status_code == 204
        assert other.delete(f"/files/trash/{kept}").status_code == 404
        assert other.post(f"/files/trash/{kept}/restore").status_code == 404
    assert len(in_trash(client)) == 1


def test_a_new_content_keeps_the_old_one(client: httpx.Client) -> None:
    told = keep(client, NOISE[0], "report.pdf", type="application/pdf")
    file, first = told["file"], records(client)[told["file"]]["object"]
    again = keep(client, NOISE[1], "x", replaces=file, seen=first, type="application/pdf")
    assert (again["file"], again["name"]) == (file, "report.pdf")
    assert list(records(client)) == [file]
    assert client.get(f"/files/{file}/content").content == NOISE[1]
    (old,) = versions(client, file)
    assert (old["id"], old["size"]) == (first, len(NOISE[0]))
    assert client.get(f"/files/{file}/versions/{first}/content").content == NOISE[0]
    part = client.get(f"/files/{file}/versions/{first}/content", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, NOISE[0][5:10])
    assert usage(client)["versions"] == len(NOISE[0])
    assert client.post(f"/files/{file}/versions/{first}/restore").json()["file"] == file
    assert client.get(f"/files/{file}/content").content == NOISE[0]
    (newer,) = versions(client, file)
    assert newer["id"] != first
    before = usage(client)["used"]
    assert client.delete(f"/files/{file}/versions/{newer['id']}").status_code == 204
    assert versions(client, file) == []
    assert before - usage(client)["used"] > len(NOISE[1]) - 4000


def test_the_same_content_again_is_no_version(client: httpx.Client) -> None:
    file = keep(client, NOISE[0])["file"]
    used = usage(client)["used"]
    assert keep(client, NOISE[0], replaces=file)["file"] == file
    assert versions(client, file) == []
    assert usage(client)["used"] - used < 2000


def test_two_who_write_at_once_lose_nothing(client: httpx.Client) -> None:
    file = keep(client, NOISE[0], "plan.txt")["file"]
    seen = records(client)[file]["object"]
    slow, quick = (begin(client, data, "plan.txt", replaces=file, seen=seen)["upload"] for data in NOISE[1:3])
    assert send(client, quick, 0, NOISE[2]).json()["file"] == file
    beside = send(client, slow, 0, NOISE[1]).json()
    assert (beside["file"], beside["name"]) == (slow, "plan (2).txt")
    assert client.get(f"/files/{file}/content").content == NOISE[2]
    assert client.get(f"/files/{slow}/content").content == NOISE[1]
    late = client.post("/files/uploads", json={"name": "p", "size": 1, "replaces": file, "seen": seen})
    assert (late.status_code, late.json()["code"]) == (409, "file-changed")
    lost = begin(client, NOISE[3], "plan.txt", replaces=file)["upload"]
    erase(client, file)
    assert send(client, lost, 0, NOISE[3]).json()["name"] == "plan.txt"
    assert client.post("/files/uploads", json={"name": "p", "size": 1, "replaces": file}).status_code == 404


def test_versions_of_others_do_not_exist(client: httpx.Client, server: Any) -> None:
    file = keep(client, NOISE[0])["file"]
    keep(client, NOISE[1], replaces=file)
    (old,) = versions(client, file)
    path = f"/files/{file}/versions/{old['id']}"
    with server.client(server.account("ben")["token"]) as other:
        assert other.get(f"/files/{file}/versions").status_code == 404
        assert other.get(f"{path}/content").status_code == 404
        assert other.post(f"{path}/restore").status_code == 404
        assert other.delete(path).status_code == 404
        wish = {"name": "p", "size": 1, "replaces": file}
        assert other.post("/files/uploads", json=wish).status_code == 404
    client.delete(f"/files/{file}")
    assert client.get(f"{path}/content").status_code == 404, "not while the file is in the trash"
    assert usage(client)["trash"] == len(NOISE[0]) + len(NOISE[1])
    client.post(f"/files/trash/{file}/restore")
    assert client.get(f"{path}/content").content == NOISE[0]


def test_time_takes_trash_and_versions(settings: Settings, serve: Callable[..., Any]) -> None:
    clock = ManualClock(SystemClock().now_ms())
    changed = settings.changed(trash_days=10, version_days=20)
    with serve(changed, clock=clock) as server, server.client(server.account("anna")["token"]) as client:
        start = usage(client)["used"]
        file, gone = keep(client, NOISE[0])["file"], keep(client, NOISE[3], "b")["file"]
        client.delete(f"/files/{gone}")
        clock.advance(9 * DAY)
        keep(client, NOISE[1], replaces=file)
        tend(server)
        assert len(in_trash(client)) == 1
        clock.advance(2 * DAY)
        tend(server)
        assert in_trash(client) == []
        keep(client, NOISE[2], replaces=file)
        assert [one["size"] for one in versions(client, file)] == [1 << 20, 1 << 20]
        clock.advance(19 * DAY)
        tend(server)
        (left,) = versions(client, file)
        assert client.get(f"/files/{file}/versions/{left['id']}/content").content == NOISE[1]
        clock.advance(2 * DAY)
        tend(server)
        assert versions(client, file) == []
        told = usage(client)
        assert (told["trash"], told["versions"]) == (0, 0)
        assert told["used"] - start < len(NOISE[2]) + 8000
        clock.advance(8 * DAY)
        sweep(server.cloud.context.objects)
        query = text("SELECT count(*) FROM object WHERE area = 'files'")
        assert server.cloud.db.read(lambda conn: conn.execute(query).scalar_one()) == 1
        assert client.get(f"/files/{file}/content").content == NOISE[2]


def test_of_older_days_the_last_version_stays(settings: Settings, serve: Callable[..., Any]) -> None:
    midnight = 20_000 * int(DAY) * 1000
    clock = ManualClock(midnight)
    with serve(settings, clock=clock) as server, server.client(server.account("anna")["token"]) as client:
        file = keep(client, b"0")["file"]
        for number in range(1, 7):  # three a day, six hours apart
            clock.advance(6 * 3600 if number != 4 else 12 * 3600)
            keep(client, f"{number}".encode(), replaces=file)
        tend(server)
        assert len(versions(client, file)) == 5, "all of the last day, the last of the one before"
        clock.advance(2 * DAY)
        tend(server)
        kept = [client.get(f"/files/{file}/versions/{one['id']}/content").text for one in versions(client, file)]
        assert kept == ["5", "2"]


def test_deleting_restoring_and_writing_at_once(client: httpx.Client, server: Any) -> None:
    """Whatever the order, each content is either a file's, an earlier one's, or in the trash: none is lost."""
    file = keep(client, NOISE[0], "a")["file"]
    token = client.headers["authorization"].split()[1]
    failed: list[object] = []

    def run(act: Callable[[httpx.Client, int], httpx.Response]) -> None:
        with server.client(token) as one:
            for number in range(12):
                answer = act(one, number)
                if answer.status_code not in (200, 201, 204, 404, 409):
                    failed.append(answer.text)

    def write(one: httpx.Client, number: int) -> httpx.Response:
        wish = {"name": "a", "size": 2, "replaces": file}
        begun = one.post("/files/uploads", json=wish)
        if begun.status_code != 201:
            return begun
        return send(one, begun.json()["upload"], 0, f"{number:02}".encode())

    threads = [
        threading.Thread(target=run, args=(act,))
        for act in (
            write,
            lambda one, _: one.delete(f"/files/{file}"),
            lambda one, _: one.post(f"/files/trash/{file}/restore"),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    client.post(f"/files/trash/{file}/restore")
    assert usage(client)["trash"] == 0
    found = records(client)
    assert file in found
    for one in found:
        assert client.get(f"/files/{one}/content").status_code == 200
    for old in versions(client, file):
        assert client.get(f"/files/{file}/versions/{old['id']}/content").status_code == 200
    contents = {NOISE[0]} & {
        client.get(f"/files/{file}/versions/{old['id']}/content").content for old in versions(client, file)
    } | {client.get(f"/files/{file}/content").content} & {NOISE[0]}
    assert contents, "the first content is there"


def test_settings_of_retention() -> None:
    made = Settings.from_env({"HOME": "/tmp", "PILEUS_TRASH_DAYS": "7", "PILEUS_VERSION_DAYS": "0"})
    assert (made.trash_days, made.version_days) == (7, 0)
    with pytest.raises(Invalid, match="PILEUS_TRASH_DAYS"):
        Settings.from_env({"HOME": "/tmp", "PILEUS_TRASH_DAYS": "-1"})
