"""The trees that a sync compares: what is in the folder, in the cloud, and what both agreed on last. Pure.

An item is known by its record's id in all of them; `ROOT` is the folder that is kept in step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

ROOT = ""


@dataclass(frozen=True)
class Item:
    """One side's view of a file or folder. `content`: the BLAKE3 of a file's bytes in hex; None for a folder."""

    parent: str
    name: str
    content: str | None = None

    @property
    def folder(self) -> bool:
        return self.content is None


@dataclass(frozen=True)
class Synced(Item):
    """What both sides agreed on: `name` in the cloud, `local` in the folder."""

    local: str = ""

    @property
    def here(self) -> Item:
        return Item(self.parent, self.local, self.content)

    @property
    def there(self) -> Item:
        return Item(self.parent, self.name, self.content)


Tree = Mapping[str, Item]
Agreed = Mapping[str, Synced]


def children_of(tree: Tree) -> dict[str, list[str]]:
    """The ids in each folder, in the order of the tree."""
    found: dict[str, list[str]] = {}
    for name, item in tree.items():
        found.setdefault(item.parent, []).append(name)
    return found


def below(children: Mapping[str, list[str]], folder: str) -> list[str]:
    """What is in a folder and in those in it, folders before what is in them."""
    found: list[str] = []
    waiting = [folder]
    while waiting:
        inside = children.get(waiting.pop(), [])
        found += inside
        waiting += inside
    return found


def paths_of(tree: Tree) -> dict[str, str]:
    """Each item's path below the root. The tree has no circles and no item without its folder."""
    paths = {ROOT: ""}
    children = children_of(tree)
    for one in below(children, ROOT):
        above = paths[tree[one].parent]
        paths[one] = f"{above}/{tree[one].name}" if above else tree[one].name
    del paths[ROOT]
    return paths


def rooted(records: Tree, scope: str = ROOT) -> dict[str, Item]:
    """The records below `scope` as a tree of their own.

    As the Files app shows them: what lies in no folder that is there is in the root, and a circle, which two
    devices can make that move folders at once, is opened at its smallest id.
    """
    plain = {}
    for name, item in records.items():
        above = records.get(item.parent)
        plain[name] = item if above is not None and above.folder else replace(item, parent=ROOT)
    for name in first_of_circles(plain):
        plain[name] = replace(plain[name], parent=ROOT)
    inside = below(children_of(plain), scope)
    return {one: replace(plain[one], parent=ROOT) if plain[one].parent == scope else plain[one] for one in inside}


def circles(tree: Tree) -> list[list[str]]:
    """Items that are in each other, each circle by itself."""
    found: list[list[str]] = []
    seen: dict[str, int] = {}
    for number, start in enumerate(tree):
        one, way = start, []
        while one in tree and one not in seen:
            seen[one] = number
            way.append(one)
            one = tree[one].parent
        if one in tree and seen[one] == number:
            found.append(way[way.index(one) :])
    return found


def first_of_circles(tree: Tree) -> list[str]:
    return [min(circle) for circle in circles(tree)]


def without(
    agreed: Agreed, there: Tree, ignored: Callable[[str, bool], bool]
) -> tuple[dict[str, Synced], dict[str, Item]]:
    """Both without what is ignored by its path (`ignored` hears whether it is a folder) or lies in what is."""
    kept_agreed = _unignored({one: item.here for one, item in agreed.items()}, ignored)
    kept_there = _unignored(there, ignored)
    return {one: agreed[one] for one in kept_agreed}, {one: there[one] for one in kept_there}


def folded(name: str) -> str:
    """Names that a file system which does not tell case or normal forms apart takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _unignored(tree: Tree, ignored: Callable[[str, bool], bool]) -> list[str]:
    paths = paths_of(tree)
    out: set[str] = set()
    for one in paths:  # folders before what is in them
        if tree[one].parent in out or ignored(paths[one], tree[one].folder):
            out.add(one)
    return [one for one in paths if one not in out]


def taken_names(items: Iterable[Item], key: Callable[[str], str]) -> set[tuple[str, str]]:
    return {(item.parent, key(item.name)) for item in items}
