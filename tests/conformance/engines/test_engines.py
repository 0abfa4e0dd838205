"""What every engine has to do, seen through the surface protocol."""

# ruff: noqa: SIM117 - a session, and inside it its devices, read better nested

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pileus.core.errors import PileusError
from pileus.surfaces import wire
from pileus.surfaces.client import SessionInfo
from pileus.surfaces.device import Device
from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android.watch import runs

ACCOUNTS = (f"account-{n}" for n in itertools.count())
DISPLAY = Display(480, 800, 160)


def run(work: Awaitable[None]) -> None:
    async def whole() -> None:
        await work

    asyncio.run(whole())


@asynccontextmanager
async def opened(here: Any, subject: Any, folder: Path, **spec: str) -> AsyncIterator[tuple[SessionInfo, str]]:
    account = next(ACCOUNTS)
    await here.ready()
    session = await here.client.open(subject.spec(account, folder, **spec), DISPLAY)
    try:
        yield session, account
    finally:
        if any(s.session_id == session.session_id for s in await here.client.sessions(account)):
            await here.client.close(session.session_id, account)


async def host_pid(here: Any, session: SessionInfo) -> int:
    sessions = (await here.client.ping())["sessions"]
    pid: int = next(s["host"] for s in sessions if s["session"] == session.session_id)
    return pid


