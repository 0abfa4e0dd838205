"""Activities across apps: who may open them, what waits for a screen, whose results they are (ActivityStarter).

Each app's process keeps its own tasks; the system knows what goes from one to another. A *start* is an activity
that one app opened in another: it lives until the other has nothing left of it, over the end of either process.

What a process is given is numbered. Where its activities end, it says how much of it they have taken; the rest is
given to its next screen. Nothing is given twice: it leaves alone what was taken back. A process that is killed
says nothing: what it has not said to have taken is given once more, and not a third time. One that falls over gets
none of it again. A start that is over with its target's process, since nothing of it was kept there, is answered.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from pileus.surfaces.engines.android.system import intents
from pileus.surfaces.engines.android.system.intents import Intent, Kept
from pileus.surfaces.engines.android.system.manifest import MAX_LABEL, Component
from pileus.surfaces.engines.android.system.parcels import Asked, Said
from pileus.surfaces.engines.android.system.processes import Process
from pileus.surfaces.engines.android.system.router import Parcel
from pileus.surfaces.engines.android.system.wire import MAX_PARCEL

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

FILE = "starts.json"
RESULTS = "results.json"
MAX_WAITING = 16
"""Intents, and results, that wait for one app's screen."""
MAX_STARTS = 200
MAX_URL = 8192
"""Characters of a page that the device's browser is shown."""
MAX_PAGE = MAX_PARCEL - (128 << 10)
"""Bytes of intents in one answer; an intent's other fields, and who sent it, lie beside them."""
MAX_CHOICES = 48 << 10
"""Bytes of what the owner may choose from: SHOW holds 64 KiB."""
CANCELED = 0
"""Activity.RESULT_CANCELED."""
NEW_TASK = 0x10000000

log = logging.getLogger("pileus.android.system")


class Start(msgspec.Struct, kw_only=True):
    """An activity of `target` that `owner` opened; `request` is below 0 where no result is awaited."""

    number: int
    owner: str
    target: str
    activity: str | None = None
    entry: str | None = None
    who: str | None = None
    request: int = -1
    kept: bool = False
    """Whether it lies on the disk of its target, and comes back with it."""


class Result(msgspec.Struct, kw_only=True):
    """A result on the disk: it waits for its caller's screen longer than this process lives. Its extras carry no
    objects."""

    start: Start
    code: int
    intent: Intent | None = None
    extras: bytes | None = None


class Choice(msgspec.Struct, frozen=True):
    """One app that the owner may choose."""

    app: str
    component: str
    label: str


@dataclass(frozen=True)
class _Sent:
    """What waits until its app has a screen."""

    kept: Kept
    start: Start | None
    again: bool = False
    """Given to a process before that was killed."""


@dataclass(frozen=True)
class _Outcome:
    start: Start
    code: int
    kept: Kept | None
    again: bool = False

    def said(self) -> dict[str, Any]:
        fields = {"entry": self.start.entry, "who": self.start.who, "request": self.start.request}
        return {**{key: value for key, value in fields.items() if value is not None}, "code": self.code}

    def stored(self) -> Result:
        if self.kept is None:
            return Result(start=self.start, code=self.code)
        intent = msgspec.structs.replace(self.kept.intent, extras=None)
        return Result(start=self.start, code=self.code, intent=intent, extras=self.kept.plain)


