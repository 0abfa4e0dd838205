"""One look at both sides: from the ledger, the folder and the cloud's records to a plan. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pileus.core.errors import NotFound
from pileus.core.ids import new_id
from pileus.sdk.sync.decide import Plan, decide
from pileus.sdk.sync.folder import Folder
from pileus.sdk.sync.ignore import ignored_in
from pileus.sdk.sync.ledger import Entry, Ledger, Record, Stamp
from pileus.sdk.sync.match import Found, match
from pileus.sdk.sync.scan import scan
from pileus.sdk.sync.steps import Step, steps_here, steps_there
from pileus.sdk.sync.trees import ROOT, rooted, without

NOTES = ("link", "special", "ignored")
"""Why things are left alone without that being a trouble."""


@dataclass
class Look:
    """`plan` and its steps; `stamps` of the folder's items; `base`: what was agreed on, or claimed and arrived."""

    plan: Plan
    here: list[Step]
    there: list[Step]
    frozen: set[str]
    stamps: dict[str, Stamp]
    base: dict[str, Entry]
    records: dict[str, Record]
    unusable: list[Found]


def look(folder: Folder, ledger: Ledger, scope: str, device: str) -> Look:
    """Raises `OSError` where the folder itself cannot be read, `NotFound` where the cloud's folder is gone."""
    records = ledger.records()
    if scope != ROOT and (scope not in records or not records[scope].item.folder):
        raise NotFound("sync-folder-gone", "The folder of Files that this one is kept in step with is gone.")
    agreed, claims = ledger.agreed(), ledger.claims()
    entries = claims | agreed
    ignored = ignored_in(folder.root)
    seen = list(scan(folder.root, ignored, _known(entries)))
    known, there = without(
        {one: entry.item for one, entry in entries.items()},
        rooted({one: record.item for one, record in records.items()}, scope),
        ignored,
    )
    # What was sent and has an ignored name by now is no claim any more: what is here is another thing.
    known = {one: item for one, item in known.items() if one in agreed or one in there or one not in records}
    inodes = {one: entries[one].stamp.inode for one in known}
    here = match([one.found for one in seen], known, inodes, there, new_id)
    base = {one: entries[one] for one in known if one in agreed or one in there}
    key = folder.same_names()
    items = {one: entry.item for one, entry in base.items()}
    plan = decide(here.items, items, there, device, new_id, here.occupied, key)
    by_path = {one.found.path: one.stamp for one in seen}
    stamps = {one: by_path[found.path] for one, found in here.found.items()}
    for new, old in plan.copies.items():
        stamps[new] = stamps.pop(old)
    unusable = [one.found for one in seen if one.found.unusable and one.found.unusable != "ignored"]
    frozen = {*here.frozen}
    return Look(
        plan, steps_here(plan, frozen, key), steps_there(plan, frozen), frozen, stamps, base, records, unusable
    )


def _known(entries: Mapping[str, Entry]) -> dict[int, tuple[Stamp, str]]:
    return {
        entry.stamp.inode: (entry.stamp, entry.item.content)
        for entry in entries.values()
        if entry.item.content is not None and entry.stamp.ctime_ns
    }
