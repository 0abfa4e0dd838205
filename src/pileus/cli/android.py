"""`pileus android`: try Android packages on this machine, and look at the Android systems of its accounts."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pileus.cli.here import Data, database
from pileus.cli.problems import sentence
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid, Unavailable
from pileus.core.settings import Settings
from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android import accounts, java, walls
from pileus.surfaces.engines.android.probe import Finding, Probe, choose

TEXTS = Catalogue(
    en={
        "translate": "translating: {percent} %",
        "line": "{status}  {activity}  {time}{reason}",
        "users": "User of its own: {user}",
        "own": "yes, another for each app",
        "namespace": "yes, in a user namespace",
        "there": "yes",
        "none": "no",
        "seccomp": "System-call filter: {state}",
        "landlock": "Landlock: {state}",
        "version": "version {version}",
        "bounds": "Memory, tasks, files, disk and processor: the kernel's limits for each process, and a watch",
        "archive": "Archive of the framework's classes: {state}",
        "fits": "fits",
        "missing": "missing, so apps start slowly and take 200 MB more each; run `make setup`",
        "unknown": "not known to fit, so it is not used: apps start slowly; run `make setup`",
        "other": "made for another cache folder (PILEUS_CACHE_DIR), other jars or another Java, so apps start"
        " slowly and take 200 MB more each; run `make setup` with the same settings",
        "can": "Android apps can run on this machine.",
        "size": "A size is WIDTHxHEIGHT in pixels, as in 480x800.",
        "rests": "No Android app of {name} runs.",
    },
    zh={
        "translate": "正在转换：{percent}%",
        "line": "{status}  {activity}  {time}{reason}",
        "users": "独立用户：{user}",
        "own": "有，每个应用各有一个",
        "namespace": "有，位于用户命名空间中",
        "there": "有",
        "none": "无",
        "seccomp": "系统调用过滤：{state}",
        "landlock": "Landlock：{state}",
        "version": "版本 {version}",
        "bounds": "内存、任务、文件、磁盘和处理器：内核对每个进程的限制，外加监视",
        "archive": "框架类归档：{state}",
        "fits": "可用",
        "missing": "缺失，应用启动缓慢，每个多占 200 MB；请运行 `make setup`",
        "unknown": "无法确认是否适用，因此未使用，应用启动缓慢；请运行 `make setup`",
        "other": "属于另一个缓存目录（PILEUS_CACHE_DIR）、其他 jar 或其他 Java，应用启动缓慢，每个多占 200 MB；"
        "请以相同设置运行 `make setup`",
        "can": "此机器可以运行 Android 应用。",
        "size": "尺寸写作以像素为单位的 宽x高，例如 480x800。",
        "rests": "{name} 没有正在运行的 Android 应用。",
    },
)

app = typer.Typer(help="Try Android packages, and look at what runs.", no_args_is_help=True)


@app.command()
def probe(
    package: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="APK")],
    activity: Annotated[str | None, typer.Option(help="Only this activity.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every activity.")] = False,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT in pixels.")] = "480x800",
    out: Annotated[Path | None, typer.Option(help="Folder for a PNG of each.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each activity.")] = False,
) -> None:
    """Start activities of a package and say what became of each; status 1 where none was ok."""
    display = parse_size(size)
    findings = asyncio.run(_probe(package, display, activity, every, out, as_json))
    if not any(finding.status == "ok" for finding in findings):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say which walls this machine can put around an app; status 1 where that is not enough."""
    found = walls.probe()
    refusal = walls.lacking(found)
    none = TEXTS.text("none")
    print(TEXTS.text("users", user=TEXTS.text(found.user or "none") + (f" ({found.why})" if found.why else "")))
    print(TEXTS.text("seccomp", state=TEXTS.text("there") if found.seccomp else none))
    print(TEXTS.text("landlock", state=TEXTS.text("version", version=found.landlock) if found.landlock else none))
    print(TEXTS.text("bounds"))
    with contextlib.suppress(Unavailable):  # without Java or the host there is nothing to fit
        lack = java.built(Settings.from_env()).archive_lacks()
        print(TEXTS.text("archive", state=TEXTS.text(lack or "fits")))
    print(sentence(refusal) if refusal else TEXTS.text("can"))
    if refusal:
        raise typer.Exit(1)


@app.command()
def ps(account: Annotated[str, typer.Argument(metavar="ACCOUNT")], data: Data = None) -> None:
    """List the processes of an account's Android apps, with how much each is needed."""
    _print_answer(account, "ps", data)


@app.command()
def dump(account: Annotated[str, typer.Argument(metavar="ACCOUNT")], data: Data = None) -> None:
    """Say what an account's Android system holds: processes, tasks, services, receivers, alarms, jobs, notices."""
    _print_answer(account, "dump", data)


def _print_answer(name: str, what: str, data: Path | None) -> None:
    from pileus.cloud.kernel.accounts.rows import named
    from pileus.surfaces.client import SupervisorClient

    with database(data) as (settings, db):
        account = db.read(lambda conn: named(conn, name))
    folder = accounts.folder(settings, account.id)
    answer = asyncio.run(SupervisorClient(settings).ask("android", account.id, folder, what))
    print(TEXTS.text("rests", name=account.name) if answer is None else answer)


def parse_size(text: str) -> Display:
    """A display of that many pixels, 320 dp wide where it is a phone's; raises `Invalid`."""
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
    if found is None:
        raise Invalid("size", TEXTS.text("size"))
    width, height = int(found[1]), int(found[2])
    return Display(width, height, dpi=max(120, min(width, height) * 160 // 320))


async def _probe(
    package: Path, display: Display, activity: str | None, every: bool, out: Path | None, as_json: bool
) -> list[Finding]:
    settings = Settings.from_env()
    work = Probe(settings, display)
    if out is not None:
        await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)

    def progress(_phase: str, fraction: float) -> None:
        if sys.stderr.isatty():
            print(f"\r{TEXTS.text('translate', percent=round(fraction * 100))}", end="", file=sys.stderr)

    meta, names = await work.prepare(package, progress)
    findings = []
    async for finding in work.run(meta, choose(names, activity, every), out):
        findings.append(finding)
        print(msgspec.json.encode(finding).decode() if as_json else _line(finding), flush=True)
    return findings


def _line(finding: Finding) -> str:
    time = f"{finding.first_frame_ms} ms  " if finding.first_frame_ms is not None else ""
    return TEXTS.text("line", status=finding.status, activity=finding.activity, time=time, reason=finding.reason)