@dataclass
class _Given:
    """What a process was given and may not have taken yet, by number."""

    last: int = 0
    items: dict[int, _Sent | _Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class _Asking:
    """A choice that the owner has before them."""

    process: Process
    ask: Ask
    kept: Kept
    uid: int
    """As whom."""
    among: tuple[Component, ...]


class Ask(msgspec.Struct):
    """An activity that another one (`entry`, in its own process) opens, with the result that it waits for."""

    intent: Intent
    activity: str | None = None
    entry: str | None = None
    who: str | None = None
    request: int = -1
    choose: bool = False
    title: str = ""


class _Done(msgspec.Struct):
    start: int
    code: int = 0
    intent: Intent | None = None


class _Left(msgspec.Struct):
    start: int
    over: bool = False
    shown: bool = True
    taken: int = 0


class _Visits(msgspec.Struct):
    visits: tuple[int, ...] = ()
    fresh: bool = False
    fell: bool = False


class _Over(msgspec.Struct):
    taken: int = 0


class _Entry(msgspec.Struct):
    name: str
    life: str


class _Task(msgspec.Struct):
    id: int
    entries: tuple[_Entry, ...] = ()
    affinity: str | None = None
    origin: int = 0


class _Tasks(msgspec.Struct):
    tasks: tuple[_Task, ...] = ()
    taken: int = 0


class Activities:
    """Opens apps on the phone with the intents that others sent them, and takes results back."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._starts: dict[int, Start] = {}
        self._sent: dict[str, list[_Sent]] = {}
        self._outcomes: dict[str, list[_Outcome]] = {}
        self._asking: dict[int, _Asking] = {}
        self._tasks: dict[Process, tuple[_Task, ...]] = {}
        self._given: dict[Process, _Given] = {}
        self._again: set[Process] = set()
        """Those that ended, or are about to, with starts that they had not taken."""
        self._fell: set[Process] = set()
        self._last = 0
        self.methods = {
            "startActivity": self._start,
            "activityDone": self._done,
            "taskLeft": self._left,
            "taskBehind": self._behind,
            "takeActivities": self._take,
            "tasks": self._told_tasks,
            "activitiesOver": self._told_over,
            "visitsKept": self._told_kept,
        }

    def load(self, starts: list[Start], results: list[Result]) -> None:
        """Those of the disk."""
        self._starts = {start.number: start for start in starts}
        self._last = max(self._starts, default=0)
        for result in results:
            if self._system.packages.get(result.start.owner) is not None:
                extras = (Parcel(result.extras),) if result.extras is not None else ()
                kept = Kept(result.intent, extras) if result.intent is not None else None
                self._outcomes.setdefault(result.start.owner, []).append(_Outcome(result.start, result.code, kept))

    def dump(self) -> list[str]:
        lines = ["TASKS"]
        for process, tasks in self._tasks.items():
            for task in reversed(tasks):
                where = f"affinity={task.affinity}" if task.affinity else f"visit of {self._owner(task.origin)}"
                lines.append(f"  {process.package} #{task.id} {where}")
                lines += [f"    {entry.name} {entry.life}" for entry in reversed(task.entries)]
        for start in self._starts.values():
            result = f" request={start.request}" if start.request >= 0 else ""
            lines.append(f"  start {start.number}: {start.activity or start.owner} -> {start.target}{result}")
        return lines

    def open(self, kept: Kept, uid: int, quiet: bool = False) -> Component | None:
        """For a PendingIntent's maker, in a task of its own; None where nothing answers. Raises `Refused`.

        `quiet`: whoever pressed it is told what to show by another way.
        """
        flags = kept.intent.flags | NEW_TASK
        kept = Kept(msgspec.structs.replace(kept.intent, flags=flags), kept.extras)
        found = self._found(kept.intent, uid)
        if not found:
            return None
        self._send(found[0], kept, None)
        if not quiet:
            self._system.show(self._near(found[0].package), found[0].package)
        return found[0]

    def chosen(self, number: int, component: str | None) -> None:
        """The owner's answer to a choice; None for none of them."""
        asking = self._asking.pop(number, None)
        if asking is None:
            return
        process, ask = asking.process, asking.ask
        offered = component is not None and any(item.full == component for item in asking.among)
        found = self._system.packages.component("activity", component) if offered and component else None
        if found is None or self._system.packages.may_use(asking.uid, found) is not None:
            self._answer(self._made(process, ask, ""), CANCELED, None)
        elif found.package == process.package:
            self._open_own(process, ask, asking.kept, found.full)
        else:
            self._system.check(asking.uid, found)
            self._go(process, ask, asking.kept, found)
        self._system.router.free_all(asking.kept.extras)

    def forget(self, package: str) -> None:
        for sent in self._sent.pop(package, []):
            self._free(sent)
        outcomes = self._outcomes.pop(package, [])
        for outcome in outcomes:
            self._free(outcome)
        if outcomes:
            self._keep_results()
        for process in [item for item in self._given if item.package == package]:
            self._let_go(process, self._given[process].last)
        gone = [start for start in self._starts.values() if package in (start.owner, start.target)]
        self._drop(gone)

    def without_screen(self, process: Process) -> None:
        """It has lost its screen: what came for it too late is shown on its next one."""
        if process in self._again:
            self._again.discard(process)
            waiting = [item.start for item in self._sent.get(process.package, []) if item.start is not None]
            near = self._near(waiting[-1].owner) if waiting else None
            if near is not None:
                self._system.show(near, process.package)

    def on_end(self, process: Process) -> None:
        self._tasks.pop(process, None)
        back = list(self._given.pop(process, _Given()).items.values())
        fell = process in self._fell
        self._fell.discard(process)
        for item in [item for item in back if fell or item.again]:
            self._free(item)
        if not fell:
            self._take_back(process, [replace(item, again=True) for item in back if not item.again])
        self.without_screen(process)
        if not any(other.package == process.package for other in self._system.processes.values()):
            self._end_visits(process.package)
        for number in [key for key, asking in self._asking.items() if asking.process is process]:
            self._system.router.free_all(self._asking.pop(number).kept.extras)

    def begin(self, process: Process, ask: Ask, kept: Kept, uid: int) -> bool:
        """Opens an activity for one of a process, as the package with this uid; whether there is any. Raises
        `Refused`."""
        said = self._begin(process, ask, kept, uid)
        if (here := said.fields.get("here")) is not None:
            self._open_own(process, ask, kept, str(here))
        return bool(said.fields)

    def deliver(
        self, package: str, entry: str | None, who: str | None, request: int, code: int, kept: Kept
    ) -> None:
        """A result for an activity that waits for it from whoever it gave a PendingIntent to."""
        self._answer(Start(number=0, owner=package, target="", entry=entry, who=who, request=request), code, kept)

    def _start(self, process: Process, asked: Asked) -> Said:
        ask = asked.read(Ask)
        return self._begin(process, ask, asked.kept(ask.intent), process.uid)

    def _begin(self, process: Process, ask: Ask, kept: Kept, uid: int) -> Said:
        if not process.opens(self._system.clock()):
            log.info("nobody looks at %s: its activity is not opened", process.package)
            return Said(elsewhere=True)
        found = self._found(ask.intent, uid, every=ask.choose)
        if not found and not ask.choose and ask.intent.action not in intents.ALWAYS_ANSWERED:
            return self._browse(process, ask.intent)
        if len(found) != 1:
            self._choose(process, ask, kept, uid, found)
        elif found[0].package != process.package:
            self._system.check(uid, found[0])
            self._go(process, ask, kept, found[0])
        elif ask.choose:
            self._open_own(process, ask, kept, found[0].full)
        else:
            return Said(here=found[0].full)
        return Said(elsewhere=True)

    def _open_own(self, process: Process, ask: Ask, kept: Kept, component: str) -> None:
        """An activity of the process that asks, which cannot open it by itself."""
        named = Kept(msgspec.structs.replace(kept.intent, component=component), kept.extras)
        fields = Said(start=0, entry=ask.entry, who=ask.who, request=ask.request)
        process.tell("openActivity", fields.intent("intent", named))

    def _found(self, intent: Intent, uid: int, every: bool = False) -> list[Component]:
        """What answers, by priority: several only where the owner has to choose. Raises `Refused`."""
        packages = self._system.packages
        if intent.component:
            found = packages.resolve("activity", intent)
            for component in found:
                self._system.check(uid, component)
            return found
        ranked = packages.ranked("activity", intent, default=True)
        usable = [(rank, item) for rank, item in ranked if packages.may_use(uid, item) is None]
        best = max((rank for rank, _ in usable), default=0)
        return [item for rank, item in usable if every or rank == best]

    def _browse(self, process: Process, intent: Intent) -> Said:
        """A page that no app takes is the device's browser's."""
        scheme = (intent.data or "").partition(":")[0].lower()
        if intent.action != intents.VIEW or scheme not in ("http", "https"):
            return Said()
        if len(intent.data or "") > MAX_URL:
            return Said()
        self._system.browse(process, intent.data or "")
        return Said(elsewhere=True)

    def _choose(self, process: Process, ask: Ask, kept: Kept, uid: int, found: list[Component]) -> None:
        for number in [key for key, asking in self._asking.items() if asking.process is process]:
            self.chosen(number, None)  # a process has one question open
        self._last += 1
        self._system.router.keep_all(kept.extras)
        self._asking[self._last] = _Asking(process, ask, kept, uid, tuple(found))
        choices = []
        size = 0
        for item in found:
            package = self._system.packages.get(item.package)
            if package is not None:
                choice = Choice(package.app, item.full, (item.label or package.label)[:MAX_LABEL])
                size += len(msgspec.json.encode(choice))
                if size > MAX_CHOICES:
                    log.warning("%s asks for more choices than a message holds", process.package)
                    break
                choices.append(choice)
        self._system.choose(process, self._last, ask.title[:MAX_LABEL], choices)

    def _go(self, process: Process, ask: Ask, kept: Kept, component: Component) -> None:
        start = self._made(process, ask, component.package)
        self._starts[start.number] = start
        for number in sorted(self._starts)[:-MAX_STARTS]:
            del self._starts[number]
        self._changed()
        self._send(component, kept, start)
        self._system.show(process, component.package)

    def _made(self, process: Process, ask: Ask, target: str) -> Start:
        self._last += 1
        return Start(
            number=self._last,
            owner=process.package,
            target=target,
            activity=ask.activity,
            entry=ask.entry,
            who=ask.who,
            request=ask.request,
        )

    def _send(self, component: Component, kept: Kept, start: Start | None) -> None:
        self._system.router.keep_all(kept.extras)
        waiting = self._sent.setdefault(component.package, [])
        waiting.append(_Sent(self._named(kept, component), start))
        self._shorten(waiting)
        self._give(component.package)

    def _done(self, process: Process, asked: Asked) -> Said:
        done = asked.read(_Done)
        start = self._starts.get(done.start)
        if start is None or start.target != process.package:
            return Said()
        self._answer(start, done.code, asked.kept(done.intent) if done.intent else None)
        self._starts[done.start] = msgspec.structs.replace(start, request=-1)
        self._changed()
        return Said()

    def _answer(self, start: Start, code: int, kept: Kept | None) -> None:
        if start.request < 0:
            return
        if kept is not None:
            self._system.router.keep_all(kept.extras)
        waiting = self._outcomes.setdefault(start.owner, [])
        waiting.append(_Outcome(start, code, kept))
        self._shorten(waiting)
        self._give(start.owner)
        if self._outcomes.get(start.owner):
            self._keep_results()

    def _give(self, package: str) -> None:
        """What waits for an app goes to its activities, where they are there to take it."""
        process = self._near(package)
        if process is None:
            return
        for outcome in self._outcomes.pop(package, []):
            said = Said(number=self._numbered(process, outcome), **outcome.said())
            process.tell("activityResult", said.intent("intent", outcome.kept))
        for sent in self._sent.pop(package, []):
            said = Said(number=self._numbered(process, sent), **_told(sent.start))
            process.tell("openActivity", said.intent("intent", sent.kept))

    def _numbered(self, process: Process, item: _Sent | _Outcome) -> int:
        given = self._given.setdefault(process, _Given())
        given.last += 1
        given.items[given.last] = item
        self._let_go(process, given.last - 2 * MAX_WAITING)
        return given.last

    def _let_go(self, process: Process, number: int) -> None:
        """The process has taken what it was given, up to a number."""
        given = self._given.get(process, _Given())
        for one in [key for key in given.items if key <= number]:
            self._free(given.items.pop(one))

    def _end_screen(self, process: Process, taken: int) -> int:
        """Its activities have ended and took what they had up to a number: the rest waits for its next screen. The
        number up to which the process has to leave alone what is on its way to it."""
        self._let_go(process, taken)
        process.over = True
        given = self._given.get(process, _Given())
        back, given.items = list(given.items.values()), {}
        if self._take_back(process, back):
            self._again.add(process)
        return given.last

    def _take_back(self, process: Process, back: list[_Sent | _Outcome]) -> bool:
        """What was on its way to a process is for its app's next screen; whether that includes starts."""
        outcomes = [item for item in back if isinstance(item, _Outcome)]
        sent = [item for item in back if isinstance(item, _Sent)]
        if outcomes:
            self._outcomes.setdefault(process.package, [])[:0] = outcomes
            self._shorten(self._outcomes[process.package])
            self._keep_results()
        if sent:
            self._sent.setdefault(process.package, [])[:0] = sent
            self._shorten(self._sent[process.package])
        return bool(sent)

    def _end_visits(self, package: str) -> None:
        """What other apps started in this one is over, where it is neither on its way to it nor kept by it."""
        waiting: list[_Sent | _Outcome] = [*self._sent.get(package, ())]
        for process, given in self._given.items():
            if process.package == package:
                waiting += given.items.values()
        coming = {item.start.number for item in waiting if isinstance(item, _Sent) and item.start is not None}
        visits = [start for start in self._starts.values() if start.target == package]
        self._drop([start for start in visits if not start.kept and start.number not in coming])

    def _drop(self, starts: list[Start]) -> None:
        """Forgets starts: who waits for a result hears that there is none."""
        for start in starts:
            del self._starts[start.number]
        if starts:
            self._changed()
        for start in starts:
            if self._system.packages.get(start.owner) is not None:
                self._answer(start, CANCELED, None)

    def _shorten(self, waiting: list[Any]) -> None:
        for old in waiting[:-MAX_WAITING]:
            self._free(old)
        del waiting[:-MAX_WAITING]

    def _left(self, process: Process, asked: Asked) -> Said:
        left = asked.read(_Left)
        said = Said(number=self._end_screen(process, left.taken)) if left.over else Said()
        start = self._starts.get(left.start)
        if start is None or start.target != process.package:
            return said
        self._answer(start, CANCELED, None)
        del self._starts[left.start]
        self._changed()
        if left.shown:
            self._system.show(process, start.owner, leave=process.package, over=left.over)
        return said

    def _told_over(self, process: Process, asked: Asked) -> Said:
        return Said(number=self._end_screen(process, asked.read(_Over).taken))

    def _told_kept(self, process: Process, asked: Asked) -> Said:
        told = asked.read(_Visits)
        visits = [start for start in self._starts.values() if start.target == process.package]
        changed = [start for start in visits if start.kept != (start.number in told.visits)]
        for start in changed:
            self._starts[start.number] = msgspec.structs.replace(start, kept=not start.kept)
        if changed:  # most apps are nobody's visit, and what is written waits for the disk
            self._changed()
        if told.fell:
            self._fell.add(process)
        if told.fresh:
            self._end_visits(process.package)
        return Said()

    def _behind(self, process: Process, asked: Asked) -> Said:
        start = self._starts.get(asked.read(_Left).start)
        own = start is not None and start.target == process.package
        self._system.show(process, start.owner if own and start else None)
        return Said()

    def _take(self, process: Process, asked: Asked) -> Said:
        """A process has got its screen: what was sent to its app meanwhile."""
        process.over = False
        self._again.discard(process)
        said = Said()
        sent, outcomes = self._page(process.package)
        starts = [{**_told(item.start), "intent": said.intent_fields(item.kept)} for item in sent]
        results = [
            {**item.said(), **({"intent": said.intent_fields(item.kept)} if item.kept else {})}
            for item in outcomes
        ]
        given: list[_Sent | _Outcome] = [*sent, *outcomes]
        for item in given:
            said.put(number=self._numbered(process, item))
        if outcomes:
            self._keep_results()
        more = bool(self._sent.get(process.package) or self._outcomes.get(process.package))
        process.takes = not more
        return said.put(starts=starts, outcomes=results, more=more or None)

    def _page(self, package: str) -> tuple[list[_Sent], list[_Outcome]]:
        """Of what waits for an app, as much as fits one answer, results first; the rest is asked for again."""
        sent, outcomes = self._sent.pop(package, []), self._outcomes.pop(package, [])
        room = MAX_PAGE
        waiting: list[_Sent | _Outcome] = [*outcomes, *sent]
        for index, item in enumerate(waiting):
            room -= item.kept.size if item.kept is not None else 0
            if room < 0:
                took = max(index, 1)
                left = len(outcomes)
                if took < left:
                    self._outcomes[package] = outcomes[took:]
                self._sent[package] = sent[max(took - left, 0) :]
                return sent[: max(took - left, 0)], outcomes[:took]
        return sent, outcomes

    def _told_tasks(self, process: Process, asked: Asked) -> Said:
        told = asked.read(_Tasks)
        self._tasks[process] = told.tasks
        self._let_go(process, told.taken)
        if told.tasks and process.over:
            process.over = False  # it began again by itself
            self._again.discard(process)
            self._give(process.package)
        return Said()

    def _named(self, kept: Kept, component: Component) -> Kept:
        return Kept(msgspec.structs.replace(kept.intent, component=component.full), kept.extras)

    def _near(self, package: str) -> Process | None:
        """The app's process, where it has a screen."""
        for process in self._system.processes.values():
            if process.package == package and process.takes and not process.over and not process.ended:
                return process
        return None

    def _owner(self, number: int) -> str:
        start = self._starts.get(number)
        return start.owner if start else "another app"

    def _free(self, item: _Sent | _Outcome) -> None:
        if item.kept is not None:
            self._system.router.free_all(item.kept.extras)

    def _keep_results(self) -> None:
        waiting = (outcome for outcomes in self._outcomes.values() for outcome in outcomes)
        self._system.keep(RESULTS, [outcome.stored() for outcome in waiting])

    def _changed(self) -> None:
        self._system.keep(FILE, list(self._starts.values()))


def _told(start: Start | None) -> dict[str, Any]:
    if start is None:
        return {"start": 0, "result": False}
    fields = {"start": start.number, "owner": start.owner, "result": start.request >= 0}
    return {**fields, **({"activity": start.activity} if start.activity else {})}
