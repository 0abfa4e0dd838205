"""Histories of many seeds, one after the other, with one Node process and one database."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .cloud import Cloud
from .host import Host, Patch, bundle
from .oracle import check
from .world import Violation, World

MEMORY = Path("/dev/shm")


class Failure(NamedTuple):
    seed: int
    why: str


class Campaign:
    """Runs seeds; a failed history does not disturb the next."""

    def __init__(self, host: Host, cloud: Cloud) -> None:
        self._host = host
        self._cloud = cloud

    def run(self, seed: int, trace: Callable[[str], None] | None = None) -> Failure | None:
        world = World(seed, self._host, self._cloud, trace)
        try:
            world.run()
            check(world)
        except Violation as violation:
            return Failure(seed, str(violation))
        finally:
            self._host.ask(c="end")
        return None

    def first_failure(self, seeds: Iterable[int]) -> Failure | None:
        return next((failure for seed in seeds if (failure := self.run(seed))), None)


@contextmanager
def campaign(patch: Patch | None = None) -> Iterator[Campaign]:
    """Starts and ends what a campaign needs; with a patch, the devices have that bug."""
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="pileus-sim-", dir=memory) as folder, Host(bundle(patch)) as host:
        cloud = Cloud(Path(folder))
        try:
            yield Campaign(host, cloud)
        finally:
            cloud.close()
