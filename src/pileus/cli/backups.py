"""What the commands of backups share: what they say, listeners, the choice of a snapshot."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pileus.cli.progress import progress
from pileus.core.catalogue import Catalogue
from pileus.sdk.backup.link import Link
from pileus.sdk.backup.wire import Area, Snapshot

if TYPE_CHECKING:
    from rich.progress import Progress

    from pileus.sdk.backup.chunks import Naming
    from pileus.sdk.backup.tree import Tree

TEXTS = Catalogue(
    en={
        "no_parent": "no earlier snapshot of these folders: everything is read",
        "parent": "changes since snapshot {id}",
        "parent_lost": "The earlier snapshot cannot be used ({reason}): everything is read.",
        "files": "Files:   {new} new, {changed} changed, {same} unmodified",
        "folders": "Folders: {new} new, {changed} changed, {same} unmodified",
        "added": "Added to the cloud: {size}",
        "would_add": "Would be added to the cloud: {size}",
        "processed": "{files:file|files}, {size} in {seconds} s",
        "saved": "Snapshot {id} was saved.",
        "skipped": "{path}: not backed up: {reason}",
        "incomplete": "Warning: {count:item|items} could not be read: not in the snapshot.",
        "no_path": "{path}: there is no such file or folder.",
        "bad_size": "{size} is not a size such as 100k, 20M or 1.5G.",
        "bad_time": "{time} is not a time such as 2026-01-31 or 2026-01-31 12:30:00.",
        "bad_period": "{period} is not a period such as 1y5m7d2h.",
        "none": "There are no snapshots.",
        "id": "Id",
        "time": "Time",
        "host": "Host",
        "tags": "Tags",
        "paths": "Paths",
        "size": "Size",
        "count": "{count:snapshot|snapshots}",
        "restoring": "Restoring {id} of {time} to {target}",
        "restored": "Restored {files:file|files}, {folders:folder|folders}, {size} in {seconds} s;"
        " {kept} were there already.",
        "would_restore": "Would restore {files:file|files} and {folders:folder|folders} ({size}).",
        "verified": "{count:file|files} read back, all right.",
        "failed": "{path}: not restored: {reason}",
        "differs": "{path}: restored, but {reason}",
        "unowned": "{count:item has|items have} another owner, or not all attributes: only root may set those.",
        "failures": "Error: {count:item|items} could not be restored.",
        "no_such_path": "There is no {path} in snapshot {id}. It holds {paths}; a part of it is named by its"
        " full path, as in {wanted}:{first}.",
        "only_phone": "There are only backups of the phone itself here: `latest` is the newest of them, {id}.",
        "checking_trees": "Reading {count:snapshot|snapshots}",
        "checking_data": "Reading all chunks back",
        "checked": "{snapshots:snapshot|snapshots} and {packs:pack|packs} ({size}), all whole.",
        "checked_trees": "{snapshots:snapshot is|snapshots are} whole. --read-data reads what they hold, too.",
        "problems": "Error: {count:problem was|problems were} found.",
        "snapshot_problem": "Snapshot {id}: {reason}",
        "chunk_missing": "{path} needs a chunk that is not in the cloud.",
        "keep": "keep {count}, forget {gone}:  {host}  {paths}",
        "kept_because": "{id}  {time}  kept: {reasons}",
        "gone": "{id}  {time}  forgotten",
        "forgotten": "{count:snapshot was|snapshots were} forgotten.",
        "would_forget": "{count:snapshot|snapshots} would be forgotten.",
        "no_policy": "Name snapshots, or say with --keep-last, --keep-daily … what is to be kept.",
        "bad_group": "Snapshots are grouped by host, paths and tags, not by {name}.",
        "mounted": "Snapshots are in {folder}. fusermount3 -u {folder} ends it.",
        "mount_refused": "{folder} could not be mounted.",
        "no_fuse_device": "This machine has no /dev/fuse: nothing can be mounted here. Use restore.",
        "no_fuse_library": "This needs libfuse (Debian: apt install fuse3).",
        "nothing_kept": "This would forget all snapshots of {host}: {paths}. Name them to do that.",
        "phone_left": "{count:backup|backups} of the phone itself stay as they are: --host phone names them.",
        "room": "Their room in the account is free now; the disk of the cloud gets it back within days.",
    },
    zh={
        "no_parent": "这些文件夹没有更早的快照：将读取全部内容",
        "parent": "自快照 {id} 以来的更改",
        "parent_lost": "无法使用之前的快照（{reason}）：将读取全部内容。",
        "files": "文件：  新增 {new}，更改 {changed}，未变 {same}",
        "folders": "文件夹：新增 {new}，更改 {changed}，未变 {same}",
        "added": "新增到云端：{size}",
        "would_add": "将新增到云端：{size}",
        "processed": "{files} 个文件，{size}，用时 {seconds} 秒",
        "saved": "快照 {id} 已保存。",
        "skipped": "{path}：未备份：{reason}",
        "incomplete": "警告：有 {count} 项无法读取，不在快照中。",
        "no_path": "{path}：没有这个文件或文件夹。",
        "bad_size": "{size} 不是有效的大小（例如 100k、20M、1.5G）。",
        "bad_time": "{time} 不是有效的时间（例如 2026-01-31 或 2026-01-31 12:30:00）。",
        "bad_period": "{period} 不是有效的时长（例如 1y5m7d2h）。",
        "none": "没有快照。",
        "id": "编号",
        "time": "时间",
        "host": "主机",
        "tags": "标签",
        "paths": "路径",
        "size": "大小",
        "count": "{count} 个快照",
        "restoring": "正在把 {time} 的快照 {id} 恢复到 {target}",
        "restored": "已恢复 {files} 个文件、{folders} 个文件夹，{size}，用时 {seconds} 秒；{kept} 个本已存在。",
        "would_restore": "将恢复 {files} 个文件和 {folders} 个文件夹（{size}）。",
        "verified": "已读回 {count} 个文件，内容正确。",
        "failed": "{path}：未恢复：{reason}",
        "differs": "{path}：已恢复，但是 {reason}",
        "unowned": "有 {count} 项的所有者或属性未能恢复：只有 root 可以设置。",
        "failures": "错误：有 {count} 项无法恢复。",
        "no_such_path": "快照 {id} 中没有 {path}。其中有 {paths}；请用完整路径指定，例如 {wanted}:{first}。",
        "only_phone": "此处只有手机自身的备份：`latest` 指其中最新的 {id}。",
        "checking_trees": "正在读取 {count} 个快照",
        "checking_data": "正在读回全部数据块",
        "checked": "{snapshots} 个快照和 {packs} 个数据包（{size}）完好。",
        "checked_trees": "{snapshots} 个快照完好。使用 --read-data 可同时读回其中的数据。",
        "problems": "错误：发现 {count} 个问题。",
        "snapshot_problem": "快照 {id}：{reason}",
        "chunk_missing": "{path} 需要的数据块不在云端。",
        "keep": "保留 {count} 个，移除 {gone} 个：{host}  {paths}",
        "kept_because": "{id}  {time}  保留：{reasons}",
        "gone": "{id}  {time}  移除",
        "forgotten": "已移除 {count} 个快照。",
        "would_forget": "将移除 {count} 个快照。",
        "no_policy": "请指定快照，或用 --keep-last、--keep-daily 等说明要保留什么。",
        "bad_group": "快照可按 host、paths、tags 分组，不能按 {name}。",
        "mounted": "快照位于 {folder}。可用 fusermount3 -u {folder} 结束。",
        "mount_refused": "无法挂载 {folder}。",
        "no_fuse_device": "本机没有 /dev/fuse，无法挂载快照，请改用 restore。",
        "no_fuse_library": "需要 libfuse（Debian：apt install fuse3）。",
        "nothing_kept": "这会移除 {host} 的全部快照：{paths}。若要全部移除，请逐个指定。",
        "phone_left": "手机自身的 {count} 个备份不受影响；如需处理，请加 --host phone。",
        "room": "账户中的空间现已释放；云端磁盘会在数日内收回。",
    },
)
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size_text(size: int) -> str:
    """Bytes in powers of 1024, as the peers tell them."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 else f"{value:.2f} {UNITS[unit]}"


