"""The gateway on loopback, with a capability of the test's own: who gets in, what is told, what is asked."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from pileus.core.errors import PileusError
from pileus.handset.daemon import Daemon, Options
from pileus.handset.gateway import MOST_CALLS

LAMP = """
import asyncio, msgspec
carried, whose = [], []
from pileus.core.errors import Conflict
from pileus.handset.capability import method

class Level(msgspec.Struct):
    level: int

class Lamp:
    def __init__(self, around): self.around, self.level, self.held = around, 0, asyncio.Event()
    async def start(self): pass
    async def stop(self): pass
    def state(self): return {"present": True, "level": self.level}
    @method
    async def set_level(self, wish: Level) -> int:
        self.level = wish.level
        self.around.changed()
        self.around.tell("lit", {"level": wish.level})
        return wish.level
    @method
    async def break_down(self) -> None: raise Conflict("lamp-broken", "It is broken.")
    @method
    async def fail(self) -> None: raise RuntimeError("made up")
    def belongs(self, account): whose.append(account)
    async def carry(self, cloud, rung):
        carried.append(cloud.whose)
        try: await self.held.wait()
        finally:
            await asyncio.sleep(0)  # an end that takes a moment
            carried.remove(cloud.whose)
    @method
    async def hold(self) -> None: await self.held.wait()
"""
PAGE = "http://pileus.localhost:8080"


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(30):
            await story()

    asyncio.run(whole())


@pytest.fixture
def lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "capabilities" / "lamp"
    folder.mkdir(parents=True)
    (folder / "capability.toml").write_text('description = "A lamp."\nfactory = "lamp_of_a_test:Lamp"\n')
    (tmp_path / "lamp_of_a_test.py").write_text(LAMP)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder.parent


@asynccontextmanager
async def daemon(tmp_path: Path, lamps: Path) -> AsyncIterator[Daemon]:
    nowhere = f"unix:path={tmp_path}/none"
    options = Options(tmp_path / "data", nowhere, nowhere, origins=frozenset({PAGE}), capabilities=lamps)
    async with Daemon(options) as one:
        yield one


@asynccontextmanager
async def shell(
    one: Daemon, token: str | None = None, origin: str | None = PAGE
) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{one.port}", origin=origin, proxy=None) as line:  # type: ignore[arg-type]
        with suppress(ConnectionClosed):
            await line.send(json.dumps({"token": one.token if token is None else token}))
        yield line


async def said(line: ClientConnection) -> Any:
    return json.loads(await line.recv())


async def asked(line: ClientConnection, method: str, params: Any = None, of: str = "lamp") -> Any:
    await line.send(json.dumps({"id": 1, "of": of, "method": method, "params": params}))
    while "id" not in (answer := await said(line)):
        pass
    return answer.get("result", answer.get("error", {}).get("code"))


def test_a_shell_sees_states_is_told_of_changes_and_asks(tmp_path: Path, lamps: Path) -> None:
    async def story() -> None:
        async with daemon(tmp_path, lamps) as one, shell(one) as first, shell(one) as second:
            for line in (first, second):
                state = (await said(line))["state"]
                assert state["lamp"] == {"present": True, "level": 0}
                assert state["account"] == {"present": False, "account": "", "reached": False, "server": ""}
            await first.send(json.dumps({"id": 7, "of": "lamp", "method": "set-level", "params": {"level": 3}}))
            told = [await said(second) for _ in range(2)]
            assert {"state": {"lamp": {"present": True, "level": 3}}} in told
            assert {"event": {"of": "lamp", "name": "lit", "data": {"level": 3}}} in told
            answers = [await said(first) for _ in range(3)]
            assert {"id": 7, "result": 3} in answers
            assert await asked(first, "set-level", {"level": "high"}) == "method-params"
            assert await asked(first, "state") == "method-unknown"
            assert await asked(first, "start") == "method-unknown"
            assert await asked(first, "break-down") == "lamp-broken"
            assert await asked(first, "fail") == "internal"
            assert await asked(first, "fail", of="radio") == "capability-unknown"
            await first.send("{")
            assert (await said(first))["error"]["code"] == "malformed-body"

    run(story)


@pytest.mark.parametrize(("token", "origin", "code"), [("wrong", PAGE, 4401), (None, "http://evil.example", 4403)])
def test_a_stranger_does_not_get_in(
    tmp_path: Path, lamps: Path, token: str | None, origin: str, code: int
) -> None:
    async def story() -> None:
        async with daemon(tmp_path, lamps) as one, shell(one, token, origin) as line:
            with pytest.raises(ConnectionClosed) as closed:
                await line.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code

    run(story)


def test_the_token_is_the_owners_alone_and_lasts(tmp_path: Path, lamps: Path) -> None:
    async def story() -> None:
        async with daemon(tmp_path, lamps) as one:
            token = one.token
        assert (tmp_path / "data" / "gateway-token").stat().st_mode & 0o777 == 0o600
        async with daemon(tmp_path, lamps) as one:
            assert one.token == token

    run(story)


def test_what_one_shell_asks_at_once_is_bounded(tmp_path: Path, lamps: Path) -> None:
    async def story() -> None:
        async with daemon(tmp_path, lamps) as one, shell(one) as line:
            await said(line)
            for number in range(MOST_CALLS + 1):
                await line.send(json.dumps({"id": number, "of": "lamp", "method": "hold"}))
            assert (await said(line))["error"]["code"] == "too-many-requests"

    run(story)


def test_one_account_is_served_at_a_time_whatever_is_asked_at_once(tmp_path: Path, lamps: Path) -> None:
    async def story() -> None:
        async with daemon(tmp_path, lamps) as one:
            lamp = importlib.import_module("lamp_of_a_test")
            lamp.carried.clear()

            def sign_in(name: str) -> Awaitable[Any]:
                return one.ask(
                    "account", "sign-in", {"server": "http://127.0.0.1:9", "token": "t", "account": name}
                )

            await asyncio.gather(*(sign_in(name) for name in ("mei", "lin", "mei", "lin")))
            await asyncio.sleep(0)
            assert lamp.carried == ["lin http://127.0.0.1:9"]
            assert lamp.whose[-1] == "lin http://127.0.0.1:9"
            leaving = asyncio.create_task(one.ask("account", "sign-out", None))
            await asyncio.sleep(0)
            leaving.cancel()  # the page that asked is closed
            await asyncio.gather(leaving, return_exceptions=True)
            await sign_in("anna")
            await asyncio.sleep(0)
            assert lamp.carried == ["anna http://127.0.0.1:9"]
            await one.ask("account", "sign-out", None)
            assert (lamp.carried, lamp.whose[-1]) == ([], "")
            assert not (tmp_path / "data" / "account.json").exists()
            with pytest.raises(PileusError) as refused:
                await one.ask("account", "sign-in", {"server": "nowhere", "token": "t", "account": "mei"})
            assert refused.value.code == "server-url"

    run(story)
