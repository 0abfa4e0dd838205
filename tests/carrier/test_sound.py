"""Who hears whom."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from pileus.carrier import sound as sounds
from pileus.carrier.events import Happening
from pileus.carrier.sound import heard, sound
from tests.carrier.test_calls import pair
from tests.carrier.world import BANK, ONE, TWO

ECHO = "95599"
BOTH = {(ONE, TWO), (TWO, ONE)}


def test_both_hear_each_other_while_nobody_holds_the_call() -> None:
    world, one, two = pair()
    one.said(f"ATD{TWO};")
    world.pass_()
    assert heard(world.carrier.calls) == set()
    two.said("ATA")
    assert heard(world.carrier.calls) == BOTH
    for _ in range(2):
        two.said("AT+CHLD=2")
        assert heard(world.carrier.calls) == set()
        two.said("AT+CHLD=2")
        assert heard(world.carrier.calls) == BOTH
    told = [(event.kind, event.who, event.other) for event in world.events if event.kind is Happening.HELD]
    assert told == [(Happening.HELD, TWO, ONE)] * 2
    assert world.kinds().count(Happening.RESUMED) == 2
    one.said("ATH")
    assert heard(world.carrier.calls) == set()


def test_a_number_with_a_script_says_nothing_but_what_it_is_told() -> None:
    world, one, _ = pair()
    world.carrier.script(ECHO, echo=True)
    world.carrier.script(BANK)
    for number, hears in ((BANK, set()), (ECHO, {(ONE, ONE)})):
        one.said(f"ATD{number};")
        world.pass_(2)
        assert [call.stage.value for call in world.carrier.calls] == ["active"]
        assert heard(world.carrier.calls) == hears
        one.said("ATH")
    call = world.carrier.call(ECHO, ONE)
    world.pass_()
    one.said("ATA")
    assert heard(world.carrier.calls) == {(ONE, ONE)}
    call.end()
    assert heard(world.carrier.calls) == set()


def test_a_program_that_hangs_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[asyncio.subprocess.Process] = []
    begin = asyncio.create_subprocess_exec

    async def noted(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        begun.append(await begin(*command, **options))
        return begun[-1]

    for name in ("pw-cli", "pw-link"):
        (tmp_path / name).write_text("#!/bin/sh\nexec sleep 600\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sounds, "PATIENCE", 1.0)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)

    async def story() -> list[int | None]:
        with pytest.raises(TimeoutError):
            async with sound(pair()[0].carrier, {ONE: "one"}):
                pass
        ended = [child.returncode for child in begun]
        for child in begun:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return ended

    assert set(asyncio.run(story())) == {-9}
