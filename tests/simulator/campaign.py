"""Histories of many seeds, one after the other, with one Node process and one database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from .cloud import Cloud
from .database import memory
from .host import Host, Patch, bundle
from .oracle import check
from .world import Violation, World

Trace = Callable[[str], None] | None
NIGHTLY = "PILEUS_NIGHTLY" in os.environ
SEEDS = 100_000 if NIGHTLY else 2_000
"""Histories of a part."""
SHARDS = 100 if NIGHTLY else 10
"""Tests into which they are cut: as each ends, pytest says how far it is."""
TOLD = 20
"""Failures of a shard that are told."""


class Failure(NamedTuple):
    seed: int
    why: str


class Run(Protocol):
    """Plays the history of a seed; a failed one does not disturb the next."""

    def __call__(self, seed: int, trace: Trace = None) -> Failure | None: ...


@contextmanager
def campaign(patch: Patch | None = None) -> Iterator[Run]:
    """Starts and ends what histories of the journal need; with a patch, the devices have that bug."""
    with (
        tempfile.TemporaryDirectory(prefix="pileus-sim-", dir=memory()) as folder,
        Host(bundle(patch)) as host,
    ):
        cloud = Cloud(Path(folder))

        def run(seed: int, trace: Trace = None) -> Failure | None:
            world = World(seed, host, cloud, trace)
            try:
                world.run()
                check(world)
            except Violation as violation:
                return Failure(seed, str(violation))
            finally:
                host.ask(c="end")
            return None

        try:
            yield run
        finally:
            cloud.close()


def first_failure(run: Run, seeds: Iterable[int]) -> Failure | None:
    return next((failure for seed in seeds if (failure := run(seed))), None)


def told(run: Run, part: str, seeds: Iterable[int]) -> str:
    """How to replay what fails, and why it does; "" where nothing does."""
    failures = [failure for seed in seeds if (failure := run(seed))]
    lines = [f"make sim PART={part} SEED={failure.seed}: {failure.why}" for failure in failures]
    return "\n".join([*lines[:TOLD], *([f"and {len(lines) - TOLD} more"] if len(lines) > TOLD else [])])


def shard(number: int, seeds: int = SEEDS) -> range:
    """Those of one of `SHARDS`."""
    return range(number * seeds // SHARDS, (number + 1) * seeds // SHARDS)
