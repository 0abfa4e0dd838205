"""The scenes of docs/design/scenes, played at a phone with the real ModemManager, and what it shows of each."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pileus.carrier import scene
from pileus.carrier.events import Event, Happening
from pileus.carrier.stage import Player
from tests.handset.phones import NUMBER, OTHER, Phone, phone

pytestmark = pytest.mark.modem_manager
SCENES = Path(__file__).parents[2] / "docs" / "design" / "scenes"
ANN, BEN = "+447700900001", "+447700900002"
"""As `pileus sim` has them."""
PIN = "1234"


class Scene:
    """What happens in it, as its player hears it."""

    def __init__(self, one: Phone, name: str) -> None:
        text = (SCENES / f"{name}.toml").read_text(encoding="utf-8")
        self._steps = scene.read(text.replace(ANN, NUMBER).replace(BEN, OTHER))
        self.texts = [step.text("text") for step in self._steps if step.do == "sms"]
        self.kinds: list[Happening] = []
        self._player = Player(one.carrier, self._tell)
        self._happened = asyncio.Event()

    async def play(self) -> None:
        for step in self._steps:
            await self._player.play(step)
        self._player.close()

    async def until(self, kind: Happening) -> None:
        async with asyncio.timeout(30):
            while kind not in self.kinds:
                self._happened.clear()
                await self._happened.wait()

    def _tell(self, event: Event) -> None:
        self.kinds.append(event.kind)
        self._happened.set()


@asynccontextmanager
async def playing(one: Phone, name: str) -> AsyncIterator[Scene]:
    """What the block does, it does meanwhile; at its end the scene is played and its message is in the phone."""
    made = Scene(one, name)
    task = asyncio.create_task(made.play())
    try:
        yield made
        await task
        for text in made.texts:
            await one.shell.until(lambda: text in bodies(one), text)  # noqa: B023 - it is waited for here
    finally:
        task.cancel()


def bodies(one: Phone) -> list[Any]:
    return [data.get("body") for data in one.shell.told("message")]


def test_what_waited_for_the_pin_comes_after_it(short: Path) -> None:
    async def story() -> None:
        async with asyncio.timeout(120), phone(short, pin=PIN, ready=False) as one:
            await one.until_modem(state="locked", lock="sim-pin")
            async with playing(one, "pin-lock") as lock:
                assert Happening.DELIVERED not in lock.kinds
                await one.ask("unlock", modem=one.modem["id"], pin=PIN)

    asyncio.run(story())


def test_what_befalls_a_phone_is_shown(short: Path) -> None:
    async def story() -> None:
        async with asyncio.timeout(150), phone(short) as one:
            one.carrier.script(OTHER)
            async with playing(one, "roaming"):
                await one.until_modem(roaming=True, registration="roaming", operator="Elsewhere")
                await one.shell.until(lambda: one.shell.told("missed"), "a missed call")
            await one.until_modem(roaming=False, registration="home", operator="Pileus")

            async with playing(one, "loss-of-signal"):
                await one.until_modem(state="searching")
            await one.until_modem(state="registered")

            async with playing(one, "broken-pdus"):
                pass
            async with playing(one, "full-sim") as full:
                await asyncio.sleep(0)  # its first steps wait for nothing
                assert one.carrier.messages.waiting(NUMBER) == 1
                assert Happening.DELIVERED not in full.kinds

            async with playing(one, "late-reports") as late:
                telephony: Any = one.daemon.capability("telephony")
                await telephony.send(one.handset.card.iccid, OTHER, "And?")
                await late.until(Happening.DELIVERED)
                assert Happening.REPORTED not in late.kinds, "it is late"
                await late.until(Happening.REPORTED)
                await telephony.send(one.handset.card.iccid, OTHER, "And now?")
            assert late.kinds.count(Happening.REPORTED) == 1

    asyncio.run(story())


def test_no_scene_is_left_out() -> None:
    played = {
        call.args[1].value
        for call in ast.walk(ast.parse(Path(__file__).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == playing.__name__
        if isinstance(call.args[1], ast.Constant)
    }
    assert played == {path.stem for path in SCENES.glob("*.toml")}
