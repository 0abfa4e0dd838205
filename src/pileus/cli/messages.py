"""`pileus messages`: messages of the signed-in account in and out, and search."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn

from pileus.cli.exchange import give
from pileus.cli.progress import progress
from pileus.core.catalogue import Catalogue, terminal_language, terminal_region
from pileus.core.errors import Invalid, PileusError
from pileus.sdk.client import Client

TEXTS = Catalogue(
    en={
        "doing": "Importing",
        "report": "{imported} imported, {repeated} were there already, {skipped} skipped.",
        "deleted": "{count:was|were} deleted here; --restore-deleted brings back all that the file has.",
        "line": "  line {line}: {why}",
        "more": "  and {count} more",
        "stopped": "The import stopped; what came before it was kept:",
        "missing": "There is no file {file}.",
        "none": "No message has that.",
        "waiting": "{count} messages or more of a large import are not searched yet.",
        "day": "{value} is no date such as 2024-05-31.",
        "me": "me",
    },
    zh={
        "doing": "正在导入",
        "report": "已导入 {imported} 条，{repeated} 条原本就有，跳过 {skipped} 条。",
        "deleted": "{count} 条曾在此删除，仍保持删除；用 --restore-deleted 可恢复。",
        "line": "  第 {line} 行：{why}",
        "more": "  另有 {count} 条",
        "stopped": "导入中断，此前的内容已保留：",
        "missing": "没有文件 {file}。",
        "none": "没有找到信息。",
        "waiting": "大批导入的信息中还有至少 {count} 条未纳入搜索。",
        "day": "{value} 不是日期，日期形如 2024-05-31。",
        "me": "我",
    },
)

app = typer.Typer(help="Short messages of the account.", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(help="SMS Backup & Restore XML, JSON lines, sms.db of iOS, or a Google Voice archive."),
    ],
    region: Annotated[
        str, typer.Option(help="Where national numbers are at home, such as CN; by default as the locale says.")
    ] = "",
    restore_deleted: Annotated[
        bool, typer.Option("--restore-deleted", help="Bring back what was deleted here and is in the file.")
    ] = False,
) -> None:
    """Import a file. A repetition is harmless: a message is not kept twice, and a deleted one stays so."""
    if not file.is_file():
        raise Invalid("no-file", TEXTS.text("missing", file=str(file)))
    with Client.from_config() as client:
        try:
            report = _send(client, file, region or terminal_region(), restore_deleted)
        except PileusError as error:
            kept = error.extra.get("report")
            if isinstance(kept, dict):
                print(TEXTS.text("stopped"), file=sys.stderr)
                _print(kept, sys.stderr)
            raise
    _print(report, sys.stdout)


@app.command("export")
def export_file(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; standard output where it is left out.")
    ] = None,
    calls: Annotated[
        bool, typer.Option("--calls", help="The calls instead: they are a file of their own.")
    ] = False,
) -> None:
    """Write all messages with their attachments as an SMS Backup & Restore file."""
    give("/messages/export", {"kind": "calls" if calls else "messages"}, file, sys.stdout.buffer)


@app.command("search")
def search(
    words: Annotated[
        list[str] | None, typer.Argument(help='Words, or "a phrase"; none: all that the options leave.')
    ] = None,
    person: Annotated[str, typer.Option("--with", help="Only messages with this number or name.")] = "",
    since: Annotated[str, typer.Option(help="From this day on, such as 2024-05-31.")] = "",
    before: Annotated[str, typer.Option(help="Before this day.")] = "",
    region: Annotated[str, typer.Option(help="Where a national number is at home, such as CN.")] = "",
) -> None:
    """Find messages, the newest first."""
    # What the shell kept together is a phrase.
    query = " ".join(f'"{word}"' if " " in word else word for word in words or ())
    params: dict[str, Any] = {"q": query, "region": region or terminal_region()}
    if person:
        params["with"] = person
    params |= {name: _day(day) for name, day in (("since", since), ("before", before)) if day}
    with Client.from_config() as client:
        found = client.get("/messages/search", params)
    for one in found["messages"]:
        at = datetime.fromtimestamp(one["date_ms"] / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
        who = one["contact"] or one["address"]
        sender = f"{TEXTS.text('me')} → {who}" if one["direction"] == "out" else who
        print(f"{at}  {sender}: {' '.join(one['body'].split())}")
    if not found["messages"]:
        print(TEXTS.text("none"))
    if found["waiting"]:
        print(TEXTS.text("waiting", count=found["waiting"]), file=sys.stderr)


def _day(text: str) -> int:
    """Milliseconds at which a day begins here."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        raise Invalid("no-day", TEXTS.text("day", value=text)) from None


def _send(client: Client, file: Path, region: str, restore_deleted: bool) -> Any:
    asked = {"region": region, "language": terminal_language()}
    if restore_deleted:
        asked["deleted"] = "restore"
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with progress(*columns) as shown:
        task = shown.add_task(TEXTS.text("doing"), total=file.stat().st_size)
        return client.send_file(
            f"/messages/import?{urlencode(asked)}",
            file,
            lambda sent, size: shown.update(task, completed=sent, total=size),
        )


def _print(report: dict[str, Any], out: Any) -> None:
    skipped = report["skipped_count"]
    line = TEXTS.text("report", imported=report["imported"], repeated=report["repeated"], skipped=skipped)
    print(line, file=out)
    if report["deleted"]:
        print(TEXTS.text("deleted", count=report["deleted"]), file=out)
    for one in report["skipped"]:
        print(TEXTS.text("line", line=one["line"], why=one["why"]), file=out)
    if skipped > len(report["skipped"]):
        print(TEXTS.text("more", count=skipped - len(report["skipped"])), file=out)
