"""The sound of calls, which modems with digital voice carry beside their AT port: by PipeWire, where that runs.

    async with sound(carrier, {phone.number: "one"}):  # the modem of `line(phone.modem, "abstract:one")`
        ...

Each modem is two null sinks: what is played into `pileus.NAME.up` is said to the network, and the monitor of
`pileus.NAME.down` gives what the network says. A handset's daemon finds them by their properties `pileus.modem`
(the modem's `Device` at ModemManager) and `pileus.way`. Their class is one that no session manager takes for an
output or input of the machine's own. While somebody hears somebody, the one's `up` is linked with the other's
`down`. All of it goes with the one `pw-cli` that holds the sinks, however this process ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from pileus.carrier.calls import Call, Stage
from pileus.carrier.events import Event
from pileus.carrier.network import Carrier
from pileus.carrier.scripted import Scripted

WAYS = ("up", "down")
CLASS = "Audio/Sink/Internal"
PATIENCE, EVERY = 10.0, 0.05
"""Seconds that the sinks have to come, and between two looks."""
_QUIET = asyncio.subprocess.DEVNULL

log = logging.getLogger("pileus.carrier.sound")


def heard(calls: Iterable[Call]) -> set[tuple[str, str]]:
    """Who is heard by whom, by their numbers: in calls that are answered and that nobody holds. A scripted number
    says nothing, unless it is one that echoes."""
    found: set[tuple[str, str]] = set()
    for call in calls:
        one, other = call.caller, call.callee
        if call.stage is not Stage.ACTIVE or call.held_by or other is None:
            continue
        for speaks, hears in ((one, other), (other, one)):
            if isinstance(speaks, Scripted):
                continue
            if not isinstance(hears, Scripted):
                found.add((speaks.number, hears.number))
            elif hears.echoes:
                found.add((speaks.number, speaks.number))
    return found


async def runs() -> bool:
    """Whether there is a PipeWire for this user, and its programs."""
    if not (shutil.which("pw-cli") and shutil.which("pw-link")):
        return False
    child = await asyncio.create_subprocess_exec("pw-cli", "info", "0", stdin=_QUIET, stdout=_QUIET, stderr=_QUIET)
    try:
        return await asyncio.wait_for(child.wait(), PATIENCE) == 0
    except TimeoutError:
        return False
    finally:
        await _end(child)


@asynccontextmanager
async def sound(carrier: Carrier, names: Mapping[str, str]) -> AsyncIterator[None]:
    """For these modems, by number, for as long as the block lasts. Raises TimeoutError where PipeWire makes no
    sinks."""
    holder = await asyncio.create_subprocess_exec(
        "pw-cli", stdin=asyncio.subprocess.PIPE, stdout=_QUIET, stderr=_QUIET
    )
    news = asyncio.Event()

    def tell(_: Event) -> None:
        news.set()

    try:
        assert holder.stdin is not None  # noqa: S101 - a pipe was asked for
        for name in names.values():
            for way in WAYS:
                holder.stdin.write(f"create-node adapter {_sink(name, way)}\n".encode())
        await holder.stdin.drain()
        await _made({f"{_node(name, way)}:playback_MONO" for name in names.values() for way in WAYS})
        carrier.watch(tell)
        linking = asyncio.create_task(_link(carrier, names, news))
        try:
            yield
        finally:
            carrier.unwatch(tell)
            linking.cancel()
            await asyncio.gather(linking, return_exceptions=True)
    finally:
        await _end(holder)


def _node(name: str, way: str) -> str:
    return f"pileus.{name}.{way}"


def _sink(name: str, way: str) -> str:
    return json.dumps(
        {
            "factory.name": "support.null-audio-sink",
            "node.name": _node(name, way),
            "media.class": CLASS,
            "audio.position": "MONO",
            "pileus.modem": f"/virtual/{name}",
            "pileus.way": way,
            # Its ports are there at once: no session manager cares for this class.
            "adapter.auto-port-config": {"mode": "dsp", "monitor": True, "position": "preserve"},
        }
    )


async def _made(ports: set[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            child = await asyncio.create_subprocess_exec(
                "pw-link", "--input", stdin=_QUIET, stdout=asyncio.subprocess.PIPE, stderr=_QUIET
            )
            try:
                said, _ = await child.communicate()
            finally:
                await _end(child)
            if ports <= set(said.decode(errors="replace").splitlines()):
                return
            await asyncio.sleep(EVERY)


async def _link(carrier: Carrier, names: Mapping[str, str], news: asyncio.Event) -> None:
    linked: set[tuple[str, str]] = set()
    while True:
        await news.wait()
        news.clear()
        wanted = {pair for pair in heard(carrier.calls) if pair[0] in names and pair[1] in names}
        for pair in linked - wanted:
            await _ask(names, pair, "--disconnect")
        for pair in wanted - linked:
            await _ask(names, pair)
        linked = wanted


async def _ask(names: Mapping[str, str], pair: tuple[str, str], *options: str) -> None:
    ends = [f"{_node(names[pair[0]], 'up')}:monitor_MONO", f"{_node(names[pair[1]], 'down')}:playback_MONO"]
    child = await asyncio.create_subprocess_exec(
        "pw-link", *options, *ends, stdin=_QUIET, stdout=_QUIET, stderr=_QUIET
    )
    try:
        ended = await asyncio.wait_for(child.wait(), PATIENCE)
    except TimeoutError:
        ended = -1
    finally:
        await _end(child)
    if ended:
        log.warning("the sound between %s and %s cannot be switched", *pair)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