def below(top: int) -> list[int]:
    """A process and its descendants, by the parents that all processes name: `children` of proc(5) may leave some
    out that are not stopped."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = [top]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def stopped(top: int) -> list[int]:
    """Stops a process and its descendants, those too that were begun meanwhile; who they are."""
    found: list[int] = []
    while fresh := [pid for pid in below(top) if pid not in found]:
        for pid in fresh:
            os.kill(pid, signal.SIGSTOP)
        found += fresh
    while any(runs(pid) for pid in found):
        pass  # else it may still answer
    return found


async def closed(device: Device) -> None:
    await device.wait(lambda: device.closed is not None)


def test_first_frame_arrives_and_a_touch_changes_pixels(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                first = await device.frame(timeout=subject.patience * 3)
                assert first.TYPE == wire.Video.TYPE
                await device.message(wire.State, lambda m: m.state == 1)
                before = device.canvas
                pressed = await device.touch(0, subject.button)
                shown = await device.frame(pressed, subject.patience)
                assert shown.input_id >= pressed
                await device.wait(lambda: not np.array_equal(device.canvas, before), subject.patience)
                released = await device.touch(2, subject.button)
                await device.frame(released, subject.patience)

    run(story())


def test_text_with_composition_is_seen_by_the_app(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                await device.tap(*subject.field)
                await device.message(wire.Ime, lambda m: m.active == 1, subject.patience)
                await device.send(wire.TextInput(device.next_input(), 1, 1, 0, "xihu"))
                await device.message(wire.Ime, lambda m: m.text_around.endswith("xihu"), subject.patience)
                await device.send(wire.TextInput(device.next_input(), 0, 1, 0, "西湖"))
                await device.message(wire.Ime, lambda m: m.text_around.endswith("西湖"), subject.patience)
                await device.send(wire.TextInput(device.next_input(), 3, 1, 0, ""))
                await device.message(wire.Ime, lambda m: m.text_around.endswith("西"), subject.patience)

    run(story())


def test_resize_is_configured_and_drawn(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                await device.send(wire.Resize(801, 480, 200, 1))
                await device.message(
                    wire.Configured, lambda m: (m.width, m.height) == (800, 480), subject.patience
                )
                await device.wait(
                    lambda: device.canvas is not None and device.canvas.shape[:2] == (480, 800), subject.patience
                )

    run(story())


def test_absurd_size_is_held_to_what_a_slot_takes(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                await device.send(wire.Resize(65535, 65535, 65535, 0))
                bounded = await device.message(wire.Configured, lambda m: m.width > 480, subject.patience)
                assert bounded.width * bounded.height * 4 <= 1280 * 1280 * 4
                await device.wait(lambda: device.media[-1].TYPE == wire.Video.TYPE)

    run(story())


def test_another_device_takes_the_app_over_as_it_was_left(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account, "Phone") as phone:
                await phone.frame(timeout=subject.patience * 3)
                await phone.tap(*subject.field)
                await phone.message(wire.Ime, lambda m: m.active == 1, subject.patience)
                await phone.send(wire.TextInput(phone.next_input(), 0, 1, 0, "keep"))
                await phone.message(wire.Ime, lambda m: m.text_around.endswith("keep"), subject.patience)
                again = await here.client.open(subject.spec(account, tmp_path), DISPLAY)
                assert again.session_id == session.session_id
                async with await here.device(session, account, "Tablet") as tablet:
                    told = await phone.message(wire.Detached)
                    assert (told.reason, told.info["device"], told.info["code"]) == (0, "Tablet", "taken-over")
                    await closed(phone)
                    assert phone.closed == 4409
                    first = await tablet.frame(timeout=subject.patience)
                    assert isinstance(first, wire.Video)
                    assert first.flags == 1
                    await tablet.message(wire.Ime, lambda m: m.text_around.endswith("keep"))
                    (listed,) = await here.client.sessions(account)
                    assert listed.device_name == "Tablet"

    run(story())


def test_a_session_outlives_its_connection(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
            pid = await host_pid(here, session)
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience)
            assert await host_pid(here, session) == pid

    run(story())


def test_nothing_is_sent_while_it_is_not_visible(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                await device.send(wire.Visibility(0))
                await device.send(wire.Ping(1))
                await device.message(wire.Pong, lambda m: m.nonce == 1)
                # What was being encoded when it went dark may still come; nothing of a later input does.
                hidden = await device.tap(*subject.button)
                for nonce in range(2, 60):
                    await device.send(wire.Ping(nonce))
                    await device.message(wire.Pong, lambda m, n=nonce: m.nonce == n)
                assert all(m.input_id < hidden for m in device.media)
                await device.send(wire.Visibility(1))
                await device.frame(hidden, subject.patience)

    run(story())


def test_a_device_that_stops_reading_is_let_go_and_the_app_lives(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                device.acks = False
                await device.touch(0, subject.button)
                await device.touch(2, subject.button)
                told = await device.message(wire.Detached, timeout=20)
                assert (told.reason, told.info["code"]) == (4, "too-slow")
                await closed(device)
                assert device.closed == 4408
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience)

    run(story())


def test_a_killed_host_is_told_with_a_sentence(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account, locale="zh-CN") as device:
                await device.frame(timeout=subject.patience * 3)
                os.kill(await host_pid(here, session), signal.SIGKILL)
                state = await device.message(wire.State, lambda m: m.state == 4)
                assert state.info["code"]
                assert len(state.info["message"]) > 5
                await closed(device)
                assert await here.client.sessions(account) == []

    run(story())


def test_an_app_that_does_not_come_to_its_input_says_so_until_it_does(
    here: Any, subject: Any, tmp_path: Path
) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                pids = stopped(await host_pid(here, session))
                try:
                    pressed = await device.touch(0, subject.button)
                    told = await device.message(wire.State, lambda m: "code" in m.info, 30)
                    assert told.state == 1
                    assert told.info["code"] == "app-not-responding"
                    assert "responding" in told.info["message"]
                    since = len(device.messages)
                finally:
                    for pid in pids:
                        os.kill(pid, signal.SIGCONT)
                await device.wait(
                    lambda: any(isinstance(m, wire.State) and not m.info for m in device.messages[since:]), 30
                )
                await device.frame(pressed, subject.patience)

    run(story())


def test_a_killed_encoder_comes_back_with_a_key_frame(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                seen = len(device.media)
                sessions = (await here.client.ping())["sessions"]
                encoder = next(s["encoder"] for s in sessions if s["session"] == session.session_id)
                os.kill(encoder, signal.SIGKILL)

                def key_again() -> bool:
                    return any(isinstance(m, wire.Video) and m.flags == 1 for m in device.media[seen:])

                await device.wait(key_again, subject.patience)

    run(story())


def test_a_closed_session_is_gone_with_its_processes(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                pid = await host_pid(here, session)
                await here.client.close(session.session_id, account)
                told = await device.message(wire.Detached)
                assert told.reason == 1
            assert await here.client.sessions(account) == []
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
            with pytest.raises(PileusError) as caught:
                await here.client.close(session.session_id, account)
            assert caught.value.status == 404

    run(story())


def test_a_frozen_app_comes_back_as_it_was_left(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                await device.tap(*subject.field)
                await device.message(wire.Ime, lambda m: m.active == 1, subject.patience)
                typed = device.next_input()
                await device.send(wire.TextInput(typed, 0, 1, 0, "keep"))
                await device.message(wire.Ime, lambda m: m.text_around.endswith("keep"), subject.patience)
                await device.frame(typed, subject.patience)
                assert not await here.client.freeze(session.session_id, account)
                left = device.canvas
            await unseen(here, account)
            pids = (await here.client.ping())["sessions"]
            alive = [pid for s in pids if s["session"] == session.session_id for pid in (s["host"], s["encoder"])]
            if not subject.freezes:
                assert not await here.client.freeze(session.session_id, account)
                assert await host_pid(here, session) == alive[0]
                return
            assert await here.client.freeze(session.session_id, account)
            (listed,) = await here.client.sessions(account)
            assert (listed.session_id, listed.state) == (session.session_id, "paused")
            for pid in alive:
                with pytest.raises(ProcessLookupError):
                    os.kill(pid, 0)
            picture = await here.client.picture(session.session_id, account)
            assert picture.stat().st_size < 5_000_000
            again = await here.client.open(subject.spec(account, tmp_path), DISPLAY)
            assert again.session_id == session.session_id
            async with await here.device(session, account) as device:
                await device.wait(lambda: bool(device.media))
                shown = device.media[0]
                assert isinstance(shown, wire.Image)
                assert (shown.width, shown.height) == (shown.surface_width, shown.surface_height)
                assert device.canvas is not None
                assert near(device.canvas, left)
                await device.message(wire.State, lambda m: m.state == 1, subject.patience)
                await device.wait(lambda: any(isinstance(m, wire.Video) for m in device.media), subject.patience)
                first = next(m for m in device.media if isinstance(m, wire.Video))
                assert first.flags == 1
                await device.tap(*subject.field)
                await device.message(wire.Ime, lambda m: m.text_around.endswith("keep"), subject.patience)
            with pytest.raises(PileusError) as caught:
                await here.client.picture(session.session_id, account)
            assert caught.value.status == 404

    run(story())


def near(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    """Whether two pictures are the same but for what codecs do to them."""
    return one.shape == other.shape and float(np.abs(one.astype(int) - other.astype(int)).mean()) < 4


async def unseen(here: Any, account: str) -> None:
    """Returns when no device of the account looks at an app."""
    async with asyncio.timeout(10):
        while True:
            if not any(s.device_id for s in await here.client.sessions(account)):
                return
            await asyncio.sleep(0.01)


def test_clipboard_reaches_the_app(here: Any, subject: Any, tmp_path: Path) -> None:
    async def story() -> None:
        async with opened(here, subject, tmp_path) as (session, account):
            async with await here.device(session, account) as device:
                await device.frame(timeout=subject.patience * 3)
                await device.tap(*subject.field)
                await device.message(wire.Ime, lambda m: m.active == 1, subject.patience)
                await device.send(wire.Clipboard("text/plain", "贴".encode()))
                for action in (0, 1):
                    await device.send(wire.Key(device.next_input(), action, 0x0007_0019, 2, 0, 0))
                await device.message(wire.Ime, lambda m: "贴" in m.text_around, subject.patience)

    run(story())
