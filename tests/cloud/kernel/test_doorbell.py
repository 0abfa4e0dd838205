"""Devices that leave the doorbell, at every moment of it: none of that is a failure."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect


@pytest.mark.parametrize("greets", [False, True])
@pytest.mark.parametrize("politely", [False, True])
def test_leaving_is_quiet(
    serve: Any, settings: Any, caplog: pytest.LogCaptureFixture, greets: bool, politely: bool
) -> None:
    async def visit(url: str, token: str) -> None:
        bell: ClientConnection = await connect(url, proxy=None)
        if greets:
            await bell.send(json.dumps({"token": token}))
            assert json.loads(await bell.recv()) == {"head": 0}
        if politely:
            await bell.close()
        else:
            bell.transport.abort()

    with caplog.at_level(logging.INFO), serve(settings) as server:
        token = server.account("anna")["token"]
        for _ in range(3):
            asyncio.run(visit(f"ws://127.0.0.1:{settings.port}/api/v1/journal/doorbell", token))
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_it_does_not_compress_what_has_twenty_bytes(server: Any) -> None:
    """A browser asks for it, and the state of both directions would be most of what an idle phone costs."""

    async def extensions() -> tuple[str | None, str | None]:
        url = f"{server.url.replace('http', 'ws')}/api/v1/journal/doorbell"
        async with connect(url, proxy=None, compression="deflate") as bell:
            assert bell.request is not None
            assert bell.response is not None
            name = "Sec-WebSocket-Extensions"
            return bell.request.headers.get(name), bell.response.headers.get(name)

    asked, given = asyncio.run(extensions())
    assert asked is not None
    assert asked.startswith("permessage-deflate")
    assert given is None


def test_one_of_which_nobody_knows_whether_it_is_signed_in_does_not_stay(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = server.account("anna")["token"]

    async def broken(_account_id: str) -> None:
        raise RuntimeError("no database")

    async def close_code() -> int | None:
        url = f"{server.url.replace('http', 'ws')}/api/v1/journal/doorbell"
        async with asyncio.timeout(20), connect(url, proxy=None) as bell:
            await bell.send(json.dumps({"token": token}))
            await bell.wait_closed()
            return bell.close_code

    monkeypatch.setattr(server.cloud.accounts, "devices", broken)
    assert asyncio.run(close_code()) == 1013


def test_where_the_news_cannot_be_read_the_device_is_told_to_ask_anew(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = server.account("anna")

    async def broken(_function: Any) -> None:
        raise RuntimeError("no database")

    async def close_code() -> int | None:
        url = f"{server.url.replace('http', 'ws')}/api/v1/journal/doorbell"
        async with asyncio.timeout(20), connect(url, proxy=None) as bell:
            await bell.send(json.dumps({"token": session["token"]}))
            await bell.recv()
            monkeypatch.setattr(server.cloud.db, "read_async", broken)
            server.cloud.context.events.ring(session["account"]["id"])
            await bell.wait_closed()
            return bell.close_code

    assert asyncio.run(close_code()) == 1013
