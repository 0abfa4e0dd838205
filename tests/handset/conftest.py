"""What the tests of the handset share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.handset.buses import bus


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path, for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="ph-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(short: Path) -> Iterator[str]:
    """A bus of the test's own."""
    if not shutil.which("dbus-daemon"):
        if os.environ.get("CI") == "true":
            pytest.fail("dbus-daemon is not installed (Debian: apt-get install dbus-daemon)")
        pytest.skip("dbus-daemon is not installed (Debian: apt-get install dbus-daemon)")
    with bus(short) as found:
        yield found
