"""The daemon as a process: `python -m pileus.handset --folder DIR` (`pileus handset` starts it)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path

from pileus.core.errors import PileusError
from pileus.handset.daemon import AGAIN, WEB, Daemon, Options


def main() -> int:
    parser = argparse.ArgumentParser(prog="pileus.handset")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--origin", action="append", default=[])
    parser.add_argument("--web", type=Path)
    parser.add_argument("--server", default="")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--real", action="append", default=[])
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    options = Options(
        given.folder.absolute(),
        port=given.port,
        origins=frozenset(given.origin),
        names=frozenset(given.only) or None,
        simulated=given.simulated,
        web=given.web.absolute() if given.web else WEB,
        server=given.server,
        real=frozenset(given.real),
    )
    try:
        asyncio.run(serve(options))
    except (PileusError, OSError) as error:
        print(f"pileus.handset: {error}", file=sys.stderr)
        return 1
    return 0


async def serve(options: Options) -> None:
    """Runs the daemon until SIGTERM or SIGINT; anew, with the same port, where a message bus is lost. The first
    line on standard output is `ready PORT`."""
    stop, loop, said = asyncio.Event(), asyncio.get_running_loop(), False
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        async with Daemon(options) as daemon:
            options = options.at(daemon.port)
            if not said:
                print(f"ready {daemon.port}", flush=True)
                said = True
            ends = [daemon.bus_comes(), *(one.wait() for one in (stop, *daemon.lost))]
            waits = [asyncio.ensure_future(one) for one in ends]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()
        if not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN)


if __name__ == "__main__":
    sys.exit(main())
