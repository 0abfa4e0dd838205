"""A file system in memory that knows what a power cut would leave of it: `python -m tests.forgetful MOUNT IMAGES`.

It is mounted through FUSE, so that all that a program writes is seen: Python's files, SQLite's, those of native
libraries. Only what was fsynced is certain: a file's bytes by its own fsync, a name by its folder's. At each
fsync, renaming, link and deletion, and at each word written to `TOLD` (something was acknowledged), it keeps two
images of what a power cut in that moment leaves: one of the certain alone; and one as journalling file systems
leave it, with the folders' changes up to one of them (by a seeded dice), all modes and times, and some of each
file's pages since its fsync. When it is unmounted the images lie in IMAGES; `Image.make` makes a folder of one.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import random
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TOLD = ".told"
SHUT, OPENED = "!shut", "!opened"
"""Written to `TOLD`: from then on it can only be read; it can be written again."""
HIDDEN = ".fuse_hidden"
"""How libfuse calls what was deleted while it was open."""
PAGE = 4096
Folders = dict["Inode", dict[str, "Inode"]]


@dataclass(eq=False)
class Inode:
    mode: int
    data: bytearray = field(default_factory=bytearray)
    certain: bytes = b""
    time_ns: int = field(default_factory=time.time_ns)
    certain_ns: int = 0
    links: int = 1

    @property
    def folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class Disk:
    """What is there, and what is certain of it."""

    def __init__(self, dice: random.Random) -> None:
        self.root = Inode(stat.S_IFDIR | 0o755)
        self.now: Folders = {self.root: {}}
        self.certain: Folders = {self.root: {}}
        self._steps: list[Folders] = [{self.root: {}}]
        """The folders after each change that may be lost; the first is not."""
        self._touched: list[set[Inode]] = [set()]
        self._dice = dice

    def find(self, path: str) -> Inode:
        one = self.root
        for name in _parts(path):
            try:
                one = self.now[one][name]
            except KeyError:
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None
        return one

    def place(self, path: str) -> tuple[dict[str, Inode], str, Inode]:
        *above, name = _parts(path)
        folder = self.find("/".join(above))
        return self.now[folder], name, folder

    def changed(self, *folders: Inode) -> None:
        """Names of these folders."""
        for folder in folders:
            folder.time_ns = time.time_ns()
        self._steps.append({folder: dict(names) for folder, names in self.now.items()})
        self._touched.append(set(folders))

    def sync_folder(self, folder: Inode) -> None:
        """Its names are certain; in a journal all that came before the last of them is, too."""
        self.certain[folder] = dict(self.now[folder])
        last = max((at for at, some in enumerate(self._touched) if folder in some), default=0)
        self._steps, self._touched = self._steps[last:], [set(), *self._touched[last + 1 :]]

    def images(self) -> Iterator[dict[str, tuple[int, int, bytes]]]:
        """What is left, by path: the certain, and a journal's, which has all times."""
        yield dict(self._walk(self.root, "", self.certain, lambda one: (one.certain_ns, one.certain)))
        yield dict(
            self._walk(self.root, "", self._dice.choice(self._steps), lambda one: (one.time_ns, self._torn(one)))
        )

    def _walk(
        self, folder: Inode, path: str, folders: Folders, data: Any
    ) -> Iterator[tuple[str, tuple[int, int, bytes]]]:
        for name, one in folders.get(folder, {}).items():
            if name.startswith(HIDDEN):
                continue
            yield f"{path}{name}", (one.mode, *((0, b"") if one.folder else data(one)))
            if one.folder:
                yield from self._walk(one, f"{path}{name}/", folders, data)

    def _torn(self, one: Inode) -> bytes:
        """Each page as it was certain or as it is; as long as before or as now."""
        size = len(self._dice.choice((one.certain, one.data)))
        old, new = one.certain.ljust(size, b"\0"), bytes(one.data).ljust(size, b"\0")
        if old == new:
            return new[:size]
        pages = (self._dice.choice((old, new))[at : at + PAGE] for at in range(0, size, PAGE))
        return b"".join(pages)[:size]


def _parts(path: str) -> list[str]:
    return [one for one in path.split("/") if one]


