"""One round: a look at both sides, then its steps, each written down when it is durable. Everything here blocks.

Any step may be the last one before the process is killed: the next round looks at both sides anew. What could not
be done is told and left for the next round.
"""

from __future__ import annotations

import errno
import mimetypes
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from blake3 import blake3

from pileus.core.errors import NotFound, PileusError, Unauthorized, Unavailable, is_disk_full
from pileus.sdk.sync.cloud import BULK_BYTES, BULK_FILE, BULK_FILES, Account, Small
from pileus.sdk.sync.decide import settled
from pileus.sdk.sync.folder import ASIDE, OWN, Changed, Folder
from pileus.sdk.sync.ledger import Entry, Ledger, Stamp
from pileus.sdk.sync.look import NOTES, Look, look
from pileus.sdk.sync.scan import Changing, lasting, opened, read_file
from pileus.sdk.sync.steps import PARKED, Step
from pileus.sdk.sync.trees import ROOT, Item, paths_of

THREADS = 4
"""Contents that are on their way at once."""
COMMIT_STEPS = 256
COMMIT_SECONDS = 1.0
NO_STAMP = Stamp(0, 0, 0, 0)


class Listener:
    """Hears what is done; does nothing with it."""

    def did(self, kind: str, path: str) -> None:
        """`kind`: a step's, or `copied` for what a conflict made."""

    def trouble(self, path: str, code: str, detail: str) -> None:
        """What was left for the next round."""


@dataclass
class Tally:
    """What a sync did, by the kind of step; `troubles`: path, code, detail; `notes`: links and the like."""

    done: dict[str, int] = field(default_factory=dict)
    troubles: list[tuple[str, str, str]] = field(default_factory=list)
    notes: int = 0

    @property
    def steps(self) -> int:
        return sum(self.done.values())


def run_round(folder: Folder, ledger: Ledger, account: Account, device: str, listener: Listener) -> Tally:
    """Raises `Unavailable` or `Unauthorized` where the cloud does not answer: what was done is written down."""
    folder.check()
    account.read(ledger)
    _recover(folder, ledger)
    scope = ledger.get("scope") or ROOT
    return _Round(folder, ledger, account, scope, look(folder, ledger, scope, device), listener).run()


def _recover(folder: Folder, ledger: Ledger) -> None:
    """Takes up what a killed round left: things out of the tree, and uploads that became records."""
    records, agreed = ledger.records(), ledger.agreed()
    paths = paths_of({one: entry.item.here for one, entry in agreed.items()})

    def known(one: str, content: str) -> bool:
        held = [agreed[one].item.content] if one in agreed else []
        return content in [*held, records[one].item.content] if one in records else content in held

    if folder.put_back(paths.get, known):
        folder.flush()
    for one, (upload, content) in ledger.uploads().items():
        if upload in records:
            with ledger.writing():
                ledger.rename_claim(one, upload)
                ledger.drop_upload(one)
        elif one in records and records[one].item.content == content:
            ledger.drop_upload(one)


