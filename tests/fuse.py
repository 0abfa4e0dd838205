"""Tests that mount something are marked: `fuse` through FUSE, `tmpfs` a small disk. Where that cannot be done they
are left out, and the run says how many were. Where CI is "true" in the environment, a run that left one out for
want of FUSE fails: the power cuts are the proof that nothing is lost, and nobody reads what a green run left out.

Registered by tests/conftest.py; in a run on several workers the reports bring the marks along.
"""

from __future__ import annotations

import os
from collections import Counter
from ctypes.util import find_library
from pathlib import Path

import pytest


def _opens(device: Path) -> bool:
    """A container may have the device and not be let at it."""
    try:
        os.close(os.open(device, os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


POSSIBLE = _opens(Path("/dev/fuse")) and bool(find_library("fuse3") or find_library("fuse"))
"""Whether anything can be mounted here through FUSE."""
MISSING_IN_CI = (
    "CI=true, and this machine has no FUSE: the power cuts were not tried, so the run fails."
    " Give it /dev/fuse and install fuse3."
)
ROOT_HERE = os.geteuid() == 0
LACKING = {"fuse": "there is no /dev/fuse to open or no libfuse here", "tmpfs": "root alone mounts a tmpfs"}

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


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Reports come to the process that was started; its workers have none."""
    if _unproven():
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _unproven() -> bool:
    return os.environ.get("CI") == "true" and _ended["fuse", "left out"] > 0


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
    if _unproven():
        terminalreporter.write_line(MISSING_IN_CI, red=True)
