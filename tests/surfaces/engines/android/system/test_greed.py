"""What one app may have of its account's system: memory, disk, time, and the room in others' messages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pileus.surfaces.engines.android.system import broadcasts, intents, packages, services, shell, wire
from pileus.surfaces.engines.android.system.budget import MOST
from pileus.surfaces.engines.android.system.intents import DEFAULT, Filter
from pileus.surfaces.engines.android.system.manifest import FORMAT, Manifest
from pileus.surfaces.engines.android.system.packages import Installed
from pileus.surfaces.engines.android.system.processes import MAX_CACHED, MAX_MESSAGES, Rank
from pileus.surfaces.engines.android.system.queries import Queries, Wanted
from pileus.surfaces.engines.android.system.router import Router
from pileus.surfaces.engines.android.system.senders import BROADCAST, IMMUTABLE, MAX_LASTING
from pileus.surfaces.engines.android.system.state import MOST_MS, next_due
from pileus.surfaces.engines.android.system.wire import Drop, Reply
from tests.surfaces.engines.android.system.rules import NOW, World, component, package, sender

EXTRAS = bytes(400_000)
PIECE = {"at": 0, "size": len(EXTRAS)}


def test_starts_and_pending_intents_take_a_budget_and_give_it_back() -> None:
    world = World([package("a.evil", component("service", "a.evil", "S")), package("b.good")])
    evil, good = world.process("a.evil"), world.process("b.good")
    intent = {"component": "a.evil/.S", "extras": PIECE}
    answers = [world.say(evil, "startService", tail=EXTRAS, intent=intent) for _ in range(60)]
    world.system.router.out.clear()
    assert 0 < sum("component" in one for one in answers) <= MOST // len(EXTRAS)
    assert "refused" in answers[-1]
    made = world.say(
        evil, "makeSender", tail=EXTRAS, type=1, flags=IMMUTABLE, intents=[{"action": "x", "extras": PIECE}]
    )
    assert "refused" in made
    assert world.system.budget.held("b.good") == 0
    world.say(evil, "stopService", intent={"component": "a.evil/.S"})
    world.system.router.out.clear()
    assert world.system.budget.held("a.evil") == 0
    assert "component" in world.say(evil, "startService", tail=EXTRAS, intent=intent)
    assert good.peer is not None


def test_what_waits_for_a_process_counts_too() -> None:
    ring = component("receiver", "b.good", "R")
    world = World([package("a.evil"), package("b.good", ring)])
    evil = world.process("a.evil")
    intent = {"component": "b.good/.R", "extras": PIECE}
    answers = [world.say(evil, "broadcast", tail=EXTRAS, intent=intent) for _ in range(60)]
    assert "refused" in answers[-1]
    assert world.system.budget.held("a.evil") > MOST - len(EXTRAS)
    world.system.failed("b.good")
    world.outside.timers.clear()
    assert world.system.budget.held("a.evil") == 0
    service = component("service", "b.good", "S")
    world.system.packages.put(package("b.good", service))
    for _ in range(MAX_MESSAGES + 10):
        world.say(evil, "startService", intent={"component": "b.good/.S"})
        world.system.router.out.clear()
    assert len(world.system.starting["b.good"].waiting) <= MAX_MESSAGES


def test_a_service_that_does_nothing_gets_so_many_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_STARTS", 3)
    world = World([package("a.evil", component("service", "a.evil", "S"))])
    evil = world.process("a.evil")
    answers = [world.say(evil, "startService", intent={"component": "a.evil/.S"}) for _ in range(4)]
    assert ["refused" in one for one in answers] == [False, False, False, True]


def test_an_intent_is_not_all_text() -> None:
    world = World([package("a.evil")])
    evil = world.process("a.evil")
    long = {"action": "x" * 20_000}
    assert "refused" in world.say(evil, "makeSender", type=1, flags=IMMUTABLE, intents=[long])
    most = {"action": "x" * 15_000}
    for number in range(2000):
        made = world.say(evil, "makeSender", type=1, request=number, flags=IMMUTABLE, intents=[most])
        world.system.router.out.clear()
        if "refused" in made:
            break
    assert 200 < number < 300


def test_alarms_and_notifications_take_little_of_the_disk() -> None:
    world = World([package("a.evil")])
    evil = world.process("a.evil")
    part = bytes(300_000)
    refused = 0
    for number in range(10):
        intent = {"action": "x", "extras": {"at": 0, "size": len(part)}}
        made = world.say(evil, "makeSender", tail=part, type=1, request=number, flags=IMMUTABLE, intents=[intent])
        handle = (made["handle"],)
        refused += "refused" in world.say(evil, "setAlarm", handles=handle, at_ms=NOW, operation=sender())
        world.say(evil, "notify", handles=handle, id=number, opens=sender())
        world.system.router.out.clear()
    assert refused == 7
    for name in ("alarms.json", "notices.json"):
        assert len(world.outside.files[name]) < 1.5 * MAX_LASTING  # as base64
    assert len(msgspec.json.decode(world.outside.files["notices.json"])) == 10


def test_jobs_fit_the_answer_that_lists_them() -> None:
    bind = "android.permission.BIND_JOB_SERVICE"
    world = World([package("a.evil", component("service", "a.evil", "Work", permission=bind))])
    evil = world.process("a.evil")
    raw = bytes(200_000)
    fields: dict[str, Any] = {"component": "a.evil/.Work", "delay_ms": 10**6, "raw": {"at": 0, "size": len(raw)}}
    results = [world.say(evil, "scheduleJob", tail=raw, id=number, **fields)["result"] for number in range(5)]
    assert results == [1, 1, 0, 0, 0]
    assert len(world.say(evil, "pendingJobs")["jobs"]) == 2


def test_one_package_does_not_stop_others_from_hearing_of_the_rest() -> None:
    many = [component("activity", "a.evil", f"A{at}", label="L" * 200) for at in range(8000)]
    asked = frozenset(f"permission.{at}.{'x' * 1000}" for at in range(2000))
    names = [f"c.app{at}" for at in range(20)]
    others = [package(name, *(component("activity", name, f"A{at}") for at in range(300))) for name in names]
    world = World([package("a.evil", *many, requested=asked), package("b.good", target_sdk=29), *others])
    good = world.process("b.good")
    found: list[str] = []
    after, pages = 0, 0
    while pages == 0 or after:
        answer = world.say(good, "packages", after=after)
        found += [one["name"] for one in answer["packages"]]
        after, pages = answer.get("next", 0), pages + 1
    assert sorted(found) == sorted(["a.evil", *names])
    assert pages > 1
    sizes = [len(m.parcel) for _, m, _ in world.system.router.out if isinstance(m, Reply)]
    assert max(sizes) <= wire.MAX_PARCEL


def test_patterns_of_one_package_take_their_own_time() -> None:
    slow = tuple((2, "a*" * 255 + chr(0x4E00 + at)) for at in range(20_000))
    view = Filter(actions=("view",), categories=(DEFAULT,), schemes=("x",), hosts=("h",), paths=slow)
    quick = Filter(actions=("view",), categories=(DEFAULT,), schemes=("x",), hosts=("h",), paths=((2, "/a.*"),))
    evil = package("a.evil", component("activity", "a.evil", "A", view))
    world = World([evil, package("b.good", component("activity", "b.good", "B", quick))])
    intent = intents.Intent(action="view", data="x://h/" + "a" * 500)
    before = time.process_time()
    found = [item.package for item in world.system.packages.resolve("activity", intent, default=True)]
    assert found == ["b.good"]
    assert time.process_time() - before < 60, "without the bound it is ten minutes"
    assert intents.Steps(100).take("a" * 10, "b" * 10)
    assert not intents.Steps(99).take("a" * 10, "b" * 10)


def test_cached_processes_beyond_those_that_are_kept_are_ended() -> None:
    world = World([package(f"a.app{at}") for at in range(MAX_CACHED + 2)])
    processes = [world.process(item.name) for item in world.system.packages]
    world.system.screen(processes[0], True, False)  # has a session
    world.system.process(processes[1].package)  # is the one used last
    world.system.recount()
    ((after, trim),) = world.outside.timers
    assert after == 1.0
    assert world.outside.killed == []
    trim()
    assert world.outside.killed == [processes[2]]
    world.system.ended(processes[2])
    world.system.ended(processes[3])
    for _, work in list(world.outside.timers):
        work()
    assert world.outside.killed == [processes[2]], "four are kept"


def test_a_service_in_the_foreground_keeps_a_process_that_is_used_least() -> None:
    """It is bound by one that nobody needs, which keeps it no longer than that one is kept."""
    found = [package(f"a.app{at}") for at in range(MAX_CACHED + 1)]
    world = World([package("a.kept", component("service", "a.kept", "Play")), *found])
    kept, client, *_ = (world.process(item.name) for item in world.system.packages)
    world.say(
        client, "bindService", nodes=(7,), intent={"component": "a.kept/.Play"}, connection=sender(), flags=1
    )
    record = next(one["record"] for one in world.heard(kept) if one["m"] == "createService")
    others = [item for item in world.system.processes.values() if item is not kept]
    for item in others:
        world.system.process(item.package)  # is used after it
    world.say(kept, "setServiceForeground", record=record, on=True, id=1)
    assert world.system.ranks()[kept] is Rank.VISIBLE
    world.system.recount()
    world.outside.timers.pop()[1]()
    assert world.outside.killed == others[:1]
    world.say(kept, "setServiceForeground", record=record, on=False)
    assert world.system.ranks()[kept] is Rank.CACHED
    world.outside.timers.pop()[1]()
    assert world.outside.killed[1:2] == [kept]


def test_what_waits_keeps_its_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app's binder in a broadcast to one that starts was gone before it was there."""
    world = World([package("a.app"), package("b.late", component("receiver", "b.late", "R"))])
    app = world.process("a.app")
    for _ in range(2):
        world.say(app, "broadcast", nodes=(9,), intent={"component": "b.late/.R", "extras": {"at": 0, "size": 8}})
    assert not [m for _, m, _ in world.system.router.out if isinstance(m, Drop)]
    late = world.process_of("b.late")
    freed: list[object] = []
    free = Router.free
    monkeypatch.setattr(Router, "free", lambda self, parcel: (freed.append(parcel), free(self, parcel))[1])
    late_peer = late.peer
    assert late_peer is not None
    assert len(late_peer.handles) == 1
    world.say(late, "finishReceiver")
    assert len(late_peer.handles) == 1
    world.say(late, "finishReceiver")
    peer = app.peer
    assert peer is not None
    world.system.ended(late)
    assert [m for _, m, _ in world.system.router.out if isinstance(m, Drop)] == [Drop(9, 2)]


