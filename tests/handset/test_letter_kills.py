"""SIGKILL of the daemon at steps of messages that it sends while its cloud is away.

Their shell hands them over in each life until it has an answer. When the cloud is back each is in the account
once, left at most once, and what is said of it is so.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import WebSocketException

from pileus.carrier.line import line
from pileus.carrier.network import Carrier
from pileus.handset.token import ensure
from pileus.sdk.config import Config, write_config
from tests.cloud.push_service import until
from tests.conftest import running
from tests.handset.client import ended, environment
from tests.handset.modem_manager import modem_manager
from tests.handset.phones import NUMBER, OTHER, socket_name
from tests.handset.shell import Shell, shell
from tests.handset.test_account import messages
from tests.kills import struck

pytestmark = [pytest.mark.modem_manager, pytest.mark.slow]
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
STEPS = range(1, 50)
"""About as many as a life with one letter has; in later ones there is less to do."""
A_DAY = 4
PATIENCE = 60.0


@dataclass
class Letters:
    """What the shell has: without an answer yet, and asked for before. All that the carrier saw leave."""

    waiting: dict[str, bool] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    async def hand_over(self, page: Shell) -> None:
        ready = ("registered", True)  # its card is known a moment after the modem is
        await page.until(lambda: (modem(page).get("state"), bool(modem(page).get("card"))) == ready, "a modem")
        for text, repeated in list(self.waiting.items()):
            self.waiting[text] = True
            wish = {"id": text, "account": "mei", "people": [OTHER], "body": text, "repeated": repeated}
            await page.ask("telephony", "send-letter", **wish)
            del self.waiting[text]
        await page.until(lambda: all(one["state"] != "sending" for one in page.states["telephony"]["letters"]))


def modem(page: Shell) -> dict[str, Any]:
    return next(iter(page.states.get("telephony", {}).get("modems", ())), {})


@asynccontextmanager
async def daemon(folder: Path, address: str, *module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *module, "--folder", str(folder), "--only", "telephony"),
        env=environment(address),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        await ended(process)


async def live(process: asyncio.subprocess.Process, folder: Path, letters: Letters) -> bool:
    """Until everything is handed over and sent, or the daemon is dead; whether it is."""
    assert process.stdout
    said = (await process.stdout.readline()).decode().split()
    if not said:
        await process.wait()
        return True
    with contextlib.suppress(OSError, WebSocketException):
        async with shell(int(said[1]), ensure(folder)) as page:
            work, death = asyncio.create_task(letters.hand_over(page)), asyncio.create_task(process.wait())
            await asyncio.wait({work, death}, return_when=asyncio.FIRST_COMPLETED)
            for task in (work, death):
                task.cancel()
            if work.done() and process.returncode is None:
                await work
    return process.returncode is not None


def test_what_is_sent_without_the_cloud_outlives_a_kill_at_each_step(short: Path, settings: Any) -> None:
    with running(settings) as server:
        token = server.account("mei", "phone")["token"]
    folder, carrier, name, letters = short / "daemon", Carrier(), socket_name(), Letters()
    folder.mkdir()
    write_config(Config(f"http://pileus.localhost:{settings.port}", token, "mei"), folder / "account.json")
    mine = carrier.handset(NUMBER)
    carrier.script(OTHER)
    carrier.watch(lambda event: letters.left.append(event.detail) if event.kind.name == "SENT" else None)
    steps = list(STEPS) if NIGHTLY else sorted(random.Random("alone").sample(range(6, 24), A_DAY))

    async def story() -> None:
        async with modem_manager(short) as manager, line(mine.modem, f"abstract:{name}"):
            await manager.enable(await manager.add(name))
            died = 0
            for step in steps:
                letters.waiting[f"letter-{step}"] = False
                dying = daemon(folder, manager.address, "tests.handset.dying", str(step), "0")
                async with dying as process, asyncio.timeout(PATIENCE):
                    if await live(process, folder, letters):
                        struck("handset")
                        died += 1
            assert died >= len(steps) // 2, f"{died} kills of {steps}"
            with running(settings) as server, server.client(token) as client:
                async with daemon(folder, manager.address, "pileus.handset") as process:
                    assert not await live(process, folder, letters)
                    whole = {f"letter-{step}" for step in steps}
                    await asyncio.to_thread(until, lambda: messages(client).keys() == whole, PATIENCE)
                    ends = ("sent", "delivered", "failed", "unknown")
                    for text, fields in messages(client).items():
                        count = letters.left.count(text)
                        assert fields["state"] in ends
                        assert count <= 1, f"{text} left {count} times"
                        assert fields["state"] == "unknown" or count == (fields["state"] != "failed"), (
                            text,
                            fields,
                        )

    asyncio.run(story())
