"""The form `port`: everything over TLS with the server's own authority, streamed apps too."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.kernel import certificates
from pileus.core.settings import Settings
from pileus.surfaces.device import Device

from ..conftest import supervised


@pytest.fixture
def lan(settings: Settings) -> Iterator[Any]:
    chosen = settings.changed(origins="port", domain="127.0.0.1")
    chosen.make_dirs()
    certificates.ensure(chosen)
    with supervised(chosen) as one:
        yield one


def test_an_app_is_seen_over_tls_by_who_trusts_the_authority(lan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = lan.cloud.settings
    authority = settings.data_dir / "tls" / "ca.crt"
    account = lan.cloud.accounts.create_blocking("anna", "correct horse").id
    url = f"https://127.0.0.1:{settings.port}/api/v1"
    trust = ssl.create_default_context(cafile=str(authority))
    with httpx.Client(base_url=url, verify=trust, trust_env=False) as client:
        wish = {"name": "anna", "password": "correct horse", "device_name": "phone"}
        token = client.post("/sign-in", json=wish, headers={"Origin": f"https://127.0.0.1:{settings.port}"})
        client.headers["Authorization"] = f"Bearer {token.json()['token']}"
        session = lan.run_app(account).session_id
        place = client.post(f"/sessions/{session}/ticket").json()
    assert place["url"] == f"wss://127.0.0.1:{settings.surface_port}/surface"

    async def look() -> None:
        async with Device(place["url"], place["ticket"], origin=f"https://127.0.0.1:{settings.port}") as device:
            await device.frame()

    with pytest.raises(ssl.SSLCertVerificationError):
        asyncio.run(look())
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    asyncio.run(look())


def test_certificates_are_kept_and_made_anew_for_another_address(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path, origins="port", domain="192.0.2.7")
    first = certificates.ensure(settings)
    kept = [path.read_bytes() for path in (first.authority, first.server, first.key)]
    again = certificates.ensure(settings)
    assert [path.read_bytes() for path in (again.authority, again.server, again.key)] == kept
    moved = certificates.ensure(settings.changed(domain="192.0.2.8"))
    assert moved.authority.read_bytes() != kept[0]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()} == {0o600}
