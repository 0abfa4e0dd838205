"""A history of folders: syncs that lose answers and die between any two steps, people who go on meanwhile.

The folders are real ones in memory, and so are `Pair`, `Folder` and `Ledger`; threads do their work where it is
asked for, in a seeded order. The rules at the end: the folders and the account come together, nothing is nowhere
that nobody deleted or replaced, a ledger never says more than the cloud took.
"""

from __future__ import annotations

import json
import os
import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx

from pileus.core.errors import Unavailable
from pileus.sdk import client as client_module
from pileus.sdk.client import Client
from pileus.sdk.sync import cloud, folder, look, scan, work
from pileus.sdk.sync import pair as pair_module
from pileus.sdk.sync.folder import ASIDE, OLD, OWN, PARTS
from pileus.sdk.sync.ignore import ignored_in
from pileus.sdk.sync.ledger import Ledger
from pileus.sdk.sync.match import Found
from pileus.sdk.sync.pair import LEDGER, Pair, status_of
from pileus.sdk.sync.trees import Item, folded, paths_of, rooted, without

from ..world import Violation
from .people import LARGE, People
from .service import Answer, Service, asked, problem

PASSES = 25
"""Of all devices, after which they have come together."""
CALLS = ("mkdir", "rmdir", "unlink", "rename", "replace", "fsync")
BOUNDS = {
    work: {"BULK_FILE": LARGE, "BULK_FILES": 3, "BULK_BYTES": 2 * LARGE, "COMMIT_SECONDS": float("inf")},
    cloud: {"MUTATIONS": 3},
    client_module: {"PIECE": LARGE, "time": SimpleNamespace(sleep=lambda _seconds: None)},
}
"""So small that small histories cross them."""


class Killed(BaseException):
    """The process of a sync ended here."""


class Device:
    """A folder and the process that keeps it in step, which may be killed; `blind` as of `People.edit`."""

    def __init__(self, world: World, name: str, *, blind: bool) -> None:
        self.name, self.blind = name, blind
        self.path = world.root / name
        self.path.mkdir()
        self.client = Client("http://cloud", "token", transport=_Line(world, self))
        self._pair: Pair | None = None

    def pair(self) -> Pair:
        if self._pair is None:
            pair = Pair(self.path, self.client)
            if self.blind:
                pair.folder.same_names = lambda: folded  # type: ignore[method-assign]
            self._pair = pair
        return self._pair

    def end(self) -> None:
        if self._pair is not None:
            self._pair.close()
            self._pair = None


