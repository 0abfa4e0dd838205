"""The vault at the cloud's side: wrapped keys, letting devices in, and files of which it knows nothing."""

from __future__ import annotations

import asyncio
import base64
import errno
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from sqlalchemy import text

from pileus.cli import vault as cli
from pileus.cloud.services.files import vault_anew
from pileus.core import durable
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from pileus.sdk import vault
from pileus.sdk.vault import Area
from tests.cloud.push_service import LOOPBACK, Browser, PushService, all_sent, push_service, until
from tests.cloud.services.files.test_files import begin, keep, mutate, records, send
from tests.cloud.services.files.test_keeping import tend
from tests.conftest import PASSWORD, running

NUMBER = "00112233445566778899aabbccddeeff"
MARK = "the heron of 西湖"


@pytest.fixture
def service(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with push_service(tmp_path / "service", settings) as one:
        monkeypatch.setenv("SSL_CERT_FILE", str(one.certificate))
        yield one


def b64(size: int) -> str:
    return base64.b64encode(os.urandom(size)).decode()


def make(client: httpx.Client) -> tuple[Area, str]:
    """A vault as a device makes it, and its recovery code."""
    area, code = vault.new_area(), vault.new_code()
    wish = {"wrapped": vault.wrap(area, vault.secret_of(code)), "held": b64(60), **shown(area)}
    assert client.post("/files/vault", json=wish).status_code == 204
    return area, code


def shown(area: Area) -> dict[str, str]:
    """What a device that knows the key says of it."""
    return {"key_id": area.id.hex(), "verifier": vault.verifier(area)}


def put(client: httpx.Client, area: Area, name: str, data: bytes, parent: str = "", **more: Any) -> Any:
    named = vault.new_named(name, "text/plain")
    content = b"".join(vault.seal_content(area, named, io.BytesIO(data)))
    label = {"type": vault.TYPE, "sealed": vault.seal_named(area, named), "parent": parent}
    return keep(client, content, os.urandom(16).hex(), **label, **more) | {"named": named, "content": content}


def folder(client: httpx.Client, area: Area, name: str, parent: str = "") -> str:
    record = os.urandom(16).hex()
    named = vault.new_named(name, "inode/directory", folder=True)
    fields = {"name": os.urandom(16).hex(), "parent": parent, "type": "inode/directory", "size": 0}
    fields["sealed"] = vault.seal_named(area, named)
    assert mutate(client, id=record, record=record, fields=fields)["status"] == "applied"
    return record


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


def test_its_key_is_kept_wrapped(client: httpx.Client) -> None:
    assert client.get("/files/vault").json()["key_id"] == ""
    assert code_of(client.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})) == "no-vault"
    area, code = make(client)
    state = client.get("/files/vault").json()
    assert vault.unwrap(bytes.fromhex(state["key_id"]), state["wrapped"], code) == area
    assert len(state["holders"]) == 1
    other = {"key_id": NUMBER, "wrapped": b64(60), "held": b64(60), "verifier": b64(32)}
    again = client.post("/files/vault", json=other)
    assert (again.status_code, code_of(again)) == (409, "vault-exists")
    for wrong in ({"key_id": "x"}, {"wrapped": "abc"}, {"held": b64(59)}, {"verifier": b64(31)}):
        assert code_of(client.post("/files/vault", json={**other, **wrong})) == "bad-vault-key"
    second = vault.new_code()
    fresh = {**shown(area), "wrapped": vault.wrap(area, vault.secret_of(second))}
    assert client.put("/files/vault/recovery", json=fresh).status_code == 204
    assert vault.unwrap(area.id, client.get("/files/vault").json()["wrapped"], second) == area


def test_who_does_not_know_the_key_can_neither_hold_nor_replace_it(server: Any) -> None:
    """A session that somebody took over: the recovery code is what its owner still has."""
    first, second = server.account("anna"), server.sign_in("anna", "thief")
    with server.client(first["token"]) as old, server.client(second["token"]) as thief:
        area, code = make(old)
        junk = {"key_id": area.id.hex(), "wrapped": b64(60), "verifier": b64(32)}
        for client, where in ((thief, "device"), (old, "device"), (old, "recovery")):
            refused = client.put(f"/files/vault/{where}", json=junk)
            assert (refused.status_code, code_of(refused)) == (403, "vault-unproven")
        assert code_of(thief.put("/files/vault/recovery", json=junk)) == "vault-closed"
        state = old.get("/files/vault").json()
        assert state["holders"] == [first["device"]["id"]]
        assert vault.unwrap(area.id, state["wrapped"], code) == area
        assert thief.put("/files/vault/device", json={**junk, **shown(area)}).status_code == 204
        assert thief.put("/files/vault/recovery", json={**junk, **shown(area)}).status_code == 204
        told = [(one["event"], one["device"]) for one in old.get("/account/log").json()["entries"]]
        at = [one for one in told if one[0].startswith("vault-")]
        assert [event for event, _ in at] == ["vault-code-made", "vault-opened", "vault-made"]
        assert [device for _, device in at[:2]] == ["thief", "thief"]