def test_a_service_that_falls_lets_go_of_what_its_starts_carried() -> None:
    world = World([package("a.app", component("service", "a.app", "S")), package("b.other")])
    other = world.process("b.other")
    intent = {"component": "a.app/.S", "extras": {"at": 0, "size": 8}}
    world.say(other, "startService", nodes=(9,), intent=intent)
    for number in (1, 2, 3):
        process = world.system.attach(number + 10, "a.app", False)
        world.system.connected(process)
        world.say(process, "ready")
        world.system.ended(process)
        timers, world.outside.timers = world.outside.timers, []
        for _, work in timers:
            work()
    assert [m for _, m, _ in world.system.router.out if isinstance(m, Drop)] == [Drop(9, 1)]


def test_who_is_shown_hears_of_the_clipboard_and_opens_activities() -> None:
    world = World([package("a.app", component("activity", "a.app", "A")), package("b.other")])
    app, other = world.process("a.app", screen=True), world.process("b.other")
    world.say(app, "listenClip", nodes=(3,), listener=sender())
    look = {"component": "a.app/.A"}
    assert "here" in world.say(app, "startActivity", intent=look)
    world.say(other, "setClip", text="secret")
    assert [one["m"] for one in world.heard(app)] == ["clipChanged"]
    assert world.say(app, "getClip") == {"text": "secret"}
    assert world.say(other, "getClip") == {}
    world.system.screen(app, True, False)
    world.say(other, "setClip", text="more")
    assert world.heard(app) == []
    assert world.say(app, "getClip") == {}
    assert "here" in world.say(app, "startActivity", intent=look), "it has gone just now"
    world.outside.now += 11_000
    assert world.say(app, "startActivity", intent=look) == {"elsewhere": True}
    world.system.screen(app, False, False)
    made = world.say(app, "makeSender", type=2, flags=IMMUTABLE, intents=[look])
    world.say(app, "sendSender", handles=(made["handle"],), sender=sender())
    assert world.outside.opened == []


