"""`pileus messages`: bring short messages into the signed-in account."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from pileus.core.catalogue import Catalogue, terminal_language, terminal_region
from pileus.core.errors import Invalid, PileusError
from pileus.sdk.client import Client

TEXTS = Catalogue(
    en={
        "doing": "Importing",
        "report": "{imported} imported, {repeated} were there already, {skipped} skipped.",
        "line": "  line {line}: {why}",
        "more": "  and {count} more",
        "stopped": "The import stopped; what came before it was kept:",
        "missing": "There is no file {file}.",
    },
    zh={
        "doing": "正在导入",
        "report": "已导入 {imported} 条，{repeated} 条原本就有，跳过 {skipped} 条。",
        "line": "  第 {line} 行：{why}",
        "more": "  另有 {count} 条",
        "stopped": "导入中断，此前的内容已保留：",
        "missing": "没有文件 {file}。",
    },
)

app = typer.Typer(help="Short messages of the account.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Keeps `import` a named command."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="SMS Backup & Restore XML, or JSON lines.")],
    region: Annotated[
        str, typer.Option(help="Where national numbers are at home, such as CN; by default as the locale says.")
    ] = "",
) -> None:
    """Import a file. A repetition is harmless: a message that is there is not kept twice."""
    if not file.is_file():
        raise Invalid("no-file", TEXTS.text("missing", file=str(file)))
    with Client.from_config() as client:
        try:
            report = _send(client, file, region or terminal_region())
        except PileusError as error:
            kept = error.extra.get("report")
            if isinstance(kept, dict):
                print(TEXTS.text("stopped"), file=sys.stderr)
                _print(kept, sys.stderr)
            raise
    _print(report, sys.stdout)


def _send(client: Client, file: Path, region: str) -> Any:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(TEXTS.text("doing"), total=file.stat().st_size)
        return client.send_file(
            f"/messages/import?{urlencode({'region': region, 'language': terminal_language()})}",
            file,
            lambda sent, size: progress.update(task, completed=sent, total=size),
        )


def _print(report: dict[str, Any], out: Any) -> None:
    skipped = report["skipped_count"]
    line = TEXTS.text("report", imported=report["imported"], repeated=report["repeated"], skipped=skipped)
    print(line, file=out)
    for one in report["skipped"]:
        print(TEXTS.text("line", line=one["line"], why=one["why"]), file=out)
    if skipped > len(report["skipped"]):
        print(TEXTS.text("more", count=skipped - len(report["skipped"])), file=out)