class World:
    """One seed's history, in an empty folder. `run` raises `Violation`."""

    def __init__(self, seed: int, root: Path, trace: Callable[[str], None] | None = None) -> None:
        self.dice = random.Random(seed)
        self.root, self._trace = root, trace
        self.service = Service(self.fresh)
        self.people = People(self.dice, self.service, self._edited, self.say)
        dice = self.dice
        self.blind = dice.random() < 0.15
        self.devices = [Device(self, f"device {n}", blind=self.blind) for n in range(dice.choice((1, 2, 2, 3)))]
        self.running: Device | None = None
        self.edits = 0
        self._left: int | None = None
        self._dead = False
        self.loss = dice.choice((0, 0, 0.05, 0.2))
        self.meddling = dice.choice((0, 0, 0.02, 0.08))
        self.kills = dice.choice((0, 0.3, 0.6))

    def fresh(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128)))

    def say(self, text: str) -> None:
        if self._trace:
            self._trace(text.replace(f"{self.root}/", ""))

    def run(self) -> None:
        with self._replaced():
            for _ in range(self.dice.randrange(2, 7)):
                for _ in range(self.dice.randrange(7)):
                    self._edit()
                self._befall()
                for device in self.devices:
                    if self.dice.random() < 0.6:
                        self._sync(device)
            self._come_together()

    def end(self) -> None:
        for device in self.devices:
            device.end()
            device.client.close()

    # What happens

    def _edit(self) -> None:
        if self.dice.random() < 0.3:
            self.people.edit_cloud()
        else:
            self.people.edit(self.dice.choice(self.devices).path, blind=self.blind)

    def _edited(self, what: str) -> None:
        self.edits += 1
        self.say(f"  {what}")

    def _befall(self) -> None:
        dice, luck = self.dice, self.dice.random()
        if luck < 0.08:
            self.service.compact(dice.random())
            self.say(f"the cloud forgets up to {self.service.floor}")
        elif luck < 0.14:
            self.service.give_up_uploads()
            self.say("unfinished uploads expire")
        elif luck < 0.18:
            device = dice.choice(self.devices)
            device.end()
            for name in (LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm"):
                (device.path / OWN / name).unlink(missing_ok=True)
            self.say(f"{device.name} has no ledger any more")
        self.service.full = dice.random() < 0.05

    def _sync(self, device: Device) -> None:
        """One sync as the command does it, or as much as it comes to."""
        edits, dice = self.edits, self.dice
        self._left = dice.randrange(60) if dice.random() < self.kills else None
        self.say(f"{device.name} syncs")
        settled = False
        self.running = device
        try:
            tally = device.pair().once(_Heard(self))
            settled = not tally.troubles
            self.say(f"{device.name} did {tally.done}, troubles {tally.troubles}")
        except Killed:
            self.say(f"{device.name} is killed")
        except Unavailable:
            self.say("the cloud does not answer")
        finally:
            self.running = None
        if self._dead or dice.random() < 0.3:
            device.end()
        self._dead = False
        self._ledger_is_true(device)
        if settled and edits == self.edits:
            self._safe(device)

    def _come_together(self) -> None:
        self.loss = self.meddling = self.kills = 0
        self.say("all goes well from now on")
        for device in self.devices:
            self.people.repair(device.path)
        for _ in range(PASSES):
            self.service.full = False
            tallies = []
            for device in self.devices:
                tallies.append(tally := device.pair().once(_Heard(self)))
                self.say(f"{device.name} did {tally.done}, troubles {tally.troubles}")
            if not any(tally.steps or tally.troubles for tally in tallies):
                break
        else:
            raise Violation(f"they do not come to rest: {tallies}")
        self._check()

    # At each boundary

    def boundary(self, name: str, aimed: Path | list[str] | None = None) -> None:
        """Of the sync that runs: it may end here, and people may do something, `aimed` at what it is about to do:
        a file, or records."""
        device = self.running
        if device is None:
            return
        if self._dead:
            raise Killed
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self._dead = True
                self.say(f"  at {name}")
                raise Killed
        if self.meddling and self.dice.random() < self.meddling:
            self.running = None
            self.say(f"  at {name}")
            if self.dice.random() < 0.5:
                self._edit()
            elif isinstance(aimed, Path):
                self.people.rewrite(aimed)
            elif aimed:
                self.people.edit_record(self.dice.choice(aimed))
            self.running = device

    def carry(self, device: Device, request: httpx.Request) -> httpx.Response:
        """A request's way, and its answer's: either may be lost, and of a body a part may arrive."""
        path, query, body = asked(request)
        lost = self.dice.random() if self.running else 1.0
        if lost < self.loss / 2:
            if request.method == "PATCH" and lost < self.loss / 4:
                body = body[: self.dice.randrange(len(body) + 1)]
                self.service.answer(device.name, request.method, path, query, body)
            raise httpx.ConnectError("lost on its way")
        if lost < self.loss * 0.6:
            answer = problem(503, "unavailable")
        else:
            answer = self.service.answer(device.name, request.method, path, query, body)
        if answer.status >= 500 or (answer.status >= 400 and not _expected(answer)):
            self.say(f"  {request.method} {path} {answer.status}")
        if answer.status == 400:
            raise Violation(f"{request.method} {path} was answered {answer.body!r}")
        if lost < self.loss:
            if path.endswith("/content") and answer.status < 300:
                return httpx.Response(answer.status, headers=answer.headers, stream=_Cut(answer.body, self.dice))
            raise httpx.ReadError("the answer is lost")
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    # What must be so

    def _ledger_is_true(self, device: Device) -> None:
        """What both sides agreed on is in the cloud, or was."""
        path = device.path / OWN / LEDGER
        if not path.exists():
            return
        ledger = device.pair().ledger if device._pair else Ledger(path)
        if ledger.get("account") is not None:
            for one, entry in ledger.agreed().items():
                content = entry.item.content
                if content is not None and content not in self.service.ever:
                    raise Violation(
                        f"{device.name} agreed on {entry.item.local}, which the cloud never took: {one}"
                    )
        if device._pair is None:
            ledger.close()

    def _safe(self, device: Device) -> None:
        """A sync that had no troubles, with nobody at work meanwhile, says what is so: all is in the cloud."""
        if status_of(device.path).waiting:
            return
        for found in self._kept(device):
            if found.content is not None and found.content not in self.service.ever:
                raise Violation(f"{device.name} says that all is in step; {found.path} was not sent")

    def _check(self) -> None:
        there = rooted(self.service.items())
        contents = {item.content for item in there.values() if item.content is not None}
        left = {self.service.contents[one] for one in contents}
        for device in self.devices:
            pair = device.pair()
            agreed = {one: entry.item for one, entry in pair.ledger.agreed().items()}
            known, shown = without(agreed, there, ignored_in(pair.folder.root))
            if known.keys() != shown.keys():
                raise Violation(f"{device.name} agreed on {known}, the cloud has {shown}")
            for one, item in known.items():
                if item.there != shown[one]:
                    raise Violation(f"{device.name} agreed on {item}, the cloud has {shown[one]}")
            here = {one: Item(item.parent, item.local, item.content) for one, item in known.items()}
            wanted = {path: here[one].content for one, path in paths_of(here).items()}
            found = {one.path: one.content for one in self._kept(device)}
            hollow = {path for path in found.keys() - wanted.keys() if self._hollow(device, path)}
            if {path: content for path, content in found.items() if path not in hollow} != wanted:
                raise Violation(f"{device.name} has {found}, wanted are {wanted}")
            left |= self._all(device)
            for kind in (ASIDE, OLD, PARTS):
                if rest := os.listdir(device.path / OWN / kind):
                    raise Violation(f"{device.name} left {rest} in {kind}")
            if uploads := pair.ledger.uploads():
                raise Violation(f"{device.name} still knows {uploads}")
        if lost := self.people.written - self.people.dropped - left:
            raise Violation(f"{sorted(lost)} is nowhere")

    def _kept(self, device: Device) -> Iterator[Found]:
        """What is in the folder and can be kept in step, read anew."""
        pair = device.pair()
        for one in scan.scan(pair.folder.root, ignored_in(pair.folder.root), {}):
            if not one.found.unusable:
                yield one.found

    def _hollow(self, device: Device, path: str) -> bool:
        """A folder in which there is nothing but what is left alone."""
        inside = [found for found in self._kept(device) if found.path.startswith(f"{path}/")]
        return (
            (device.path / path).is_dir()
            and any((device.path / path).iterdir())
            and not any(found.content is not None for found in inside)
        )

    def _all(self, device: Device) -> set[bytes]:
        """Every content in the folder, ignored or not."""
        found = set()
        for place, inside, files in os.walk(device.path):
            if Path(place) == device.path:
                inside.remove(OWN)
            found |= {Path(place, name).read_bytes() for name in files}
        return found

    @contextmanager
    def _replaced(self) -> Iterator[None]:
        """What would make a history another one each time, and the boundaries at which it may end."""
        dice = self.dice
        with ExitStack() as stack:
            for module, values in BOUNDS.items():
                stack.enter_context(patch.multiple(module, **values))
            steps = dice.choice((1, 3, 256))
            pool = lambda _threads: _Inline(dice)  # noqa: E731
            stack.enter_context(
                patch.multiple(work, COMMIT_STEPS=steps, ThreadPoolExecutor=pool, as_completed=_any_order(dice))
            )
            stack.enter_context(patch.object(cloud, "uuid", SimpleNamespace(uuid4=self.fresh)))
            stack.enter_context(patch.object(look, "new_id", self.fresh))
            if dice.random() < 0.5:  # a file's stamp tells at once whether it was changed
                stack.enter_context(patch.object(scan, "RECENT_NS", 0))
            for name in ("Folder", "Ledger"):
                stack.enter_context(patch.object(pair_module, name, self._whole(getattr(pair_module, name))))
            stack.enter_context(patch.object(work, "look", self._judged(work.look)))
            for owner, names in ((os, CALLS), (folder, ("_renameat2",)), (Ledger, ("commit",))):
                for name in names:
                    stack.enter_context(patch.object(owner, name, self._around(name, getattr(owner, name))))
            yield

    def _judged(self, look: Callable[..., Any]) -> Callable[..., Any]:
        """A look that wants nothing deleted in the cloud that the folder ignores."""

        def judged(folder: Any, ledger: Ledger, scope: str, device: str) -> Any:
            ignored = ignored_in(folder.root)
            seen = look(folder, ledger, scope, device)
            there = rooted({one: record.item for one, record in seen.records.items()}, scope)
            _, shown = without({}, there, ignored)
            if gone := [step.item for step in seen.there if step.kind == "delete" and step.item not in shown]:
                raise Violation(f"{device} would delete {gone}, which it ignores")
            return seen

        return judged

    def _whole(self, make: Callable[..., Any]) -> Callable[..., Any]:
        """No end within it: what is half open would stay open here, where a killed process leaves nothing open."""

        def made(*arguments: Any, **named: Any) -> Any:
            device, self.running = self.running, None
            try:
                return make(*arguments, **named)
            finally:
                self.running = device

        return made

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def crossing(*arguments: Any, **named: Any) -> Any:
            aimed = _aimed(*arguments[:2]) if self.meddling and name == "_renameat2" else None
            self.boundary(f"before {name}", aimed)
            made = call(*arguments, **named)
            self.boundary(f"after {name}")
            return made

        return crossing


class _Heard(work.Listener):
    """Tells the trace what a sync does."""

    def __init__(self, world: World) -> None:
        self._world = world

    def did(self, kind: str, path: str) -> None:
        self._world.say(f"  {kind} {path!r}")


class _Line(httpx.BaseTransport):
    """A device's way to the cloud."""

    def __init__(self, world: World, device: Device) -> None:
        self._world, self._device = world, device

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._world.boundary(f"before {request.method} {request.url.path}", _asked_for(request))
        answer = self._world.carry(self._device, request)
        self._world.boundary(f"after {request.method} {request.url.path}")
        return answer


class _Cut(httpx.SyncByteStream):
    """A content that breaks off somewhere."""

    def __init__(self, data: bytes, dice: random.Random) -> None:
        self._data = data[: dice.randrange(len(data) + 1)]

    def __iter__(self) -> Iterator[bytes]:
        yield self._data
        raise httpx.ReadError("cut off")


class _Job:
    """What a thread would do: done when it is asked for, or when its result is."""

    def __init__(self, call: Callable[[], Any], *, now: bool) -> None:
        self._call = call
        self._made: tuple[Any, Exception | None] | None = None
        if now:
            self._make()

    def result(self) -> Any:
        if self._made is None:
            self._make()
        assert self._made is not None
        made, error = self._made
        if error is not None:
            raise error
        return made

    def _make(self) -> None:
        try:
            self._made = (self._call(), None)
        except Exception as error:
            self._made = (None, error)


class _Inline:
    """Instead of a pool of threads."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def submit(self, function: Callable[..., Any], *arguments: Any) -> _Job:
        return _Job(lambda: function(*arguments), now=self._dice.random() < 0.5)

    def shutdown(self, *, cancel_futures: bool) -> None:
        """There is nothing to wait for."""


def _any_order(dice: random.Random) -> Callable[[Iterable[_Job]], list[_Job]]:
    def ordered(jobs: Iterable[_Job]) -> list[_Job]:
        some = list(jobs)
        return dice.sample(some, len(some))

    return ordered


def _aimed(folder: int, name: bytes) -> Path | None:
    """The file that a renaming moves, where that is one of people's."""
    path = Path(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(name))
    return path if OWN not in path.parts and path.is_file() and not path.is_symlink() else None


def _asked_for(request: httpx.Request) -> list[str]:
    """The records that a request is about to change."""
    if not request.url.path.endswith("/journal/mutations"):
        return []
    return [one["record"] for one in json.loads(request.read())["mutations"]]


def _expected(answer: Answer) -> bool:
    return answer.status in (404, 409, 410, 416)
