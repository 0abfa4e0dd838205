"""Which record each thing in the folder is: by its place, else by its inode or content, else a new one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pileus.core.filenames import clean_name
from pileus.sdk.sync.trees import ROOT, Agreed, Item, Tree, below, children_of


@dataclass(frozen=True)
class Found:
    """Something in the folder, by its path below it. `content`: as of `Item`.

    `unusable`: why it cannot be kept in step (a catalogue's key), "" where it can; `reason`: the system's words.
    """

    path: str
    content: str | None
    inode: int = 0
    unusable: str = ""
    reason: str = ""

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass
class Here:
    """The folder as a tree. `frozen`: known items whose state cannot be told, shown as they were agreed on.

    `occupied`: folders and names of things that are there but cannot be kept in step.
    """

    items: dict[str, Item] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    occupied: set[tuple[str, str]] = field(default_factory=set)


def match(
    found: Sequence[Found],
    known: Agreed,
    inodes: Mapping[str, int],
    there: Tree,
    fresh: Callable[[], str],
) -> Here:
    """`found` has folders before what is in them; `inodes` those of known items; `known` what was agreed on or
    claimed. What is new on both sides at one place is one item.
    """
    return _Matching(found, known, inodes, there, fresh).run()


class _Matching:
    def __init__(
        self,
        found: Sequence[Found],
        known: Agreed,
        inodes: Mapping[str, int],
        there: Tree,
        fresh: Callable[[], str],
    ) -> None:
        self._known, self._inodes, self._there, self._fresh = known, inodes, there, fresh
        self._inside: dict[str, list[Found]] = {}
        for one in found:
            self._inside.setdefault(one.parent, []).append(one)
        self._by_place = {(item.parent, item.local): name for name, item in known.items()}
        self._within = children_of({name: item.here for name, item in known.items()})
        # What another device made: by place, for what is made here at the same one.
        self._new_there = {
            (item.parent, item.name, item.folder): name for name, item in there.items() if name not in known
        }
        self._folders = {inodes[name]: name for name, item in known.items() if item.folder and inodes.get(name)}
        self.here = Here()

    def run(self) -> Here:
        folders: list[tuple[str, Found]] = []
        files: list[tuple[str, Found]] = []
        self._enter("", ROOT, folders, files)
        while folders:
            parent, one = folders.pop(0)
            match = self._moved_folder(one) or self._made(parent, one)
            self._take(match, parent, one)
            self._enter(one.path, match, folders, files)
        self._freeze()
        for parent, one in self._moved_files(files):
            self._take(self._made(parent, one), parent, one)
        self._drop_hollow()
        return self.here

    def _enter(
        self, path: str, folder: str, folders: list[tuple[str, Found]], files: list[tuple[str, Found]]
    ) -> None:
        """Takes what is where it was, and all in it; the rest waits in the two lists."""
        waiting = [(path, folder)]
        while waiting:
            path, folder = waiting.pop()
            for one in self._inside.get(path, ()):
                name = self._by_place.get((folder, one.name))
                if one.unusable:
                    self.here.occupied.add((folder, one.name))
                    # What is ignored is none that is known: a folder of a name of which only folders are.
                    if name is not None and one.unusable != "ignored":
                        self.here.frozen.add(name)
                elif name is None or self._known[name].folder != (one.content is None):
                    (folders if one.content is None else files).append((folder, one))
                else:
                    if name not in self._there:  # claimed, or deleted there; somebody may have made another one
                        name = self._made_there(folder, one) or name
                    self._take(name, folder, one)
                    if one.content is None:
                        waiting.append((one.path, name))

    def _take(self, name: str, parent: str, one: Found) -> None:
        self.here.items[name] = Item(parent, one.name, one.content)
        self.here.found[name] = one

    def _moved_folder(self, one: Found) -> str | None:
        """A known folder that is gone from its place and has this one's inode (which may be given anew: then
        it is as if it had been moved and all in it exchanged)."""
        name = self._folders.get(one.inode)
        return None if name is None or name in self.here.items or name in self.here.frozen else name

    def _freeze(self) -> None:
        """All in what cannot be read is as it was; so is what got a name that Files cannot hold."""
        unusable = {one.inode for ones in self._inside.values() for one in ones if one.unusable == "bad-name"}
        for name in self._known:
            if name not in self.here.items and self._inodes.get(name, 0) in unusable - {0}:
                self.here.frozen.add(name)
        for name in list(self.here.frozen):
            for one in [name, *below(self._within, name)]:
                if one not in self.here.items:
                    self.here.frozen.add(one)
        for name in self.here.frozen - self.here.items.keys():
            self.here.items[name] = self._known[name].here

    def _moved_files(self, files: Sequence[tuple[str, Found]]) -> list[tuple[str, Found]]:
        """Takes those that are gone from their place and are at another; by inode and content, then by content.

        A file whose inode another one had is another file: it may have been given anew.
        """
        gone = {name for name, item in self._known.items() if not item.folder} - self.here.items.keys()
        by_inode = {(self._inodes.get(name), self._known[name].content): name for name in sorted(gone)}
        rest = []
        for parent, one in files:
            name = by_inode.get((one.inode, one.content))
            if name in gone:
                gone.discard(name)
                self._take(name, parent, one)
            else:
                rest.append((parent, one))
        by_content: dict[str | None, list[str]] = {}
        for name in sorted(gone, reverse=True):
            by_content.setdefault(self._known[name].content, []).append(name)
        left = []
        for parent, one in rest:
            if names := by_content.get(one.content):
                self._take(names.pop(), parent, one)
            else:
                left.append((parent, one))
        return left

    def _made(self, parent: str, one: Found) -> str:
        """The id of what is new here."""
        return self._made_there(parent, one) or self._fresh()

    def _made_there(self, parent: str, one: Found) -> str | None:
        return self._new_there.pop((parent, clean_name(one.name), one.content is None), None)

    def _drop_hollow(self) -> None:
        """A new folder that holds things, but none that can be kept in step, is none of them itself."""
        within = children_of(self.here.items)
        held = {folder for folder, _ in self.here.occupied}
        for name in reversed(below(within, ROOT)):
            new = name not in self._known and name not in self._there
            if new and self.here.items[name].folder and name in held and not within.get(name):
                item = self.here.items.pop(name)
                del self.here.found[name]
                within[item.parent].remove(name)
                self.here.occupied.add((item.parent, item.name))
                held.add(item.parent)