class Images:
    """The images on their way to a folder, each content once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: list[dict[str, Any]] = []
        self._known: dict[bytes, int] = {}
        self._seen: set[str] = set()
        self.told: list[str] = []

    def keep(self, disk: Disk, why: str) -> None:
        for kind, image in zip(("certain", "journal"), disk.images(), strict=True):
            tree = {path: [mode, self._number(data), when] for path, (mode, when, data) in sorted(image.items())}
            contents = {path: [mode, number] for path, (mode, number, _) in tree.items()}
            if (text := json.dumps([len(self.told), kind, contents])) not in self._seen:
                self._seen.add(text)
                self._kept.append({"why": why, "kind": kind, "told": len(self.told), "tree": tree})

    def write(self) -> None:
        for data, number in self._known.items():
            (self._folder / str(number)).write_bytes(data)
        (self._folder / "images.json").write_text(json.dumps({"told": self.told, "images": self._kept}))

    def _number(self, data: bytes) -> int:
        return self._known.setdefault(data, len(self._known))


def mount(folder: Path, images: Images, dice: random.Random) -> None:
    """Serves the file system until it is unmounted."""
    import mfusepy

    disk, told = Disk(dice), Inode(stat.S_IFREG | 0o600)
    opened: dict[int, Inode] = {}
    shut = [False]

    def changing(operation: Callable[..., Any]) -> Callable[..., Any]:
        """Refused while it can only be read."""

        @functools.wraps(operation)
        def tried(*given: Any, **named: Any) -> Any:
            if shut[0]:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return operation(*given, **named)

        return tried

    class Operations(mfusepy.Operations):  # type: ignore[misc]
        use_ns = True

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            one = told if path == f"/{TOLD}" else disk.find(path)
            times = dict.fromkeys(("st_atime", "st_mtime", "st_ctime"), one.time_ns)
            return {
                **{"st_mode": one.mode, "st_size": len(one.data), "st_nlink": 2 if one.folder else one.links},
                **{"st_uid": os.getuid(), "st_gid": os.getgid(), "st_blocks": (len(one.data) + 511) // 512},
                **times,
            }

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", *disk.now[disk.find(path)]]

        @changing
        def create(self, path: str, mode: int, fi: Any = None) -> int:
            names, name, above = disk.place(path)
            one = names[name] = Inode(stat.S_IFREG | stat.S_IMODE(mode))
            disk.changed(above)
            return self._open(one)

        def open(self, path: str, flags: int) -> int:
            if shut[0] and flags & (os.O_WRONLY | os.O_RDWR) and path != f"/{TOLD}":
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return self._open(told if path == f"/{TOLD}" else disk.find(path))

        def _open(self, one: Inode) -> int:
            number = max(opened, default=0) + 1
            opened[number] = one
            return number

        def release(self, path: str, fh: int) -> int:
            del opened[fh]
            return 0

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return bytes(opened[fh].data[offset : offset + size])

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            one = opened[fh]
            if one is told:
                if data.decode() in (SHUT, OPENED):
                    shut[0] = data.decode() == SHUT
                else:
                    images.told += data.decode().split()
                    images.keep(disk, "told")
                return len(data)
            if shut[0]:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            if len(one.data) < offset:
                one.data.extend(bytes(offset - len(one.data)))
            one.data[offset : offset + len(data)] = data
            one.time_ns = time.time_ns()
            return len(data)

        @changing
        def truncate(self, path: str, length: int, fh: int | None = None) -> int:
            if (
                path == f"/{TOLD}"
            ):  # libfuse 2, which is taken where a machine has both, asks for it when one opens
                return 0
            one = disk.find(path)
            del one.data[length:]
            one.data.extend(bytes(length - len(one.data)))
            return 0

        @changing
        def mkdir(self, path: str, mode: int) -> int:
            names, name, above = disk.place(path)
            one = names[name] = Inode(stat.S_IFDIR | stat.S_IMODE(mode))
            disk.now[one], disk.certain[one] = {}, {}
            disk.changed(above)
            return 0

        @changing
        def unlink(self, path: str) -> int:
            names, name, above = disk.place(path)
            names.pop(name).links -= 1
            disk.changed(above)
            images.keep(disk, f"unlink {path}")
            return 0

        @changing
        def rmdir(self, path: str) -> int:
            if disk.now[disk.find(path)]:
                raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
            return self.unlink(path)

        @changing
        def rename(self, old: str, new: str) -> int:
            names, name, above = disk.place(old)
            others, other, above_other = disk.place(new)
            if (there := others.get(other)) is not None and there.folder and disk.now[there]:
                raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
            others[other] = names.pop(name)
            disk.changed(above, above_other)
            images.keep(disk, f"rename {old}")
            return 0

        @changing
        def link(self, target: str, source: str) -> int:
            names, name, above = disk.place(target)
            one = names[name] = disk.find(source)
            one.links += 1
            disk.changed(above)
            images.keep(disk, f"link {target}")
            return 0

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            one = opened[fh]
            one.certain, one.certain_ns = bytes(one.data), one.time_ns
            images.keep(disk, f"fsync {path}")
            return 0

        def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
            disk.sync_folder(disk.find(path))
            images.keep(disk, f"fsync {path}")
            return 0

        @changing
        def chmod(self, path: str, mode: int) -> int:
            one = disk.find(path)
            one.mode = stat.S_IFMT(one.mode) | stat.S_IMODE(mode)
            return 0

        @changing
        def chown(self, path: str, uid: int, gid: int) -> int:
            return 0

        @changing
        def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
            disk.find(path).time_ns = times[1] if times else time.time_ns()
            return 0

        def statfs(self, path: str) -> dict[str, int]:
            return {
                "f_bsize": PAGE,
                "f_frsize": PAGE,
                "f_blocks": 1 << 24,
                "f_bfree": 1 << 23,
                "f_bavail": 1 << 23,
            }

    class Mounted(mfusepy.FUSE):  # type: ignore[misc]
        def rename_fuse_3(self, old: bytes, new: bytes, flags: int) -> int:
            """What renameat2(2) asks for beyond a renaming is refused, as by file systems that do not know it."""
            return -errno.EINVAL if flags else int(self.rename_fuse_2(old, new))

    Mounted(Operations(), str(folder), foreground=True, nothreads=True, fsname="forgetful")


@dataclass(frozen=True)
class Image:
    """What a power cut leaves; `told`: what had been acknowledged before."""

    why: str
    kind: str
    told: list[str]
    tree: dict[str, list[int]]
    contents: Path

    def make(self, folder: Path) -> None:
        for path, (mode, content, time_ns) in self.tree.items():
            place = folder / path
            if stat.S_ISDIR(mode):
                place.mkdir()
            else:
                place.write_bytes((self.contents / str(content)).read_bytes())
                os.utime(place, ns=(time_ns, time_ns))
        for path, (mode, _, _) in reversed(self.tree.items()):
            (folder / path).chmod(stat.S_IMODE(mode))


class Mount:
    """`folder` while it is mounted; `images` when it is not any more."""

    def __init__(self, folder: Path, contents: Path) -> None:
        self.folder, self._contents = folder, contents

    def tell(self, word: str) -> None:
        with (self.folder / TOLD).open("ab", buffering=0) as told:
            told.write(f"{word} ".encode())

    def settle(self) -> None:
        """What was written until now is on the disk."""
        for here, _, files in os.walk(self.folder):
            for path in (*(Path(here, name) for name in files), Path(here)):
                descriptor = os.open(path, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)

    def images(self) -> list[Image]:
        found = json.loads((self._contents / "images.json").read_text())
        return [
            Image(one["why"], one["kind"], found["told"][: one["told"]], one["tree"], self._contents)
            for one in found["images"]
        ]


@contextmanager
def forgetful(place: Path, seed: int) -> Iterator[Mount]:
    """The file system, mounted until the block ends, in a process of its own."""
    folder, contents = place / "mounted", place / "contents"
    folder.mkdir(parents=True)
    contents.mkdir()
    command = [sys.executable, "-m", "tests.forgetful", str(folder), str(contents), str(seed)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        while not folder.is_mount():
            assert process.poll() is None, "it could not be mounted"
            time.sleep(0.01)
        yield Mount(folder, contents)
    finally:
        subprocess.run(["umount", str(folder)], check=process.poll() is None)
        process.wait(30)


def main() -> None:
    folder, contents, seed = sys.argv[1:]
    images = Images(Path(contents))
    mount(Path(folder), images, random.Random(seed))
    images.write()


if __name__ == "__main__":
    main()
