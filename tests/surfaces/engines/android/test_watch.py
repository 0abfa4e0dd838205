"""What the watch does to the processes of an app."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pileus.surfaces.engines.android.watch import let_go, runs, slow, stop

BUSY = """
import hashlib, threading
block = bytes(1 << 20)
def work():
    while True:
        hashlib.sha256(block)
for _ in range(12):
    threading.Thread(target=work, daemon=True).start()
print("up", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def busy() -> Iterator[int]:
    """A process with more threads than the machine has processors for, all at work, behind everybody else."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            slow(process.pid)
            yield process.pid
        finally:
            process.kill()


def test_what_is_stopped_stands_still_when_that_is_said(busy: int) -> None:
    for _ in range(5):
        assert runs(busy)
        stop(busy)
        try:
            assert not runs(busy)
        finally:
            let_go(busy)


def test_who_is_gone_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        assert not runs(process.pid)
    stop(process.pid)  # nobody is there to be stopped
    assert os.getpid() != process.pid
