"""How many processes campaigns killed with SIGKILL: told by each test, added up at the end, by campaign.

`--least-kills N` fails a run that made fewer, or none in one of `CAMPAIGNS`: a campaign that is skipped, or no
longer comes to its kills, proves nothing in silence. Kills that only end a test's own process are not counted.
"""

from __future__ import annotations

import threading
from collections import Counter

import pytest

CAMPAIGNS = frozenset({"uploads", "sync", "backup", "compaction", "imports", "migration"})
PROPERTY = "kills"

_lock = threading.Lock()
_since: Counter[str] = Counter()
"""Of the test that runs in this process."""
_all: Counter[str] = Counter()
"""As reports told, from all workers."""


def struck(campaign: str) -> None:
    """A process of the product was killed while it worked; from any thread."""
    with _lock:
        _since[campaign] += 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--least-kills", type=int, default=0, help="fail if fewer processes were killed")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """The last report of a test takes its kills along, from a worker too."""
    if call.when == "teardown":
        with _lock:
            item.user_properties.append((PROPERTY, dict(_since)))
            _since.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        for name, value in report.user_properties:
            if name == PROPERTY and isinstance(value, dict):
                _all.update(value)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _works(session.config) and lacking(_all, session.config.getoption("--least-kills")):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if _all:
        parts = ", ".join(f"{name} {count}" for name, count in sorted(_all.items()))
        terminalreporter.section("SIGKILLs")
        terminalreporter.write_line(f"{_all.total()} processes were killed: {parts}")
    if problem := lacking(_all, config.getoption("--least-kills")):
        terminalreporter.write_line(problem, red=True)


def lacking(made: Counter[str], least: int) -> str:
    """What is wrong with the kills that a run made; "" where nothing is, or none were asked for."""
    if least <= 0:
        return ""
    if missing := sorted(CAMPAIGNS - made.keys()):
        return f"no process was killed in: {', '.join(missing)}"
    return "" if made.total() >= least else f"{made.total()} processes were killed, not {least}"


def _works(config: pytest.Config) -> bool:
    """Whether this is a worker's process, which sees a part."""
    return hasattr(config, "workerinput")
