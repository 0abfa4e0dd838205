"""Replay histories: `python -m tests.simulator --seed 123 --trace`, or many: `--seeds 0-5000`.

`--part`: `journal` (web devices), `folders` (kept in step by `pileus sync`), `backups` (snapshots
in packs that are swept and compacted), or all. With `--bugs` each seeded bug is put in, and what it costs to find
it is told: so one way of drawing histories can be compared with another.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, NamedTuple

from .alone import alone
from .backups.bugs import BUGS as BACKUP_BUGS
from .backups.world import World as Backups
from .bugs import CLOUD_BUGS, DEVICE_BUGS
from .campaign import Run, campaign
from .folders.bugs import BUGS as FOLDER_BUGS
from .folders.world import World as Folders

TELL_SECONDS = 10.0
"""How often it is told how far many histories are."""
FINDS = 5
"""So often a bug is found at most: enough to tell how often it shows."""
Play = Callable[[], AbstractContextManager[Run]]


class Part(NamedTuple):
    """How its histories are played, and how with each of its bugs in the product."""

    play: Play
    bugs: Mapping[str, Play]


def within(bug: Callable[[], AbstractContextManager[Any]], play: Play) -> Play:
    @contextmanager
    def played() -> Iterator[Run]:
        with bug(), play() as run:
            yield run

    return played


folders: Play = partial(alone, Folders)
backups: Play = partial(alone, Backups)
PARTS = {
    "journal": Part(
        campaign,
        {name: partial(campaign, patch) for name, patch in DEVICE_BUGS.items()}
        | {name: within(bug, campaign) for name, bug in CLOUD_BUGS.items()},
    ),
    "folders": Part(folders, {name: within(bug, folders) for name, bug in FOLDER_BUGS.items()}),
    "backups": Part(backups, {name: within(bug, backups) for name, bug in BACKUP_BUGS.items()}),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--seed", type=int, help="one history")
    parser.add_argument("--seeds", default="0-499", help="a range of histories, such as 0-5000")
    parser.add_argument("--trace", action="store_true", help="tell everything that happens")
    parser.add_argument("--part", choices=["all", *PARTS], default="all", help="what is simulated")
    parser.add_argument("--bugs", action="store_true", help="tell how soon each seeded bug is found")
    options = parser.parse_args()
    first, last = (int(part) for part in options.seeds.split("-"))
    seeds = range(first, last + 1) if options.seed is None else range(options.seed, options.seed + 1)
    parts = list(PARTS) if options.part == "all" else [options.part]
    if options.bugs:
        return sum(find(PARTS[part].bugs, seeds) for part in parts) and 1
    began = time.monotonic()
    failures = sum(replay(part, seeds, trace=options.trace) for part in parts)
    print(f"{len(seeds) * len(parts)} histories, {failures} failed, {time.monotonic() - began:.1f} s")
    return 1 if failures else 0


def replay(part: str, seeds: Sequence[int], *, trace: bool) -> int:
    """How many fail; each is told at once, and every few seconds how far it is."""
    failures, began = 0, time.monotonic()
    told = began
    with PARTS[part].play() as run:
        for done, seed in enumerate(seeds, 1):
            if failure := run(seed, print if trace else None):
                failures += 1
                print(f"make sim PART={part} SEED={seed}: {failure.why}", file=sys.stderr)
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                far = f"{part}: {done} of {len(seeds)} histories, {failures} failed, {told - began:.0f} s"
                print(far, file=sys.stderr)
    return failures


def find(bugs: Mapping[str, Play], seeds: Sequence[int]) -> int:
    """How many bugs no history shows. Of each it is told how many do, and how long a find takes."""
    missed = 0
    print("found  of  seconds each  bug")
    for bug, play in bugs.items():
        found = played = 0
        began = time.monotonic()
        with play() as run:
            for played, seed in enumerate(seeds, 1):  # noqa: B007 - told below
                found += run(seed) is not None
                if found == FINDS:
                    break
        seconds = time.monotonic() - began
        missed += not found
        print(f"{found:5} {played:4} {seconds / found if found else float('inf'):12.1f}  {bug}", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
