"""`pileus files`: the account's files, over HTTP; sign in with `pileus login` first."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli.progress import progress
from pileus.cli.sizes import size_text
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Conflict, NotFound

TEXTS = Catalogue(
    en={
        "kept": "{name} is in the cloud.",
        "written": "{path} was written.",
        "removed": "{path} is in the trash.",
        "missing": "There is no {path} in the cloud.",
        "exists": "{path} is here already: name another file.",
        "folder": "{path} is a folder.",
        "usage": "{used} of {limit} used",
        "held": "of these, trash {trash}, earlier versions {versions}",
        "restored": "{path} is back.",
        "reverted": "{path} has its content of {when} again.",
        "purged": "{path} was deleted for good.",
        "emptied": "The trash is empty.",
        "until": "kept until {when}",
        "now": "now",
        "not-in-trash": "There is no {path} in the trash.",
        "which": "Several things named {path} are in the trash: name one by its id.",
        "no-version": "{path} has no version {number}.",
        "items": "{count:item|items}",
        "vault": "In the vault: {count}, shown by devices that hold its key.",
        "waiting": "{count:file is|files are} not looked through yet: search again.",
    },
    zh={
        "kept": "{name} 已保存到云端。",
        "written": "已写入 {path}。",
        "removed": "{path} 已移到回收站。",
        "missing": "云端没有 {path}。",
        "exists": "{path} 已存在：请换一个文件名。",
        "folder": "{path} 是文件夹。",
        "usage": "已用 {used} / {limit}",
        "held": "其中回收站 {trash}，历史版本 {versions}",
        "restored": "{path} 已恢复。",
        "reverted": "{path} 已恢复为 {when} 的内容。",
        "purged": "已永久删除 {path}。",
        "emptied": "回收站已清空。",
        "until": "保留到 {when}",
        "now": "当前",
        "not-in-trash": "回收站里没有 {path}。",
        "which": "回收站里有多个 {path}：请用编号指定。",
        "no-version": "{path} 没有版本 {number}。",
        "items": "{count} 项",
        "vault": "保险箱中有 {count} 项，只在持有密钥的设备上显示。",
        "waiting": "还有 {count} 个文件尚未检索，请再次搜索。",
    },
)
FOLDERS = ("inode/directory", "folder")

Entries = dict[str, dict[str, Any]]

app = typer.Typer(help="The account's files.", no_args_is_help=True)


@app.command()
def put(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option(help="Folder in the cloud, as in Photos/2024")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="A file of the same name gets a new version, not a second file.")
    ] = False,
) -> None:
    """Upload files; what a cut connection left out is sent again by itself."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        entries = client.records("files.file") if to.strip("/") or replace else {}
        parent = find(entries, to) if to.strip("/") else ""
        for file in files:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            old = inside(entries, parent, file.name) if replace else None
            with bar(file.name) as moved:
                kept = client.upload(file, parent=parent, content_type=kind, progress=moved, replaces=old or "")
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
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        entries, usage = client.records("files.file"), client.get("/files/usage")
    folder = find(entries, path) if path.strip("/") else ""
    here = [one for one in entries.values() if one.get("parent", "") == folder]
    shown = [one for one in here if not one.get("sealed")]
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in sorted(shown, key=lambda one: (not is_folder(one), one["name"])):
        table.add_row(one["name"] + "/" * is_folder(one), "" if is_folder(one) else f"{one['size']:,}")
    show(table)
    if len(here) > len(shown):
        print(TEXTS.text("vault", count=len(here) - len(shown)))
    print(TEXTS.text("usage", used=size_text(usage["used"]), limit=size_text(usage["limit"])))
    if usage["trash"] or usage["versions"]:
        held = {name: size_text(usage[name]) for name in ("trash", "versions")}
        print(TEXTS.text("held", **held))


@app.command()
def rm(path: str) -> None:
    """Put a file, or a folder with all in it, into the trash."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        client.delete(f"/files/{find(client.records('files.file'), path)}")
    print(TEXTS.text("removed", path=path))


@app.command()
def search(query: Annotated[str, typer.Argument(help="Words, or a phrase in quotation marks")]) -> None:
    """Find files by their names, and text files by what is in them."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        hits = client.get("/files/search", {"q": query})
        entries = client.records("files.file")
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in hits["files"]:
        table.add_row(path_of(entries, one["file"]), f"{one['size']:,}", moment(one["modified_ms"]))
    show(table)
    if hits["waiting"]:
        print(TEXTS.text("waiting", count=hits["waiting"]))


