"""Tests that mount something are marked: `fuse` through FUSE, `tmpfs` a small disk. Where that cannot be done they
are left out, and the run says how many were.

Registered by tests/conftest.py; in a run on several workers the reports bring the marks along.
"""

from __future__ import annotations

import os
from collections import Counter
from ctypes.util import find_library
from pathlib import Path

import pytest

POSSIBLE = Path("/dev/fuse").exists() and bool(find_library("fuse3") or find_library("fuse"))
"""Whether anything can be mounted here through FUSE."""
ROOT_HERE = os.geteuid() == 0
LACKING = {"fuse": "there is no /dev/fuse or no libfuse here", "tmpfs": "root alone mounts a tmpfs"}

_ended: Counter[tuple[str, str]] = Counter()
"""Tests by mark and whether they ran, of all workers."""


def possible(mark: str) -> bool:
    return POSSIBLE if mark == "fuse" else ROOT_HERE


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fuse: mounts through FUSE (/dev/fuse and libfuse)")
    config.addinivalue_line("markers", "tmpfs: mounts a tmpfs, as root alone can")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, why in LACKING.items():
        if item.get_closest_marker(mark) and not possible(mark):
            pytest.skip(why)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for mark, why in LACKING.items():
        if mark in report.keywords and report.when == "call":
            _ended[mark, "ran"] += 1
        elif mark in report.keywords and report.skipped and why in str(report.longrepr):
            _ended[mark, "left out"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for mark, why in LACKING.items():
        ran, left = _ended[mark, "ran"], _ended[mark, "left out"]
        if ran or left:
            terminalreporter.section(mark.upper() if mark == "fuse" else mark)
            terminalreporter.write_line(f"{ran} tests ran on file systems of their own")
        if left:
            terminalreporter.write_line(
                f"{left} tests were left out, so nothing is proven by them: {why}", red=True
            )
