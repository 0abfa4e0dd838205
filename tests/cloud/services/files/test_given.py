"""What is shared with an account is told to its devices, once, for as long as it is shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel.accounts.deletion import GRACE_MS
from pileus.cloud.services.files import given
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, PushService, all_sent, push_service, until
from tests.cloud.services.files.test_files import keep
from tests.cloud.services.files.test_keeping import DAY, folder, tend
from tests.cloud.services.files.test_shares import People
from tests.cloud.services.files.test_vault import another, b64, make, put
from tests.conftest import PASSWORD, running


@pytest.fixture
def service(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with push_service(tmp_path / "service", settings) as one:
        monkeypatch.setenv("SSL_CERT_FILE", str(one.certificate))
        yield one


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now_ms())


@pytest.fixture
def server(settings: Settings, serve: Callable[..., Any], clock: ManualClock) -> Iterator[Any]:
    with serve(settings, clock=clock) as one:
        yield one


@pytest.fixture
def people(server: Any) -> Iterator[People]:
    one = People(server, "x")
    yield one
    for client in (one.anna, one.ben, one.eve, one.nobody):
        client.close()


def told(client: httpx.Client) -> dict[str, Any]:
    """By files what the account's devices hear of."""
    found = client.get("/journal/snapshot", params={"collection": given.COLLECTION}).json()["records"]
    return {one["fields"]["file"]: one["fields"] for one in found}


def test_who_gets_something_hears_from_whom_and_what(people: People, clock: ManualClock) -> None:
    top, file = folder(people.anna, "top"), keep(people.anna, b"x", "西湖.txt")["file"]
    people.with_ben(top)
    people.with_ben(file)
    common = {"from": people.names[0], "given_ms": clock.now_ms()}
    assert told(people.ben) == {
        top: {**common, "file": top, "name": "top", "folder": True},
        file: {**common, "file": file, "name": "西湖.txt", "folder": False},
    }
    assert told(people.anna) == told(people.eve) == {}
    people.share(file)
    people.share(file, account=people.names[2])
    assert told(people.eve).keys() == {file}
    assert told(people.ben).keys() == {top, file}


def test_the_same_share_again_is_no_news(people: People, clock: ManualClock) -> None:
    file = keep(people.anna, b"x")["file"]
    people.with_ben(file)
    (first,) = told(people.ben).values()
    clock.advance(60)
    share = people.with_ben(file, write=True, expires_ms=clock.now_ms() + int(DAY) * 1000)
    assert told(people.ben) == {file: first}
    clock.advance(DAY)
    people.with_ben(file)
    assert told(people.ben)[file]["given_ms"] == clock.now_ms(), "the one before was over"
    (share,) = [one["share"] for one in people.ben.get("/files/shared").json()["entries"]]
    people.ben.delete(f"/files/shares/{share}")
    assert told(people.ben) == {}, "who leaves it is told of it no more"
    people.with_ben(file)
    assert told(people.ben).keys() == {file}


def test_what_was_told_goes_with_the_share(people: People, server: Any, clock: ManualClock) -> None:
    file, brief, other = (keep(people.anna, b"x", name)["file"] for name in ("a", "b", "c"))
    share = people.with_ben(file)
    people.with_ben(brief, expires_ms=clock.now_ms() + int(DAY) * 1000)
    people.with_ben(other)
    assert people.eve.delete(f"/files/shares/{share}").status_code == 404
    assert people.anna.delete(f"/files/shares/{share}").status_code == 204
    assert told(people.ben).keys() == {brief, other}
    clock.advance(DAY)
    tend(server)
    assert told(people.ben).keys() == {other}


def test_what_was_told_goes_with_its_owner(people: People, server: Any, clock: ManualClock) -> None:
    file = keep(people.ben, b"x")["file"]
    answer = people.ben.post(f"/files/{file}/shares", json={"account": people.names[2]})
    assert answer.status_code == 201
    assert told(people.eve).keys() == {file}
    assert people.ben.post("/account/deletion", json={"present": PASSWORD}).status_code == 202
    clock.advance(GRACE_MS / 1000 + 1)
    context = server.cloud.context
    assert asyncio.run(context.departures.erase_due(context.objects)) == 1
    assert told(people.eve) == {}


def test_of_a_vault_no_name_is_told_and_it_ends_with_its_key(people: People) -> None:
    area, _ = make(people.anna)
    file = put(people.anna, area, "geheim.txt", b"secret")["file"]
    people.with_ben(file, sealed=b64(300))
    assert told(people.ben)[file]["name"] == ""
    assert people.anna.post("/files/vault/anew", json=another(area.id.hex())[1]).status_code == 204
    assert told(people.ben) == {}


def test_so_many_a_day_are_told(people: People, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "A_DAY", 2)
    files = [keep(people.anna, b"x", f"{number}.txt")["file"] for number in range(4)]
    for file in files[:3]:
        people.with_ben(file)
    assert told(people.ben).keys() == set(files[:2])
    assert len(people.ben.get("/files/shared").json()["entries"]) == 3, "it is there all the same"
    people.share(files[0], account=people.names[2])
    assert told(people.eve).keys() == {files[0]}
    clock.advance(DAY)
    people.with_ben(files[3])
    assert files[3] in told(people.ben)


def test_it_is_pushed_once(settings: Settings, service: PushService) -> None:
    with running(settings.changed(push_networks=LOOPBACK)) as server:
        people, browser, other = People(server, "x"), service.browser(), service.browser()
        assert people.ben.put("/push/subscription", json=browser.wish()).status_code == 200
        assert people.anna.put("/push/subscription", json=other.wish()).status_code == 200
        file = keep(people.anna, b"x", "西湖.txt")["file"]
        for write in (False, True):
            people.with_ben(file, write=write)
        note = browser.read(service.next())
        assert (note["kind"], note["data"]) == ("given", told(people.ben)[file])
        assert note["tag"].startswith("given-")
        until(lambda: all_sent(server))
        assert service.quiet
