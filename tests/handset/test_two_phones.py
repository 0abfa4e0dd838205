"""Two phones of one carrier on one machine, as `pileus sim --phones` runs them, call each other."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.handset.shell import Shell, shell

pytestmark = pytest.mark.modem_manager
COMMAND = [str(Path(sys.executable).with_name("pileus")), "sim", "--phones", "--handsets", "2"]
Found = tuple[str, int, str]
"""A number, and where its gateway is: port and token."""
ADDRESS = re.compile(r"(\+\d+) +http://pileus\.localhost:8080/#handset=(\d+)\.(\S+)")


def calls(one: Shell) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = one.states.get("telephony", {}).get("calls", [])
    return found


async def until_call(one: Shell, state: str) -> dict[str, Any]:
    await one.until(
        lambda: [call["state"] for call in calls(one)] == ([state] if state else []), state or "its end"
    )
    return calls(one)[0] if state else {}


async def until_ready(one: Shell) -> None:
    await one.until(
        lambda: any(
            modem["state"] == "registered" and modem["calls"] and modem["card"]
            for modem in one.states.get("telephony", {}).get("modems", [])
        ),
        "a network",
    )


@asynccontextmanager
async def simulated(folder: Path, environment: Mapping[str, str], said: str) -> AsyncIterator[list[Found]]:
    """`pileus sim` with two phones, once they run and it said so."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--folder", str(folder), stdout=asyncio.subprocess.PIPE, env={**environment, "LC_ALL": "C.UTF-8"}
    )
    assert process.stdout is not None
    try:
        found, lines = list[Found](), ""
        while len(found) < 2:
            line = (await process.stdout.readline()).decode()
            assert line, "pileus sim ended"
            lines += line
            found += [(number, int(port), token) for number, port, token in ADDRESS.findall(line)]
        assert said in lines
        yield found
    finally:
        process.terminate()
        assert await process.wait() == 0


def test_two_phones_call_each_other(short: Path) -> None:
    async def story() -> None:
        silence = {**os.environ, "XDG_RUNTIME_DIR": str(short), "PIPEWIRE_REMOTE": "none"}
        async with asyncio.timeout(120), simulated(short / short.name, silence, "Calls are silent") as found:
            (_, *first), (number, *second) = found
            async with shell(*first) as ann, shell(*second) as bo:
                await asyncio.gather(until_ready(ann), until_ready(bo))
                assert bo.states["power"]["present"], "the rest of a phone is simulated"
                await ann.ask("telephony", "dial", number=number)
                rings = await until_call(bo, "ringing-in")
                assert rings["number"] == found[0][0]
                await bo.ask("telephony", "answer", call=rings["id"])
                await asyncio.gather(until_call(ann, "active"), until_call(bo, "active"))
                await ann.ask("telephony", "hang-up", call=calls(ann)[0]["id"])
                await asyncio.gather(until_call(ann, ""), until_call(bo, ""))

    asyncio.run(story())
