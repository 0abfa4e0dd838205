"""Files of contacts and calendars, brought into the account and given out; what commands share."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from pileus.cli.files import bar
from pileus.core import durable
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Conflict, Invalid, PileusError
from pileus.sdk.client import Client

TEXTS = Catalogue(
    en={
        "item": "  line {line}: {name}: {why}",
        "nameless": "without a name",
        "more": "  and {count} more",
        "stopped": "The import stopped; what came before it was kept:",
        "missing": "There is no file {file}.",
        "written": "{path} was written.",
        "exists": "{path} is here already: name another file.",
    },
    zh={
        "item": "  第 {line} 行：{name}：{why}",
        "nameless": "没有名称",
        "more": "  另有 {count} 项",
        "stopped": "导入中断，此前的内容已保留：",
        "missing": "没有文件 {file}。",
        "written": "已写入 {path}。",
        "exists": "{path} 已存在：请换一个文件名。",
    },
)


@dataclass(frozen=True)
class Report:
    """How a report is told: `texts` has the line `report` and words for the codes of what was skipped."""

    texts: Catalogue

    def show(self, report: Mapping[str, Any], out: TextIO) -> None:
        skipped = report["skipped_count"]
        print(self.texts.text("report", **{**report, "skipped": skipped}), file=out)
        for one in report["skipped"]:
            why = self.texts.text(one["code"]) if one["code"] in self.texts else one["why"]
            name = one["name"] or TEXTS.text("nameless")
            print(TEXTS.text("item", line=one["line"], name=name, why=why), file=out)
        if skipped > len(report["skipped"]):
            print(TEXTS.text("more", count=skipped - len(report["skipped"])), file=out)


def bring(path: str, file: Path, report: Report) -> None:
    """Sends a file to an import and tells its report; an import that stops tells what it kept."""
    if not file.is_file():
        raise Invalid("no-file", TEXTS.text("missing", file=str(file)))
    try:
        with Client.from_config() as client, bar(file.name) as moved:
            told = client.send_file(path, file, moved)
    except PileusError as error:
        kept = error.extra.get("report")
        if isinstance(kept, dict):
            print(TEXTS.text("stopped"), file=sys.stderr)
            report.show(kept, sys.stderr)
        raise
    report.show(told, sys.stdout)


def give(path: str, params: Mapping[str, str], file: Path | None, out: BinaryIO) -> None:
    """Writes an export to a file that is not there yet, whole or not at all; to `out` where none is named."""
    if file is not None and file.exists():
        raise Conflict("exists", TEXTS.text("exists", path=file))
    with Client.from_config() as client:
        if file is None:
            client.save(path, params, out)
            return
        part = file.with_name(f".{file.name}.part")
        try:
            with part.open("wb") as place:
                client.save(path, params, place)
            durable.publish(part, file)
        finally:
            part.unlink(missing_ok=True)
    print(TEXTS.text("written", path=file))
