"""The supervisor at its doors: tickets, origins, broken messages, its own end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from pileus.cloud.kernel.http.origins import Origins
from pileus.core.errors import PileusError
from pileus.core.settings import Settings
from pileus.surfaces import supervisor, wire
from pileus.surfaces.device import Device
from pileus.surfaces.door import allowed_origins
from pileus.surfaces.encode import RESTARTS
from pileus.surfaces.engine import AppSpec, link_root
from pileus.surfaces.texts import sentence

SYSTEM = "pileus.surfaces.engines.android.system"
CODES = {"made-up": "ticket-unknown", "": "ticket-missing"}


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    asyncio.run(whole())


async def told(device: Device) -> tuple[str, int | None]:
    message = await device.message(wire.Detached)
    await device.wait(lambda: device.closed is not None)
    return message.info["code"], device.closed


@pytest.mark.parametrize("ticket", CODES)
def test_a_wrong_ticket_is_refused_with_a_sentence(here: Any, ticket: str) -> None:
    async def story() -> None:
        await here.ready()
        async with Device(here.url, ticket, locale="zh-CN") as device:
            assert await told(device) == (CODES[ticket], 4401)
            assert "凭证" in (await device.message(wire.Detached)).info["message"]

    run(story)


def test_tickets_of_others_and_used_ones_are_refused(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        session = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        with pytest.raises(PileusError) as caught:
            await here.client.ticket(session.session_id, "b", "d", "D")
        assert caught.value.status == 404
        with pytest.raises(PileusError):
            await here.client.close(session.session_id, "b")
        assert await here.client.sessions("b") == []
        ticket = await here.client.ticket(session.session_id, "a", "d", "D")
        async with Device(here.url, ticket.value) as device:
            await device.frame()
            async with Device(here.url, ticket.value) as second:
                assert await told(second) == ("ticket-used", 4401)
            other = await here.client.ticket(session.session_id, "a", "d", "D")
            async with Device(here.url, other.value, device="e") as second:
                assert await told(second) == ("ticket-wrong-device", 4401)
            await device.frame(await device.tap(100, 300))

    run(story)


def test_another_origin_is_refused(here: Any) -> None:
    async def story() -> None:
        await here.ready()
        with pytest.raises(InvalidStatus):
            async with Device(here.url, "x", origin="http://evil.example"):
                pass
        shell = f"http://pileus.localhost:{here.settings.port}"
        async with Device(here.url, "x", origin=shell) as device:
            assert (await told(device))[0] == "ticket-unknown"

    run(story)


@pytest.mark.parametrize("domain", ["192.0.2.7", "2001:db8::7"])
def test_the_shell_of_a_phone_on_the_network_is_let_in(tmp_path: Path, domain: str) -> None:
    """Its origin is what the server calls its own shell, an IPv6 address in brackets."""
    settings = Settings(tmp_path, tmp_path, tmp_path, origins="port", domain=domain)
    host = f"[{domain}]" if ":" in domain else domain
    hosts = (host, "localhost", "127.0.0.1")
    assert allowed_origins(settings) == [None, *(f"https://{one}:8080" for one in hosts)]


@pytest.mark.parametrize(
    ("form", "domain"), [("localhost", "pileus.localhost"), ("wildcard", "cloud.example"), ("port", "192.0.2.7")]
)
def test_who_may_be_served_the_shell_is_let_in(tmp_path: Path, form: Any, domain: str) -> None:
    settings = Settings(tmp_path, tmp_path, tmp_path, origins=form, domain=domain)
    assert allowed_origins(settings) == [None, *Origins(settings).shells()]


@pytest.mark.parametrize("noise", [b"\x7f", b"\x03\x01", b"\x40\x01\x02\x00\x00\x00{}", b""])
def test_a_broken_message_ends_the_connection_not_the_app(
    here: Any, world: ModuleType, tmp_path: Path, noise: bytes
) -> None:
    async def story() -> None:
        await here.ready()
        session = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        async with await here.device(session) as device:
            await device.frame()
            await device.send_raw(noise)
            assert await told(device) == ("protocol-error", 4400)
        async with await here.device(session) as device:
            await device.frame()

    run(story)


def test_an_engine_that_cannot_start_says_so_to_who_looks(here: Any, world: ModuleType, tmp_path: Path) -> None:
    async def story() -> None:
        await here.ready()
        with pytest.raises(PileusError) as caught:
            await here.client.open(AppSpec("a", "x", "none", "X", tmp_path, tmp_path), world.DISPLAY)
        assert caught.value.code == "engine-unknown"

    run(story)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_children_end_with_the_supervisor(
    here: Any, world: ModuleType, tmp_path: Path, number: signal.Signals
) -> None:
    async def story() -> None:
        await here.ready()
        session = await here.client.open(world.fake_spec("a", tmp_path), world.DISPLAY)
        async with await here.device(session) as device:
            await device.frame()
            (listed,) = (await here.client.ping())["sessions"]
            here.process.send_signal(number)
            if number == signal.SIGTERM:
                assert await told(device) == ("server-stopping", 1001)
        assert here.process.wait(15) in (0, -number)
        end = time.monotonic() + 10
        while any(alive(listed[part]) for part in ("host", "encoder")):
            assert time.monotonic() < end
        if number == signal.SIGTERM:
            assert not here.settings.supervisor_socket.exists()
        else:
            assert link_root(here.settings).exists()
            with world.supervisor(tmp_path / "next") as following:
                await following.ready()
        assert not link_root(here.settings).exists()

    run(story)


def test_an_alarm_that_is_due_wakes_its_account_without_anyone(world: ModuleType, tmp_path: Path) -> None:
    """After a start of the server: its system runs, and no JVM, as no app of it has anything to do."""
    kept = tmp_path / "data" / "android" / "accounts" / "a" / ".system"
    kept.mkdir(parents=True)
    (kept / "alarms.json").write_text('[{"at_ms": 1}]')

    async def story() -> None:
        with world.supervisor(tmp_path) as here:
            await here.ready()
            end = time.monotonic() + 30
            while not any(SYSTEM in command for command in children(here.process.pid)):
                assert time.monotonic() < end, "nobody woke it"
            assert len(children(here.process.pid)) == 1

    run(story)


def children(pid: int) -> list[str]:
    """The command lines of a process's children; of one that was only just forked, still its parent's."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{child}/cmdline").read_bytes().decode() for child in found]


