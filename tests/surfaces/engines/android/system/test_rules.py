"""The system's rules without processes: what a manifest offers, who may use it, ranks, alarms, activities."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from pileus.surfaces.engines.android import axml, manifest
from pileus.surfaces.engines.android.system import notices, packages
from pileus.surfaces.engines.android.system.activities import Result, Start
from pileus.surfaces.engines.android.system.packages import Installed, Package
from pileus.surfaces.engines.android.system.parcels import CALL, Asked
from pileus.surfaces.engines.android.system.processes import Needs, Process, Rank, rank, to_end
from pileus.surfaces.engines.android.system.router import Parcel
from pileus.surfaces.engines.android.system.senders import CANCELED, NOT_RESOLVED
from pileus.surfaces.engines.android.system.wire import Call, Reply, WireError
from tests.surfaces.engines.android.system.rules import NOW, World, component, package, sender


@pytest.fixture(scope="session")
def found(samples: ModuleType) -> list[Package]:
    """The samples' manifests, read from their APKs."""
    return [_package(samples, name) for name in ("talker", "teller")]


def _package(samples: ModuleType, name: str) -> Package:
    text = (Path(samples.APPS) / name / "AndroidManifest.xml").read_text()
    read = manifest.describe(axml.parse(samples.manifest(text)), None)
    return packages.made(read, Installed(f"dev.pileus.{name}", name, "/nowhere", name.title()))


@pytest.fixture
def world(found: list[Package]) -> World:
    return World(found)


def test_a_manifest_says_who_may_use_what(world: World) -> None:
    known = world.system.packages
    teller = known.uids["dev.pileus.teller"]
    secret = known.component("service", "dev.pileus.talker/.SecretService")
    echo = known.component("service", "dev.pileus.talker/.EchoService")
    work = known.component("service", "dev.pileus.teller/.Work")
    assert secret is not None
    assert echo is not None
    assert work is not None
    assert "not exported" in str(known.may_use(teller, secret))
    assert known.may_use(known.uids["dev.pileus.talker"], secret) is None
    assert known.may_use(teller, echo) is None
    assert "BIND_JOB_SERVICE" in str(known.may_use(known.uids["dev.pileus.talker"], work))
    assert not known.granted(teller, "dev.pileus.talker.WRITE"), "a signature permission of another app"


def test_a_service_starts_its_process_and_gets_what_waited(world: World) -> None:
    teller = world.process("teller")
    intent = {"component": "dev.pileus.talker/.EchoService", "action": "hello"}
    assert (
        world.say(teller, "startService", intent=intent)["component"]
        == "dev.pileus.talker/dev.pileus.talker.EchoService"
    )
    assert world.outside.started == ["dev.pileus.talker"]
    talker = world.system.attach(9, "dev.pileus.talker", False)
    world.system.connected(talker)
    world.say(talker, "ready")
    created, started = world.heard(talker)
    assert (created["m"], started["m"], started["start"]) == ("createService", "serviceArgs", 1)
    assert started["intent"]["action"] == "hello"


def test_a_sticky_service_comes_back_with_nothing_in_its_hands(world: World) -> None:
    teller, talker = world.process("teller"), world.process("talker")
    world.say(teller, "startService", intent={"component": "dev.pileus.talker/.EchoService"})
    record = world.heard(talker)[0]["record"]
    world.say(talker, "serviceDone", record=record, type=1, start=1, result=1)
    world.system.ended(talker)
    for _, work in list(world.outside.timers):
        work()
    assert world.outside.started == ["dev.pileus.talker"]
    again = world.system.attach(8, "dev.pileus.talker", False)
    world.system.connected(again)
    world.say(again, "ready")
    assert "intent" not in next(one for one in world.heard(again) if one["m"] == "serviceArgs")