def test_a_device_asks_is_let_in_and_forgotten_when_it_goes(server: Any) -> None:
    first, second = server.account("anna"), server.sign_in("anna", "tablet")
    with server.client(first["token"]) as old, server.client(second["token"]) as new:
        area, _ = make(old)
        salt, sealed, tablet = b64(32), b64(60), second["device"]["id"]
        assert new.get("/files/vault").json()["held"] == ""
        early = new.put("/files/vault/recovery", json={**shown(area), "wrapped": b64(60)})
        assert code_of(early) == "vault-closed"
        assert new.post("/files/vault/asks", json={"salt": salt, "proof": b64(32)}).status_code == 204
        (ask,) = old.get("/files/vault").json()["asks"]
        assert (ask["device"], ask["name"], ask["salt"]) == (tablet, "tablet", salt)
        by_itself = new.put(f"/files/vault/asks/{tablet}", json={"salt": salt, "sealed": sealed})
        assert code_of(by_itself) == "vault-closed"
        stale = old.put(f"/files/vault/asks/{tablet}", json={"salt": b64(32), "sealed": sealed})
        assert code_of(stale) == "no-vault-ask"
        assert old.put(f"/files/vault/asks/{tablet}", json={"salt": salt, "sealed": sealed}).status_code == 204
        assert old.get("/files/vault").json()["asks"] == [], "the answer is for the one that asked"
        assert new.get("/files/vault").json()["asks"][0]["answer"] == sealed
        held = {**shown(area), "wrapped": b64(60)}
        assert new.put("/files/vault/device", json=held).status_code == 204
        state = new.get("/files/vault").json()
        assert (state["held"], state["asks"]) == (held["wrapped"], [])
        assert set(state["holders"]) == {first["device"]["id"], tablet}
        assert old.delete(f"/devices/{tablet}").status_code == 204
        assert old.get("/files/vault").json()["holders"] == [first["device"]["id"]]
        assert old.delete("/files/vault/device").status_code == 204
        assert old.get("/files/vault").json()["held"] == ""
    with server.client(server.account("bob")["token"]) as stranger:
        assert stranger.get("/files/vault").json()["key_id"] == ""


def test_an_ask_waits_ten_minutes_and_may_be_turned_away(serve: Callable[..., Any], settings: Any) -> None:
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        first, second = server.account("anna"), server.sign_in("anna", "tablet")
        with server.client(first["token"]) as old, server.client(second["token"]) as new:
            make(old)
            for _ in range(2):
                new.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})
            assert len(old.get("/files/vault").json()["asks"]) == 1
            clock.advance(601)
            assert old.get("/files/vault").json()["asks"] == []
            new.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})
            assert len(kept(server)) == 1, "what waits no more is gone, not hidden"
            old.delete(f"/files/vault/asks/{second['device']['id']}")
            assert new.get("/files/vault").json()["asks"] == []


@pytest.mark.parametrize("end", ["ask", "hold", "day"])
def test_an_answer_that_nobody_took_is_not_kept(serve: Callable[..., Any], settings: Any, end: str) -> None:
    """It has the key under a short code."""
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        first, second = server.account("anna"), server.sign_in("anna", "tablet")
        with server.client(first["token"]) as old, server.client(second["token"]) as new:
            area, _ = make(old)
            salt, sealed = b64(32), b64(60)
            new.post("/files/vault/asks", json={"salt": salt, "proof": b64(32)})
            old.put(f"/files/vault/asks/{second['device']['id']}", json={"salt": salt, "sealed": sealed})
            assert kept(server) == [sealed]
            clock.advance(601)
            if end == "ask":
                old.post("/files/vault/asks", json={"salt": salt, "proof": b64(32)})
            elif end == "hold":
                old.put("/files/vault/device", json={**shown(area), "wrapped": b64(60)})
            else:
                tend(server)
            assert sealed not in kept(server)


def test_who_waited_in_vain_is_told_of_no_more(serve: Callable[..., Any], settings: Any) -> None:
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        first, second = server.account("anna"), server.sign_in("anna", "tablet")
        with server.client(first["token"]) as old, server.client(second["token"]) as new:
            make(old)
            new.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})
            tend(server)
            assert asking(old).keys() == {second["device"]["id"]}
            clock.advance(601)
            tend(server)
            assert asking(old) == {}


def subscribed(service: PushService, client: httpx.Client) -> Browser:
    browser = service.browser()
    assert client.put("/push/subscription", json=browser.wish()).status_code == 200
    return browser