@app.command()
def trash(
    empty: Annotated[bool, typer.Option("--empty", help="Delete all of it for good.")] = False,
) -> None:
    """What was deleted and can be had back, and until when."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        if empty:
            client.delete("/files/trash")
            print(TEXTS.text("emptied"))
            return
        items = client.get("/files/trash")["items"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in items:
        size = TEXTS.text("items", count=one["items"]) if is_folder(one) else f"{one['size']:,}"
        until = TEXTS.text("until", when=moment(one["until_ms"])[:10])
        table.add_row(one["id"], one["name"] + "/" * is_folder(one), size, until)
    show(table)


@app.command()
def restore(
    item: Annotated[str, typer.Argument(help="Name or id, as in the trash; with --version, a file's path")],
    version: Annotated[int | None, typer.Option(help="Number in `pileus files versions`")] = None,
) -> None:
    """Take something from the trash, or give a file an earlier content again."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        if version is not None:
            file = find(client.records("files.file"), item)
            old = client.get(f"/files/{file}/versions")["versions"]
            if not 1 <= version <= len(old):
                raise NotFound("no-version", TEXTS.text("no-version", path=item, number=version))
            one = old[version - 1]
            client.post(f"/files/{file}/versions/{one['id']}/restore")
            print(TEXTS.text("reverted", path=item, when=moment(one["modified_ms"])))
            return
        back = client.post(f"/files/trash/{in_trash(client, item)}/restore")
    print(TEXTS.text("restored", path=back["name"]))


@app.command()
def purge(item: Annotated[str, typer.Argument(help="Name or id, as in the trash")]) -> None:
    """Delete something that is in the trash for good."""
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        client.delete(f"/files/trash/{in_trash(client, item)}")
    print(TEXTS.text("purged", path=item))


@app.command()
def versions(path: str) -> None:
    """A file's earlier contents, the newest first; `restore PATH --version NUMBER` brings one back."""
    from rich.table import Table

    from pileus.sdk.client import Client

    with Client.from_config() as client:
        entries = client.records("files.file")
        file = find(entries, path)
        old = client.get(f"/files/{file}/versions")["versions"]
    table = Table(box=None, show_header=False, pad_edge=False)
    now = entries[file]
    if not is_folder(now):
        table.add_row("", moment(now["modified_ms"]), f"{now['size']:,}", TEXTS.text("now"))
    for number, one in enumerate(old, 1):
        until = TEXTS.text("until", when=moment(one["until_ms"])[:10])
        table.add_row(str(number), moment(one["modified_ms"]), f"{one['size']:,}", until)
    show(table)


def in_trash(client: Any, item: str) -> str:
    """The id of what stands in the trash under a name or an id; raises `NotFound` or `Conflict`."""
    found = [one["id"] for one in client.get("/files/trash")["items"] if item in (one["id"], one["name"])]
    if item in found:
        return item
    if not found:
        raise NotFound("not-in-trash", TEXTS.text("not-in-trash", path=item))
    if len(found) > 1:
        raise Conflict("ambiguous", TEXTS.text("which", path=item))
    return str(found[0])


def show(table: Any) -> None:
    """On a terminal as wide as that; for another program one line a row."""
    from rich.console import Console

    Console(highlight=False, width=None if sys.stdout.isatty() else 4000).print(table)


def moment(at_ms: float) -> str:
    """Date and minute on this machine's clock."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def inside(entries: Entries, folder: str, name: str) -> str | None:
    """The id of what has this name in a folder."""
    found = (one for one, at in entries.items() if at.get("parent", "") == folder and at["name"] == name)
    return next(found, None)


def path_of(entries: Entries, file: str) -> str:
    """Names from the root on; ends where folders lie in a circle."""
    names: list[str] = []
    while file in entries and len(names) < 200:
        names.insert(0, entries[file]["name"])
        file = entries[file].get("parent", "")
    return "/".join(names)


def find(entries: Entries, path: str) -> str:
    """The id of what a path names, folder by folder; raises `NotFound`."""
    place = ""
    for part in path.strip("/").split("/"):
        found = inside(entries, place, part)
        if found is None:
            raise NotFound("no-file", TEXTS.text("missing", path=path))
        place = found
    return place


def is_folder(entry: dict[str, Any]) -> bool:
    return entry.get("type") in FOLDERS


@contextmanager
def bar(name: str) -> Iterator[Any]:
    """A progress bar; gives the function that moves it."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with progress(*columns) as shown:
        task = shown.add_task(name, total=None)

        def moved(done: int, size: int) -> None:
            shown.update(task, completed=done, total=size)

        yield moved