def time_text(time_ms: int) -> str:
    """The time here."""
    return datetime.fromtimestamp(time_ms / 1000).strftime("%Y-%m-%d %H:%M:%S")


def rfc_time(time_ms: int) -> str:
    """With its offset, to milliseconds (RFC 3339)."""
    return datetime.fromtimestamp(time_ms / 1000).astimezone().isoformat(timespec="milliseconds")


def absolute(path: str) -> bytes:
    """Without `..` and doubled separators; links in it stay as they are."""
    return os.fsencode(os.path.abspath(path))


def print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def bound_heap() -> None:
    """Has glibc give large blocks back as they are freed: else its heap grows to twice what is ever used.

    mallopt(3): M_MMAP_THRESHOLD, which otherwise rises by itself. Nothing happens with another C library.
    """
    import ctypes

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(-3, 256 << 10)


def complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def shown(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


@contextmanager
def linked() -> Iterator[Link]:
    link = Link.from_config()
    try:
        yield link
    finally:
        link.close()


def opened(link: Link, snapshot: Snapshot) -> tuple[Naming, Tree]:
    """What reads a snapshot's chunks, and its tree."""
    from pileus.sdk.backup.chunks import Naming
    from pileus.sdk.backup.save import load_tree

    naming = Naming(bytes.fromhex(link.get("/backups/area", Area).naming))
    return naming, load_tree(link, naming, snapshot.tree)[1]


def chosen(link: Link, wanted: str, host: str | None, tags: Sequence[str], paths: Sequence[str]) -> Snapshot:
    """By id, or the latest of a host, with tags, of paths; raises `PileusError`."""
    return picked(link.get("/backups/snapshots", list[Snapshot]), wanted, host, tags, paths)


def picked(
    found: Sequence[Snapshot], wanted: str, host: str | None, tags: Sequence[str], paths: Sequence[str]
) -> Snapshot:
    """As `chosen`, of a list. Where `latest` is of the phone although nobody asked for it, it says so."""
    from pileus.sdk.backup.save import pick

    one = pick(among(found, host, tags, paths), wanted)
    if wanted == "latest" and one.of_phone and host is None and not tags:
        complain(TEXTS.text("only_phone", id=one.id[:8]))
    return one


def among(
    found: Sequence[Snapshot], host: str | None, tags: Sequence[str], paths: Sequence[str]
) -> list[Snapshot]:
    """Those of a host, with one of the sets of tags (a,b is both), that hold all paths."""
    wanted = [set(one.split(",")) for one in tags]
    whole = {shown(absolute(path)) for path in paths}
    return [
        one
        for one in found
        if (host is None or one.host == host)
        and (not wanted or any(tag <= set(one.tags) for tag in wanted))
        and whole <= set(one.paths)
    ]


@contextmanager
def bar(*, wanted: bool) -> Iterator[tuple[Progress, Any] | None]:
    """A progress bar in bytes on standard error; None where nobody would see it."""
    if not (wanted and sys.stderr.isatty()):
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    path = TextColumn("{task.fields[path]}")
    columns = (BarColumn(), TaskProgressColumn(), DownloadColumn(), TimeElapsedColumn(), path)
    with progress(*columns) as made:
        yield made, made.add_task("", total=None, path="")