def test_a_process_that_cannot_start_fails_what_waits_for_it(world: World) -> None:
    teller = world.process("teller")
    world.calls += 1
    json = msgspec.json.encode({"m": "getProvider", "authority": "dev.pileus.talker.notes"})
    parcel = len(json).to_bytes(4, "little") + json + bytes(-len(json) % 4)
    assert teller.peer is not None
    world.system.router.receive(teller.peer, Call(world.calls, 0, CALL, parcel=parcel))
    assert not [m for _, m, _ in world.system.router.out if isinstance(m, Reply) and m.call == world.calls]
    world.system.failed("dev.pileus.talker")
    replies = [m for _, m, _ in world.system.router.out if isinstance(m, Reply) and m.call == world.calls]
    assert [bytes(reply.parcel[4:6]) for reply in replies] == [b"{}"]


def test_alarms_lie_on_the_disk_and_fire_after_a_new_start(world: World, found: list[Package]) -> None:
    teller = world.process("teller")
    intent = {"component": "dev.pileus.teller/.Teller", "action": "rung"}
    made = world.say(teller, "makeSender", type=4, request=1, flags=1 << 26, intents=[intent])
    at, operation = NOW + 60_000, sender()
    world.say(teller, "setAlarm", handles=(made["handle"],), at_ms=at, operation=operation)
    assert world.system.next_ms == NOW + 60_000
    kept = world.outside.files["alarms.json"]

    later = World(found)
    from pileus.surfaces.engines.android.system.alarms import Alarm

    later.system.alarms.load(msgspec.json.decode(kept, type=list[Alarm]))
    later.system.tick()
    assert later.outside.started == []
    later.outside.now = NOW + 60_000
    later.system.tick()
    assert later.outside.started == ["dev.pileus.teller"]
    assert later.outside.files["alarms.json"] == b"[]"


@pytest.mark.parametrize("immutable", [False, True])
def test_a_sender_opens_as_its_maker_for_whoever_asks(world: World, immutable: bool) -> None:
    talker = world.process("talker", screen=True)
    intents = [{"component": "dev.pileus.talker/.Main", "flags": 0x10000001}]
    flags = 1 << 26 if immutable else 1 << 25

    def start(made: dict[str, Any], **fields: Any) -> dict[str, Any]:
        asks = {"sender": sender(), "entry": "e", "request": 3, "activity": "dev.pileus.talker/.Main", **fields}
        return world.say(talker, "startSender", handles=(made["handle"],), **asks)

    made = world.say(talker, "makeSender", type=2, request=1, flags=flags | 1 << 30, intents=intents)
    world.heard(talker)
    assert start(made, intent={"action": "more"}, mask=0xFFFFFFFF, values=0x20000002) == {"result": 0}
    (told,) = world.heard(talker)
    assert (told["m"], told["entry"], told["request"]) == ("openActivity", "e", 3)
    # What it grants stays its maker's to say; the rest is the sender's, unless it is fixed.
    wanted = (None, 0x10000001) if immutable else ("more", 0x20000001)
    assert (told["intent"].get("action"), told["intent"]["flags"]) == wanted
    assert start(made) == {"result": CANCELED}  # once
    nobody = world.say(talker, "makeSender", type=2, flags=flags, intents=[{"action": "nobody"}])
    assert start(nobody) == {"result": NOT_RESOLVED}


LOOK = {"component": "dev.pileus.talker/.Main", "action": "look"}


def test_an_activity_of_another_app_waits_for_its_screen(world: World) -> None:
    teller = world.process("teller", screen=True)
    ask = {"intent": LOOK, "activity": "dev.pileus.teller/.Main", "entry": "e", "request": 3}
    assert world.say(teller, "startActivity", **ask) == {"elsewhere": True}
    assert world.outside.opened == [("dev.pileus.talker", None, False)]
    talker = world.process("talker", screen=True)
    start = world.say(talker, "takeActivities")["starts"][0]
    assert (start["activity"], start["owner"], start["result"]) == (
        "dev.pileus.teller/.Main",
        "dev.pileus.teller",
        True,
    )
    assert start["intent"]["component"] == "dev.pileus.talker/dev.pileus.talker.Main"
    assert world.say(talker, "takeActivities")["starts"] == []
    world.say(teller, "startActivity", intent=LOOK)
    assert [one["m"] for one in world.heard(talker)][-1:] == ["openActivity"]
    assert world.say(teller, "startActivity", intent={"action": "nobody"}) == {}


