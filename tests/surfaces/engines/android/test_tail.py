"""What a program prints: the end of it is kept, and one that prints without end waits."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pileus.surfaces.engines.android import tail
from pileus.surfaces.engines.android.tail import Tail

PRINTED = 8 << 20
"""Far more than pipe and reader hold between them."""
CODE = f"import sys; [print('%015d' % n) for n in range({PRINTED} >> 4)]"


@asynccontextmanager
async def printing() -> AsyncIterator[tuple[asyncio.subprocess.Process, Tail]]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CODE, stdout=asyncio.subprocess.PIPE)
    try:
        yield process, Tail(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def test_a_program_waits_for_what_it_printed_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "BYTES_A_SECOND", 1)

    async def story() -> None:
        async with printing() as (process, kept):
            while not kept.text:  # noqa: ASYNC110 - it says nothing of what it reads
                await asyncio.sleep(0.01)
            # It has read one part, and reads no more for hours: the program cannot be through.
            assert process.returncode is None
            assert len(kept.text) <= 1 << 14
            await kept.drained()
            assert await process.wait() == 0
            assert kept.text.endswith(f"{(PRINTED >> 4) - 1:015d}\n")
            assert len(kept.text) == tail.KEPT

    asyncio.run(story())


def test_a_program_that_is_read_at_once_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same without the bounds."""
    monkeypatch.setattr(tail, "BYTES_A_SECOND", 1 << 50)
    monkeypatch.setattr(tail, "KEPT", 1 << 30)

    async def story() -> None:
        async with printing() as (process, kept):
            assert await process.wait() == 0
            await kept.drained()
            assert len(kept.text) == PRINTED

    asyncio.run(story())
