"""The device that tests and benches look with."""

from __future__ import annotations

import asyncio
import io

from PIL import Image
from websockets.asyncio.server import ServerConnection, serve

from pileus.surfaces import wire
from pileus.surfaces.device import Device


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 8)).save(held, "PNG")
    return held.getvalue()


def test_what_was_said_before_the_end_is_read_though_a_frame_can_no_longer_be_confirmed() -> None:
    frame = wire.encode(wire.Image(1, 0, 0, 1, 0, 0, 8, 8, 8, 8, picture()))
    farewell = wire.encode(wire.Detached(0, {"code": "taken-over"}))

    async def server(socket: ServerConnection) -> None:
        await socket.recv()
        async with asyncio.timeout(10):
            await asyncio.gather(socket.send(frame), socket.send(farewell), socket.close(4409, "taken-over"))

    async def story() -> None:
        async with serve(server, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            async with Device(f"ws://127.0.0.1:{port}/", "ticket") as device:
                told = await device.message(wire.Detached, timeout=5)
                assert told.info["code"] == "taken-over"
                await device.wait(lambda: device.closed == 4409, timeout=5)

    asyncio.run(story())
