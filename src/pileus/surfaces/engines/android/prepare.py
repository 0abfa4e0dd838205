"""Make the framework ready after the host was built: `python -m pileus.surfaces.engines.android.prepare`.

Unpacks its data (see `unpacked`), writes `framework.jar`, in which the calls that Robolectric binds at run time
are bound, and `host.aot`, an archive of loaded classes made by a rehearsal. All of it again where the host or the
jars changed; some two minutes on two cores. Without the archive apps start, only slower.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pileus.core import durable
from pileus.core.errors import PileusError, Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java
from pileus.surfaces.engines.android.java import Runtime
from pileus.surfaces.engines.android.unpacked import unpack

WITHIN = 1200.0


def prepare(runtime: Runtime) -> None:
    """Does all of it; blocks. Raises `Unavailable` where a program fails."""
    unpack(runtime.unpacked, runtime.store)
    part = runtime.framework.with_suffix(".part")
    _run("binding the framework", runtime.weaver(part))
    runtime.archive.unlink(missing_ok=True)
    _place(part, runtime.framework)
    with tempfile.TemporaryDirectory(prefix="pileus-archive-") as folder:
        recorded, home = Path(folder, "recorded"), Path(folder, "home")
        home.mkdir()
        _run("rehearsing an app", runtime.training(recorded, str(home)))
        part = runtime.archive.with_suffix(".part")
        _run("archiving its classes", runtime.archiver(recorded, part))
        _place(part, runtime.archive)
        runtime.archive_mark.write_text(runtime.archive_for())


def main() -> int:
    try:
        settings = Settings.from_env()
        prepare(java.built(settings))
    except PileusError as error:
        print(f"pileus: {error.detail}", file=sys.stderr)
        return 1
    return 0


def _place(part: Path, target: Path) -> None:
    part.chmod(0o644)  # whatever the umask: apps are other users
    durable.publish(part, target)


def _run(what: str, command: Sequence[str]) -> None:
    print(f"pileus:   {what} …", flush=True)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN, env=environment)
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip()[-1500:]
        raise Unavailable("android-not-prepared", f"The Android framework was not made ready ({what}): {last}")


if __name__ == "__main__":
    raise SystemExit(main())
