"""What people do meanwhile: in the folders, and in the Files app of another device.

Each content is written once, so that it can be told whether it was lost: it may be where nobody deleted or
replaced it (`written` without `dropped`), wherever it is by then.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pileus.core.errors import PileusError
from pileus.core.filenames import clean_name
from pileus.sdk.sync.folder import OWN
from pileus.sdk.sync.ignore import FILE
from pileus.sdk.sync.trees import ROOT, folded

from .service import Service, folder_fields

NAMES = ("a", "b", "c.txt", "A", "é", "e\u0301", "x.tmp", "build", "bad\nname")
"""Two differ in case, two in their normal form, two may be ignored, one is none that Files can hold."""
RULES = ("", "*.tmp\n", "build/\n", "*.tmp\nbuild/\n", "b\n")
LARGE = 150
"""Bytes of a file that is sent in several pieces, as `world` sets the bounds."""
APP = "the app"


class People:
    """`said` hears of each edit, `told` what came of it. Edits of one seed are the same each time."""

    def __init__(
        self, dice: random.Random, service: Service, said: Callable[[str], None], told: Callable[[str], None]
    ) -> None:
        self._dice, self._service, self._said, self._told = dice, service, said, told
        self._count = 0
        self.written: set[bytes] = set()
        self.dropped: set[bytes] = set()

    def content(self) -> bytes:
        self._count += 1
        text = f"text {self._count:04}".encode()
        if self._dice.random() < 0.2:
            text += b"." * self._dice.randrange(LARGE, 3 * LARGE)
        self.written.add(text)
        self._told(f"    {text[:9].decode()}")
        return text

    def edit(self, root: Path, *, blind: bool = False) -> None:
        """One thing in a folder; `blind`: its file system takes names that differ in case for one."""
        dice = self._dice
        act = dice.choices(
            (
                "write",
                "rewrite",
                "save",
                "mkdir",
                "move",
                "onto",
                "swap",
                "delete",
                "copy",
                "link",
                "sign",
                "rules",
            ),
            (5, 3, 3, 2, 5, 1, 1, 3, 1, 1, 0.5, 0.5),
        )[0]
        folders = _folders(root)
        folder = dice.choice(folders)
        names = [one for one in sorted(os.listdir(folder)) if one not in (OWN, FILE)]
        path = folder / dice.choice(names) if names else None
        free = self._free(dice.choice(folders), blind)
        self._said(f"{act} {path} {free}")
        if act == "rules":
            self._drop(root / FILE)
            self._write(root / FILE, dice.choice(RULES).encode())
        elif act == "mkdir":
            if free:
                free.mkdir()
        elif act == "write":
            if free:
                self._write(free, self.content())
        elif act == "sign":
            if free:
                free.symlink_to("nowhere")
        elif path is None:
            return
        elif act == "move":
            if free:
                _move(path, free)
        elif act == "delete":
            self._drop(path)
            shutil.rmtree(path) if _is_folder(path) else path.unlink()
        elif act == "swap":
            self._swap(path, folder / dice.choice(names))
        elif path.is_symlink() or not path.is_file():
            return
        elif act == "rewrite":
            self.rewrite(path)
        elif act == "save":  # as editors do
            self._drop(path)
            beside = folder / "saving"
            self._write(beside, self.content())
            beside.replace(path)
        elif act == "onto":
            other = folder / dice.choice(names)
            if other != path and other.is_file() and not other.is_symlink():
                self._drop(other)
                path.replace(other)
        elif free and act == "copy":
            self._write(free, path.read_bytes())
        elif free and act == "link":
            os.link(path, free)

    def rewrite(self, path: Path) -> None:
        """A file gets another content; of the same size, mostly."""
        self._said(f"rewrite {path}")
        self._drop(path)
        self._write(path, self.content())

    def edit_record(self, one: str) -> None:
        """The app gives a file another content, or moves it into the root."""
        item = self._service.items().get(one)
        self._said(f"the app: edit {one}")
        with suppress(PileusError):
            if item is not None and item.content is not None and self._dice.random() < 0.5:
                self._drop_content(item.content)
                self._service.put("", one, self._service.keep(self.content()))
            elif item is not None:
                self._service.put(APP, one, {"parent": ROOT}, self._service.head)

    def repair(self, root: Path) -> None:
        """Takes away what cannot be kept in step, and gives a good name to what has none."""
        for folder, inside, files in os.walk(root, topdown=False):
            for name in (*inside, *files):
                path = Path(folder, name)
                if path.is_symlink():
                    path.unlink()
                elif "\n" in name:
                    self._count += 1
                    path.rename(path.with_name(f"named {self._count}"))

    def edit_cloud(self) -> None:
        """No order holds the app back: two names may be equal, a folder may lie in itself."""
        dice, service, items = self._dice, self._service, self._service.items()
        act = dice.choice(("add", "mkdir", "move", "rewrite", "delete", "trash"))
        parent = dice.choice([ROOT, *sorted(one for one, item in items.items() if item.folder)])
        name = clean_name(dice.choice(NAMES[:-1]))
        one = dice.choice(sorted(items)) if items else None
        new = f"app-{self._count}-{dice.getrandbits(32)}"
        self._said(f"the app: {act} {one} {parent}/{name}")
        with suppress(PileusError):
            if act == "add":
                service.put("", new, {"name": name, "parent": parent, **service.keep(self.content())})
            elif act == "mkdir":
                service.put(APP, new, folder_fields(parent, name), service.head)
            elif one is None:
                return
            elif act == "move":
                base = max(0, service.head - dice.choice((0, 0, 3)))
                service.put(APP, one, {"parent": parent, "name": name}, base)
            elif act == "rewrite":
                if items[one].content is not None:
                    self._drop_content(items[one].content)
                    service.put("", one, service.keep(self.content()))
            elif act == "delete":
                self._drop_content(items[one].content)
                service.delete(APP, one)
            else:
                gone = [one]
                for folder in gone:
                    gone += [
                        inside for inside, item in items.items() if item.parent == folder and inside not in gone
                    ]
                for inside in gone:
                    self._drop_content(items[inside].content)
                    service.delete(APP, inside)

    def _free(self, folder: Path, blind: bool) -> Path | None:
        name = self._dice.choice(NAMES)
        key = folded if blind else str
        return None if key(name) in {key(one) for one in os.listdir(folder)} else folder / name

    def _write(self, path: Path, data: bytes) -> None:
        """With a time of its own, as a file has that was not written within the same tick of a clock."""
        path.write_bytes(data)
        self._count += 1
        time_ns = (1_000_000_000 + self._count) * 1_000_000_000
        os.utime(path, ns=(time_ns, time_ns))

    def _drop(self, path: Path) -> None:
        for folder, _, files in os.walk(path):
            for name in files:
                self._drop(Path(folder, name))
        if not path.is_symlink() and path.is_file():
            self._gone(path.read_bytes())

    def _drop_content(self, content: str | None) -> None:
        if content is not None:
            self._gone(self._service.contents[content])

    def _gone(self, text: bytes) -> None:
        self.dropped.add(text)
        self._told(f"    {text[:9].decode()} is dropped")

    def _swap(self, one: Path, other: Path) -> None:
        if one != other and not one.is_relative_to(other) and not other.is_relative_to(one):
            beside = one.with_name("swapping")
            one.rename(beside)
            other.rename(one)
            beside.rename(other)


def _folders(root: Path) -> list[Path]:
    found = []
    for folder, inside, _ in os.walk(root):
        inside[:] = sorted(name for name in inside if name != OWN and not Path(folder, name).is_symlink())
        found.append(Path(folder))
    return found


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _move(path: Path, to: Path) -> None:
    if not to.is_relative_to(path):
        path.rename(to)
