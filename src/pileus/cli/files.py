"""`pileus files`: the account's files, over HTTP; sign in with `pileus login` first."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.core.catalogue import Catalogue
from pileus.core.errors import Conflict, NotFound

TEXTS = Catalogue(
    en={
        "kept": "{name} is in the cloud.",
        "written": "{path} was written.",
        "removed": "{path} was deleted.",
        "missing": "There is no {path} in the cloud.",
        "exists": "{path} is here already: name another file.",
        "folder": "{path} is a folder.",
        "usage": "{used} of {limit} GB used",
    },
    zh={
        "kept": "{name} 已保存到云端。",
        "written": "已写入 {path}。",
        "removed": "已删除 {path}。",
        "missing": "云端没有 {path}。",
        "exists": "{path} 已存在：请换一个文件名。",
        "folder": "{path} 是文件夹。",
        "usage": "已用 {used} / {limit} GB",
    },
)
FOLDERS = ("inode/directory", "folder")
GB = 1000**3

Entries = dict[str, dict[str, Any]]

app = typer.Typer(help="The account's files.", no_args_is_help=True)


@app.command()
def put(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option(help="Folder in the cloud, as in Photos/2024")] = "",
) -> None:
    """Upload files; what a cut connection left out is sent again by itself."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        parent = find(client.records("files.file"), to) if to.strip("/") else ""
        for file in files:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            with bar(file.name) as moved:
                kept = client.upload(file, parent=parent, content_type=kind, progress=moved)
            print(TEXTS.text("kept", name=kept["name"]))


@app.command()
def get(path: str, to: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Download a file."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        entries = client.records("files.file")
        file = find(entries, path)
        if is_folder(entries[file]):
            raise NotFound("no-content", TEXTS.text("folder", path=path))
        name = entries[file]["name"]
        target = to or Path(name)
        target = target / name if target.is_dir() else target
        if target.exists():
            raise Conflict("exists", TEXTS.text("exists", path=target))
        with bar(name) as moved:
            client.download(file, target, moved)
    print(TEXTS.text("written", path=target))


@app.command()
def ls(path: Annotated[str, typer.Argument()] = "") -> None:
    """List a folder."""
    from rich.console import Console
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        entries, usage = client.records("files.file"), client.get("/files/usage")
    folder = find(entries, path) if path.strip("/") else ""
    shown = [one for one in entries.values() if one.get("parent", "") == folder]
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in sorted(shown, key=lambda one: (not is_folder(one), one["name"])):
        table.add_row(one["name"] + "/" * is_folder(one), "" if is_folder(one) else f"{one['size']:,}")
    Console(highlight=False).print(table)
    print(TEXTS.text("usage", used=f"{usage['used'] / GB:.2f}", limit=f"{usage['limit'] / GB:g}"))


@app.command()
def rm(path: str) -> None:
    """Delete a file or an empty folder."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        client.delete(f"/files/{find(client.records('files.file'), path)}")
    print(TEXTS.text("removed", path=path))


def find(entries: Entries, path: str) -> str:
    """The id of what a path names, folder by folder; raises `NotFound`."""
    place = ""
    for part in path.strip("/").split("/"):
        inside = (one for one, at in entries.items() if at.get("parent", "") == place and at["name"] == part)
        found = next(inside, None)
        if found is None:
            raise NotFound("no-file", TEXTS.text("missing", path=path))
        place = found
    return place


def is_folder(entry: dict[str, Any]) -> bool:
    return entry.get("type") in FOLDERS


@contextmanager
def bar(name: str) -> Iterator[Any]:
    """A progress bar; gives the function that moves it."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task(name, total=None)

        def moved(done: int, size: int) -> None:
            progress.update(task, completed=done, total=size)

        yield moved
