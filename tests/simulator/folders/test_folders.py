"""Thousands of histories of folders come together, and each seeded bug keeps one of them from it."""

from __future__ import annotations

import pytest

from ..alone import alone
from ..campaign import SHARDS, first_failure, shard, told
from .bugs import BUGS
from .world import World

TRIES = 500
"""Seeds within which a seeded bug must show."""


@pytest.mark.slow
@pytest.mark.parametrize("number", range(SHARDS))
def test_folders_come_together_and_nothing_is_lost(number: int) -> None:
    with alone(World) as run:
        failed = told(run, "folders", shard(number))
    assert not failed, failed


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_found(bug: str) -> None:
    with BUGS[bug](), alone(World) as run:
        assert first_failure(run, range(TRIES)), f"no seed below {TRIES} shows that {bug}"


def test_the_same_seed_gives_the_same_history() -> None:
    traces: list[list[str]] = [[], []]
    for trace in traces:
        with alone(World) as run:
            assert run(691, trace.append) is None
    assert traces[0] == traces[1]
    assert len(traces[0]) > 20
