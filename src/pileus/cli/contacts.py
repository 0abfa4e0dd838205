"""`pileus contacts`: the account's contacts as vCards; sign in with `pileus login` first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.cli.exchange import Report, bring, give
from pileus.core.catalogue import Catalogue

TEXTS = Catalogue(
    en={
        "report": "{imported} imported, {merged} were there and gained something, {same} were there already, "
        "{skipped} skipped.",
        "vcard-line": "a line is not a vCard's",
        "vcard-encoding": "its text is in no known encoding",
        "vcard-binary": "its picture is damaged",
        "vcard-unfinished": "the card breaks off",
        "vcard-version": "its vCard version is not known",
        "vcard-empty": "it has no name, number or address",
        "vcard-too-large": "the card is too large",
        "vcard-too-many": "the card has too many properties",
        "record-too-large": "the contact is too large",
        "contact-too-large": "the contact has too many labels",
        "group-too-many": "the file's groups have too many members: the others get no label",
    },
    zh={
        "report": "已导入 {imported} 位，{merged} 位补充了内容，{same} 位原本就有，跳过 {skipped} 位。",
        "vcard-line": "有一行不符合 vCard 格式",
        "vcard-encoding": "文字编码无法识别",
        "vcard-binary": "照片已损坏",
        "vcard-unfinished": "名片不完整",
        "vcard-version": "不支持这个 vCard 版本",
        "vcard-empty": "没有姓名、号码或地址",
        "vcard-too-large": "名片太大",
        "vcard-too-many": "名片的条目太多",
        "record-too-large": "联系人太大",
        "contact-too-large": "联系人的标签太多",
        "group-too-many": "文件中的群组成员太多，其余成员没有加上标签",
    },
)

app = typer.Typer(help="The account's contacts.", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="vCards of version 2.1, 3.0 or 4.0.")],
) -> None:
    """Import a file. A repetition is harmless: a card that is there keeps what it has and gains what it lacks."""
    bring("/contacts/import", file, Report(TEXTS))


@app.command("export")
def export_file(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; standard output where it is left out.")
    ] = None,
    version: Annotated[str, typer.Option(help="3.0 or 4.0.")] = "4.0",
) -> None:
    """Write all contacts as vCards, pictures included."""
    give("/contacts/export", {"version": version}, file, sys.stdout.buffer)
