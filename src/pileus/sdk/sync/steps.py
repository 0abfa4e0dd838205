"""The steps that bring each side to the goal, in an order in which each can be done. Pure."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Literal

from pileus.sdk.sync.decide import Plan
from pileus.sdk.sync.trees import ROOT, Item, below, children_of

PARKED = "/"
"""The parent of what waits outside of the tree for its place to become free; no id has a slash."""

Kind = Literal["park", "make", "move", "remove", "fetch", "place", "send", "delete"]


@dataclass(frozen=True)
class Step:
    """In the folder: `park` (out of the way), `make` a folder, `move`, `remove`, `fetch` a content.

    In the cloud: `make` a folder, `place` (name and parent), `send` a content, `delete`.
    """

    kind: Kind
    item: str


def steps_here(plan: Plan, frozen: Set[str] = frozenset(), key: Callable[[str], str] = str) -> list[Step]:
    """Nothing is done with what is frozen, nor in it, nor in what wants its place."""
    steps: list[Step] = []
    absent: set[str] = set()
    places = {one: (item.parent, key(item.name)) for one, item in plan.here.items()}
    at = {place: one for one, place in places.items()}
    goal = plan.goal
    for one in below(children_of(goal), ROOT):
        item, here = goal[one], plan.here.get(one)
        place = (item.parent, key(item.local))
        settled = here is not None and (here.parent, here.name) == (item.parent, item.local)
        other = at.get(place)
        if item.parent in absent | frozen or (item.folder and other in frozen):
            if here is None:
                absent.add(one)
            continue
        if (here is None and not item.folder) or one in frozen:
            continue
        if (settled and places[one] == place) or other in frozen:
            continue
        if other is not None and other != one:
            steps.append(Step("park", other))
            places[other] = (PARKED, other)
            del at[place]
        steps.append(Step("make" if here is None else "move", one))
        if here is not None:
            at.pop(places[one], None)
        places[one] = place
        at[place] = one
    gone = [one for one in reversed(below(children_of(plan.here), ROOT)) if one not in goal]
    steps += [Step("remove", one) for one in gone if one not in frozen]
    steps += [
        Step("fetch", one)
        for one in below(children_of(goal), ROOT)
        if not goal[one].folder
        and one not in frozen | absent
        and _content(plan.here.get(one)) != goal[one].content
    ]
    return steps


def steps_there(plan: Plan, frozen: Set[str] = frozenset()) -> list[Step]:
    """Contents of what is frozen are not sent."""
    made: list[Step] = []
    sent: list[Step] = []
    goal = plan.goal
    for one in below(children_of(goal), ROOT):
        item, there = goal[one], plan.there.get(one)
        if there is None and item.folder:
            made.append(Step("make", one))
        elif there is not None and (there.parent, there.name) != (item.parent, item.name):
            made.append(Step("place", one))
        if not item.folder and one not in frozen and _content(there) != item.content:
            sent.append(Step("send", one))
    gone = [one for one in reversed(below(children_of(plan.there), ROOT)) if one not in goal]
    files = [Step("delete", one) for one in gone if not plan.there[one].folder]
    folders = [Step("delete", one) for one in gone if plan.there[one].folder]
    return [*made, *sent, *files, *folders]


def _content(item: Item | None) -> str | None:
    return None if item is None else item.content
