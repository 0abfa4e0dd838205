"""What the tests of the handset share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.handset.buses import bus
from tests.lacking import needs


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path, for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="ph-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(short: Path) -> Iterator[str]:
    """A bus of the test's own."""
    needs("dbus-daemon", "dbus-daemon")
    with bus(short) as found:
        yield found
