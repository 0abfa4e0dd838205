"""One history: devices, a network that loses and repeats, a cloud that crashes, all from one seed.

A single scheduler with virtual time decides the order of everything. The same seed gives the same history.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from pileus.cloud.kernel.journal.store import PASSING

from .cloud import TOO_MANY, Answer, Cloud, Crash
from .database import ROOM
from .host import Host, Reply

CHAOS_MS = 60_000.0
"""Virtual milliseconds in which edits are made and things go wrong."""
NARROW = 0.25
"""The share of histories whose account has hardly any room."""
QUIET_STEP_MS = 40_000.0
QUIET_STEPS = 15
BUSY = Answer(503, {"code": "busy", "detail": "The cloud takes nothing now."})
COLLECTIONS = ("sim.note", "sim.file", "sim.event")


class Violation(AssertionError):
    """An invariant does not hold."""


@dataclass
class Op:
    """One thing that an owner did."""

    number: int
    device: str
    collection: str
    id: str
    act: dict[str, Any]
    seen: dict[str, Any] | None = None
    told: int = 0
    """How far its device had read, at the least."""
    life: int = 0
    """How often its device had been replaced by a new one."""
    looked: bool = False
    acknowledged: bool = False

    @property
    def token(self) -> str:
        return f"v{self.number}"


@dataclass
class Device:
    name: str
    token: str
    rate: float
    skew_ms: float
    up: bool = False
    offline_until: float = 0
    lives: int = 0
    wipes: int = 0


@dataclass
class World:
    seed: int
    host: Host
    cloud: Cloud
    trace: Callable[[str], None] | None = None
    now: float = 0
    quiet: bool = False
    ops: dict[int, Op] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: dict[str, Any] = field(default_factory=dict)
    """What the cloud was told first of each entry of `sim.event`."""
    deletions: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = field(default_factory=dict)
    """By device, collection and record: the outcomes of its deletions, by id and in order."""

    dumps: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each device held at the last rest."""

    refused: set[str] = field(default_factory=set)
    """Ids of mutations that had no room once nothing went wrong any more."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        # Drawn by itself: the histories of the other seeds stay as they were.
        scarce = Random(f"room {self.seed}")
        self.narrow = scarce.random() < NARROW
        self.limit = scarce.choice((100, 200, 400, 800)) if self.narrow else ROOM
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._gates: dict[int, str] = {}
        """Those that are shut, and whose they are."""
        self.made: list[Op] = []
        """The edits that made an entry of `sim.event`."""
        self.cloud.begin(self.seed, self.limit, narrow=self.narrow)
        self.devices = [self._device(number) for number in range(self.random.choice((2, 2, 3, 3, 4)))]

    def run(self) -> None:
        """The whole history, to the quiet after it. Raises `Violation` where it never becomes quiet."""
        for device in self.devices:
            self.at(self.random.uniform(0, 5000), partial(self.boot, device))
        self._plan()
        self.advance(CHAOS_MS)
        self.say("--- quiet")
        self.quiet = True
        for device in self.devices:
            device.offline_until = 0
            if not device.up:
                self.boot(device)
            self.ask(c="ring", device=device.name)
        if self.narrow:
            self._rest("a full account", lambda dump: self._stuck(dump["owed"]))
            self.say("--- room")
            self.cloud.make_room()
        self._rest("the faults ended", lambda dump: bool(dump["ledger"] == 0))

    def _rest(self, after: str, still: Callable[[dict[str, Any]], bool]) -> None:
        """Waits until every device has read all and is `still`."""
        for _ in range(QUIET_STEPS):
            self.advance(QUIET_STEP_MS)
            self.dumps = self._dumps([device.name for device in self.devices])
            head = self.cloud.head()
            if all(still(dump) and dump["status"]["cursor"] == head for dump in self.dumps.values()):
                return
        raise Violation(f"no rest after {after}: head {self.cloud.head()}, {json.dumps(self.dumps)}")

    def _stuck(self, owed: list[dict[str, str]]) -> bool:
        """Whether a device owes nothing but what had no room, and what follows it on the same record."""
        behind: set[tuple[str, str]] = set()
        for entry in owed:
            record = (entry["collection"], entry["record"])
            if entry["id"] in self.refused:
                behind.add(record)
            elif record not in behind:
                return False
        return True

    def _dumps(
        self, devices: Sequence[str], collections: Sequence[str] = COLLECTIONS
    ) -> dict[str, dict[str, Any]]:
        """By their names: what devices hold."""
        found: dict[str, dict[str, Any]] = self.ask(c="dump", devices=devices, collections=collections).result
        return found

    def at(self, time: float, event: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (max(time, self.now), self._count, event))

    def after(self, delay: float, event: Callable[[], None]) -> None:
        self.at(self.now + delay, event)

    def advance(self, milliseconds: float) -> None:
        end = self.now + milliseconds
        while self._events and self._events[0][0] <= end:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.now = end

    def say(self, text: str) -> None:
        if self.trace:
            self.trace(f"{self.now / 1000:8.3f}  {text}")

    def ask(self, **command: Any) -> Reply:
        """One step of the devices; what they now wait for is given to the scheduler."""
        reply = self.host.ask(**command)
        for note in reply.done:
            self._note(note)
        for gate in reply.opened:
            self._gate(gate)
        for number in reply.closed:
            self._gates.pop(number, None)
        return reply

    def boot(self, device: Device, *, wipe: bool = False) -> None:
        device.up = True
        device.lives += 1
        self.say(f"{device.name} boots{' as a new device' if wipe else ''}")
        seed = self.random.getrandbits(32)
        slow = 0 if self.quiet else self.random.choice((0, 0.1, 0.3))
        self.ask(c="boot", device=device.name, seed=seed, wipe=wipe, slowCommits=slow)

    def crash(self, device: Device) -> None:
        if not device.up or self.quiet:
            return
        device.up = False
        self.say(f"{device.name} crashes")
        self._end(device)
        self.after(self.random.uniform(0, 8000), lambda: None if device.up else self.boot(device))

    def _end(self, device: Device) -> None:
        """What its process waits for never comes."""
        self._gates = {gate: whose for gate, whose in self._gates.items() if whose != device.name}
        self.ask(c="crash", device=device.name)

    def wipe(self, device: Device) -> None:
        """A new device in place of one that says that all is safe: what is not dies with its device."""
        if not device.up or self.quiet:
            return
        dump = self._dumps([device.name], [])[device.name]
        waiting = any(op.device == device.name and not op.acknowledged for op in self.ops.values())
        if dump["status"]["unsafe"] or waiting:
            return
        self._end(device)
        device.token = self.cloud.device(f"{device.name}-{device.lives}")
        device.wipes += 1
        self.boot(device, wipe=True)

    def do(self, device: Device, collection: str, id: str, act: dict[str, Any]) -> None:
        if not device.up:
            return
        op = Op(len(self.ops), device.name, collection, id, act, life=device.wipes)
        if "fields" in act:
            act["fields"] = {k: op.token if v == "TOKEN" else v for k, v in act["fields"].items()}
        if act["kind"] == "insert":
            act["token"] = op.token
        self.ops[op.number] = op
        if collection == "sim.event" and id == f"e{op.number}":
            self.made.append(op)
        if self.trace:
            self.say(f"{device.name} #{op.number} {collection}/{id} {json.dumps(act)}")
        self.ask(c="do", device=device.name, op=op.number, act=act, collection=collection, id=id)

    def _device(self, number: int) -> Device:
        name = f"d{number}"
        rate = self.random.choice((1, 1, 0.5, 2))
        return Device(name, self.cloud.device(name), rate, self.random.uniform(-1e9, 1e9))

    def _plan(self) -> None:
        pick, end = self.random, CHAOS_MS
        for _ in range(pick.randint(12, 32)):
            self.at(pick.uniform(0, end * 0.9), self._some_edit)
        for _ in range(pick.randint(0, 4)):
            self.at(pick.uniform(0, end), lambda: self.crash(pick.choice(self.devices)))
        for _ in range(pick.randint(0, 2)):
            self.at(pick.uniform(0, end), lambda: self.wipe(pick.choice(self.devices)))
        for _ in range(pick.randint(0, 4)):
            self.at(pick.uniform(0, end), self._go_offline)
        for _ in range(pick.randint(0, 2)):
            self.at(pick.uniform(0, end), self._compact)
        for _ in range(pick.randint(0, 2)):
            self.at(pick.uniform(0, end), self._crash_cloud)
        self.loss = pick.choice((0, 0.05, 0.2))
        self.repeats = pick.choice((0, 0.1, 0.3))
        self.cloud_crashes = pick.choice((0, 0.02, 0.08))
        self.refusals = pick.choice((0, 0, 0.1, 0.3))
        self.slowness = pick.choice((20, 200, 3000))

    def _some_edit(self) -> None:
        pick = self.random
        device = pick.choice(self.devices)
        kind = pick.choices(
            ("field", "delete", "insert", "cut", "file", "event", "burst", "anew"), (6, 2, 5, 1, 3, 2, 2, 2)
        )[0]
        note = f"n{pick.randrange(2)}"
        if kind == "field":
            self._put_field(device, note)
        elif kind == "delete":
            self.do(device, *pick.choice((("sim.note", note), ("sim.file", "f0"))), {"kind": "delete"})
        elif kind == "insert":
            self._insert(device, note)
        elif kind == "cut":
            self._cut(device, note)
        elif kind == "file":
            act = {"kind": "put", "fields": {"name": f"file {len(self.ops)}", "object": "TOKEN"}}
            self.do(device, "sim.file", "f0", act)
        elif kind == "event":
            self._event(device)
        elif kind == "anew":
            self._begin_anew(device, note)
        else:
            # The owner writes on: the next edit comes while the one before is on its way.
            for number in range(pick.randint(2, 4)):
                edit = pick.choice((self._put_field, self._insert))
                self.after(number * pick.choice((0, 30, 400)), partial(edit, device, note))

    def _begin_anew(self, device: Device, note: str) -> None:
        """A record is deleted and made again, while others write on in what they know of it."""
        pick = self.random
        self.do(device, "sim.note", note, {"kind": "delete"})
        self.after(pick.uniform(0, 2 * self.slowness), partial(self._insert, device, note))
        for other in self.devices:
            for _ in range(pick.randint(0, 3) if other is not device else 0):
                self.after(pick.uniform(0, 4 * self.slowness), partial(self._insert, other, note))

    def _put_field(self, device: Device, note: str) -> None:
        value = None if self.random.random() < 0.08 else "TOKEN"
        fields: dict[str, Any] = {self.random.choice(("title", "colour")): value}
        if self.random.random() < 0.3:
            fields["edited_ms"] = round(self.now * device.rate + device.skew_ms)
        self.do(device, "sim.note", note, {"kind": "put", "fields": fields})

    def _insert(self, device: Device, note: str) -> None:
        at = self.random.randrange(8)
        self.do(
            device,
            "sim.note",
            note,
            {"kind": "insert", "field": "body", "token": "", "at": at, "open": self.random.random() < 0.3},
        )

    def _cut(self, device: Device, note: str) -> None:
        tokens = [op.token for op in self.ops.values() if op.id == note and op.act["kind"] == "insert"]
        if tokens:
            act = {"kind": "cut", "field": "body", "token": self.random.choice(tokens)}
            self.do(device, "sim.note", note, act)

    def _event(self, device: Device) -> None:
        mine = [op for op in self.made if op.device == device.name and op.acknowledged]
        if mine and self.random.random() < 0.5:
            fields = {self.random.choice(("read", "read", "what", "where")): "TOKEN"}
            self.do(device, "sim.event", self.random.choice(mine).id, {"kind": "put", "fields": fields})
        else:
            self.do(device, "sim.event", f"e{len(self.ops)}", {"kind": "put", "fields": {"what": "TOKEN"}})

    def _go_offline(self) -> None:
        device = self.random.choice(self.devices)
        device.offline_until = self.now + self.random.uniform(1000, 30_000)
        self.say(f"{device.name} offline until {device.offline_until / 1000:.3f}")

    def _compact(self) -> None:
        floor = self.cloud.compact(self.random.random())
        self.say(f"the cloud forgets what it kept up to {floor}")

    def _crash_cloud(self) -> None:
        self.say("the cloud crashes")
        self.cloud.restart()

    def _note(self, note: dict[str, Any]) -> None:
        op = self.ops[note["op"]]
        if "error" in note:
            raise Violation(f"#{op.number} of {op.device} failed: {note['error']}")
        if "seen" in note:
            op.seen, op.told, op.looked = note["seen"], note["told"], True
        if note.get("acknowledged"):
            op.acknowledged = True
            self.say(f"{op.device} #{op.number} is durable")

    def _gate(self, gate: dict[str, Any]) -> None:
        number = gate["gate"]
        self._gates[number] = gate["device"]
        device = next(device for device in self.devices if device.name == gate["device"])
        if gate["kind"] == "sleep":
            self.after(gate["ms"] * device.rate, lambda: self._open(number, None))
        elif gate["kind"] == "commit":
            self.after(self.random.uniform(0, 300), lambda: self._open(number, None))
        else:
            self._send(device, number, gate["request"])

    def _open(self, gate: int, value: Any) -> None:
        if self._gates.pop(gate, None):
            self.ask(c="open", gate=gate, value=value)

    def _send(self, device: Device, gate: int, request: dict[str, Any]) -> None:
        pick, token = self.random, device.token
        offline = self.now < device.offline_until
        if offline or (not self.quiet and pick.random() < self.loss):
            if self.trace:
                self.say(f"{device.name} -x {_short(request)}")
            self.after(pick.uniform(5, 4000), lambda: self._open(gate, {"lost": True}))
            return
        if not self.quiet and pick.random() < self.repeats:
            self.after(pick.uniform(5, 30_000), lambda: self._arrive(device, token, None, request))
        self.after(self._delay(), lambda: self._arrive(device, token, gate, request))

    def _arrive(self, device: Device, token: str, gate: int | None, request: dict[str, Any]) -> None:
        pick = self.random
        writes = request["method"] == "POST"
        rings = self.cloud.rings
        crash: Crash | None = None
        if not self.quiet and writes and pick.random() < self.cloud_crashes:
            crash = pick.choice(("before-commit", "after-commit"))
        if not self.quiet and writes and pick.random() < self.refusals:
            answer: Answer | None = BUSY
        else:
            answer = self.cloud.request(token, request, crash)
        if self.trace:
            again = " (a repeat)" if gate is None else ""
            words = f"crash {crash}" if answer is None else _short_answer(answer)
            self.say(f"{device.name} -> {_short(request)}{again} = {words}")
        if answer is not None:
            self._check(device, request, answer)
        elif crash == "after-commit":
            self._remember_entries(request)
        if self.cloud.rings > rings:
            for other in self.devices:
                if other.up and pick.random() < 0.6:
                    name = other.name
                    self.after(self._delay(), partial(self._ring, name))
        if gate is None:
            return
        lost = answer is None or (not self.quiet and pick.random() < self.loss)
        value = {"lost": True} if lost or answer is None else {"status": answer.status, "body": answer.body}
        self.after(self._delay(), lambda: self._open(gate, value))
        if "/snapshot" in request["path"] and not self.quiet:
            # Between a snapshot and its tail a device holds neither the old nor the new.
            for note in ("n0", "n1"):
                look = partial(self.do, device, "sim.note", note, {"kind": "look"})
                self.after(pick.uniform(0, 2 * self.slowness), look)

    def _ring(self, device: str) -> None:
        self.ask(c="ring", device=device)

    def _remember_entries(self, request: dict[str, Any]) -> None:
        for mutation in request["body"]["mutations"]:
            if mutation["collection"] == "sim.event" and "what" in mutation["fields"]:
                self.entries.setdefault(mutation["record"], mutation["fields"]["what"])

    def _delay(self) -> float:
        return 20 if self.quiet else self.random.uniform(1, self.slowness)

    def _check(self, device: Device, request: dict[str, Any], answer: Answer) -> None:
        """What every answer must keep to."""
        if answer.status >= 400:
            if answer not in (BUSY, TOO_MANY) and answer.status not in (401, 410):
                raise Violation(f"{_short(request)} was answered {answer.status} {answer.body}")
            return
        if request["method"] == "POST":
            wished = [mutation["id"] for mutation in request["body"]["mutations"]]
            if wished != [outcome["id"] for outcome in answer.body["outcomes"]]:
                raise Violation("the outcomes are not those of the mutations, in order")
            self._remember_entries(request)
            for mutation, outcome in zip(request["body"]["mutations"], answer.body["outcomes"], strict=True):
                if outcome.get("code") == "quota-exceeded" and self.quiet:
                    self.refused.add(outcome["id"])
                if outcome.get("code") in PASSING:
                    continue
                if mutation["op"] == "delete":
                    key = (device.name, mutation["collection"], mutation["record"])
                    self.deletions.setdefault(key, {}).setdefault(mutation["id"], outcome)
                if outcome["status"] == "refused":
                    raise Violation(f"{_short(request)} was refused: {outcome}")
                if self.outcomes.setdefault(outcome["id"], outcome) != outcome:
                    raise Violation(f"a repeat was told {outcome}, first {self.outcomes[outcome['id']]}")
        elif "/changes" in request["path"]:
            seqs = [change["seq"] for change in answer.body["changes"]]
            since = int(request["path"].split("since=")[1].split("&")[0])
            if seqs != sorted(set(seqs)) or (seqs and seqs[0] <= since) or answer.body["next"] < since:
                raise Violation(f"the numbers of {request['path']} do not rise: {answer.body}")


def _short(request: dict[str, Any]) -> str:
    if request["method"] == "GET":
        return f"GET {request['path']}"
    wishes = [
        f"{m['op']} {m['collection']}/{m['record']} base {m['base']} {json.dumps(m['fields'])}"
        f"{' +text' if m['texts'] else ''} [{m['id'][:4]}]"
        for m in request["body"]["mutations"]
    ]
    return "; ".join(wishes)


def _short_answer(answer: Answer) -> str:
    if answer.status >= 400:
        return f"{answer.status} {answer.body.get('code')}"
    if "outcomes" in answer.body:
        return ", ".join(
            f"{o['status']} {o['seq']} {o.get('code') or ''}".strip() for o in answer.body["outcomes"]
        )
    changes = answer.body.get("changes", answer.body.get("records"))
    told = [f"{c['seq']} {c['id']}{' gone' if c['deleted'] else ''} {json.dumps(c['fields'])}" for c in changes]
    return f"{told} next {answer.body['next']}"
