"""Signing a device out takes everything from it at once: token, doorbell, the app it looks at, its tickets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from websockets.asyncio.client import connect

from pileus.surfaces import wire
from pileus.surfaces.device import Device
from tests.conftest import PASSWORD


def ticket(client: httpx.Client, session: str) -> dict[str, Any]:
    answer = client.post(f"/sessions/{session}/ticket")
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_sockets_of_the_device_are_closed_and_the_app_goes_on(supervised_server: Any) -> None:
    server = supervised_server
    kept, lost = server.account("anna", "tablet"), server.sign_in("anna", "phone")
    session = server.run_app(kept["account"]["id"]).session_id
    port = server.cloud.settings.port
    with server.client(kept["token"]) as owner, server.client(lost["token"]) as thief:
        first, spare = ticket(thief, session), ticket(thief, session)
        url = f"ws://127.0.0.1:{server.cloud.settings.surface_port}/surface"

        async def story() -> None:
            async with (
                connect(f"ws://127.0.0.1:{port}/api/v1/journal/doorbell", proxy=None) as bell,
                Device(url, first["ticket"]) as device,
            ):
                await bell.send(json.dumps({"token": lost["token"]}))
                await bell.recv()
                await device.frame()
                await asyncio.to_thread(owner.delete, f"/devices/{lost['device']['id']}")
                told = await device.message(wire.Detached)
                assert (told.reason, told.info["code"]) == (3, "signed-out")
                await asyncio.wait_for(bell.wait_closed(), 10)
                assert bell.close_code == 4401
            async with Device(url, spare["ticket"]) as device:
                assert (await device.message(wire.Detached)).info["code"] == "ticket-unknown"
            mine = await asyncio.to_thread(ticket, owner, session)
            async with Device(url, mine["ticket"]) as device:
                await device.frame()

        asyncio.run(story())


def test_a_locked_device_loses_what_it_looks_at_until_it_is_unlocked(supervised_server: Any) -> None:
    server = supervised_server
    kept, lost = server.account("anna", "tablet"), server.sign_in("anna", "phone")
    session = server.run_app(kept["account"]["id"]).session_id
    with server.client(kept["token"]) as owner, server.client(lost["token"]) as phone:
        first = ticket(phone, session)
        url = f"ws://127.0.0.1:{server.cloud.settings.surface_port}/surface"

        async def story() -> None:
            async with Device(url, first["ticket"]) as device:
                await device.frame()
                await asyncio.to_thread(owner.post, f"/devices/{lost['device']['id']}/lock")
                assert (await device.message(wire.Detached)).info["code"] == "signed-out"
            refused = await asyncio.to_thread(phone.post, f"/sessions/{session}/ticket")
            assert refused.json()["code"] == "device-locked"
            shown = await asyncio.to_thread(phone.post, "/account/proof", json={"present": PASSWORD})
            assert shown.status_code == 204
            async with asyncio.timeout(20):
                while (
                    again := await asyncio.to_thread(phone.post, f"/sessions/{session}/ticket")
                ).status_code != 200:
                    assert again.json()["code"] == "signed-out"
            async with Device(url, again.json()["ticket"]) as device:
                await device.frame()

        asyncio.run(story())
