"""Passwords, tokens and tickets are in no log, whatever is logged and whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.core.ids import new_id
from pileus.core.settings import Settings
from pileus.surfaces.client import SupervisorClient
from pileus.surfaces.device import Device
from pileus.surfaces.engine import AppSpec, Display
from tests.conftest import free_port

from .collector import Collector, collector
from .processes import answers, client_of, first_account, follows, kill, parent, pid, wait

pytestmark = pytest.mark.slow


def test_no_secret_is_logged(settings: Settings) -> None:
    """Nor counted, nor traced; and nothing that people keep, nor its names."""
    with collector() as traces:
        chosen = settings.changed(log_level="debug", metrics=f"127.0.0.1:{free_port()}", traces=traces.url)
        told(chosen, traces)


def told(chosen: Settings, traces: Collector) -> None:
    with parent(chosen):
        anna = first_account(chosen)
        spec = AppSpec(anna["account"]["id"], "fake", "fake", "Fake", chosen.data_dir, chosen.data_dir)
        session = asyncio.run(SupervisorClient(chosen).open(spec, Display(480, 800, 160))).session_id
        with client_of(chosen, anna) as client:
            ticket = client.post(f"/sessions/{session}/ticket").json()["ticket"]
            url = f"ws://127.0.0.1:{chosen.surface_port}/surface"

            async def look() -> None:
                async with Device(url, ticket) as device:
                    await device.frame()
                    await device.send_raw(b"\x7f")
                async with Device(url, ticket):
                    pass

            asyncio.run(look())
            for wish in ({"name": "anna", "password": "wrong-password-9"}, {"password": "half-a-wish-9"}):
                assert client.post("/sign-in", json=wish).status_code in (400, 401)
            keep_things(client)
            web = kill(chosen, "web")
            wait(lambda: follows(chosen, "web", web) and answers(chosen))
            assert client.get("/account").status_code == 200
            keep_things(client)
            numbers = httpx.get(f"http://{chosen.metrics}/metrics", trust_env=False).text
    logs = {path.name: path.read_text() for path in (chosen.data_dir / "logs").iterdir()}
    assert logs.keys() >= {"web.log", "supervisor.log"}
    assert logs["supervisor.log"], "nothing was logged at all"
    assert "pileus_http_requests_total" in numbers
    assert "pileus_supervisor_up 1.0" in numbers
    assert 'pileus_sessions{state="running"} 1.0' in numbers
    assert 'pileus_kept_bytes{area="files"}' in numbers
    assert traces.named("GET /account"), "nothing was traced at all"
    logs |= {"metrics": numbers, "traces": traces.raw.decode("latin-1")}
    secrets = (anna["token"], ticket, "correct horse", "wrong-password-9", "half-a-wish-9")
    for secret in (*secrets, anna["account"]["id"], *THINGS):
        assert [name for name, text in logs.items() if secret in text] == []


THINGS = ("diary-of-anna", "what-anna-wrote", "what-anna-sought", "+8613800138000")


def keep_things(client: httpx.Client) -> None:
    """Files, notes and messages, kept and looked for, rightly and wrongly; all of it is there then."""
    name, text, sought, number = THINGS
    header = json.dumps({"name": f"{name}.txt", "size": len(text)}).encode()
    message = {"address": number, "date_ms": 1_700_000_000_000, "direction": "in", "body": text, "contact": name}
    note = {"id": new_id(), "base": 0, "collection": "notes.note", "record": new_id(), "fields": {"title": text}}

    def send(path: str, content: bytes, **params: str) -> Any:
        answer = client.post(path, params=params, content=content)
        assert answer.status_code == 200, path
        return answer.json()

    [file] = send("/files/bulk", len(header).to_bytes(4, "little") + header + text.encode())["files"]
    assert file["name"].startswith(name)
    assert client.get(f"/files/{file['file']}/content").text == text
    [outcome] = send("/journal/mutations", json.dumps({"mutations": [note]}).encode())["outcomes"]
    assert outcome["status"] == "applied", outcome
    notes = client.get("/journal/snapshot", params={"collection": "notes.note"}).json()["records"]
    assert {"title": text} in [one["fields"] for one in notes]
    report = send("/messages/import", json.dumps(message).encode(), region="CN")
    assert report["imported"] + report["repeated"] == 1, report
    [found] = client.get("/messages/search", params={"q": text}).json()["messages"]
    assert (found["address"], found["body"], found["contact"]) == (number, text, name)
    for path in ("/files/search", "/messages/search"):
        assert client.get(path, params={"q": sought}).status_code == 200, path
    for path in ("/files/bulk", "/journal/mutations"):
        assert 400 <= client.post(path, content=f'{{"{name}": "{text}"'.encode()).status_code < 500, path
    assert client.get(f"/files/{name}/content").status_code == 404


def test_keys_of_the_object_store_stay_in_the_web_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apps' programs run below the supervisor, and inherit what it has."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-key-of-the-store")
    monkeypatch.setenv("PILEUS_COPY_AWS_SECRET_ACCESS_KEY", "a-key-of-the-store")
    with parent(settings):
        wait(lambda: answers(settings))
        held = {
            name: b"a-key-of-the-store" in Path(f"/proc/{pid(settings, name)}/environ").read_bytes()
            for name in ("web", "supervisor")
        }
    assert held == {"web": True, "supervisor": False}


def test_the_folders_are_their_owners_alone(settings: Settings) -> None:
    with parent(settings):
        first_account(settings)
        open_ones = [
            path
            for path in [settings.data_dir, *settings.data_dir.rglob("*"), *settings.runtime_dir.iterdir()]
            if path.lstat().st_mode & 0o077 and not _shared(settings, path)
        ]
    assert open_ones == []


def _shared(settings: Settings, path: Path) -> bool:
    """Packages are mounted into sandboxes of another user; what is above them is closed."""
    return (settings.data_dir / "android") in (path, *path.parents)