def test_a_result_waits_for_the_caller_and_only_the_target_answers(world: World, found: list[Package]) -> None:
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    world.say(teller, "startActivity", intent=LOOK, entry="e", who="w", request=3)
    number = world.say(talker, "takeActivities")["starts"][0]["start"]
    assert world.say(teller, "activityDone", start=number, code=9) == {}  # not its own to answer
    world.say(talker, "activityDone", start=number, code=-1)
    world.say(talker, "activityDone", start=number, code=5)  # one result and no more
    kept = msgspec.json.decode(world.outside.files["starts.json"], type=list[Start])
    world.say(talker, "taskLeft", start=number, over=True)
    assert world.outside.opened[-1] == ("dev.pileus.teller", "dev.pileus.talker", True)
    assert world.say(teller, "takeActivities")["outcomes"] == [
        {"entry": "e", "who": "w", "request": 3, "code": -1}
    ]
    # Starts outlive the system's process.
    later = World(found)
    later.system.activities.load(kept, [])
    later.say(later.process("talker", screen=True), "taskLeft", start=number)
    assert later.outside.opened == [("dev.pileus.teller", "dev.pileus.talker", False)]


def test_what_a_process_has_not_taken_when_its_activities_end_is_its_next_screens(world: World) -> None:
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    for process in (teller, talker):
        world.say(process, "takeActivities")
    for request in (3, 4, 5):
        world.say(teller, "startActivity", intent=LOOK, entry="e", request=request)
    first, second, third = world.heard(talker)
    assert [one["number"] for one in (first, second, third)] == [1, 2, 3]
    world.say(talker, "tasks", tasks=[], taken=1)
    del world.outside.opened[:]
    assert world.say(talker, "taskLeft", start=first["start"], over=True, taken=2) == {"number": 3}
    # What comes from here on waits too; results go the same way.
    world.say(teller, "startActivity", intent=LOOK, entry="e", request=6)
    assert world.heard(talker) == []
    world.heard(teller)
    world.system.ended(talker)
    assert [one["request"] for one in world.heard(teller)] == [4]  # it took the second, and nothing came of it
    assert world.outside.opened[-1] == ("dev.pileus.talker", None, False)  # shown again
    talker = world.process("talker", screen=True)
    starts = world.say(talker, "takeActivities")["starts"]
    assert [one["start"] for one in starts] == [third["start"], third["start"] + 1]
    world.heard(teller)
    world.say(talker, "activityDone", start=third["start"], code=-1)
    (result,) = world.heard(teller)
    assert (result["m"], result["request"], result["number"]) == ("activityResult", 5, 3)
    assert world.say(teller, "activitiesOver", taken=2) == {"number": 3}
    assert [one["request"] for one in world.say(teller, "takeActivities")["outcomes"]] == [5]


def _visit(world: World) -> tuple[Process, Process, int]:
    """Teller has opened talker and waits for a result; talker has taken that."""
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    world.say(teller, "takeActivities")
    world.say(teller, "startActivity", intent=LOOK, entry="e", who="w", request=3)
    number = world.say(talker, "takeActivities")["starts"][0]["start"]
    world.say(talker, "tasks", tasks=[], taken=1)
    world.heard(teller)
    return teller, talker, number


NO_RESULT = {"m": "activityResult", "number": 1, "entry": "e", "who": "w", "request": 3, "code": 0}


def test_a_visit_that_ends_with_its_process_is_answered(world: World) -> None:
    teller, talker, number = _visit(world)
    world.say(talker, "visitsKept", visits=[number])  # kept unseen, and then closed by its owner
    world.say(talker, "visitsKept", visits=[])
    world.system.ended(talker)
    assert world.heard(teller) == [NO_RESULT]
    assert world.outside.files["starts.json"] == b"[]"
    world.system.ended(talker)
    assert world.heard(teller) == []


