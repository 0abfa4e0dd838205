"""`pileus calendar`: the account's events as iCalendar; sign in with `pileus login` first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.cli.exchange import Report, bring, give
from pileus.core.catalogue import Catalogue

TEXTS = Catalogue(
    en={
        "report": "{imported} imported, {updated} updated, {same} were there already, {skipped} skipped.",
        "ical-malformed": "it is not written as iCalendar asks for",
        "ical-no-start": "it does not say when it begins",
        "ical-unfinished": "it breaks off",
        "ical-too-large": "it is too large",
        "ical-encoding": "its text is not UTF-8",
        "record-too-large": "it is too large",
        "event-exceptions": "it has too many exceptions",
        "event-too-many": "it has too many properties",
        "itip-malformed": "its times, or the event’s, cannot be read",
        "itip-unknown": "it is about an event that is not here",
        "itip-stranger": "it is not from the event’s organizer",
        "itip-uninvited": "it is from somebody who was not invited",
        "itip-stale": "it is about an earlier version of the event",
    },
    zh={
        "report": "已导入 {imported} 个日程，更新 {updated} 个，{same} 个原本就有，跳过 {skipped} 个。",
        "ical-malformed": "不符合 iCalendar 格式",
        "ical-no-start": "没有开始时间",
        "ical-unfinished": "内容不完整",
        "ical-too-large": "内容太大",
        "ical-encoding": "文字不是 UTF-8 编码",
        "record-too-large": "内容太大",
        "event-exceptions": "例外太多",
        "event-too-many": "属性太多",
        "itip-malformed": "其中的时间或日程的时间无法读取",
        "itip-unknown": "对应的日程不在此日历中",
        "itip-stranger": "并非来自该日程的组织者",
        "itip-uninvited": "来自未受邀请的人",
        "itip-stale": "针对的是该日程的旧版本",
    },
)

app = typer.Typer(help="The account's calendars.", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="An iCalendar file (.ics).")],
    calendar: Annotated[str, typer.Option(help="The id of the calendar to put it in.")] = "calendar",
) -> None:
    """Import a file. A repetition is harmless: an event that is there is replaced by a newer version alone."""
    bring(f"/calendar/import?calendar={calendar}", file, Report(TEXTS))


@app.command("export")
def export_file(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; standard output where it is left out.")
    ] = None,
) -> None:
    """Write all events as one iCalendar file."""
    give("/calendar/export", {}, file, sys.stdout.buffer)
