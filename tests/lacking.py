"""Tests that need more of a machine than Python are marked: `fuse` mounts through FUSE, `tmpfs` a small disk,
`modem_manager` runs the real ModemManager. Where that cannot be done they are left out, and the run says how many
were. Where CI is "true" in the environment, a run that left one out for want of FUSE or ModemManager fails: they
prove that nothing is lost and that a real daemon knows our modem, and nobody reads what a green run left out.

What a single test runs, and `make setup-test` installs, is asked for by `needs`.

Registered by tests/conftest.py; in a run on several workers the reports bring the marks along.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import pytest


def _opens(device: Path) -> bool:
    """A container may have the device and not be let at it."""
    try:
        os.close(os.open(device, os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Mark:
    """`why` is said of tests that were left out; `in_ci` where that fails a run; both name what is missing."""

    does: str
    title: str
    ran: str
    why: str
    in_ci: str = ""


MODEM_MANAGER = shutil.which("ModemManager") or "/usr/sbin/ModemManager"
MARKS = {
    "fuse": Mark(
        "mounts through FUSE (/dev/fuse and libfuse)",
        "FUSE",
        "tests ran on file systems of their own",
        "there is no /dev/fuse to open or no libfuse here",
        "CI=true, and this machine has no FUSE: the power cuts were not tried, so the run fails."
        " Give it /dev/fuse and install fuse3.",
    ),
    "tmpfs": Mark(
        "mounts a tmpfs, as root alone can",
        "tmpfs",
        "tests ran on file systems of their own",
        "root alone mounts a tmpfs",
    ),
    "modem_manager": Mark(
        "runs ModemManager on a bus of its own",
        "ModemManager",
        "tests ran with the real ModemManager",
        "there is no ModemManager or no dbus-daemon here",
        "CI=true, and this machine lacks ModemManager or dbus-daemon: no modem was spoken to, so the run fails."
        " Install modemmanager and dbus-daemon.",
    ),
}
POSSIBLE = {
    "fuse": _opens(Path("/dev/fuse")) and bool(find_library("fuse3") or find_library("fuse")),
    "tmpfs": os.geteuid() == 0,
    "modem_manager": os.access(MODEM_MANAGER, os.X_OK) and shutil.which("dbus-daemon") is not None,
}
"""What can be done here, by mark."""

_ended: Counter[tuple[str, str]] = Counter()
"""Tests by mark and whether they ran, of all workers."""


def needs(packages: str, *programs: str | Path) -> None:
    """Leaves the test out that calls it where a program (a name, or a file) is missing, which Debian's packages
    bring; where CI is "true" the test fails."""
    for program in map(str, programs):
        if Path(program).exists() if "/" in program else shutil.which(program):
            continue
        said = f"{program} is not installed (Debian: apt-get install {packages})"
        pytest.fail(said) if _in_ci() else pytest.skip(said)


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"


def pytest_configure(config: pytest.Config) -> None:
    for name, mark in MARKS.items():
        config.addinivalue_line("markers", f"{name}: {mark.does}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """ModemManager's tests wait for its timers nearly all of their time: on one worker they leave the machine to
    those of the others, where two of them side by side would leave it idle."""
    for item in items:
        if item.get_closest_marker("modem_manager") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("modem-manager"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, mark in MARKS.items():
        if item.get_closest_marker(name) and not POSSIBLE[name]:
            pytest.skip(mark.why)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, mark in MARKS.items():
        if name in report.keywords and report.when == "call":
            _ended[name, "ran"] += 1
        elif name in report.keywords and report.skipped and mark.why in str(report.longrepr):
            _ended[name, "left out"] += 1


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Reports come to the process that was started; its workers have none."""
    if list(_unproven()):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _unproven() -> Iterator[str]:
    if _in_ci():
        yield from (mark.in_ci for name, mark in MARKS.items() if mark.in_ci and _ended[name, "left out"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, mark in MARKS.items():
        ran, left = _ended[name, "ran"], _ended[name, "left out"]
        if ran or left:
            terminalreporter.section(mark.title)
            terminalreporter.write_line(f"{ran} {mark.ran}")
        if left:
            terminalreporter.write_line(
                f"{left} tests were left out, so nothing is proven by them: {mark.why}", red=True
            )
    for sentence in _unproven():
        terminalreporter.write_line(sentence, red=True)
