"""`pileus sync`: a folder that is kept in step with the account's Files; sign in with `pileus login` first."""

from __future__ import annotations

import errno
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pileus.cli.problems import sentence, system_sentence
from pileus.core.catalogue import Catalogue
from pileus.core.errors import PileusError, Unavailable

if TYPE_CHECKING:
    from pileus.sdk.config import Config
    from pileus.sdk.sync.pair import Pair
    from pileus.sdk.sync.work import Listener, Tally

INCOMPLETE = 3
"""Exit status where something could not be brought in step (as of `pileus backup`)."""
AGAIN = 60.0
"""Seconds before what failed is tried again at the latest."""
PASSING = ("storage-full", "storage-read-only", "sync-disk-full", "sync-disk-read-only")
PASSING_HERE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Problems that may be gone when it is tried again, beside a cloud that does not answer."""
AWAY = 10.0
"""Seconds before a cloud that does not answer is asked again."""

TEXTS = Catalogue(
    en={
        "moved": "moved here     {path}",
        "made": "made here      {path}",
        "removed": "deleted here   {path}",
        "fetched": "fetched        {path}",
        "copied": "kept as a copy {path}",
        "placed": "moved there    {path}",
        "made-there": "made there     {path}",
        "sent": "sent           {path}",
        "deleted": "deleted there  {path}",
        "in-step": "{folder} is in step: {sent} sent, {fetched} fetched, {other} other changes.",
        "not-in-step": "{folder}: {sent} sent, {fetched} fetched, {other} other changes; {count} not in step.",
        "notes": "{count} links and special files are left alone.",
        "waits": "Waiting for changes. Ctrl+C ends it.",
        "running": "It is being kept in step by another process.",
        "status-none": "{folder} is in step, as of the last talk with the cloud.",
        "status-some": "To be sent: {send}. To be fetched: {fetch}. Other changes: {other}.",
        "trouble": "{path}: {reason}",
        "changing": "it is changing: it is looked at again",
        "in-the-way": "something else has its place",
        "disk-full": "the disk is full: make room, then it is fetched",
        "refused": "the system refuses it ({detail})",
        "unreadable": "it cannot be read ({detail})",
        "bad-name": "Files cannot hold this name: it is no text, has control characters or is too long",
    },
    zh={
        "moved": "本地移动   {path}",
        "made": "本地新建   {path}",
        "removed": "本地删除   {path}",
        "fetched": "已下载     {path}",
        "copied": "保留副本   {path}",
        "placed": "云端移动   {path}",
        "made-there": "云端新建   {path}",
        "sent": "已上传     {path}",
        "deleted": "云端删除   {path}",
        "in-step": "{folder} 已同步：上传 {sent} 项，下载 {fetched} 项，其他更改 {other} 项。",
        "not-in-step": "{folder}：上传 {sent} 项，下载 {fetched} 项，其他更改 {other} 项；有 {count} 项未同步。",
        "notes": "有 {count} 个链接和特殊文件未处理。",
        "waits": "正在等待更改，按 Ctrl+C 结束。",
        "running": "另一个进程正在同步它。",
        "status-none": "截至上次连接云端，{folder} 已同步。",
        "status-some": "待上传：{send}。待下载：{fetch}。其他更改：{other}。",
        "trouble": "{path}：{reason}",
        "changing": "正在变化，稍后再看",
        "in-the-way": "它的位置被其他内容占用",
        "disk-full": "磁盘已满，腾出空间后会继续下载",
        "refused": "系统拒绝（{detail}）",
        "unreadable": "无法读取（{detail}）",
        "bad-name": "“文件”无法使用这个名称：它不是文本、含有控制字符或太长",
    },
)


def command(
    folder: Annotated[Path, typer.Argument(help="The folder here.")],
    to: Annotated[
        str | None, typer.Option("--folder", help="Folder in Files, as in Photos/2024, instead of all.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Bring both in step, then end.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Tell what is to be done, and do nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
) -> None:
    """Keep a folder in step with Files, both ways. Status 3: some items could not be brought in step."""
    if status:
        raise typer.Exit(_tell_status(folder))
    from pileus.sdk.client import Client
    from pileus.sdk.config import read_config
    from pileus.sdk.sync.pair import Pair

    config = read_config()
    with Client(config.server, config.token) as client:
        pair = Pair(folder, client, to)
        try:
            if once:
                tally = pair.once(_listener(quiet=quiet))
                _tell(folder, tally, quiet=quiet)
                raise typer.Exit(INCOMPLETE if tally.troubles else 0)
            _follow(pair, folder, config, quiet=quiet)
        finally:
            pair.close()


def _follow(pair: Pair, folder: Path, config: Config, *, quiet: bool) -> None:
    """Until it is ended: whatever changes on one side goes to the other. A cloud that is away is waited for."""
    from pileus.sdk.sync.watch import EVERY, Ears

    ears, listener = Ears(folder, config), _listener(quiet=quiet)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    away = first = False
    try:
        with suppress(KeyboardInterrupt):
            while True:
                pause = EVERY
                try:
                    tally = pair.once(listener)
                    if tally.steps or tally.troubles or not first or away:
                        _tell(folder, tally, quiet=quiet)
                    if not first and not quiet:
                        print(TEXTS.text("waits"), flush=True)
                    first, away, pause = True, False, AGAIN if tally.troubles else EVERY
                except PileusError as error:
                    if not isinstance(error, Unavailable) and error.code not in PASSING:
                        raise
                    if not away:
                        print(sentence(error), file=sys.stderr, flush=True)
                    away, pause = True, AWAY
                except OSError as error:
                    if error.errno not in PASSING_HERE:
                        raise
                    if not away:
                        print(system_sentence(error), file=sys.stderr, flush=True)
                    away, pause = True, AWAY
                ears.wait(pause)
    finally:
        ears.close()


def _tell(folder: Path, tally: Tally, *, quiet: bool) -> None:
    if quiet:
        return
    sent, fetched = tally.done.get("sent", 0), tally.done.get("fetched", 0)
    values = {"folder": folder, "sent": sent, "fetched": fetched, "other": tally.steps - sent - fetched}
    key = "not-in-step" if tally.troubles else "in-step"
    print(TEXTS.text(key, None, **values, count=len(tally.troubles)), flush=True)
    if tally.notes:
        print(TEXTS.text("notes", count=tally.notes), flush=True)


def _listener(*, quiet: bool) -> Listener:
    """Tells what is done as it is done, and what cannot be, once each."""
    from pileus.sdk.sync.work import Listener

    class Telling(Listener):
        def __init__(self) -> None:
            self._told: set[tuple[str, str]] = set()

        def did(self, kind: str, path: str) -> None:
            self._told = {one for one in self._told if one[0] != path}
            if not quiet:
                print(TEXTS.text(kind, path=_shown(path)), flush=True)

        def trouble(self, path: str, code: str, detail: str) -> None:
            if (path, code) not in self._told:
                self._told.add((path, code))
                print(_sentence(path, code, detail), file=sys.stderr, flush=True)

    return Telling()


def _sentence(path: str, code: str, detail: str) -> str:
    reason = TEXTS.text(code, detail=detail) if code in TEXTS else sentence(PileusError(code, detail))
    return TEXTS.text("trouble", path=_shown(path), reason=reason)


def _tell_status(folder: Path) -> int:
    """0 where nothing is to be done."""
    from pileus.sdk.sync.pair import status_of

    found = status_of(folder)
    if found.running:
        print(TEXTS.text("running"))
    send, fetch = found.waiting.get("send", 0), found.waiting.get("fetch", 0)
    other = sum(found.waiting.values()) - send - fetch
    if found.waiting:
        print(TEXTS.text("status-some", send=send, fetch=fetch, other=other))
    elif not found.troubles:
        print(TEXTS.text("status-none", folder=folder))
    for path, code, detail in found.troubles:
        print(_sentence(path, code, detail))
    return INCOMPLETE if found.waiting or found.troubles else 0


def _shown(path: str) -> str:
    """Names that are no text, with their bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
