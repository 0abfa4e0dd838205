"""A PipeWire of a test's own, with its session manager: microphones, speakers, and what is heard where.

Nothing of it has hardware: a microphone gives the tone that is played into it, at a speaker one listens by its
monitor.
"""

from __future__ import annotations

import array
import asyncio
import math
import os
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.handset.buses import bus
from tests.handset.client import ended
from tests.lacking import needs

PROGRAMS = ("pipewire", "wireplumber", "pw-cli", "pw-link", "pw-dump", "pw-record", "pw-play", "wpctl")
RATE = 8000
LOUD, SILENT = 0.05, 0.005
"""Of the full scale: a tone that is played is at 0.35."""
SHARE = RATE // 4
"""Samples that are listened to at once."""
PATIENCE = 20.0


@dataclass
class Sound:
    """`environment` is for programs that are to find it."""

    folder: Path
    environment: dict[str, str]
    stack: AsyncExitStack
    _ears: dict[str, Path] = field(default_factory=dict)

    async def run(self, *command: str) -> tuple[int, str]:
        child = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await child.communicate()
        return child.returncode or 0, said.decode()

    async def start(self, *command: str, **more: object) -> asyncio.subprocess.Process:
        child = await asyncio.create_subprocess_exec(
            *command,
            **{
                "env": self.environment,
                "stdin": asyncio.subprocess.DEVNULL,
                "stdout": asyncio.subprocess.DEVNULL,
                "stderr": asyncio.subprocess.DEVNULL,
                **more,
            },  # type: ignore[arg-type]
        )
        self.stack.push_async_callback(ended, child)
        return child

    async def add(self, *nodes: tuple[str, str]) -> None:
        """Microphones (`Audio/Source/Virtual`) and speakers (`Audio/Sink`), by their names."""
        holder = await self.start("pw-cli", stdin=asyncio.subprocess.PIPE)
        assert holder.stdin
        for name, media in nodes:
            props = f'node.name="{name}" media.class="{media}" audio.position="MONO"'
            wish = f"create-node adapter {{ factory.name=support.null-audio-sink {props} }}\n"
            holder.stdin.write(wish.encode())
        await holder.stdin.drain()

    async def link(self, output: str, into: str) -> None:
        """Once both are there."""
        async with asyncio.timeout(PATIENCE):
            while (await self.run("pw-link", output, into))[0]:
                pass

    async def play(self, hertz: int, microphone: str) -> None:
        """A tone, for as long as the block lasts."""
        tone = self.folder / f"{hertz}.wav"
        with wave.open(str(tone), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            turn = 2 * math.pi * hertz / RATE
            second = array.array("h", (round(11468 * math.sin(turn * at)) for at in range(RATE)))
            file.writeframes(second.tobytes() * 300)
        await self.start("pw-play", "-P", f"{{ node.name=tone-{hertz} }}", "--target", "0", str(tone))
        await self.link(f"tone-{hertz}:output_MONO", f"{microphone}:input_MONO")

    async def listen(self, speaker: str) -> None:
        """From now on it is known what comes out there."""
        self._ears[speaker] = self.folder / f"{speaker}.heard"
        options = ["--target", "0", "--rate", str(RATE), "--channels", "1", "--format", "s16"]
        await self.start("pw-record", "-P", f"{{ node.name=ear-{speaker} }}", *options, str(self._ears[speaker]))
        await self.link(f"{speaker}:monitor_MONO", f"ear-{speaker}:input_MONO")

    async def level(self, speaker: str, hertz: int) -> float:
        """How loud a tone is there, of the full scale, in what comes from now on (Goertzel's filter)."""
        path, at = self._ears[speaker], self._ears[speaker].stat().st_size & ~1
        async with asyncio.timeout(PATIENCE):
            while path.stat().st_size < at + 2 * SHARE:  # noqa: ASYNC110 - a file says nothing when it grows
                await asyncio.sleep(0.02)
        with path.open("rb") as file:
            file.seek(at)
            samples = array.array("h", file.read(2 * SHARE))
        turn = 2 * math.cos(2 * math.pi * hertz / RATE)
        last = before = 0.0
        for sample in samples:
            last, before = sample / 32768 + turn * last - before, last
        return math.sqrt(max(0.0, last * last + before * before - turn * last * before)) * 2 / len(samples)

    async def until(self, speaker: str, hertz: int, holds: Callable[[float], bool]) -> None:
        """And it is so for a while."""
        heard = math.nan
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(heard := await self.level(speaker, hertz)) or not holds(
                    heard := await self.level(speaker, hertz)
                ):
                    pass
        except TimeoutError:
            _, links = await self.run("pw-link", "--links")
            raise AssertionError(f"{hertz} Hz at {speaker}: {heard:.4f}; {links}") from None

    async def heard(self, speaker: str, hertz: int) -> None:
        await self.until(speaker, hertz, lambda level: level > LOUD)

    async def silent(self, speaker: str, hertz: int) -> None:
        await self.until(speaker, hertz, lambda level: level < SILENT)

    async def links(self) -> set[str]:
        """`OUTPUT -> INPUT`, by the nodes' names."""
        found, at = set[str](), ""
        for line in (await self.run("pw-link", "--links", "--output"))[1].splitlines():
            name = line.strip().removeprefix("|-> ").rpartition(":")[0]
            if line.startswith(" "):
                found.add(f"{at} -> {name}")
            else:
                at = name
        return found


@asynccontextmanager
async def pipewire(folder: Path) -> AsyncIterator[Sound]:
    """`folder` is private and its path short."""
    needs("pipewire pipewire-bin wireplumber", *PROGRAMS)
    own = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIPEWIRE", "XDG_"))}
    with bus(folder, "session") as session:
        environment |= {**own, "DBUS_SESSION_BUS_ADDRESS": session}
        async with AsyncExitStack() as stack:
            sound = Sound(folder, environment, stack)
            await sound.start("pipewire")
            async with asyncio.timeout(PATIENCE):
                while (await sound.run("pw-cli", "info", "0"))[0]:
                    pass
            await sound.start("wireplumber")
            yield sound