def test_a_visit_that_was_kept_waits_for_its_next_process(world: World) -> None:
    teller, talker, number = _visit(world)
    world.say(talker, "visitsKept", visits=[number])
    world.system.ended(talker)
    talker = world.process("talker", screen=True)
    world.say(talker, "visitsKept", visits=[number], fresh=True)
    assert world.say(talker, "takeActivities")["starts"] == []
    assert world.heard(teller) == []
    world.say(talker, "activityDone", start=number, code=-1)
    assert [one["code"] for one in world.heard(teller)] == [-1]


def test_a_visit_of_which_the_next_process_knows_nothing_is_answered(world: World) -> None:
    """What was kept could not be read again, or its app fell over it."""
    teller, talker, number = _visit(world)
    world.say(talker, "visitsKept", visits=[number])
    world.system.ended(talker)
    talker = world.process("talker", screen=True)
    world.say(teller, "startActivity", intent=LOOK, entry="f", request=4)  # on its way: not over
    world.say(talker, "visitsKept", visits=[], fresh=True)
    assert world.heard(teller) == [NO_RESULT]
    assert len(world.say(talker, "takeActivities")["starts"]) == 1


def test_a_visit_to_an_app_that_is_removed_is_answered(world: World) -> None:
    teller, talker, number = _visit(world)
    world.say(talker, "visitsKept", visits=[number])
    world.system.ended(talker)
    world.system.forget("dev.pileus.talker")
    assert world.heard(teller) == [NO_RESULT]


def test_what_was_on_its_way_to_a_process_that_is_killed_is_given_once_more(world: World) -> None:
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    for process in (teller, talker):
        world.say(process, "takeActivities")
    world.say(teller, "startActivity", intent=LOOK, entry="e", who="w", request=3)
    assert [one["m"] for one in world.heard(talker)] == ["openActivity"]
    world.system.ended(talker)
    assert world.heard(teller) == []
    talker = world.process("talker", screen=True)
    world.say(talker, "visitsKept", visits=[], fresh=True)
    (start,) = world.say(talker, "takeActivities")["starts"]
    assert start["intent"]["component"].startswith("dev.pileus.talker/")
    world.system.ended(talker)  # it is what this one falls over: not a third time
    assert world.heard(teller) == [NO_RESULT]
    talker = world.process("talker", screen=True)
    assert world.say(talker, "takeActivities")["starts"] == []


def test_a_result_on_its_way_to_a_process_that_is_killed_is_given_once_more(world: World) -> None:
    teller, talker, number = _visit(world)
    world.say(talker, "activityDone", start=number, code=7)
    assert len(world.heard(teller)) == 1
    for left in ([7], []):
        world.system.ended(teller)
        teller = world.process("teller", screen=True)
        assert [one["code"] for one in world.say(teller, "takeActivities")["outcomes"]] == left


def test_one_that_falls_over_gets_nothing_of_it_again(world: World) -> None:
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    for process in (teller, talker):
        world.say(process, "takeActivities")
    world.say(teller, "startActivity", intent=LOOK, entry="e", who="w", request=3)
    world.say(talker, "visitsKept", visits=[], fell=True)
    world.system.ended(talker)
    assert world.heard(teller) == [NO_RESULT]
    talker = world.process("talker", screen=True)
    assert world.say(talker, "takeActivities")["starts"] == []


def test_a_process_that_begins_again_by_itself_gets_what_waited(world: World) -> None:
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    world.say(talker, "takeActivities")
    world.say(talker, "activitiesOver")
    world.say(teller, "startActivity", intent=LOOK)
    assert world.heard(talker) == []
    task = {"id": 1, "entries": [{"name": "dev.pileus.talker/.Main", "life": "resumed"}]}
    world.say(talker, "tasks", tasks=[task])
    assert [one["m"] for one in world.heard(talker)] == ["openActivity"]