def test_a_phone_that_comes_hears_of_the_notices_that_there_are() -> None:
    world = World([package("a.app")])
    app = world.process("a.app", screen=True)
    world.say(app, "notify", id=1, title="x")
    world.system.screen(app, True, False)
    assert len(world.outside.notices) == 1
    world.system.screen(app, True, True)
    assert [one["title"] for one in world.outside.notices] == ["x", "x"]
    assert " foreground " in shell.answer(world.system, "ps")
    world.system.screen(app, True, False)
    assert " cached " in shell.answer(world.system, "ps")


def test_what_is_due_in_the_far_future_is_due_as_far_as_numbers_go(tmp_path: Path) -> None:
    bind = "android.permission.BIND_JOB_SERVICE"
    world = World([package("a.evil", component("service", "a.evil", "Work", permission=bind))])
    evil = world.process("a.evil")
    made = world.say(evil, "makeSender", type=1, flags=IMMUTABLE, intents=[{"action": "x"}])
    far = 10**400
    world.say(evil, "setAlarm", handles=(made["handle"],), at_ms=far, interval_ms=far, operation=sender())
    world.say(evil, "scheduleJob", id=1, component="a.evil/.Work", delay_ms=far, period_ms=far)
    for name, content in world.outside.files.items():
        (tmp_path / name).write_bytes(content)
    assert next_due(tmp_path) == MOST_MS
    # Those that lie on a disk from before.
    (tmp_path / "jobs.json").unlink()
    (tmp_path / "alarms.json").write_text(f'[{{"at_ms":{far}}}]')
    assert next_due(tmp_path) == MOST_MS


