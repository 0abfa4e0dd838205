"""Folders and a cloud as values: what is in a sync's deciding part, without a file system or a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from pileus.core.filenames import numbered
from pileus.sdk.sync.decide import Plan, decide, settled
from pileus.sdk.sync.match import Found, Here, match
from pileus.sdk.sync.steps import PARKED, Step, steps_here, steps_there
from pileus.sdk.sync.trees import ROOT, Item, Synced, below, children_of, rooted


@dataclass
class Thing:
    """What a file system has under a name."""

    inode: int
    content: str | None = None
    inside: dict[str, Thing] = field(default_factory=dict)


@dataclass
class Cloud:
    """Records as the journal keeps them: nobody looks whether a parent is there, or a name taken."""

    records: dict[str, Item] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=count)

    def fresh(self) -> str:
        return f"{next(self.ids):06}"


class Device:
    """A folder, what it and the cloud agreed on, and its own part of a sync."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud, self.name = cloud, name
        self.root = Thing(0)
        self.numbers = count(1)
        self.agreed: dict[str, Synced] = {}
        self.claims: dict[str, Synced] = {}
        self.inodes: dict[str, int] = {}
        self.parked: dict[str, Thing] = {}

    def found(self) -> Iterator[Found]:
        waiting = [("", self.root)]
        while waiting:
            path, folder = waiting.pop()
            for name, thing in sorted(folder.inside.items()):
                below_it = f"{path}/{name}" if path else name
                yield Found(below_it, thing.content, thing.inode)
                if thing.content is None:
                    waiting.append((below_it, thing))

    def contents(self) -> set[str]:
        return {one.content for one in self.found() if one.content is not None}

    def unpark(self) -> None:
        """As `Folder.put_back`: what a killed round had out of the way gets its place again, or one beside."""
        for one, thing in self.parked.items():
            name, number = self.agreed[one].local if one in self.agreed else one, 2
            wish = name
            while name in self.root.inside:
                name, number = numbered(wish, number), number + 1
            self.root.inside[name] = thing
        self.parked.clear()

    def sync(self, stop_after: int | None = None) -> bool:
        """One round; whether anything was to be done. It is killed after so many steps."""
        self.unpark()
        there = rooted(self.cloud.records)
        known = {**self.claims, **self.agreed}
        matched = match(list(self.found()), known, self.inodes, there, self.cloud.fresh)
        base = {**{one: item for one, item in self.claims.items() if one in there}, **self.agreed}
        plan = decide(matched.items, base, there, self.name, self.cloud.fresh)
        running = _Running(self, plan, matched)
        running.settle_all()
        here, away = steps_here(plan), steps_there(plan)
        self.claims = {
            one: item for one, item in plan.goal.items() if one in plan.here and one not in running.agreed_now
        }
        for number, step in enumerate([*here, *away]):
            if stop_after is not None and number >= stop_after:
                return True
            running.here_step(step) if number < len(here) else running.there_step(step)
        return bool(here or away)


class _Running:
    """Both sides while the steps are done."""

    def __init__(self, device: Device, plan: Plan, matched: Here) -> None:
        self.device, self.plan = device, plan
        self.here, self.there = dict(plan.here), dict(plan.there)
        self.things = self._things(matched)
        for new, old in plan.copies.items():
            self.things[new] = self.things.pop(old)

    @property
    def agreed_now(self) -> dict[str, Synced]:
        return self.device.agreed

    def _things(self, matched: Here) -> dict[str, Thing]:
        things = {ROOT: self.device.root}
        for one in below(children_of(matched.items), ROOT):
            item = matched.items[one]
            things[one] = things[item.parent].inside[item.name]
        return things

    def settle_all(self) -> None:
        for one in self.plan.goal.keys() | self.here.keys() | self.there.keys() | self.device.agreed.keys():
            self.settle(one)

    def settle(self, one: str) -> None:
        device = self.device
        old = device.agreed.get(one) or (device.claims.get(one) if one in self.there else None)
        now = settled(self.here.get(one), self.there.get(one), self.plan.goal.get(one), old)
        if now is None:
            device.agreed.pop(one, None)
            device.inodes.pop(one, None)
        else:
            device.agreed[one] = now
            if one in self.things:
                device.inodes[one] = self.things[one].inode

    def here_step(self, step: Step) -> None:
        one, goal = step.item, self.plan.goal.get(step.item)
        if step.kind == "park":
            self._take_out(one)
            self.device.parked[one] = self.things[one]
            self.here[one] = Item(PARKED, one, self.here[one].content)
        elif step.kind == "move":
            assert goal is not None
            self._take_out(one)
            self._put(one, goal, self.things[one])
        elif step.kind == "make":
            assert goal is not None
            self._put(one, goal, Thing(next(self.device.numbers)))
        elif step.kind == "remove":
            assert not self.things[one].inside, "a folder that is removed is empty"
            self._take_out(one)
            del self.here[one]
        else:
            assert goal is not None
            content = self.there[one].content
            if one in self.here:
                self.things[one].content = content
                self.here[one] = replace(self.here[one], content=content)
            else:
                self._put(one, goal, Thing(next(self.device.numbers), content))
        self.settle(one)

    def _take_out(self, one: str) -> None:
        item = self.here[one]
        inside = self.things[item.parent].inside if item.parent != PARKED else self.device.parked
        taken = inside.pop(item.name)
        assert taken is self.things[one]

    def _put(self, one: str, goal: Synced, thing: Thing) -> None:
        folder = self.things[goal.parent].inside
        assert goal.local not in folder, "nothing is overwritten"
        folder[goal.local] = thing
        self.things[one] = thing
        self.here[one] = Item(goal.parent, goal.local, thing.content)

    def there_step(self, step: Step) -> None:
        one, records = step.item, self.device.cloud.records
        goal = self.plan.goal.get(one)
        if step.kind == "delete":
            del records[one], self.there[one]
        else:
            assert goal is not None
            old = self.there.get(one)
            if step.kind == "make":
                records[one] = Item(goal.parent, goal.name)
            elif step.kind == "place":
                records[one] = replace(records[one], parent=goal.parent, name=goal.name)
            elif old is not None:
                records[one] = replace(records[one], content=self.here[one].content)
            else:
                records[one] = Item(goal.parent, self._free(goal), self.here[one].content)
            self.there[one] = records[one]
        self.settle(one)

    def _free(self, goal: Synced) -> str:
        """As the files service: a name that is taken gets a number."""
        taken = {one.name for one in self.device.cloud.records.values() if one.parent == goal.parent}
        name, number = goal.name, 2
        while name in taken:
            name, number = numbered(goal.name, number), number + 1
        return name


def tree(things: Thing) -> Any:
    return {
        name: one.content if one.content is not None else tree(one) for name, one in sorted(things.inside.items())
    }
