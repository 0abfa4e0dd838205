"""`pileus objects`: what the cloud on this machine stores, running or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pileus.cli.here import GB, Data, database, settings_of
from pileus.cli.progress import progress
from pileus.core.catalogue import Catalogue
from pileus.core.filenames import printable

if TYPE_CHECKING:
    from pileus.cloud.kernel.objects import PackedObjects
    from pileus.cloud.kernel.objects.second import Copied, Restored
    from pileus.core.settings import Settings

TEXTS = Catalogue(
    en={
        "checking": "Reading packs back",
        "rebuilding": "Reading unknown packs",
        "compacting": "Rewriting packs",
        "repairing": "Mending packs",
        "copying": "Copying",
        "no_copy": "No second copy is set: name a bucket or a folder in PILEUS_COPY_TO.",
        "copied": "Snapshot {stamp} is complete: {done:blob|blobs} with {size} GB new.",
        "delete": "Warning: its store lets these keys delete. Forbid it there, so that a thief of them cannot.",
        "overwrite": "Warning: its store lets these keys overwrite. Forbid it there, or have it keep versions.",
        "folder": "Whoever gets into this machine can change or delete that folder: keep another copy elsewhere.",
        "versions": "Its store keeps earlier versions: see that these keys may not delete those.",
        "left": "Not in the copy: {count:pack|packs} that cannot be read. `pileus objects repair` may mend it.",
        "not_kept": "{count:file or folder|files or folders} of the data folder could not be copied.",
        "restoring": "Restoring",
        "restored": "{stamp} is here: {packs:pack|packs}, {size} GB fetched. Start with `pileus up`.",
        "not_restored": "Not here: {count:pack|packs}. `pileus objects check`, then `repair` lists their files.",
        "not_back": "Of the data folder {count:file or folder|files or folders} did not come back.",
        "old": "This copy was made before copies had what apps keep and the key of notifications: apps begin empty"
        " (their phones' backups have it), devices ask for notifications anew.",
        "went_on": "This check was begun before: {packs:pack was|packs were} read then.",
        "checked": "{packs:pack|packs} with {size} GB read back: {problems:problem|problems}.",
        "rebuilt": "{packs:unknown pack was|unknown packs were} read, {objects:object|objects} came back:"
        " {problems:problem|problems}.",
        "repaired": "{packs:pack is|packs are} whole again, {chunks:chunk|chunks} and {keys:key|keys} found:"
        " {lost:object|objects} lost.",
        "compacted": "{gone:pack|packs} went, {made:was|were} written anew, {size} GB won:"
        " {problems:problem|problems}.",
    },
    zh={
        "checking": "正在读回数据包",
        "rebuilding": "正在读取未知数据包",
        "compacting": "正在重写数据包",
        "repairing": "正在修复数据包",
        "copying": "正在复制",
        "no_copy": "尚未设置第二副本：请在 PILEUS_COPY_TO 中指定存储桶或文件夹。",
        "copied": "快照 {stamp} 已完成：新增 {done} 个数据块，共 {size} GB。",
        "delete": "警告：该存储允许用这些密钥删除数据。请在存储端禁止，以防密钥被盗后副本被删。",
        "overwrite": "警告：该存储允许用这些密钥覆盖数据。请在存储端禁止，或让其保留历史版本。",
        "folder": "侵入本机的人可以更改或删除该文件夹：请在别处另存一份。",
        "versions": "该存储保留历史版本：请确认这些密钥不能删除历史版本。",
        "left": "{count} 个数据包无法读取，未进入副本：请运行 `pileus objects repair` 尽量修复。",
        "not_kept": "数据目录中有 {count} 个文件或文件夹未能复制。",
        "restoring": "正在恢复",
        "restored": "{stamp} 已恢复：{packs} 个数据包，下载 {size} GB。请运行 `pileus up`。",
        "not_restored": "{count} 个数据包未能恢复：先 `pileus objects check`，再 `repair` 列出受影响的文件。",
        "not_back": "数据目录中有 {count} 个文件或文件夹未能恢复。",
        "old": "此副本较旧，不含应用数据和通知密钥：应用将从空白开始（手机备份中有其数据），设备会重新订阅通知。",
        "went_on": "继续上次中断的检查：此前已读回 {packs} 个数据包。",
        "checked": "已读回 {packs} 个数据包，共 {size} GB：{problems} 个问题。",
        "rebuilt": "已读取 {packs} 个未知数据包，恢复了 {objects} 个对象：{problems} 个问题。",
        "repaired": "{packs} 个数据包已修复（找回 {chunks} 个数据块、{keys} 个密钥）：{lost} 个对象已损失。",
        "compacted": "删除了 {gone} 个数据包，重写了 {made} 个，腾出 {size} GB：{problems} 个问题。",
    },
)

app = typer.Typer(help="Stored objects of the cloud on this machine.", no_args_is_help=True)


@app.command("check")
def check_packs(data: Data = None) -> None:
    """Read every pack back: seals, hashes and the index; status 1 where something is wrong.

    A check that was cut off goes on where it was.
    """
    from pileus.cloud.kernel.objects.check import check

    with opened(data) as (_, objects), bar(TEXTS.text("checking")) as moved:
        report = check(objects, lambda one: moved(one.done, one.of))
    size = f"{report.size / GB:.2f}"
    if report.before:
        print(TEXTS.text("went_on", packs=report.before))
    told = TEXTS.text("checked", packs=report.packs, size=size, problems=len(report.problems))
    tell_problems(told, report.problems)


@app.command("repair")
def repair_packs(data: Data = None) -> None:
    """Mend what the last check could not read, from whatever else holds it; list what nothing holds."""
    from pileus.cloud.kernel.objects.repair import repair

    with opened(data) as (_, objects), bar(TEXTS.text("repairing")) as moved:
        done = repair(objects, objects.copy.store if objects.copy else None, moved)
    told = TEXTS.text("repaired", packs=done.packs, chunks=done.chunks, keys=done.keys, lost=len(done.lost))
    tell_problems(told, done.lost)


@app.command("copy")
def copy_away(data: Data = None) -> None:
    """Bring the second copy (PILEUS_COPY_TO) up to date now; the running cloud does it each day."""
    from pileus.cloud.kernel.objects.check import check_named

    with opened(data) as (_, objects), bar(TEXTS.text("copying")) as moved:
        if objects.copy is None:
            print(TEXTS.text("no_copy"))
            raise typer.Exit(1)
        for told in objects.copy.steps():
            moved(told.done, told.of)
        check_named(objects, told.left)
    tell_copied(told)


def tell_copied(told: Copied) -> None:
    """The end of a copy; status 1 where packs are not in it."""
    size = f"{told.size / GB:.2f}"
    print(TEXTS.text("copied", stamp=told.stamp, done=told.done, size=size))
    for exposure in told.exposures:
        print(TEXTS.text(exposure))
    tell_missing(("not_kept", told.not_kept), ("left", told.left))


@app.command("restore")
def restore_everything(
    place: Annotated[str, typer.Argument(help="The second copy: s3://BUCKET/PREFIX or a folder.")],
    key: Annotated[Path, typer.Option(help="The server's key: your copy of keys/server.key.")],
    snapshot: Annotated[str | None, typer.Option(help="Which one; the newest unless told.")] = None,
    data: Data = None,
) -> None:
    """Bring accounts, records and files from a second copy into an empty folder."""
    told = restore_from(settings_of(data), place, key, snapshot)
    tell_missing(("not_back", told.not_kept), ("not_restored", told.left))


def restore_from(settings: Settings, place: str, key: Path | None, snapshot: str | None) -> Restored:
    """Brings everything here, into PostgreSQL where the settings say so; `key` None: the one in the copy."""
    from pileus.cloud.kernel.objects import open_blobs
    from pileus.cloud.kernel.objects.second import kept_key, open_copy, restore_copy
    from pileus.cloud.moving import move_away, refuse_used

    settings.make_dirs()
    refuse_used(settings)
    copy = open_copy(place)
    server_key = kept_key(copy) if key is None else key.read_bytes()
    with bar(TEXTS.text("restoring")) as moved:
        for told in restore_copy(copy, server_key, settings.data_dir, open_blobs(settings), snapshot):
            moved(told.done, told.packs)
    if settings.database:
        move_away(settings, settings.database)
    print(TEXTS.text("restored", stamp=told.stamp, packs=told.packs, size=f"{told.size / GB:.2f}"))
    if told.old:
        print(TEXTS.text("old"))
    return told


@app.command("rebuild")
def rebuild_index(data: Data = None) -> None:
    """Take packs that the database does not name into it, as after a copy of it was put back."""
    from pileus.cloud.kernel.objects.rebuild import rebuild

    with opened(data) as (_, objects), bar(TEXTS.text("rebuilding")) as moved:
        found = rebuild(objects, moved)
    told = TEXTS.text("rebuilt", packs=found.packs, objects=found.objects, problems=len(found.problems))
    tell_problems(told, found.problems)


@app.command("compact")
def compact_packs(data: Data = None) -> None:
    """Take what nothing counts on, and rewrite packs that are mostly dead or very small."""
    from pileus.cloud.kernel.objects.compact import compact
    from pileus.cloud.kernel.objects.sweep import sweep

    with opened(data) as (_, objects), bar(TEXTS.text("compacting")) as moved:
        swept = sweep(objects)
        won = compact(objects, heard=moved)
    size = f"{(swept.size + won.size) / GB:.2f}"
    gone, problems = swept.packs + won.read, len(won.problems)
    tell_problems(TEXTS.text("compacted", gone=gone, made=won.written, size=size, problems=problems), won.problems)


def tell_missing(*kinds: tuple[str, dict[str, str]]) -> None:
    """What is missing of each kind, then its sentence; status 1 where anything is."""
    for key, left in kinds:
        for name, problem in left.items():
            print(printable(f"{name}: {problem}"))
        if left:
            print(TEXTS.text(key, count=len(left)))
    if any(left for _, left in kinds):
        raise typer.Exit(1)


def tell_problems(sentence: str, problems: list[str]) -> None:
    for problem in problems:
        print(problem)
    print(sentence)
    if problems:
        raise typer.Exit(1)


@contextmanager
def opened(data: Path | None) -> Iterator[tuple[Settings, PackedObjects]]:
    """The store beside a server that may be running: both keep to the same transactions."""
    from pileus.cloud.kernel.objects import open_objects
    from pileus.cloud.kernel.quota import QuotaStore
    from pileus.core.clock import SystemClock

    with database(data) as (settings, db):
        objects = open_objects(settings, db, SystemClock(), QuotaStore(db))
        try:
            yield settings, objects
        finally:
            objects.close()


@contextmanager
def bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar of packs; gives the function that moves it."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with progress(*columns) as shown:
        task = shown.add_task(name, total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)
