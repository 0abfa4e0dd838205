"""DEX to class files, each run a whole process: ApiDemos by the translator, dex2jar and enjarify in turns; and an
app with Compose that nothing was shrunk in, 26 MB of DEX."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

from figure import Figure

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

ROOT = Path(__file__).resolve().parent.parent
APK = ROOT / "node_modules" / "android-apidemos" / "apks" / "ApiDemos-debug.apk"
REFLECTION = "kotlin-reflect-"
ROUNDS = 3
LONG = 30.0
"""Seconds: who takes longer runs once."""
OURS, DEX2JAR, ENJARIFY = "ours", "dex2jar 2.4.38", "enjarify-adapter 1.0.2"
UNITS = {"": "s", "-processor": "s", "-peak-memory": "MB", "-classes": "MB"}

Used = tuple[float, ...]


def measure() -> list[Figure]:
    """Seconds, processor seconds and peak memory, the least of some rounds, since what disturbs only adds; and the
    size of the classes."""
    runtime = java.runtime(Settings.from_env())
    with tempfile.TemporaryDirectory(prefix="pileus-bench-") as name:
        folder = Path(name)
        compose = large(runtime, folder)
        size = megabytes(compose)
        return [
            *compared("apidemos", commands(runtime, APK, folder), folder),
            *compared("compose", commands(runtime, compose, folder, DEX2JAR), folder),
            Figure(bench="translate", metric="compose-dex", value=round(size, 1), unit="MB"),
        ]


def commands(runtime: java.Runtime, apk: Path, folder: Path, *peers: str) -> dict[str, Sequence[str]]:
    """What is run, by who it is; all peers unless some are named."""
    path = ":".join(map(str, runtime.store.paths("bench")))
    heap = ["-XX:-UsePerfData", f"-Xmx{java.TRANSLATOR_HEAP_MB}m", "-cp", path]
    dex2jar = [str(runtime.java), *heap, "com.googlecode.dex2jar.tools.Dex2jarCmd", "-f"]
    enjarify = [str(Path(sys.executable).with_name("enjarify")), "-f", "-q"]
    every: dict[str, Sequence[str]] = {
        OURS: runtime.translator([str(apk), str(folder / f"{OURS}.jar")]),
        DEX2JAR: [*dex2jar, "-o", str(folder / f"{DEX2JAR}.jar"), str(apk)],
        ENJARIFY: [*enjarify, "-o", str(folder / f"{ENJARIFY}.jar"), str(apk)],
    }
    return {name: command for name, command in every.items() if name == OURS or not peers or name in peers}


def compared(metric: str, by: dict[str, Sequence[str]], folder: Path) -> list[Figure]:
    """The translator's figures, once beside each peer's."""
    least = {name: run(command) for name, command in by.items()}
    for _ in range(ROUNDS - 1):
        for name, before in least.items():
            if before[0] < LONG:
                least[name] = tuple(map(min, before, run(by[name])))
    found = {name: (*used, (folder / f"{name}.jar").stat().st_size / 1e6) for name, used in least.items()}
    return [
        Figure(
            bench="translate",
            metric=metric + kind,
            value=round(ours, 3),
            unit=unit,
            peer=peer,
            peer_value=round(theirs, 3),
            ratio=round(ours / theirs, 3),
        )
        for peer in by
        if peer != OURS
        for (kind, unit), ours, theirs in zip(UNITS.items(), found[OURS], found[peer], strict=True)
    ]


def large(runtime: java.Runtime, folder: Path) -> Path:
    """The sample app with Compose by D8, which shrinks nothing, and Kotlin's reflection beside it. Builds it where
    it is not kept from before: minutes."""
    sys.path.insert(0, str(ROOT))
    from tools.compat.fixtures import sample

    [reflection] = (Settings.from_env().cache_dir / "libraries").glob(f"{REFLECTION}*.jar")
    [d8] = [path for path in runtime.store.paths("test") if path.name.startswith("r8-")]
    made, whole = folder / "reflection.zip", folder / "large.apk"
    command = [str(runtime.java), "-cp", str(d8), "com.android.tools.r8.D8", "--min-api", "30", "--release"]
    subprocess.run([*command, "--lib", str(runtime.home), "--output", made, reflection], check=True)
    dex = [content for package in (sample("compose", "d8"), made) for content in code(package)]
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(dex, 1):
            archive.writestr(f"classes{number if number > 1 else ''}.dex", content)
    return whole


def code(package: Path) -> list[bytes]:
    with zipfile.ZipFile(package) as archive:
        return [archive.read(name) for name in sorted(archive.namelist()) if name.endswith(".dex")]


def megabytes(package: Path) -> float:
    return sum(map(len, code(package))) / 1e6


def run(command: Sequence[str]) -> Used:
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
