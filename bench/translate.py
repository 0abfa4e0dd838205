"""DEX to class files: ApiDemos through the translator and through dex2jar, in turns, each a whole process."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from figure import Figure

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

APK = Path(__file__).parent.parent / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
ROUNDS = 3


def measure() -> list[Figure]:
    """Seconds, processor seconds and peak memory; the least of some rounds, since what disturbs only adds."""
    runtime = java.runtime(Settings.from_env())
    peer = ":".join(map(str, runtime.store.paths("bench")))
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as folder:
        ours, theirs = Path(folder, "ours.jar"), Path(folder, "theirs.jar")
        command = runtime.translator([str(APK), str(ours)])
        options = ["-XX:-UsePerfData", f"-Xmx{java.TRANSLATOR_HEAP_MB}m", "-cp", peer]
        dex2jar = [
            runtime.java,
            *options,
            "com.googlecode.dex2jar.tools.Dex2jarCmd",
            "-f",
            "-o",
            str(theirs),
            str(APK),
        ]
        rounds = [(run(command), run(dex2jar)) for _ in range(ROUNDS)]
        sizes = ours.stat().st_size / 1e6, theirs.stat().st_size / 1e6
    names = ("apidemos", "apidemos-processor", "apidemos-peak-memory")
    figures = [
        figure(name, min(one[i] for one, _ in rounds), min(two[i] for _, two in rounds), unit)
        for i, (name, unit) in enumerate(zip(names, ("s", "s", "MB"), strict=True))
    ]
    return [*figures, figure("apidemos-classes", *sizes, "MB")]


def figure(metric: str, value: float, peer: float, unit: str) -> Figure:
    """A figure beside dex2jar's."""
    return Figure(
        bench="translate",
        metric=metric,
        value=round(value, 3),
        unit=unit,
        peer="dex2jar 2.4.38",
        peer_value=round(peer, 3),
        ratio=round(value / peer, 3),
    )


def run(command: Sequence[str]) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak resident MB of a process; raises where it failed."""
    began = time.monotonic()
    with open(os.devnull, "w") as nothing:
        child = os.posix_spawn(
            command[0],
            list(command),
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1), (os.POSIX_SPAWN_DUP2, nothing.fileno(), 2)],
        )
        _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
