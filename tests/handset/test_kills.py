"""SIGKILL of the daemon, of ModemManager or of the cloud at each step of messages on their way both ways.

Steps are the daemon's (`dying`), and of ModemManager also its own: before and after each thing that it says to its
modem (victim `lines`). A cloud at each of its own commits is in tests/cloud/test_act_kills.py.

What came is in the account once, and what was to be sent left at most once and is never said to have left when it
did not.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.carrier.handset import Handset
from pileus.carrier.line import line
from pileus.carrier.network import Carrier
from pileus.core.settings import Settings
from pileus.sdk.config import Config, write_config
from tests.cloud.processes import answers, parent, pid, wait
from tests.cloud.push_service import until
from tests.handset.client import ended, environment
from tests.handset.modem_manager import Manager, another, modem_manager
from tests.handset.phones import ANY, NUMBER, OTHER, socket_name
from tests.kills import struck

pytestmark = [pytest.mark.modem_manager, pytest.mark.slow]
NIGHTLY = bool(os.environ.get("PILEUS_NIGHTLY"))
CHOSEN = [int(step) for step in os.environ.get("PILEUS_KILL_STEPS", "").split(",") if step]
"""Steps to try again, such as `20,21,22`."""
MOST_STEPS = 120
"""More than a daemon takes for what a round asks of it."""
PATIENCE = 100.0
"""Seconds in which everything is where it belongs: a daemon whose cloud was gone asks again within a minute."""
A_DAY = {"daemon": 7, "manager": 2, "cloud": 3, "lines": 2}
"""Kills in `make test`."""
LAST = {"lines": 16}
"""Of the steps that a day's are drawn from, where that is not 44."""
OF_MANAGER = ("manager", "lines")


@dataclass
class World:
    settings: Settings
    carrier: Carrier
    mine: Handset
    manager: Manager
    folder: Path
    client: httpx.Client
    name: str
    """Of the modem's socket."""
    again: asyncio.subprocess.Process | None = None
    """The ModemManager that came after one that was killed."""

    def account(self) -> dict[str, Any]:
        """By its text, each message; a text that is there twice fails."""
        changes = self.client.get("/journal/changes?since=0").json()["changes"]
        found = [one["fields"] for one in changes if one["collection"] == "messages.message"]
        by_text = {fields["body"]: fields for fields in found}
        assert len(by_text) == len(found), [fields["body"] for fields in found]
        return by_text

    def __post_init__(self) -> None:
        self.heard: list[Any] = []
        self.carrier.watch(self.heard.append)

    @asynccontextmanager
    async def daemon(self, *before: str) -> AsyncIterator[asyncio.subprocess.Process]:
        module = ["tests.handset.dying", *before] if before else ["pileus.handset"]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *module,
            *("--folder", str(self.folder), "--only", "telephony"),
            env=environment(self.manager.address),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            await ended(process)

    async def mend(self) -> None:
        """A ModemManager and a cloud that were killed are there again."""
        running = self.again or self.manager.process
        if running.returncode is not None:
            self.again = await another(self.manager)
            await self.manager.add(self.name, until=ANY)
        await asyncio.to_thread(wait, lambda: answers(self.settings))


@contextmanager
def killed_at_lines(one: World, step: int) -> Iterator[None]:
    """ModemManager dies at the STEP-th of what it says: before the modem gets it, or before its answer comes."""
    terminal, process = one.mine.modem.terminal, one.again or one.manager.process
    feed, left = terminal.feed, step

    def cross() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(process.pid, signal.SIGKILL)

    def feeding(data: bytes) -> None:
        cross()
        feed(data)
        cross()

    terminal.feed = feeding  # type: ignore[method-assign]
    try:
        yield
    finally:
        terminal.feed = feed  # type: ignore[method-assign]


@asynccontextmanager
async def world(short: Path, settings: Settings, token: str) -> AsyncIterator[World]:
    """A cloud of processes, a ModemManager, and a phone whose carrier knows another number."""
    carrier, folder = Carrier(), short / "daemon"
    folder.mkdir()
    write_config(Config(f"http://pileus.localhost:{settings.port}", token, "mei"), folder / "account.json")
    mine, name = carrier.handset(NUMBER), socket_name()
    carrier.script(OTHER)
    bearer = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{settings.port}/api/v1", headers=bearer, trust_env=False, timeout=30
    ) as client:
        async with modem_manager(short) as manager, line(mine.modem, f"abstract:{name}"):
            path = await manager.add(name)
            await manager.enable(path)
            made = World(settings, carrier, mine, manager, folder, client, name)
            try:
                yield made
            finally:
                if made.again is not None:
                    await ended(made.again)