def test_a_result_outlives_the_systems_process(world: World, found: list[Package]) -> None:
    teller, talker = world.process("teller", screen=True), world.process("talker", screen=True)
    world.say(teller, "startActivity", intent=LOOK, entry="e", request=3)
    number = world.say(talker, "takeActivities")["starts"][0]["start"]
    world.system.ended(teller)
    world.say(talker, "activityDone", start=number, code=-1, intent={"action": "done", "data": "x:y"})
    starts, results = (
        msgspec.json.decode(world.outside.files[name], type=list[kind])  # type: ignore[valid-type]
        for name, kind in (("starts.json", Start), ("results.json", Result))
    )
    later = World(found)
    later.system.activities.load(starts, results)
    asked = later.say(later.process("teller", screen=True), "takeActivities")
    (outcome,) = asked["outcomes"]
    assert (outcome["entry"], outcome["request"], outcome["code"]) == ("e", 3, -1)
    assert (outcome["intent"]["action"], outcome["intent"]["data"]) == ("done", "x:y")
    assert later.outside.files["results.json"] == b"[]"  # told once
    later.system.activities.load(starts, results)
    later.system.forget("dev.pileus.teller")
    assert later.outside.files["results.json"] == b"[]"


def test_notices_that_come_too_fast_are_left_out(world: World) -> None:
    teller = world.process("teller")
    for number in range(300):
        world.say(teller, "notify", id=1, title=str(number))
    assert len(world.outside.notices) == notices.BURST
    world.outside.now += 1000
    for number in range(300):
        world.say(teller, "notify", id=1, title=str(number))
    assert len(world.outside.notices) == notices.BURST + notices.RATE
    world.say(world.process("talker"), "notify", id=1, title="another app's")
    assert world.outside.notices[-1]["title"] == "another app's"


REMOVE, DETACH = 1, 2


class Shade:
    """A package whose services are in the foreground, and what is shown of them."""

    def __init__(self) -> None:
        self.world = World([package("a.app", *(component("service", "a.app", name) for name in "PQ"))])
        self.app = self.world.process("a.app")

    def service(self, name: str) -> int:
        self.world.say(self.app, "startService", intent={"component": f"a.app/.{name}"})
        asked = self.world.heard(self.app)
        return next(int(one["record"]) for one in asked if one["m"] == "createService")

    def front(self, record: int, number: int, title: str = "runs") -> None:
        self.world.say(self.app, "setServiceForeground", record=record, on=True, id=number)
        self.world.say(self.app, "notify", id=number, title=title)

    def rear(self, record: int, flags: int) -> None:
        self.world.say(self.app, "setServiceForeground", record=record, on=False, flags=flags)

    @property
    def shown(self) -> dict[str, bool]:
        """Whether each that is there is ongoing."""
        there: dict[str, bool] = {}
        for one in self.world.outside.notices:
            if one.get("cancelled"):
                there.pop(one["key"], None)
            else:
                there[one["key"]] = one.get("ongoing", False)
        return there


def test_the_notice_of_a_service_in_the_foreground_stays_for_as_long() -> None:
    shade = Shade()
    service = shade.service("P")
    shade.front(service, 4)
    key = "a.app//4"
    assert shade.shown == {key: True}
    shade.world.say(shade.app, "cancelNotice", id=4)
    shade.world.say(shade.app, "cancelNotice", all=True)
    shade.world.system.notices.dismiss(key)
    assert shade.shown == {key: True}
    shade.front(service, 5)
    assert shade.shown == {"a.app//5": True}
    shade.rear(service, REMOVE)
    assert shade.shown == {}


@pytest.mark.parametrize(("flags", "left"), [(0, {}), (DETACH, {"a.app//4": False})])
def test_a_notice_that_is_left_behind_is_the_apps_and_the_owners(flags: int, left: dict[str, bool]) -> None:
    """Unless it was detached, it still goes with its service."""
    shade = Shade()
    service = shade.service("P")
    shade.front(service, 4)
    shade.rear(service, flags)
    assert shade.shown == {"a.app//4": False}
    shade.world.say(shade.app, "stopService", intent={"component": "a.app/.P"})
    assert shade.shown == left
    shade.world.system.notices.dismiss("a.app//4")
    assert shade.shown == {}