def test_those_that_hold_the_key_hear_who_asks(settings: Settings, service: PushService) -> None:
    with running(settings.changed(push_networks=LOOPBACK)) as server:
        first, second, third = server.account("anna"), server.sign_in("anna", "tablet"), server.sign_in("anna")
        with (
            server.client(first["token"]) as old,
            server.client(second["token"]) as new,
            server.client(third["token"]) as closed,
        ):
            browsers = [subscribed(service, client) for client in (old, new, closed)]
            area, _ = make(old)
            tablet = second["device"]["id"]
            assert asking(old) == {}
            new.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})
            [(device, fields)] = asking(closed).items()
            assert (device, fields["name"]) == (tablet, "tablet")
            pushed = service.next()
            told = browsers[0].read(pushed)
            assert (told["kind"], told["tag"], told["data"]) == (
                "vault-ask",
                f"vault-ask-{tablet}",
                {"name": "tablet"},
            )
            until(lambda: all_sent(server))
            assert service.quiet, "the others cannot let it in"
            assert old.delete(f"/files/vault/asks/{tablet}").status_code == 204
            assert asking(old) == {}
            new.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})
            assert asking(old).keys() == {tablet}
            assert new.put("/files/vault/device", json={**shown(area), "wrapped": b64(60)}).status_code == 204
            assert asking(old) == {}


def asking(client: httpx.Client) -> dict[str, Any]:
    """The records of devices that ask."""
    found = client.get("/journal/snapshot", params={"collection": "files.vault-ask"}).json()["records"]
    return {one["id"]: one["fields"] for one in found}


def test_a_vault_that_nobody_opens_any_more_is_started_over(server: Any) -> None:
    first, second = server.account("anna"), server.sign_in("anna", "new phone")
    ben = server.client(server.account("ben")["token"])
    with server.client(first["token"]) as lost, server.client(second["token"]) as new, ben:
        fresh, wish = another(NUMBER)
        none = new.post("/files/vault/anew", json=wish)
        assert (none.status_code, code_of(none)) == (404, "no-vault")
        area, code = make(lost)
        wish["ends"] = area.id.hex()
        inside = folder(lost, area, "旅行")
        told = put(lost, area, "a.txt", b"first" * 1000, inside)
        second_one = b"".join(vault.seal_content(area, told["named"], io.BytesIO(b"second")))
        label = {"type": vault.TYPE, "sealed": records(lost)[told["file"]]["sealed"], "replaces": told["file"]}
        assert keep(lost, second_one, NUMBER, **label)["file"] == told["file"]
        lost.delete(f"/files/{put(lost, area, 'b.txt', b'in the trash')['file']}")
        within = keep(lost, b"plain", "plain.txt", parent=inside)["file"]
        beside = keep(lost, b"another", "plain.txt")["file"]
        lost.delete(f"/files/{keep(lost, b'thrown away', 'old.txt')['file']}")
        sealed = {"account": "ben", "sealed": b64(300)}
        assert lost.post(f"/files/{told['file']}/shares", json=sealed).status_code == 201
        assert new.post("/files/vault/asks", json={"salt": b64(32), "proof": b64(32)}).status_code == 204
        under_the_old = {"type": vault.TYPE, "sealed": label["sealed"]}
        half = begin(lost, second_one, NUMBER, **under_the_old)["upload"]

        wrong = new.post("/files/vault/anew", json={**wish, "present": "not this one"})
        assert (wrong.status_code, code_of(wrong)) == (403, "present-password")
        assert code_of(new.post("/files/vault/anew", json={**wish, "held": "abc"})) == "bad-vault-key"
        assert told["file"] in records(new)
        assert new.post("/files/vault/anew", json=wish).status_code == 204
        left = records(new)
        assert {file: (one["parent"], one["name"]) for file, one in left.items()} == {
            within: ("", "plain (2).txt"),
            beside: ("", "plain.txt"),
        }
        assert [one["name"] for one in new.get("/files/trash").json()["items"]] == ["old.txt"]
        usage = new.get("/files/usage").json()
        assert (usage["trash"], usage["versions"]) == (len(b"thrown away"), 0)
        state = new.get("/files/vault").json()
        assert (state["key_id"], state["held"], state["asks"]) == (wish["key_id"], wish["held"], [])
        assert state["holders"] == [second["device"]["id"]]
        assert lost.get("/files/vault").json()["held"] == ""
        old = {**shown(area), "wrapped": vault.wrap(area, vault.secret_of(code))}
        assert code_of(lost.put("/files/vault/device", json=old)) == "no-vault"
        assert ben.get("/files/shared").json()["entries"] == []
        assert asking(new) == {}
        events = [one["event"] for one in new.get("/account/log").json()["entries"]]
        assert events[:2] == ["vault-begun-anew", "password-refused"]
        assert send(lost, half, 0, second_one).status_code == 404, "nobody could read it"

        # The answer was lost, and it is asked for again: what came since stays.
        since = put(new, fresh, "b.txt", b"under the new key")["file"]
        assert new.post("/files/vault/anew", json=wish).status_code == 204
        assert since in records(new)