class _Round:
    def __init__(
        self, folder: Folder, ledger: Ledger, account: Account, scope: str, seen: Look, listener: Listener
    ) -> None:
        self._folder, self._ledger, self._account, self._scope = folder, ledger, account, scope
        self._look, self._listener = seen, listener
        self._goal = seen.plan.goal
        self._here, self._there = dict(seen.plan.here), dict(seen.plan.there)
        self._stamps, self._base = dict(seen.stamps), dict(seen.base)
        self._written = ledger.agreed()
        self._pending: dict[str, Entry | None] = {}
        self._last_commit = time.monotonic()
        self._failed: set[str] = set()
        self._full = False
        self.tally = Tally()

    def run(self) -> Tally:
        self._begin()
        for found in self._look.unusable:
            if found.unusable in NOTES:
                self.tally.notes += 1
            else:
                self._trouble(found.path, found.unusable, found.reason)
        try:
            self._arrange([one for one in self._look.here if one.kind != "fetch"])
            self._change([one for one in self._look.there if one.kind in ("make", "place")])
            self._transfer(
                [one for one in self._look.there if one.kind == "send"],
                [one for one in self._look.here if one.kind == "fetch"],
            )
            self._delete([one for one in self._look.there if one.kind == "delete"])
        finally:
            self._commit()
            self._ledger.put_troubles(self.tally.troubles)
        return self.tally

    def _begin(self) -> None:
        """Writes down on what both sides agree already, and under which ids new things go up."""
        for one in self._goal.keys() | self._here.keys() | self._there.keys() | self._base.keys():
            if one not in self._look.frozen:
                self._settle(one)
        claims = [
            (one, Entry(item, lasting(self._stamps[one])))
            for one, item in self._goal.items()
            if one in self._here and one in self._stamps and one not in self._there
        ]
        with self._ledger.writing():
            self._commit()
            self._ledger.put_claims(claims)
            for one, (_, content) in self._ledger.uploads().items():
                if one not in self._goal or self._goal[one].content != content:
                    self._ledger.drop_upload(one)  # the cloud forgets it, too, after a while
        fetched = {step.item for step in self._look.here if step.kind == "fetch"}
        self._folder.tidy_parts(fetched.__contains__)

    # The folder

    def _arrange(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if self._passes(step.item):
                with _Guard(self, step.item):
                    self._arrange_one(step.kind, step.item)
                self._commit_at_times()
        self._commit()

    def _arrange_one(self, kind: str, one: str) -> None:
        path, folder = self._path(one) if one in self._here else "", self._folder
        if kind == "park":
            self._stamps[one] = folder.park(path, one, self._seen(one))
            self._here[one] = replace(self._here[one], parent=PARKED, name=one)
            return
        if kind == "remove":
            self._remove(one, path)
            return
        goal = self._goal[one]
        to = self._within(goal.parent, goal.local)
        self._stamps[one] = folder.make(to) if kind == "make" else folder.move(path, to, self._seen(one))
        content = self._here[one].content if kind == "move" else None
        self._here[one] = Item(goal.parent, goal.local, content)
        copied = one in self._look.plan.copies
        self._done("copied" if copied else "made" if kind == "make" else "moved", one, to)

    def _seen(self, one: str) -> Stamp | None:
        """A file's stamp; a folder is the same one whatever is done in it."""
        return None if self._here[one].folder else self._stamps[one]

    def _remove(self, one: str, path: str) -> None:
        if not self._here[one].folder:
            self._folder.remove_file(path, one, self._stamps[one])
        elif not self._folder.remove_folder(path) and any(item.parent == one for item in self._here.values()):
            self._failed.add(one)
            return
        del self._here[one]
        self._done("removed", one, path)

    # The cloud

    def _change(self, steps: Sequence[Step]) -> None:
        cursor, now = int(self._ledger.get("cursor") or 0), int(time.time() * 1000)
        wanted: list[str] = []
        mutations: list[dict[str, Any]] = []
        for step in steps:
            one = step.item
            if not self._passes(one):
                continue
            goal, old = self._goal[one], self._there.get(one)
            parent = self._cloud_parent(goal.parent)
            if old is None:
                mutations.append(self._account.make_folder(one, parent, goal.name, cursor, now))
            else:
                fields = {"parent": parent} if goal.parent != old.parent else {}
                fields |= {"name": goal.name} if goal.name != old.name else {}
                mutations.append(self._account.place(one, fields, self._look.records[one].seq))
            wanted.append(one)
        for one, outcome in zip(wanted, self._account.mutate(mutations), strict=True):
            if outcome["status"] == "refused":
                self._failed.add(one)
                self._trouble(self._shown(one), outcome["code"], outcome["detail"])
            elif outcome["status"] == "applied":
                goal, old = self._goal[one], self._there.get(one)
                self._there[one] = Item(goal.parent, goal.name, old.content if old else None)
                self._done("placed" if old else "made-there", one, self._shown(one))
        self._commit()

    def _delete(self, steps: Sequence[Step]) -> None:
        """Folders after files, and only those in which nothing was left."""
        paths = paths_of(self._look.plan.there)
        for folders in (False, True):
            chosen = [step.item for step in steps if self._look.plan.there[step.item].folder == folders]
            if folders:
                kept = {item.parent for one, item in self._there.items() if one not in chosen}
                for one in chosen:  # the deepest first
                    if one in kept:
                        kept.add(self._there[one].parent)
                chosen = [one for one in chosen if one not in kept]
            mutations = [self._account.delete(one, self._look.records[one].seq) for one in chosen]
            for one, outcome in zip(chosen, self._account.mutate(mutations), strict=True):
                if outcome["status"] == "refused":
                    self._trouble(paths[one], outcome["code"], outcome["detail"])
                elif outcome["status"] == "applied":
                    del self._there[one]
                    self._done("deleted", one, paths[one])
        self._commit()

    # Contents

    def _transfer(self, sends: Sequence[Step], fetches: Sequence[Step]) -> None:
        small: list[str] = []
        large: list[str] = []
        for step in sends:
            one = step.item
            if self._passes(one):
                new_and_small = one not in self._there and self._stamps[one].size <= BULK_FILE
                (small if new_and_small else large).append(one)
        pool = ThreadPoolExecutor(THREADS)
        try:
            jobs: dict[Future[Any], tuple[str, Callable[[str, Any], None]]] = {}
            for one in large:
                jobs[pool.submit(self._send, one, self._path(one))] = (one, self._was_sent)
            for step in fetches:
                if self._passes(step.item):
                    jobs[pool.submit(self._fetch, step.item)] = (step.item, self._was_fetched)
            for group in self._groups(small):
                self._send_group(group)
            for job in as_completed(jobs):
                one, then = jobs[job]
                with _Guard(self, one):
                    then(one, job.result())
                self._commit_at_times()
        finally:
            pool.shutdown(cancel_futures=True)
        self._commit()

    def _groups(self, items: Iterable[str]) -> Iterator[list[str]]:
        group: list[str] = []
        size = 0
        for one in items:
            if group and (len(group) == BULK_FILES or size + self._stamps[one].size > BULK_BYTES):
                yield group
                group, size = [], 0
            group.append(one)
            size += self._stamps[one].size
        if group:
            yield group

    def _send_group(self, group: Sequence[str]) -> None:
        files = []
        for one in group:
            with _Guard(self, one):
                files.append(self._small(one))
        for file, outcome in zip(files, self._account.send_small(files), strict=True):
            one = file.id
            if outcome.get("code"):
                self._failed.add(one)
                self._trouble(self._shown(one), outcome["code"], outcome.get("detail", ""))
                continue
            self._there[one] = Item(self._goal[one].parent, outcome["name"], file.content)
            self._done("sent", one, self._shown(one))
        self._commit()

    def _small(self, one: str) -> Small:
        goal = self._goal[one]
        above, _, name = self._path(one).rpartition("/")
        descriptor = opened(self._folder.root, above)
        try:
            data, stamp = read_file(descriptor, name)
        finally:
            os.close(descriptor)
        content = str(blake3(data).hexdigest())
        if content != goal.content:
            raise Changed
        self._stamps[one] = stamp
        modified = stamp.mtime_ns // 1_000_000
        return Small(one, self._cloud_parent(goal.parent), goal.name, _type_of(goal.name), content, modified, data)

    def _send(self, one: str, path: str) -> Any:
        """In a thread: a large file, or a file's new content."""
        content, client = self._goal[one].content or "", self._account.client
        upload, begun = self._ledger.uploads().get(one, ("", ""))
        if upload and begun == content:
            with suppress(NotFound):  # it took too long, or was given up
                return client.upload(self._folder.path / path, upload=upload)
        upload = client.post("/files/uploads", self._wish(one))["upload"]
        self._ledger.put_upload(one, upload, content)
        return client.upload(self._folder.path / path, upload=upload)

    def _wish(self, one: str) -> dict[str, Any]:
        """As `UploadWish` of the files service."""
        goal, stamp = self._goal[one], self._stamps[one]
        wish = {
            "name": goal.name,
            "parent": self._cloud_parent(goal.parent),
            "size": stamp.size,
            "type": _type_of(goal.name),
            "blake3": goal.content,
            "modified_ms": stamp.mtime_ns // 1_000_000,
        }
        replaced = {"replaces": one, "seen": self._look.records[one].object} if one in self._there else {}
        return wish | replaced

    def _was_sent(self, one: str, told: Any) -> None:
        goal = self._goal[one]
        self._ledger.drop_upload(one)
        if one in self._there:
            if told["file"] == one:
                self._there[one] = replace(self._there[one], content=goal.content)
        else:
            new = told["file"]
            self._ledger.rename_claim(one, new)
            self._here[new], self._goal[new] = self._here.pop(one), self._goal.pop(one)
            self._stamps[new] = self._stamps.pop(one)
            one = new
            self._there[one] = Item(goal.parent, told["name"], goal.content)
        self._done("sent", one, self._shown(one))

    def _fetch(self, one: str) -> str:
        """In a thread. The part's name lasts no longer than until `place`; `flush` makes that durable."""
        if self._full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._account.client.download(one, self._folder.part(one), named=False)

    def _was_fetched(self, one: str, content: str) -> None:
        goal = self._goal[one]
        new = one not in self._here
        path = self._within(goal.parent, goal.local) if new else self._path(one)
        seen = None if new else self._stamps[one]
        self._stamps[one] = self._folder.place(path, one, seen, self._look.records[one].modified_ms)
        place = (goal.parent, goal.local) if new else (self._here[one].parent, self._here[one].name)
        self._here[one] = Item(*place, content)
        self._there[one] = replace(self._there[one], content=content)
        self._done("fetched", one, path)

    # What is known

    def _passes(self, one: str) -> bool:
        """Whether it and the folders above it are as the plan has them by now."""
        seen: set[str] = set()
        while one != ROOT and one not in seen:
            if one in self._failed:
                return False
            seen.add(one)
            item = self._goal.get(one) or self._here.get(one) or self._there.get(one)
            one = ROOT if item is None else item.parent
        return True

    def _path(self, one: str) -> str:
        """Where it is in the folder now."""
        item = self._here[one]
        return f"{OWN}/{ASIDE}/{one}" if item.parent == PARKED else self._within(item.parent, item.name)

    def _within(self, parent: str, name: str) -> str:
        return name if parent == ROOT else f"{self._path(parent)}/{name}"

    def _shown(self, one: str) -> str:
        return self._path(one) if one in self._here else self._goal[one].name

    def _cloud_parent(self, parent: str) -> str:
        return self._scope if parent == ROOT else parent

    def _done(self, kind: str, one: str, path: str) -> None:
        self.tally.done[kind] = self.tally.done.get(kind, 0) + 1
        self._listener.did(kind, path)
        self._settle(one)

    def _settle(self, one: str) -> None:
        old = self._pending[one] if one in self._pending else self._base.get(one)
        now = settled(self._here.get(one), self._there.get(one), self._goal.get(one), old.item if old else None)
        if now is None:
            entry = None
        elif one in self._stamps and now.content == self._here[one].content:
            entry = Entry(now, lasting(self._stamps[one]))
        else:
            entry = Entry(now, old.stamp if old else NO_STAMP)
        if entry != self._written.get(one):
            self._pending[one] = entry

    def _commit_at_times(self) -> None:
        if len(self._pending) >= COMMIT_STEPS or time.monotonic() - self._last_commit > COMMIT_SECONDS:
            self._commit()

    def _commit(self) -> None:
        """The folder's changes become durable, then the ledger says so."""
        self._folder.flush()
        self._last_commit = time.monotonic()
        if not self._pending:
            return
        with self._ledger.writing():
            for one, entry in self._pending.items():
                if entry is None:
                    self._ledger.drop_agreed(one)
                else:
                    self._ledger.put_agreed(one, entry)
        self._written |= {one: entry for one, entry in self._pending.items() if entry is not None}
        for one, entry in self._pending.items():
            if entry is None:
                self._written.pop(one, None)
                self._base.pop(one, None)
            else:
                self._base[one] = entry
        self._pending.clear()

    def _trouble(self, path: str, code: str, detail: str = "") -> None:
        self.tally.troubles.append((path, code, detail))
        self._listener.trouble(path, code, detail)

    def failed(self, one: str, error: Exception) -> bool:
        """Whether the round goes on without this item."""
        self._failed.add(one)
        path = self._shown(one) if one in self._goal or one in self._here else one
        if isinstance(error, Unauthorized | Unavailable):
            return False
        if isinstance(error, Changed | Changing | FileNotFoundError | NotFound) or _outrun(error):
            self._trouble(path, "changing")
        elif isinstance(error, FileExistsError):
            self._trouble(path, "in-the-way")
        elif is_disk_full(error):
            if not self._full:
                self._trouble(path, "disk-full")
            self._full = True
        elif isinstance(error, OSError):
            self._trouble(path, "refused", error.strerror or str(error))
        elif isinstance(error, PileusError):
            self._trouble(path, error.code, error.detail)
        else:
            return False
        return True


class _Guard:
    """What one item's step raises is told, and the round goes on; what ends all of it is raised."""

    def __init__(self, turn: _Round, one: str) -> None:
        self._turn, self._one = turn, one

    def __enter__(self) -> None:
        return

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> bool:
        return isinstance(error, Exception) and self._turn.failed(self._one, error)


def _outrun(error: Exception) -> bool:
    """Whether somebody changed the file here or there while it was sent."""
    return isinstance(error, PileusError) and error.code in ("hash-mismatch", "file-changed")


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