def test_the_notice_of_a_service_ends_with_its_process_and_its_system() -> None:
    shade = Shade()
    first, second = shade.service("P"), shade.service("Q")
    shade.front(first, 4)
    shade.front(second, 4)
    shade.rear(first, REMOVE)
    assert shade.shown == {"a.app//4": True}, "the other one shows it still"
    shade.world.say(shade.app, "notify", id=7, title="its own")
    kept = msgspec.json.decode(shade.world.outside.files["notices.json"], type=list[notices.Stored])
    shade.world.system.ended(shade.app)
    assert shade.shown == {"a.app//7": False}
    after = Shade()
    after.world.system.notices.load(kept)
    after.world.system.notices.show_all()
    assert after.shown == {"a.app//7": False}


def test_an_app_that_has_said_too_much_still_shows_that_its_service_runs() -> None:
    shade = Shade()
    service = shade.service("P")
    for number in range(300):
        shade.world.say(shade.app, "notify", id=number, title="x")
    shade.front(service, 400)
    assert shade.shown["a.app//400"]
    shade.world.say(shade.app, "notify", id=401, title="x", flags=notices.FOREGROUND_SERVICE)
    assert "a.app//401" not in shade.shown, "an app does not say that of itself"


@pytest.mark.parametrize("flags", [DETACH, 0])
def test_services_that_come_and_go_leave_no_more_notices_than_an_app_may_have(flags: int) -> None:
    shade = Shade()
    service = shade.service("P")
    for number in range(1, 200):
        shade.world.outside.now += 1000  # never too fast
        shade.front(service, number)
        assert f"a.app//{number}" in shade.shown
        shade.rear(service, flags)
    assert len(shade.shown) <= notices.MAX_NOTICES
    told = len(shade.world.outside.notices)
    for number in range(300, 600):
        shade.front(service, number)
        shade.rear(service, DETACH)
    assert len(shade.world.outside.notices) - told < 4 * notices.BEGUN, "as fast as it likes"


def test_what_is_no_service_shows_nothing() -> None:
    shade = Shade()
    service = shade.service("P")
    ask = shade.world.say(shade.app, "setServiceForeground", record=service, on=True, id=0)
    assert ask["held"] is False
    assert shade.world.say(shade.app, "setServiceForeground", record=service, on=True, id=1)["held"] is True
    shade.world.say(shade.app, "stopService", intent={"component": "a.app/.P"})
    assert shade.world.say(shade.app, "setServiceForeground", record=service, on=True, id=1)["held"] is False


def test_two_services_that_show_one_notice_both_hold_it() -> None:
    shade = Shade()
    first, second = shade.service("P"), shade.service("Q")
    shade.front(first, 4)
    shade.front(second, 4)
    shade.rear(first, 0)
    assert shade.shown == {"a.app//4": True}
    shade.rear(second, 0)
    assert shade.shown == {"a.app//4": False}


def test_what_nobody_sees_opens_nothing_and_pages_are_the_browsers(world: World) -> None:
    teller = world.process("teller")
    world.say(teller, "startActivity", intent=LOOK)
    assert world.outside.opened == []
    world.system.screen(teller, True, True)
    view = {"action": "android.intent.action.VIEW", "data": "https://example.org/"}
    assert world.say(teller, "startActivity", intent=view) == {"elsewhere": True}
    assert world.say(teller, "startActivity", intent={**view, "data": "javascript:x"}) == {}
    assert world.outside.pages == ["https://example.org/"]