def test_the_other_devices_hear_who_began_it_anew(settings: Settings, service: PushService) -> None:
    with running(settings.changed(push_networks=LOOPBACK)) as server:
        first, second, ben = server.account("anna"), server.sign_in("anna", "tablet"), server.account("ben")
        with (
            server.client(first["token"]) as phone,
            server.client(second["token"]) as tablet,
            server.client(ben["token"]) as other,
        ):
            browsers = [subscribed(service, client) for client in (phone, tablet, other)]
            area, _ = make(phone)
            assert begun_anew(phone) == []
            wish = another(area.id.hex())[1]
            for _ in range(2):
                assert tablet.post("/files/vault/anew", json=wish).status_code == 204
            [told] = begun_anew(phone)
            assert (told["device"], told["name"]) == (second["device"]["id"], "tablet")
            note = browsers[0].read(service.next())
            assert (note["kind"], note["tag"], note["data"]) == ("vault-anew", "vault-anew", told)
            until(lambda: all_sent(server))
            assert service.quiet, "whoever did it knows, and others do not hear of it"
            assert begun_anew(other) == []


def begun_anew(client: httpx.Client) -> list[dict[str, Any]]:
    found = client.get("/journal/snapshot", params={"collection": "files.vault-anew"}).json()["records"]
    return [one["fields"] for one in found]


def another(ends: str) -> tuple[Area, dict[str, str]]:
    """A key for a vault that is started over, and the wish for it."""
    area = vault.new_area()
    return area, {**shown(area), "wrapped": b64(60), "held": b64(60), "present": PASSWORD, "ends": ends}


def test_nothing_is_written_with_the_key_of_a_vault_that_was_started_over(
    server: Any, client: httpx.Client
) -> None:
    area, _ = make(client)
    fresh, wish = another(area.id.hex())
    assert client.post("/files/vault/anew", json=wish).status_code == 204
    old, new = vault.new_named("a", "text/plain"), vault.new_named("a", "text/plain")
    label = {"name": NUMBER, "type": vault.TYPE, "sealed": vault.seal_named(area, old)}
    under = {**label, "sealed": vault.seal_named(fresh, new)}
    content = b"".join(vault.seal_content(area, old, io.BytesIO(b"nobody reads it" * 1000)))
    told = put(client, fresh, "b.txt", b"of the new vault")

    for more in ({}, {"replaces": told["file"]}):
        refused = client.post("/files/uploads", json={**label, "size": len(content), **more})
        assert (refused.status_code, code_of(refused)) == (409, "vault-other-key")
    pairs = {"filename": NUMBER, "filetype": vault.TYPE, "sealed": label["sealed"]}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items())
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    assert client.post("/files/uploads", headers=tus).status_code == 409
    fields = {"name": NUMBER, "parent": "", "type": "inode/directory", "size": 0, "sealed": label["sealed"]}
    assert mutate(client, id="m1", record="folder", fields=fields)["code"] == "vault-other-key"
    [bulk] = client.post("/files/bulk", content=framed(label["name"], content, label["type"])).json()["files"]
    assert bulk["code"] == "bad-sealed", "many at once are none of the vault's"

    # What its header says counts, whatever the record is called by; and what was whole in that very moment.
    change = text("UPDATE files_upload SET sealed = :sealed, replaces = '' WHERE id = :id")
    for sealed in (under["sealed"], label["sealed"]):
        upload = begin(client, content, **{**under, "replaces": told["file"]})["upload"]
        row = {"sealed": sealed, "id": upload}
        server.cloud.db.write(lambda conn, row=row: conn.execute(change, row))
        refused = send(client, upload, 0, content)
        assert (refused.status_code, code_of(refused)) == (409, "vault-other-key")
        assert client.get(f"/files/uploads/{upload}").status_code == 404, "it is not tried again"
    assert records(client).keys() == {told["file"]}
    assert client.get("/files/usage").json()["used"] < len(content), "nothing is left of them"


def framed(name: str, data: bytes, type_: str) -> bytes:
    """One file as many at once are sent."""
    head = json.dumps({"name": name, "size": len(data), "type": type_}).encode()
    return struct.pack("<I", len(head)) + head + data


