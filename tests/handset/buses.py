"""A message bus of a test's own, in place of the machine's."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pileus.handset.stage import CONFIG


@contextmanager
def bus(folder: Path, kind: str = "system") -> Iterator[str]:
    """Runs a `dbus-daemon`; its address. `folder`'s path has to be short: a socket's name lies in it."""
    config = folder / f"{kind}.conf"
    config.write_text(CONFIG.format(folder=folder, kind=kind))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            address = daemon.stdout.readline().strip()
            assert address, "dbus-daemon did not start"
            yield address
        finally:
            daemon.terminate()
            daemon.wait(10)
