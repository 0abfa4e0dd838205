"""Thousands of histories keep every promise, and each seeded bug breaks one of them."""

from __future__ import annotations

import pytest

from .bugs import CLOUD_BUGS, DEVICE_BUGS
from .campaign import NIGHTLY, SHARDS, campaign, first_failure, shard, told

SEEDS = 100_000 if NIGHTLY else 2_000
"""Two processes play each: a history takes three times as long as one of folders."""
TRIES = 500
"""Seeds within which a seeded bug must show."""


@pytest.mark.slow
@pytest.mark.parametrize("number", range(SHARDS))
def test_histories_keep_every_promise(number: int) -> None:
    with campaign() as run:
        failed = told(run, "journal", shard(number, SEEDS))
    assert not failed, failed


@pytest.mark.parametrize("bug", DEVICE_BUGS)
def test_a_bug_of_the_device_is_found(bug: str) -> None:
    with campaign(DEVICE_BUGS[bug]) as run:
        assert first_failure(run, range(TRIES)), f"no seed below {TRIES} shows that {bug}"


@pytest.mark.parametrize("bug", CLOUD_BUGS)
def test_a_bug_of_the_cloud_is_found(bug: str) -> None:
    with CLOUD_BUGS[bug](), campaign() as run:
        assert first_failure(run, range(TRIES)), f"no seed below {TRIES} shows that {bug}"


def test_the_same_seed_gives_the_same_history() -> None:
    traces: list[list[str]] = [[], []]
    for trace in traces:
        with campaign() as run:
            assert run(7, trace.append) is None
    assert traces[0] == traces[1]
    assert len(traces[0]) > 20