async def strike(one: World, victim: str, step: int) -> bool:
    """One message each way, and a kill at this step on their way; whether there was such a step."""
    name = f"{step}.{len(one.heard)}"
    here, there = f"in {name}.", f"out {name}."
    with ExitStack() as stack:
        if victim == "lines":
            stack.enter_context(killed_at_lines(one, step))
        return await _strike(one, victim, step, here, there)


async def _strike(one: World, victim: str, step: int, here: str, there: str) -> bool:
    one.carrier.text(OTHER, NUMBER, here)
    wish = {"id": f"out-{there[4:-1]}", "people": [OTHER], "body": there}
    assert one.client.post("/messages/send", json=wish).status_code == 202
    process = one.again or one.manager.process
    killed = {"daemon": 0, "cloud": pid(one.settings, "web")}.get(victim, process.pid)

    def settled() -> bool:
        account = one.account()
        # A ModemManager that dies before it gives the reference: no report is known to be of this message.
        ends = {"delivered", "unknown", "failed"} | ({"sent"} if victim in OF_MANAGER else set())
        return here in account and account[there]["state"] in ends

    def done() -> bool:
        try:
            return settled() and not one.mine.card.messages
        except httpx.HTTPError:  # the cloud is not there again yet
            return False

    async def until_done() -> None:
        try:
            await asyncio.to_thread(until, done, PATIENCE)
        except AssertionError:
            states = {body: fields["state"] for body, fields in one.account().items()}
            rows = "\n".join(map(str, tables(one.folder / "telephony" / "ledger.db")))
            said = f"{states}, {one.mine.card.messages}\n{rows}\n{one.manager.log()}"
            raise AssertionError(f"{victim} {step}: {said}") from None

    async with one.daemon(*(() if victim == "lines" else (str(step), str(killed)))) as dying:
        await asyncio.to_thread(until, lambda: gone(one, victim, killed, dying) or done(), PATIENCE)
        died = gone(one, victim, killed, dying)
        if died:
            struck("handset")
        await one.mend()
        if victim != "daemon":
            await until_done()
    if victim == "daemon":
        async with one.daemon():
            await until_done()
    check(one, there)
    return died


def tables(path: Path) -> list[Any]:
    """What a ledger holds."""
    with closing(sqlite3.connect(path)) as db:
        return [
            (name, *row)
            for name in ("arrived", "in_modem", "outgoing")
            for row in db.execute(f"SELECT * FROM {name}")
        ]


def gone(one: World, victim: str, killed: int, dying: asyncio.subprocess.Process) -> bool:
    if victim == "daemon":
        return dying.returncode is not None
    if victim in OF_MANAGER:
        return (one.again or one.manager.process).returncode is not None
    return not Path(f"/proc/{killed}").exists()


def check(one: World, text: str) -> None:
    """What is said of a message is so; what left twice would be worst of all."""
    state = one.account()[text]["state"]
    count = sum(event.kind.name == "SENT" and event.detail == text for event in one.heard)
    assert count <= 1, f"{text} left {count} times"
    assert state == "unknown" or count == (state in ("delivered", "sent")), (
        f"{text} is {state} and left {count} times"
    )


@pytest.mark.parametrize("victim", sorted(A_DAY))
def test_messages_outlive_a_kill_at_each_step(short: Path, settings: Settings, victim: str) -> None:
    async def story(token: str) -> None:
        async with world(short, settings, token) as one:
            steps = list(range(1, MOST_STEPS))
            if CHOSEN:
                steps = CHOSEN
            elif not NIGHTLY:
                steps = sorted(random.Random(victim).sample(range(1, LAST.get(victim, 44) + 1), A_DAY[victim]))
            made = 0
            for step in steps:
                died = await strike(one, victim, step)
                made += died
                if not died and NIGHTLY:
                    break
            assert made >= min(len(steps), A_DAY[victim]) // 2, f"{made} kills of {steps}"

    with parent(settings):
        wait(lambda: answers(settings))
        wish = {"name": "mei", "password": "correct horse", "device_name": "phone"}
        made = httpx.post(f"http://127.0.0.1:{settings.port}/api/v1/accounts", json=wish, trust_env=False)
        asyncio.run(story(made.json()["token"]))