def test_an_app_that_is_closing_is_opened_anew(here: Any, world: ModuleType, tmp_path: Path) -> None:
    """Its host is stopped, so the end takes the three seconds that a host has for it."""

    async def story() -> None:
        await here.ready()
        spec = world.fake_spec("a", tmp_path)
        first = await here.client.open(spec, world.DISPLAY)
        async with await here.device(first) as device:
            await device.frame()
        (listed,) = (await here.client.ping())["sessions"]
        os.kill(listed["host"], signal.SIGSTOP)
        line = msgspec.json.encode({"method": "close", "params": {"session": first.session_id, "account": "a"}})
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(here.settings.supervisor_socket))
            control.sendall(line + b"\n")
            second, third = await asyncio.gather(
                here.client.open(spec, world.DISPLAY), here.client.open(spec, world.DISPLAY)
            )
        assert first.session_id != second.session_id == third.session_id
        assert not alive(listed["host"])
        async with await here.device(second) as device:
            await device.frame()
            await device.frame(await device.tap(100, 300))

    run(story)


def test_an_app_whose_encoder_cannot_live_ends_with_a_sentence(
    here: Any, world: ModuleType, tmp_path: Path
) -> None:
    async def story() -> None:
        await here.ready()
        session = await here.client.open(world.fake_spec("a", tmp_path), replace(world.DISPLAY, locale="zh-CN"))
        killed: set[int] = set()
        end = time.monotonic() + 60
        while sessions := (await here.client.ping())["sessions"]:
            assert time.monotonic() < end, f"it goes on after {len(killed)} deaths"
            if (pid := sessions[0]["encoder"]) not in {None, *killed}:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        assert len(killed) == RESTARTS
        async with await here.device(session) as device:
            state = await device.message(wire.State, lambda m: m.state == 4)
        assert state.info == {"code": "encoder-failed", "message": sentence("encoder-failed", "zh", label="Fake")}

    run(story)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_control_socket_is_the_owners_alone(here: Any) -> None:
    async def story() -> None:
        await here.ready()
        assert os.stat(here.settings.supervisor_socket).st_mode & 0o777 == 0o600

    run(story)


class Holding:
    """An engine that lets an app stand still."""

    def __init__(self) -> None:
        self.still = False
        self.ended = False

    @contextlib.asynccontextmanager
    async def hold(self, account_id: str, app_id: str, end: bool) -> AsyncIterator[None]:
        assert (account_id, app_id) == ("a", "x")
        self.still, self.ended = True, end
        try:
            yield
        finally:
            self.still = False


def test_an_app_that_stands_still_goes_on_when_it_is_told_and_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "HELD_MOST", 0.2)
    engine = Holding()

    async def story() -> None:
        one = supervisor.Supervisor(Settings(tmp_path, tmp_path, tmp_path))
        one._shelf = SimpleNamespace(names=["holding"], get=lambda _name: engine, made=[])  # type: ignore[assignment]
        held = (await one._do_hold("holding", "a", "x", end=False))["hold"]
        assert engine.still
        assert await one._do_release(held) == {"held": True}
        assert not engine.still
        assert await one._do_release(held) == {"held": False}
        held = (await one._do_hold("holding", "a", "x", end=True))["hold"]
        assert engine.ended
        while engine.still:  # noqa: ASYNC110 -- until it goes on by itself
            await asyncio.sleep(0.01)
        assert await one._do_release(held) == {"held": False}

    run(story)


def test_an_engine_that_cannot_hold_an_app_says_so(here: Any) -> None:
    async def story() -> None:
        await here.ready()
        with pytest.raises(PileusError) as caught:
            await here.client.hold("fake", "a", "x")
        assert caught.value.code == "engine-holds-nothing"

    run(story)


def test_a_session_that_cannot_be_looked_after_leaves_the_others_watched(tmp_path: Path) -> None:
    async def story() -> None:
        looked: list[str] = []

        def broken() -> None:
            looked.append("broken")
            raise RuntimeError("made up")

        owner = supervisor.Supervisor(Settings(tmp_path, tmp_path, tmp_path))
        watches = {"broken": broken, "fine": lambda: looked.append("fine")}
        owner._sessions = {key: SimpleNamespace(id=key, watch=w, unseen=None) for key, w in watches.items()}
        owner.watch()
        assert looked == ["broken", "fine"]

    run(story)
