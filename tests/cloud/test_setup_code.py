"""The first account of a server on a network belongs to whoever was shown its address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import qrcode

from pileus.cli import up
from pileus.cloud.app import Cloud, build
from pileus.cloud.setup_code import SetupCode, fragment, has_account
from pileus.core.settings import Settings

WISH = {"name": "mei", "password": "correct horse"}


@pytest.fixture
def lan(settings: Settings) -> Settings:
    return settings.changed(origins="port", domain="192.0.2.7")


@pytest.fixture
def cloud(lan: Settings) -> Iterator[Cloud]:
    lan.make_dirs()
    one = build(lan)
    yield one
    one.close()


def phone(cloud: Cloud) -> httpx.AsyncClient:
    """A client from the network."""
    transport = httpx.ASGITransport(cloud.asgi, client=("192.0.2.99", 5000))
    return httpx.AsyncClient(
        transport=transport, base_url=f"https://192.0.2.7:{cloud.settings.port}/api/v1", trust_env=False
    )


async def create(client: httpx.AsyncClient, **more: str) -> tuple[int, str]:
    answer = await client.post("/accounts", json={**WISH, **more})
    return answer.status_code, answer.json().get("code", "")


def test_what_a_crash_left_of_making_one_goes_with_it(lan: Settings) -> None:
    lan.make_dirs()
    (lan.data_dir / "setup-code.4711").write_text("half")
    code = SetupCode(lan.data_dir)
    assert code.ensure() != ""
    code.spend()
    assert list(lan.data_dir.glob("setup-code*")) == []


def test_on_a_network_the_first_account_needs_the_code_once(cloud: Cloud) -> None:
    code = fragment(cloud.settings).removeprefix("#setup=")
    assert len(code) == 16
    wrong: list[dict[str, str]] = [{}, {"setup_code": ""}, {"setup_code": code[:-1]}, {"setup_code": "é"}]

    async def story() -> None:
        async with phone(cloud) as client:
            assert (await client.get("/server")).json()["setup_code_needed"] is True
            for one in wrong:
                assert await create(client, **one) == (403, "setup-code")
            assert await create(client, setup_code=code) == (201, "")
            assert (await client.get("/server")).json()["setup_code_needed"] is False
            assert await create(client, setup_code=code) == (401, "setup-done")

    asyncio.run(story())
    assert fragment(cloud.settings) == ""


def test_an_account_made_on_the_machine_ends_the_code(cloud: Cloud) -> None:
    assert not has_account(cloud.settings)
    cloud.accounts.create_blocking("mei", "correct horse")
    assert has_account(cloud.settings)
    cloud.close()
    build(cloud.settings).close()
    assert fragment(cloud.settings) == ""


def test_on_loopback_none_is_needed(server: Any) -> None:
    assert fragment(server.cloud.settings) == ""
    with server.client() as here:
        assert here.get("/server").json()["setup_code_needed"] is False
        assert here.post("/accounts", json=WISH).status_code == 201


def test_the_code_is_in_what_is_printed_before_the_start(
    lan: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(qrcode.QRCode, "add_data", lambda _self, data: drawn.append(data))
    monkeypatch.setattr(qrcode.QRCode, "print_ascii", lambda _self, invert: None)
    up._prepare_lan(lan)
    code = SetupCode(lan.data_dir).get()
    assert drawn == [f"http://192.0.2.7:{lan.port + 2}/#setup={code}"]
    assert drawn[0] in capsys.readouterr().out


def test_a_code_that_is_there_is_kept_and_for_its_owner_alone(tmp_path: Path) -> None:
    code = SetupCode(tmp_path)
    assert code.ensure() == code.ensure() == code.get()
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("setup-code", 0o600)]
