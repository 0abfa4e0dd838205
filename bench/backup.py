"""Backup of 20,113 files with 1.08 GB (bench/corpus.py) beside restic and borg, each over two generations.

Ours goes over loopback HTTP into a running cloud; the peers write to a local folder. `PILEUS_BENCH_SCALE` makes
less of everything, `PILEUS_BENCH_SEED` (1) other files of the same kinds. Memory is the client's peak; by how much
the cloud's grew is told beside it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import clouds
import corpus
from figure import Figure

from pileus.cloud.setup_code import DATABASE
from pileus.sdk.config import Config, write_config

MB = 1_000_000
STEPS = ("first", "second", "unchanged", "check", "restore")
LAUNCHER = """
import os, sys, time
began = time.perf_counter()
pid = os.fork()
if pid == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), time.perf_counter() - began, used.ru_maxrss)
"""
"""A small process between: what a process is told to have used begins with its parent's memory."""


@dataclass
class Tool:
    """Commands by step; `{target}` stands for the folder to restore into."""

    name: str
    commands: Mapping[str, list[str]]
    env: Mapping[str, str]
    repository: Callable[[], int]
    seconds: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    peak: int = 0

    def run(self, step: str, source: Path, target: Path) -> None:
        command = [part.replace("{target}", str(target)) for part in self.commands[step]]
        os.sync()
        launched = subprocess.run(
            [sys.executable, "-I", "-S", "-c", LAUNCHER, *command],
            env={**os.environ, **self.env},
            cwd=target if step == "restore" else source,
            capture_output=True,
            text=True,
            check=False,
        )
        status, seconds, peak_kb = launched.stdout.split()[-3:]
        if status != "0":
            raise RuntimeError(f"{self.name} {step}: status {status}: {launched.stderr[-500:]}")
        self.seconds[step] = float(seconds)
        self.peak = max(self.peak, int(peak_kb) * 1024)
        self.sizes[step] = self.repository()


def measure() -> list[Figure]:
    scale = float(os.environ.get("PILEUS_BENCH_SCALE", "1"))
    seed = int(os.environ.get("PILEUS_BENCH_SEED", "1"))
    with (
        tempfile.TemporaryDirectory(prefix="pileus-bench-") as name,
        clouds.running(Path(name) / "cloud") as cloud,
    ):
        folder, source = Path(name), Path(name) / "source"
        source.mkdir()
        corpus.write(source, seed, scale)
        files, size = corpus.totals(source)
        print(f"backup: seed {seed}, {files} files, {size / MB:.0f} MB", file=sys.stderr)
        tools = [ours(folder, source, cloud), *peers(folder, source)]
        grown = {pid: clouds.memory(pid, "Rss") for pid in cloud.pids()}
        for step in STEPS:
            if step == "second":
                corpus.edit(source, seed, scale)
            for tool in tools:
                target = folder / f"back-{tool.name}"
                target.mkdir(exist_ok=True)
                tool.run(step, source, target)
                if step == "restore":
                    same(source, target / str(source)[1:])
                    shutil.rmtree(target)
        server = sum(peak(pid) - size for pid, size in grown.items() if peak(pid))
        return [*figures(tools), plain("memory that the cloud grew by at its peak", server / MB, "MB")]


def ours(folder: Path, source: Path, cloud: clouds.Cloud) -> Tool:
    config = write_config(Config(cloud.url, cloud.account()["token"]), folder / "client.json")
    data = cloud.settings.data_dir
    before = kept(data)
    pileus = [str(Path(sys.executable).with_name("pileus"))]
    backup = [*pileus, "backup", "--quiet", str(source)]
    return Tool(
        "pileus",
        {
            "first": backup,
            "second": backup,
            "unchanged": backup,
            "check": [*pileus, "check", "--read-data"],
            "restore": [*pileus, "restore", "latest", "--target", "{target}"],
        },
        {"PILEUS_CLIENT_CONFIG": str(config)},
        lambda: kept(data) - before,
    )


def peers(folder: Path, source: Path) -> list[Tool]:
    """Those that are installed; raises where none is."""
    found = []
    if shutil.which("restic"):
        env = {
            "RESTIC_REPOSITORY": str(folder / "restic"),
            "RESTIC_PASSWORD": "correct horse",
            "RESTIC_CACHE_DIR": str(folder / "restic-cache"),
        }
        quiet(["restic", "init"], env)
        backup = ["restic", "backup", "--quiet", str(source)]
        steps = {
            "first": backup,
            "second": backup,
            "unchanged": backup,
            "check": ["restic", "check", "--read-data"],
            "restore": ["restic", "restore", "latest", "--target", "{target}"],
        }
        found.append(Tool("restic", steps, env, lambda: tree_size(folder / "restic")))
    if shutil.which("borg"):
        env = {
            "BORG_REPO": str(folder / "borg"),
            "BORG_PASSPHRASE": "correct horse",
            "BORG_BASE_DIR": str(folder / "borg-base"),
        }
        quiet(["borg", "init", "--encryption", "repokey-blake2"], env)
        create = ["borg", "create", "--compression", "zstd,3"]
        steps = {step: [*create, f"::{step}", str(source)] for step in ("first", "second", "unchanged")}
        steps["check"] = ["borg", "check", "--verify-data"]
        steps["restore"] = ["borg", "extract", "::unchanged"]
        found.append(Tool("borg", steps, env, lambda: tree_size(folder / "borg")))
    if not found:
        raise RuntimeError("neither restic nor borg is here to measure beside (apt install restic borgbackup)")
    return found


def figures(tools: list[Tool]) -> list[Figure]:
    own, *others = tools
    made = []
    for step in STEPS:
        best = min(others, key=lambda tool: tool.seconds[step])
        made.append(compared(step, own.seconds[step], "s", best.name, best.seconds[step]))
        made += [plain(f"{step}, {tool.name}", tool.seconds[step], "s") for tool in others if tool is not best]
    for step in ("first", "second"):
        best = min(others, key=lambda tool: tool.sizes[step])
        value, peer = own.sizes[step] / MB, best.sizes[step] / MB
        made.append(compared(f"repository after {step}", value, "MB", best.name, peer))
    best = min(others, key=lambda tool: tool.peak)
    made.append(compared("peak memory", own.peak / MB, "MB", best.name, best.peak / MB))
    return made


def compared(metric: str, value: float, unit: str, peer: str, peer_value: float) -> Figure:
    return Figure(
        bench="backup",
        metric=metric,
        value=value,
        unit=unit,
        peer=peer,
        peer_value=peer_value,
        ratio=value / peer_value,
    )


def plain(metric: str, value: float, unit: str) -> Figure:
    return Figure(bench="backup", metric=metric, value=value, unit=unit)


def same(source: Path, back: Path) -> None:
    """Raises where a restore brought something else."""
    done = subprocess.run(["diff", "-rq", str(source), str(back)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"not everything came back: {(done.stdout + done.stderr)[:500]}")


def quiet(command: list[str], env: Mapping[str, str]) -> None:
    subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=True)


def kept(data: Path) -> int:
    """Bytes of a cloud's packs and of its database, without the log that the database folds in by itself."""
    base = sqlite3.connect(f"file:{data / DATABASE}?mode=ro", uri=True)
    try:
        (pages,), (page,) = (
            base.execute("PRAGMA page_count").fetchone(),
            base.execute("PRAGMA page_size").fetchone(),
        )
    finally:
        base.close()
    return tree_size(data / "objects") + int(pages) * int(page)


def tree_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
