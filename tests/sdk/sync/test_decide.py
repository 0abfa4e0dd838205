"""Random folders and edits on all sides come together, and nothing that somebody wrote is lost."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pileus.sdk.sync.trees import Item, rooted

from .world import Cloud, Device, Thing, tree

NAMES = ("a", "b", "c.txt", "é", "e\u0301")


class Editor:
    """Does what people do; each content is written once. `alive`: what nobody deleted or replaced."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.number = dice, 0
        self.written: set[str] = set()
        self.dropped: set[str] = set()

    def content(self) -> str:
        self.number += 1
        self.written.add(f"text {self.number}")
        return f"text {self.number}"

    def edit_folder(self, device: Device) -> None:
        folders = [device.root]
        for one in folders:
            folders += [thing for thing in one.inside.values() if thing.content is None]
        folder = self.dice.choice(folders)
        names = sorted(folder.inside)
        act = self.dice.choice(["write", "write", "mkdir", "move", "move", "rewrite", "delete", "swap"])
        if act == "write":
            if (old := folder.inside.get(name := self.dice.choice(NAMES))) is None:
                folder.inside[name] = Thing(next(device.numbers), self.content())
            elif old.content is not None:
                self.dropped.add(old.content)
                folder.inside[name] = Thing(next(device.numbers), self.content())  # as editors save
        elif act == "mkdir":
            folder.inside.setdefault(self.dice.choice(NAMES), Thing(next(device.numbers)))
        elif names and act == "rewrite":
            thing = folder.inside[self.dice.choice(names)]
            if thing.content is not None:
                self.dropped.add(thing.content)
                thing.content = self.content()
        elif names and act == "delete":
            self.drop(folder.inside.pop(self.dice.choice(names)))
        elif names and act == "move":
            self.move(device, folder, self.dice.choice(names), self.dice.choice(folders), self.dice.choice(NAMES))
        elif len(names) > 1 and act == "swap":
            one, other = self.dice.sample(names, 2)
            folder.inside[one], folder.inside[other] = folder.inside[other], folder.inside[one]

    def move(self, device: Device, folder: Thing, name: str, to: Thing, new: str) -> None:
        thing = folder.inside[name]
        inside = [thing]
        for one in inside:
            inside += one.inside.values()
        if any(to is one for one in inside) or new in to.inside:
            return
        to.inside[new] = folder.inside.pop(name)

    def drop(self, thing: Thing) -> None:
        if thing.content is not None:
            self.dropped.add(thing.content)
        for one in thing.inside.values():
            self.drop(one)

    def edit_cloud(self, cloud: Cloud) -> None:
        """Another device, or the Files app: no order holds it back."""
        records = cloud.records
        folders = ["", *sorted(one for one, item in records.items() if item.folder)]
        act = self.dice.choice(["add", "mkdir", "move", "rewrite", "delete"])
        parent, name = self.dice.choice(folders), self.dice.choice(NAMES[:4])
        one = self.dice.choice(sorted(records)) if records else None
        if act == "add":
            records[cloud.fresh()] = Item(parent, name, self.content())
        elif act == "mkdir":
            records[cloud.fresh()] = Item(parent, name)
        elif one is None:
            return
        elif act == "move":
            records[one] = Item(parent, name, records[one].content)  # into itself, even
        elif act == "rewrite" and records[one].content is not None:
            self.dropped.add(str(records[one].content))
            records[one] = Item(records[one].parent, records[one].name, self.content())
        elif act == "delete":
            self.drop_record(cloud, one)

    def drop_record(self, cloud: Cloud, one: str) -> None:
        item = cloud.records.pop(one)
        if item.content is not None:
            self.dropped.add(item.content)


def shown(cloud: Cloud, agreed: Any) -> Any:
    """The cloud's tree with the names that the folder gives."""
    there = rooted(cloud.records)

    def inside(folder: str) -> Any:
        return {
            agreed[one].local: item.content if not item.folder else inside(one)
            for one, item in sorted(there.items(), key=lambda pair: agreed[pair[0]].local)
            if item.parent == folder
        }

    return inside("")


def come_together(devices: list[Device]) -> None:
    """Rounds until none has anything to do."""
    for _ in range(30):
        busy = [device.sync() for device in devices]
        if not any(busy):
            return
    raise AssertionError("they do not come to rest")


def check(cloud: Cloud, devices: list[Device], editor: Editor) -> None:
    there = {item.content for item in cloud.records.values() if item.content is not None}
    for device in devices:
        assert device.contents() == there
        assert tree(device.root) == shown(cloud, device.agreed)
        assert device.agreed.keys() == rooted(cloud.records).keys()
    lost = editor.written - editor.dropped - there
    assert not lost, f"{lost} is nowhere"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_they_come_together(seed: int) -> None:
    dice = random.Random(seed)
    cloud, editor = Cloud(), Editor(dice)
    devices = [Device(cloud, f"device {number}") for number in range(dice.randrange(1, 4))]
    for _ in range(dice.randrange(1, 6)):
        for _ in range(dice.randrange(8)):
            if dice.random() < 0.3:
                editor.edit_cloud(cloud)
            else:
                editor.edit_folder(dice.choice(devices))
        if dice.random() < 0.7:
            dice.choice(devices).sync()
    come_together(devices)
    check(cloud, devices, editor)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_killed_between_two_steps(seed: int) -> None:
    """What a killed round left is gone on from, whatever is edited meanwhile."""
    dice = random.Random(seed)
    cloud, editor = Cloud(), Editor(dice)
    devices = [Device(cloud, f"device {number}") for number in range(dice.randrange(1, 3))]
    for _ in range(dice.randrange(1, 8)):
        for _ in range(dice.randrange(6)):
            if dice.random() < 0.3:
                editor.edit_cloud(cloud)
            else:
                editor.edit_folder(dice.choice(devices))
        dice.choice(devices).sync(stop_after=dice.randrange(12))
    come_together(devices)
    check(cloud, devices, editor)
