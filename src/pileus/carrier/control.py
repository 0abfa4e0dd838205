"""A running carrier's control socket: one line of JSON in for each step, lines out for what happens.

In: `{"do": "sms", …, "at": 1}`, a step as in a scene. Out: `{"event": "sms-delivered", "who": …, "other": …,
"detail": …}`, and at the end of a step `{"done": 1}` or `{"error": code, "detail": …, "step": 1, "field": …}`.
"""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pileus.carrier.events import Event, Happening
from pileus.carrier.network import Carrier
from pileus.carrier.scene import SceneError, Step, step_of
from pileus.carrier.stage import Player

SOCKET = "control"
LONGEST_LINE = 1 << 16
_MOST_STEP = 1_000_000


@asynccontextmanager
async def control(carrier: Carrier, folder: Path) -> AsyncIterator[Path]:
    """Serves the socket in a folder for as long as the block lasts; whoever may enter the folder may reach it.
    Raises FileExistsError where another carrier does so already."""
    path = folder / SOCKET
    if await _answers(path):
        raise FileExistsError(errno.EEXIST, "a carrier runs there already", str(path))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Session(carrier, reader, writer).run()

    server = await asyncio.start_unix_server(serve, path=str(path), limit=LONGEST_LINE)
    try:
        yield path
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def play(
    path: Path, steps: Sequence[Step], tell: Callable[[Event], None], begins: Callable[[Step], None]
) -> None:
    """Plays a scene at a running carrier; `begins` hears of each step before it, `tell` of all that happens.
    Raises SceneError, or OSError where none is there."""
    reader, writer = await asyncio.open_unix_connection(str(path), limit=LONGEST_LINE)
    try:
        for step in steps:
            begins(step)
            writer.write(json.dumps({**step.as_json(), "at": step.at}).encode() + b"\n")
            await _until_done(reader, tell)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


class _Session:
    def __init__(self, carrier: Carrier, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._player = Player(carrier, self._event)

    async def run(self) -> None:
        try:
            while line := await self._reader.readline():
                await self._one(line)
        except (ConnectionError, ValueError):  # ValueError: a line longer than any step
            pass
        finally:
            self._player.close()
            self._writer.close()

    async def _one(self, line: bytes) -> None:
        at = 1
        try:
            wish = json.loads(line)
            if isinstance(wish, dict) and isinstance(number := wish.pop("at", 1), int):
                at = min(max(number, 1), _MOST_STEP)
            await self._player.play(step_of(wish, at))
        except SceneError as wrong:
            self._say({"error": wrong.code, "detail": wrong.detail, **wrong.extra})
        except (ValueError, RecursionError):
            self._say({"error": "scene-value", "detail": "That is no step.", "step": at, "field": "step"})
        else:
            self._say({"done": at})

    def _event(self, event: Event) -> None:
        said = {"event": event.kind.value, "who": event.who, "other": event.other, "detail": event.detail}
        self._say(said)

    def _say(self, what: Mapping[str, object]) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(what).encode() + b"\n")


async def _answers(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    writer.close()
    return True


async def _until_done(reader: asyncio.StreamReader, tell: Callable[[Event], None]) -> None:
    while line := await reader.readline():
        said = json.loads(line)
        if "event" in said:
            tell(Event(Happening(said["event"]), said["who"], said["other"], said["detail"]))
        elif "error" in said:
            raise SceneError(said["error"], said["detail"], step=said["step"], field=said["field"])
        else:
            return
    raise ConnectionError("the carrier has ended")