def test_what_waits_for_a_screen_comes_in_pages() -> None:
    look = component("activity", "b.good", "Look")
    world = World([package("a.app"), package("b.good", look)])
    app = world.process("a.app", screen=True)
    for number in range(10):
        intent = {"component": "b.good/.Look", "action": str(number), "extras": PIECE}
        assert world.say(app, "startActivity", tail=EXTRAS, intent=intent) == {"elsewhere": True}
    good = world.process("b.good", screen=True)
    found: list[str] = []
    more, pages = True, 0
    while more:
        answer = world.say(good, "takeActivities")
        found += [one["intent"]["action"] for one in answer["starts"]]
        more, pages = answer.get("more", False), pages + 1
    assert found == [str(number) for number in range(10)]
    assert pages == 5
    world.say(app, "startActivity", intent={"component": "b.good/.Look", "action": "now"})
    assert [one["m"] for one in world.heard(good)] == ["openActivity"]


def test_an_intent_with_what_it_is_filled_with_still_passes() -> None:
    world = World([package("a.app", component("receiver", "a.app", "R"))])
    app = world.process("a.app")
    intent = {"component": "a.app/.R", "extras": PIECE}
    made = world.say(app, "makeSender", tail=EXTRAS, type=BROADCAST, flags=1 << 25, intents=[intent])["handle"]
    fill = {"extras": {"at": 8, "size": len(EXTRAS)}}
    sent = world.say(app, "sendSender", handles=(made,), tail=EXTRAS, sender=sender(), intent=fill)
    assert "too large" in sent["refused"]
    assert world.say(app, "sendSender", handles=(made,), sender=sender()) == {"result": 0}


def test_a_package_declares_so_much_and_no_more() -> None:
    filters = tuple(Filter(actions=(str(at),)) for at in range(1000))
    parts = tuple(component("activity", "a.evil", f"A{at}", *filters, label="L" * 60_000) for at in range(10))
    wanted = tuple(Wanted(action=str(at)) for at in range(5000))
    manifest = Manifest(package="a.evil", format=FORMAT, components=parts, queries=Queries(intents=wanted))
    found = packages.made(manifest, Installed("a.evil", "evil", "/nowhere"))
    assert sum(len(item.filters) for item in found.components) == packages.MAX_FILTERS
    assert len(found.components) == 10
    assert len(found.queries.intents) == packages.MAX_WANTED


def test_what_a_process_registers_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_CONNECTIONS", 2)
    monkeypatch.setattr(broadcasts, "MAX_FILTERS", 2)
    world = World([package("a.evil", component("service", "a.evil", "S"))])
    evil = world.process("a.evil")

    def refusals(method: str, **fields: Any) -> list[bool]:
        answers = [world.say(evil, method, nodes=(node,), **fields) for node in (1, 2, 3)]
        return ["refused" in one for one in answers]

    bind = {"intent": {"component": "a.evil/.S"}, "connection": sender(), "flags": 1}
    assert refusals("bindService", **bind) == [False, False, True]
    assert refusals("registerReceiver", receiver=sender(), filter={"actions": ["x"]}) == [False, False, True]
    assert refusals("observe", observer=sender(), uri="x" * 10_000) == [True] * 3
    assert "refused" in world.say(evil, "startActivity", intent={"action": "x"}, who="w" * 70_000)
    assert world.say(evil, "setClip", text="x" * 70_000) == {}
    long = {"actions": ["x" * 9000]}
    assert "refused" in world.say(evil, "registerReceiver", nodes=(9,), receiver=sender(), filter=long)
