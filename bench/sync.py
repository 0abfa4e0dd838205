"""`pileus sync --once` of 1,000 files of 10 kB: up from one folder, down to another, and with nothing to do.

The whole command is measured, its start included, over loopback HTTP into a running cloud.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import clouds
from figure import Figure

from pileus.sdk.config import Config, write_config

FILES, BYTES = 1000, 10_000
FOLDERS = 10


def measure() -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="pileus-bench-") as name,
        clouds.running(Path(name) / "cloud") as cloud,
    ):
        folder = Path(name)
        config = write_config(Config(cloud.url, cloud.account()["token"]), folder / "client.json")
        full, empty = folder / "full", folder / "empty"
        empty.mkdir()
        fill(full)
        steps = {
            f"{FILES} files of {BYTES} bytes, up": full,
            f"{FILES} files of {BYTES} bytes, down": empty,
            f"{FILES} files, nothing to do": full,
        }
        return [
            Figure(bench="sync", metric=metric, value=seconds(config, path), unit="s")
            for metric, path in steps.items()
        ]


def fill(folder: Path) -> None:
    dice = random.Random(11)
    for number in range(FILES):
        place = folder / f"{number % FOLDERS}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.bin").write_bytes(dice.randbytes(BYTES))


def seconds(config: Path, folder: Path) -> float:
    os.sync()
    command = [str(Path(sys.executable).with_name("pileus")), "sync", "--once", "--quiet", str(folder)]
    began = time.perf_counter()
    subprocess.run(command, env={**os.environ, "PILEUS_CLIENT_CONFIG": str(config)}, check=True)
    took = time.perf_counter() - began
    if sum(1 for path in folder.rglob("*.bin")) != FILES:
        raise RuntimeError(f"{folder} has not all files")
    return took
