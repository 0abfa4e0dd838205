"""`pileus server`: the cloud on this machine as a whole, kept elsewhere, brought back, moved, upgraded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pileus.cli.here import GB, Data, settings_of
from pileus.cli.objects import bar, opened, restore_from, tell_copied, tell_missing, tell_problems
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Conflict
from pileus.core.settings import Settings

TEXTS = Catalogue(
    en={
        "copying": "Copying",
        "checking": "Reading packs back",
        "with_key": "The server's key is in it: whoever has it reads everything.",
        "without_key": "The server's key is not in it: keep a copy of {file} apart, nothing opens without it.",
        "checked": "{packs} packs with {size} GB were read back: {problems} problems.",
        "running": "A cloud runs for {data}: stop it first.",
        "moved": "{rows} rows are in PostgreSQL: start with PILEUS_DATABASE from now on. {file} is the old file.",
        "moved_back": "{file} holds everything now: start without PILEUS_DATABASE.",
        "same": "The database is there already.",
        "newest": "The database has the newest form already ({now}).",
        "upgraded": "The database is brought from {before} to {now}.",
        "kept": "As it was before: {file}. Delete it when all is well.",
        "not_kept": "PostgreSQL's database was not copied before: that is what pg_dump is for.",
    },
    zh={
        "copying": "正在复制",
        "checking": "正在读回数据包",
        "with_key": "其中含有服务器密钥：得到它的人可以读取一切。",
        "without_key": "其中不含服务器密钥：请另行保存 {file}，没有它什么都打不开。",
        "checked": "已读回 {packs} 个数据包，共 {size} GB：{problems} 个问题。",
        "running": "{data} 的云正在运行：请先停止。",
        "moved": "{rows} 行已在 PostgreSQL 中。今后请带 PILEUS_DATABASE 启动；{file} 是旧文件。",
        "moved_back": "{file} 现在保存着全部数据：请不带 PILEUS_DATABASE 启动。",
        "same": "数据库已经在那里。",
        "newest": "数据库已是最新形式（{now}）。",
        "upgraded": "数据库已从 {before} 升级到 {now}。",
        "kept": "升级前的样子：{file}。确认无误后请删除。",
        "not_kept": "升级前没有复制 PostgreSQL 数据库：请用 pg_dump。",
    },
)

app = typer.Typer(help="The cloud on this machine as a whole.", no_args_is_help=True)
Place = Annotated[str, typer.Argument(help="s3://BUCKET/PREFIX or a folder.")]


@app.command()
def backup(
    place: Place,
    with_key: Annotated[bool, typer.Option("--with-key", help="Put the server's key in, too.")] = False,
    data: Data = None,
) -> None:
    """Bring everything stored to another place, beside a running server; again, only what is new."""
    from pileus.cloud.kernel.objects import copy_into, key_file
    from pileus.cloud.kernel.objects.second import keep_key

    with opened(data) as (settings, objects), bar(TEXTS.text("copying")) as moved:
        copy, key = copy_into(place, settings, objects), key_file(settings)
        if with_key:
            keep_key(copy.store, key.read_bytes())
        for told in copy.steps():
            moved(told.done, told.of)
    print(TEXTS.text("with_key") if with_key else TEXTS.text("without_key", file=key))
    tell_copied(told)


@app.command()
def restore(
    place: Place,
    key: Annotated[Path | None, typer.Option(help="The server's key, where it is not in the backup.")] = None,
    snapshot: Annotated[str | None, typer.Option(help="Which one; the newest unless told.")] = None,
    data: Data = None,
) -> None:
    """Bring everything from a backup into an empty folder and read it back; status 1 where something is wrong."""
    from pileus.cloud.kernel.objects.check import check

    restored = restore_from(settings_of(data), place, key, snapshot)
    with opened(data) as (_, objects), bar(TEXTS.text("checking")) as moved:
        report = check(objects, lambda one: moved(one.done, one.of))
    size = f"{report.size / GB:.2f}"
    told = TEXTS.text("checked", packs=report.packs, size=size, problems=len(report.problems))
    try:
        tell_problems(told, report.problems)
    finally:
        tell_missing(("not_back", restored.not_kept))


@app.command()
def move(
    target: Annotated[str, typer.Argument(help="postgresql://USER:PASSWORD@HOST/NAME, or sqlite.")],
    data: Data = None,
) -> None:
    """Move the database of a stopped cloud into an empty PostgreSQL database, or back into its folder."""
    from pileus.cloud.moving import move_away, move_back

    settings = settings_of(data)
    wanted = Settings.from_env({**os.environ, "PILEUS_DATABASE": "" if target == "sqlite" else target}).database
    with stopped(settings):
        if bool(wanted) == bool(settings.database):
            print(TEXTS.text("same"))
            raise typer.Exit(1)
        if wanted:
            rows, file = move_away(settings, wanted)
            print(TEXTS.text("moved", rows=rows, file=file))
        else:
            print(TEXTS.text("moved_back", file=move_back(settings)))


@app.command()
def upgrade(data: Data = None) -> None:
    """Bring the database of a stopped cloud to this version's form, after a copy of it; a start does so, too."""
    from pileus.cloud.moving import upgrade as bring_up

    settings = settings_of(data)
    with stopped(settings):
        done = bring_up(settings)
    if done.before == done.now:
        print(TEXTS.text("newest", now=done.now))
        return
    print(TEXTS.text("upgraded", before=done.before, now=done.now))
    print(TEXTS.text("kept", file=done.kept) if done.kept else TEXTS.text("not_kept"))


@contextmanager
def stopped(settings: Settings) -> Iterator[None]:
    """Keeps a cloud from starting for the length of the block; raises `Conflict` where one runs."""
    from pileus.cloud.parent import hold

    settings.make_dirs()
    lock = hold(settings)
    if lock is None:
        raise Conflict("server-runs", TEXTS.text("running", data=settings.data_dir))
    try:
        yield
    finally:
        os.close(lock)
