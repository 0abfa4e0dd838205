"""What three trees come to: one tree that both sides are to have, and the steps there. Pure.

A change on one side goes to the other; of a change and a deletion the change is kept; of two names or places
the cloud's is taken; of two contents the cloud's keeps the name and this device's becomes a copy named after it.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace

from pileus.core.filenames import clean_name, numbered, tagged
from pileus.sdk.sync.trees import ROOT, Agreed, Item, Synced, Tree, circles


@dataclass(frozen=True)
class Plan:
    """`goal`: what both sides are to have. `here`: the folder's items under the ids that they have now: what is
    kept as a copy (`copies`: new id → old one) got a new one.
    """

    goal: dict[str, Synced]
    here: dict[str, Item]
    there: dict[str, Item]
    copies: dict[str, str] = field(default_factory=dict)


def decide(
    here: Tree,
    agreed: Agreed,
    there: Tree,
    device: str,
    fresh: Callable[[], str],
    occupied: Set[tuple[str, str]] = frozenset(),
    key: Callable[[str], str] = str,
) -> Plan:
    """`occupied`: names in the folder that other things have; `key` makes names equal that it takes for one."""
    return _Deciding(here, agreed, there, device, fresh, occupied, key).run()


def settled(here: Item | None, there: Item | None, goal: Synced | None, old: Synced | None) -> Synced | None:
    """What both sides agree on now that they are so; None for nothing.

    A place or a content on which they do not agree stays what was agreed on before.
    """
    if here is None or there is None:
        return None if here is None and there is None else old
    placed = (
        goal is not None and here.parent == there.parent and (here.name, there.name) == (goal.local, goal.name)
    )
    same = here.content == there.content
    if placed and same:
        return Synced(there.parent, there.name, there.content, here.name)
    if old is None:
        return None
    if placed:
        old = replace(old, parent=there.parent, name=there.name, local=here.name)
    return replace(old, content=there.content) if same else old


class _Deciding:
    def __init__(
        self,
        here: Tree,
        agreed: Agreed,
        there: Tree,
        device: str,
        fresh: Callable[[], str],
        occupied: Set[tuple[str, str]],
        key: Callable[[str], str],
    ) -> None:
        self._here, self._agreed, self._there = dict(here), dict(agreed), there
        self._device, self._fresh, self._occupied, self._key = device, fresh, occupied, key
        self._copies: dict[str, str] = {}
        self._goal: dict[str, Item] = {}

    def run(self) -> Plan:
        for one in sorted(self._here.keys() | self._agreed.keys() | self._there.keys()):
            merged = self._merged(one)
            if merged is not None:
                self._goal[one] = merged
        self._hold_together()
        self._tell_apart()
        return Plan(self._with_locals(), self._here, dict(self._there), self._copies)

    def _merged(self, one: str) -> Item | None:
        here, old, there = self._here.get(one), self._agreed.get(one), self._there.get(one)
        if here is None:
            return None if there is None or (old is not None and there == old.there) else there
        mine = Item(here.parent, self._cloud_name(one), here.content)
        if there is None:
            if old is None or here.folder:
                return mine if old is None or here != old.here else None
            if here != old.here:
                self._copy(one, mine)
            return None
        if old is None:
            if mine.content != there.content:
                self._copy(one, replace(mine, name=tagged(mine.name, self._device)))
            return there
        if here.content not in (old.content, there.content) and there.content != old.content:
            self._copy(one, replace(mine, name=tagged(there.name, self._device)))
            return there
        return Item(
            there.parent if there.parent != old.parent else mine.parent,
            there.name if there.name != old.name else mine.name,
            there.content if there.content != old.content else mine.content,
        )

    def _copy(self, one: str, item: Item) -> None:
        """This device's file goes on under an id of its own."""
        name = self._fresh()
        self._copies[name] = one
        self._here[name] = self._here.pop(one)
        self._goal[name] = item

    def _cloud_name(self, one: str) -> str:
        """The name that the folder's item has, or would have, in the cloud."""
        old, name = self._agreed.get(one), self._here[one].name
        return old.name if old is not None and old.local == name else clean_name(name)

    def _hold_together(self) -> None:
        """What is kept lies in folders that are kept, and in no circle."""
        changed = True
        while changed:
            changed = False
            for one in list(self._goal):
                changed |= self._hold(one)
            for circle in circles(self._goal):
                changed = True
                for one in circle:
                    if one in self._there:
                        self._goal[one] = replace(self._goal[one], parent=self._there[one].parent)

    def _hold(self, one: str) -> bool:
        """Takes a folder back that one side deleted while the other put something into it, and those above it."""
        took = False
        folder = self._goal[one].parent
        while folder != ROOT and folder not in self._goal:
            there, here, old = self._there.get(folder), self._here.get(folder), self._agreed.get(folder)
            if there is not None:
                self._goal[folder] = there
            elif here is not None:
                self._goal[folder] = Item(here.parent, self._cloud_name(folder))
            elif old is not None:  # above something that cannot be read now
                self._goal[folder] = old.there
            else:
                self._goal[one] = replace(self._goal[one], parent=ROOT)
                return True
            one, folder, took = folder, self._goal[folder].parent, True
        return took

    def _tell_apart(self) -> None:
        """Of several things of one name in a folder those keep it that have it in the cloud already."""
        taken: dict[tuple[str, str], int] = {}
        for item in self._goal.values():
            taken[item.parent, item.name] = taken.get((item.parent, item.name), 0) + 1
        for one, item in sorted(self._goal.items()):
            there = self._there.get(one)
            place = (item.parent, item.name)
            if taken[place] == 1 or (there is not None and (there.parent, there.name) == place):
                continue
            taken[place] -= 1
            name, number = tagged(item.name, self._device), 2
            while taken.get((item.parent, name)):
                name, number = numbered(tagged(item.name, self._device), number), number + 1
            taken[item.parent, name] = 1
            self._goal[one] = replace(item, name=name)

    def _with_locals(self) -> dict[str, Synced]:
        """Names that the folder can hold beside each other."""
        taken = {(folder, self._key(name)) for folder, name in self._occupied}
        goal: dict[str, Synced] = {}
        later = []
        for one, item in sorted(self._goal.items()):
            here = self._here.get(one)
            if here is not None and here.parent == item.parent and clean_name(here.name) == item.name:
                goal[one] = Synced(item.parent, item.name, item.content, here.name)
                taken.add((item.parent, self._key(here.name)))
            else:
                later.append(one)
        for one in later:
            item = self._goal[one]
            name, number = item.name, 2
            while (item.parent, self._key(name)) in taken:
                name, number = numbered(item.name, number), number + 1
            taken.add((item.parent, self._key(name)))
            goal[one] = Synced(item.parent, item.name, item.content, name)
        return goal
