"""Hundreds of histories keep every promise, and each seeded bug breaks one of them."""

from __future__ import annotations

import os

import pytest

from .bugs import CLOUD_BUGS, DEVICE_BUGS
from .campaign import campaign

NIGHTLY = "PILEUS_NIGHTLY" in os.environ
SEEDS = 100_000 if NIGHTLY else 500
SHARDS = 10
TRIES = 500
"""Seeds within which a seeded bug must show."""


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_histories_keep_every_promise(shard: int) -> None:
    each = SEEDS // SHARDS
    with campaign() as runs:
        failures = [f for seed in range(shard * each, (shard + 1) * each) if (f := runs.run(seed))]
    told = "\n".join(f"make sim SEED={failure.seed}: {failure.why}" for failure in failures)
    assert not failures, told


@pytest.mark.parametrize("bug", DEVICE_BUGS)
def test_a_bug_of_the_device_is_found(bug: str) -> None:
    with campaign(DEVICE_BUGS[bug]) as runs:
        assert runs.first_failure(range(TRIES)), f"no seed below {TRIES} shows that {bug}"


@pytest.mark.parametrize("bug", CLOUD_BUGS)
def test_a_bug_of_the_cloud_is_found(bug: str) -> None:
    with CLOUD_BUGS[bug](), campaign() as runs:
        assert runs.first_failure(range(TRIES)), f"no seed below {TRIES} shows that {bug}"


def test_the_same_seed_gives_the_same_history() -> None:
    traces: list[list[str]] = [[], []]
    for trace in traces:
        with campaign() as runs:
            assert runs.run(7, trace.append) is None
    assert traces[0] == traces[1]
    assert len(traces[0]) > 20