def test_what_is_written_while_a_vault_is_started_over_ends_with_it(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the deletion has passed it by."""
    first, second = server.account("anna"), server.sign_in("anna", "new phone")
    erase = vault_anew.erase
    with server.client(first["token"]) as lost, server.client(second["token"]) as new:
        area, _ = make(lost)
        inside = folder(lost, area, "旅行")
        written: dict[str, str] = {}

        def write() -> None:
            late = folder(lost, area, "late")
            written["plain"] = keep(lost, b"plain", "plain.txt", parent=late)["file"]
            put(lost, area, "a.txt", b"too late" * 1000, late)
            lost.delete(f"/files/{put(lost, area, 'b.txt', b'in the trash')['file']}")

        async def meanwhile(ctx: Any, account_id: str, key_id: str) -> int:
            since = await erase(ctx, account_id, key_id)
            assert inside not in await asyncio.to_thread(records, lost)
            await asyncio.to_thread(write)
            return since

        monkeypatch.setattr(vault_anew, "erase", meanwhile)
        assert new.post("/files/vault/anew", json=another(area.id.hex())[1]).status_code == 204
        assert {file: one["parent"] for file, one in records(new).items()} == {written["plain"]: ""}
        assert new.get("/files/trash").json()["items"] == []
        usage = new.get("/files/usage").json()
        assert (usage["trash"], usage["versions"]) == (0, 0)
        assert usage["used"] < len(b"too late" * 1000)


def test_of_two_that_start_it_over_at_once_the_second_deletes_nothing_of_the_new_vault(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = server.account("anna"), server.sign_in("anna", "tablet")
    erase = vault_anew.erase
    with server.client(first["token"]) as phone, server.client(second["token"]) as tablet:
        area, _ = make(phone)
        put(phone, area, "a.txt", b"lost")
        fresh, wish = another(area.id.hex())
        made: list[str] = []

        def start_over() -> None:
            assert tablet.post("/files/vault/anew", json=wish).status_code == 204
            made.append(put(tablet, fresh, "b.txt", b"of the new vault")["file"])

        async def overtaken(ctx: Any, account_id: str, key_id: str) -> int:
            monkeypatch.setattr(vault_anew, "erase", erase)
            await asyncio.to_thread(start_over)
            return await erase(ctx, account_id, key_id)

        monkeypatch.setattr(vault_anew, "erase", overtaken)
        for _ in range(2):  # in its midst, and long after its owner was told what would be deleted
            refused = phone.post("/files/vault/anew", json=another(area.id.hex())[1])
            assert (refused.status_code, code_of(refused)) == (409, "vault-changed")
        assert records(phone).keys() == set(made)
        assert phone.get("/files/vault").json()["key_id"] == wish["key_id"]

        # One device that asks twice, since the first answer is long in coming, gets what it asked for.
        fresh, wish = another(fresh.id.hex())
        monkeypatch.setattr(vault_anew, "erase", overtaken)
        assert phone.post("/files/vault/anew", json=wish).status_code == 204
        assert records(phone).keys() == {made[-1]}


def kept(server: Any) -> list[str]:
    """Answers to asks in the database."""
    query = text("SELECT answer FROM files_vault_ask")
    return [str(one) for one in server.cloud.db.read(lambda conn: list(conn.execute(query).scalars()))]


def test_versions_trash_and_search(client: httpx.Client) -> None:
    area, _ = make(client)
    inside = folder(client, area, "旅行")
    told = put(client, area, f"{MARK}.txt", b"first", inside)
    file, named = told["file"], told["named"]
    fields = records(client)[file]
    assert vault.open_named(area, fields["sealed"]) == named
    second = b"".join(vault.seal_content(area, named, io.BytesIO(b"second")))
    label = {"type": vault.TYPE, "sealed": fields["sealed"], "replaces": file}
    assert keep(client, second, NUMBER, **label)["file"] == file
    (old,) = client.get(f"/files/{file}/versions").json()["versions"]
    content = client.get(f"/files/{file}/versions/{old['id']}/content").content
    assert b"".join(vault.open_content(area, io.BytesIO(content), named)) == b"first"
    client.post(f"/files/{file}/versions/{old['id']}/restore")
    content = client.get(f"/files/{file}/content").content
    assert b"".join(vault.open_content(area, io.BytesIO(content), named)) == b"first"
    client.delete(f"/files/{inside}")
    (item,) = client.get("/files/trash").json()["items"]
    assert vault.open_named(area, item["sealed"]).name == "旅行"
    client.post(f"/files/trash/{inside}/restore")
    assert records(client)[file]["sealed"] == fields["sealed"]
    assert client.get("/files/search", params={"q": "heron"}).json()["files"] == []
    assert client.get(f"/files/{file}/thumbnail").status_code == 404


def test_two_that_write_at_once_lose_nothing(client: httpx.Client) -> None:
    area, _ = make(client)
    told = put(client, area, "a", b"first")
    seen = records(client)[told["file"]]
    label = {"type": vault.TYPE, "sealed": seen["sealed"], "replaces": told["file"], "seen": seen["object"]}
    mine, theirs = (b"".join(vault.seal_content(area, told["named"], io.BytesIO(one))) for one in (b"my", b"it"))
    late = begin(client, theirs, seen["name"], **label)
    keep(client, mine, seen["name"], **label)
    beside = send(client, late["upload"], 0, theirs).json()
    assert beside["file"] != told["file"]
    kept = records(client)[beside["file"]]
    assert vault.open_named(area, kept["sealed"]) == told["named"]


def test_nothing_in_the_clear_gets_in_and_nothing_sealed_goes_out(client: httpx.Client) -> None:
    area, _ = make(client)
    told = put(client, area, "a.txt", b"a")
    file, sealed = told["file"], records(client)[told["file"]]["sealed"]
    plain = keep(client, b"plain", "plain.txt")["file"]
    for wish, code in (
        ({"name": "a.txt", "type": vault.TYPE, "sealed": sealed}, "bad-sealed"),
        ({"name": NUMBER, "type": "text/plain", "sealed": sealed}, "bad-sealed"),
        ({"name": NUMBER, "type": vault.TYPE, "sealed": "no Base64"}, "bad-sealed"),
        ({"name": NUMBER, "type": vault.TYPE, "sealed": "A" * 2001}, "bad-sealed"),
        ({"name": NUMBER, "type": vault.TYPE}, "bad-sealed"),
        ({"name": "a.txt", "type": "text/plain", "replaces": file}, "sealed-file"),
        ({"name": NUMBER, "type": vault.TYPE, "sealed": sealed, "replaces": plain}, "sealed-file"),
    ):
        assert code_of(client.post("/files/uploads", json={"size": 1, **wish})) == code, wish
    seq = client.get("/journal/changes", params={"since": 0}).json()["next"]
    renamed = mutate(client, id="m1", record=file, base=seq, fields={"name": f"{MARK}.txt"})
    assert renamed["code"] == "bad-sealed"
    for wish in ({}, {"sealed": sealed}, {"password": "a" * 12}):
        assert code_of(client.post(f"/files/{file}/shares", json=wish)) == "sealed-share", wish
    assert client.post(f"/files/{plain}/shares", json={}).status_code == 201


def test_one_file_is_shared_with_an_account_by_its_key(server: Any) -> None:
    anna, ben = (server.client(server.account(name)["token"]) for name in ("anna", "ben"))
    with anna, ben:
        area, _ = make(anna)
        told = put(anna, area, "a.txt", b"for ben")
        plain = keep(anna, b"plain", "plain.txt")["file"]
        inside = folder(anna, area, "2026")
        assert code_of(anna.get("/files/vault/people/nobody")) == "no-account"
        assert code_of(anna.get("/files/vault/people/ben")) == "no-vault-number"
        pair = {"public": b64(65), "pair": b64(300)}
        assert code_of(ben.put("/files/vault/pair", json=pair)) == "vault-closed"
        make(ben)
        for wrong in ({"public": b64(64)}, {"pair": "A" * 1001}, {"pair": "no Base64"}):
            assert code_of(ben.put("/files/vault/pair", json={**pair, **wrong})) == "bad-vault-key"
        assert ben.put("/files/vault/pair", json=pair).status_code == 204
        assert code_of(ben.put("/files/vault/pair", json=pair)) == "vault-pair"
        assert ben.get("/files/vault").json()["pair"] == pair["pair"]
        assert anna.get("/files/vault/people/ben").json() == {"public": pair["public"]}
        good = {"account": "ben", "sealed": b64(300)}
        for file, wish in (
            (told["file"], {"account": "ben"}),
            (told["file"], {**good, "write": True}),
            (plain, good),
            (inside, good),
        ):
            assert code_of(anna.post(f"/files/{file}/shares", json=wish)) == "sealed-share", wish
        bad = {**good, "sealed": "no Base64"}
        assert code_of(anna.post(f"/files/{told['file']}/shares", json=bad)) == "bad-sealed"
        share = anna.post(f"/files/{told['file']}/shares", json=good).json()["id"]
        (entry,) = ben.get("/files/shared").json()["entries"]
        assert entry["sealed"] == good["sealed"]
        assert ben.get(f"/files/shared/{share}/{told['file']}/content").content == told["content"]
        other = put(anna, area, "b.txt", b"not for ben")["file"]
        assert ben.get(f"/files/shared/{share}/{other}/content").status_code == 404
        anna.delete(f"/files/shares/{share}")
        assert ben.get(f"/files/shared/{share}/{told['file']}/content").status_code == 404


def test_what_is_sealed_in_a_shared_folder_is_not_there_for_others(server: Any) -> None:
    anna, ben = (server.client(server.account(name)["token"]) for name in ("anna", "ben"))
    with anna, ben:
        area, _ = make(anna)
        shared = os.urandom(16).hex()
        fields = {"name": "Shared", "parent": "", "type": "inode/directory", "size": 0}
        mutate(anna, id=shared, record=shared, fields=fields)
        inside = folder(anna, area, "in", shared)
        told, beside = put(anna, area, "a", b"a", inside), put(anna, area, "b", b"b", shared)
        below = keep(anna, b"plain", "below.txt", parent=inside)["file"]
        plain = keep(anna, b"plain", "plain.txt", parent=shared)["file"]
        share = anna.post(f"/files/{shared}/shares", json={"account": "ben", "write": True}).json()["id"]
        link = anna.post(f"/files/{shared}/shares", json={}).json()
        at = f"/files/shared/{share}"
        assert [one["file"] for one in ben.get(f"{at}/{shared}").json()["entries"]] == [plain]
        for file in (told["file"], beside["file"], below):
            assert ben.get(f"{at}/{file}/content").status_code == 404
            assert ben.put(f"{at}/{file}/content", content=b"PLAIN").status_code == 404
        assert ben.get(f"{at}/{inside}").status_code == 404
        assert ben.post(f"{at}/{inside}/files", params={"name": "clear.txt"}, content=b"x").status_code == 404
        assert ben.post(f"{at}/{shared}/files", params={"name": "c.txt"}, content=b"x").status_code == 201
        assert anna.get(f"/files/{told['file']}/content").content == told["content"]
        token = link["url"].rpartition("/")[2]
        assert anna.get(f"/files/links/{token}/{told['file']}/content").status_code == 404


def test_only_sealed_bytes_become_a_content_of_the_vault(client: httpx.Client) -> None:
    area, _ = make(client)
    sealed = vault.seal_named(area, vault.new_named("a", "text/plain"))
    label = {"type": vault.TYPE, "sealed": sealed}
    for wrong in (b"plain bytes", b"PILEUSVT\x02" + bytes(2000), b"PILEUSVT"):
        begun = begin(client, wrong, NUMBER, **label)
        refused = send(client, begun["upload"], 0, wrong)
        assert (refused.status_code, code_of(refused)) == (422, "bad-sealed")
    empty = client.post("/files/uploads", json={"name": NUMBER, "size": 0, **label})
    assert (empty.status_code, code_of(empty)) == (422, "bad-sealed")
    assert records(client) == {}


def test_the_cloud_holds_nothing_in_the_clear(server: Any) -> None:
    """Neither its disk nor what it can read itself; a file beside the vault shows that both are looked at."""
    session, control = server.account("anna"), "egret of 东湖"
    with server.client(session["token"]) as client:
        area, code = make(client)
        file = put(client, area, f"{MARK}.txt", MARK.encode() * 1000)["file"]
        folder(client, area, MARK)
        client.delete(f"/files/{put(client, area, MARK, MARK.encode())['file']}")
        keep(client, f"{control} itself".encode(), f"{control}.txt")
        client.get("/files/search", params={"q": "heron"})
        content = client.get(f"/files/{file}/content").content
    with zipfile.ZipFile(io.BytesIO(archive(server, session))) as found:
        told = [found.read(name) + name.encode() for name in found.namelist()]
    looked = [path.read_bytes() for path in server.cloud.settings.data_dir.rglob("*") if path.is_file()]
    secrets = [MARK, code, area.key.hex(), base64.b64encode(area.key).decode()]
    for data in (*looked, *told, content):
        assert not any(one.encode() in data for one in secrets)
        assert area.key not in data
    assert any(f"{control} itself".encode() in data for data in told)
    if not server.cloud.settings.database:
        assert any(control.encode() in data for data in looked)


def archive(server: Any, session: Any) -> bytes:
    with server.client(session["token"]) as client:
        return bytes(client.get(client.post("/account/export").json()["path"]).content)


@pytest.mark.parametrize("unpacked", [False, True])
def test_an_export_is_opened_by_the_recovery_code(server: Any, tmp_path: Path, unpacked: bool) -> None:
    session = server.account("anna")
    with server.client(session["token"]) as client:
        area, code = make(client)
        inside = folder(client, area, "旅行", folder(client, area, "2026"))
        put(client, area, "heron.txt", MARK.encode(), inside)
        put(client, area, "heron.txt", b"another", inside)
        put(client, area, "empty", b"")
        torn = put(client, area, "torn", b"torn")
        keep(client, b"plain", "plain.txt")
    export = tmp_path / "export.zip"
    export.write_bytes(archive(server, session))
    with zipfile.ZipFile(export) as found:
        listed = json.loads(found.read("vault/vault.json"))
        assert len(listed["entries"]) == 6
        assert found.read("files/plain.txt") == b"plain"
        if unpacked:
            found.extractall(tmp_path)
            export = tmp_path / "vault"
            data = bytearray((export / torn["file"]).read_bytes())
            data[-1] ^= 1
            (export / torn["file"]).write_bytes(data)
    to = tmp_path / "clear"
    wrong = decrypt(export, to, vault.new_code())
    assert (wrong.returncode, wrong.stderr) == (1, "This recovery code is not this vault's.\n")
    slip = decrypt(export, to, code[:-1])
    assert (slip.returncode, slip.stderr.count("no recovery code")) == (1, 1)
    assert not to.exists()
    done = decrypt(export, to, code.lower())
    assert done.returncode == (1 if unpacked else 0), done.stderr
    names = {str(path.relative_to(to)) for path in to.rglob("*") if path.is_file()}
    assert names == {"2026/旅行/heron.txt", "2026/旅行/heron (2).txt", "empty"} | (set() if unpacked else {"torn"})
    heron = {(to / "2026/旅行" / name).read_bytes() for name in ("heron.txt", "heron (2).txt")}
    assert heron == {MARK.encode(), b"another"}
    assert ("torn was left out" in done.stderr) == unpacked


@pytest.mark.parametrize("flip", [40, 1100])
def test_one_damaged_file_of_an_export_does_not_end_it(server: Any, tmp_path: Path, flip: int) -> None:
    """In the ZIP: its own sum fails there before the vault's does."""
    session = server.account("anna")
    with server.client(session["token"]) as client:
        area, code = make(client)
        torn = put(client, area, "torn", b"torn" * 50)
        for name in ("one", "two"):
            put(client, area, name, name.encode())
    data = bytearray(archive(server, session))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        packed = found.getinfo(f"vault/{torn['file']}")
        assert packed.compress_type == zipfile.ZIP_STORED
    at = data.find(torn["content"])
    assert at > 0
    data[at + flip] ^= 1
    export, to = tmp_path / "export.zip", tmp_path / "clear"
    export.write_bytes(data)
    done = decrypt(export, to, code)
    assert (done.returncode, done.stderr.count("torn was left out")) == (1, 1), done.stderr
    assert {path.name for path in to.iterdir()} == {"one", "two"}


def test_names_that_clash_end_nothing(server: Any, tmp_path: Path) -> None:
    session = server.account("anna")
    with server.client(session["token"]) as client:
        area, code = make(client)
        put(client, area, "Notes", b"file")
        put(client, area, "x.txt", b"x", folder(client, area, "Notes"))
        put(client, area, "y.txt", b"y", folder(client, area, "taken"))
        put(client, area, ".vault.json.part", b"as the working file")
        put(client, area, "z.txt", b"z")
        put(client, area, "n" * 250, b"", folder(client, area, "\u0001" * 3))
    export, to = tmp_path / "export.zip", tmp_path / "clear"
    export.write_bytes(archive(server, session))
    to.mkdir()
    (to / "taken").write_text("stays")
    done = decrypt(export, to, code)
    assert done.returncode == 0, done.stderr
    found = {str(path.relative_to(to)): path.read_bytes() for path in to.rglob("*") if path.is_file()}
    assert found == {
        "taken": b"stays",
        "Notes (2)": b"file",
        "Notes/x.txt": b"x",
        "taken (2)/y.txt": b"y",
        ".vault.json.part": b"as the working file",
        "z.txt": b"z",
        f"____/{'n' * 250}": b"",
    }


def test_a_full_disk_ends_it_and_one_bad_place_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    area, code = vault.new_area(), vault.new_code()
    entries = {}
    for number in range(3):
        named = vault.new_named(f"{number}.txt", "text/plain")
        entries[str(number)] = {"parent": "", "sealed": vault.seal_named(area, named), "folder": False}
        (tmp_path / str(number)).write_bytes(b"".join(vault.seal_content(area, named, io.BytesIO(b"data"))))
    wrapped = vault.wrap(area, vault.secret_of(code))
    listed = {"version": 1, "key_id": area.id.hex(), "wrapped": wrapped, "entries": entries}
    (tmp_path / "vault.json").write_text(json.dumps(listed))
    (tmp_path / "code").write_text(code)
    publish = durable.publish

    def run(number: int) -> Path:
        def refusing(part: Path, path: Path) -> None:
            if path.name == "1.txt":
                raise OSError(number, os.strerror(number), str(path))
            publish(part, path)

        monkeypatch.setattr(durable, "publish", refusing)
        to = tmp_path / os.strerror(number)
        with pytest.raises((typer.Exit, OSError)) as ended:
            cli.decrypt(tmp_path, to, tmp_path / "code")
        assert isinstance(ended.value, OSError) == (number == errno.ENOSPC)
        return to

    assert {path.name for path in run(errno.EACCES).iterdir()} == {"0.txt", "2.txt"}
    assert {path.name for path in run(errno.ENOSPC).iterdir()} == {"0.txt"}


def decrypt(export: Path, to: Path, code: str) -> subprocess.CompletedProcess[str]:
    words = ["vault", "decrypt", str(export), str(to), "--code-file", "-"]
    return subprocess.run(
        [sys.executable, "-m", "pileus.cli.main", *words],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        input=f"{code}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