def test_the_owner_chooses_among_what_was_offered(samples: ModuleType) -> None:
    pair = [_package(samples, name) for name in ("steps", "guest")]
    world = World(pair)
    steps = world.process("steps", screen=True)
    send = {"action": "android.intent.action.SEND", "type": "text/plain"}
    ask = {"intent": send, "entry": "e", "request": 8, "choose": True, "title": "Share"}
    world.say(steps, "takeActivities")
    world.say(steps, "startActivity", **ask)
    number, title, choices = world.outside.choices[-1]
    assert title == "Share"
    labels = {one.app: one.label for one in choices}
    assert labels == {"steps": "Share here", "guest": "Guest"}
    world.heard(steps)
    world.system.activities.chosen(number, "dev.pileus.guest/dev.pileus.steps.Steps$Pick")  # was not offered
    assert [(one["m"], one["code"]) for one in world.heard(steps)] == [("activityResult", 0)]
    world.say(steps, "startActivity", **ask)
    guest = next(one.component for one in choices if one.app == "guest")
    world.system.activities.chosen(world.outside.choices[-1][0], guest)
    assert world.outside.opened == [("dev.pileus.guest", None, False)]
    assert world.system.packages.sees("dev.pileus.guest", "dev.pileus.steps")  # who opened it


@pytest.mark.parametrize(
    "ask",
    [
        {
            "intent": {"action": "android.intent.action.SEND", "type": "text/plain"},
            "choose": True,
            "title": "Share",
        },
        {"intent": {"action": "android.intent.action.GET_CONTENT", "type": "*/*"}},
    ],
)
def test_what_every_device_answers_is_answered_where_no_app_can(world: World, ask: dict[str, Any]) -> None:
    """An app that shares, or asks for a file, does not expect to fall over it."""
    teller = world.process("teller", screen=True)
    world.say(teller, "takeActivities")
    assert world.say(teller, "startActivity", entry="e", request=3, **ask) == {"elsewhere": True}
    ((number, title, choices),) = world.outside.choices
    assert (title, choices) == (ask.get("title", ""), [])
    world.system.activities.chosen(number, None)
    assert [(one["request"], one["code"]) for one in world.heard(teller)] == [(3, 0)]


def test_an_app_sees_what_its_manifest_asks_for(samples: ModuleType) -> None:
    pair = [_package(samples, name) for name in ("steps", "guest", "talker")]
    world = World(pair)
    sees = world.system.packages.sees
    assert sees("dev.pileus.steps", "dev.pileus.guest")  # by the scheme of one of its activities
    assert not sees("dev.pileus.guest", "dev.pileus.steps")
    assert not sees("dev.pileus.steps", "dev.pileus.talker")
    found = world.say(world.process("steps"), "packages")["packages"]
    assert [one["name"] for one in found] == ["dev.pileus.guest"]
    names = [one["name"] for one in found[0]["components"]]
    assert "dev.pileus.steps.Steps$Second" not in names  # not exported


def test_what_makes_no_sense_ends_the_connection(world: World) -> None:
    teller = world.process("teller")
    assert teller.peer is not None
    for data in (b"", b"\xff\xff\xff\x7f", b"\x02\0\0\0{]", b"\x02\0\0\0[]"):
        with pytest.raises(WireError):
            world.system.router.receive(teller.peer, Call(5, 0, CALL, parcel=data))
    with pytest.raises(WireError):
        world.say(teller, "noSuchMethod")
    with pytest.raises(WireError):
        world.say(teller, "startService", intent=5)
    with pytest.raises(WireError):
        Asked(Parcel(b"\x02\0\0\0{}")).read(Installed)


def test_a_binding_passes_its_clients_rank_on() -> None:
    process = Process(1, "p", 10_001)
    assert rank(process, Needs()) is Rank.CACHED
    assert rank(process, Needs(started=True)) is Rank.SERVICE
    assert rank(process, Needs(bound_by=(Rank.FOREGROUND,))) is Rank.FOREGROUND
    process.screen = True
    assert rank(process, Needs()) is Rank.VISIBLE
    process.shown = True
    assert rank(process, Needs()) is Rank.FOREGROUND


def test_the_longest_unused_cached_processes_end_first() -> None:
    many = [Process(number, "p", 10_000, used=number) for number in range(6)]
    ranked = [(process, Rank.CACHED) for process in many[:5]] + [(many[5], Rank.SERVICE)]
    assert to_end(ranked, most=3) == many[:2]
