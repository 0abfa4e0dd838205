"""Apps that mean harm, against the rules: whatever one does, the system and the other apps go on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pileus.surfaces import wire as surface
from pileus.surfaces.engines.android import axml, chunks, manifest
from pileus.surfaces.engines.android.system import packages
from pileus.surfaces.engines.android.system.alarms import Alarm
from pileus.surfaces.engines.android.system.intents import DEFAULT, Filter
from pileus.surfaces.engines.android.system.manifest import MAX_LABEL
from pileus.surfaces.engines.android.system.notices import AUTO_CANCEL
from pileus.surfaces.engines.android.system.packages import Installed
from pileus.surfaces.engines.android.system.parcels import Refused
from pileus.surfaces.engines.android.system.senders import ACTIVITY, BROADCAST, IMMUTABLE, Sender
from tests.surfaces.engines.android.system.rules import NOW, World, component, package, sender


def alarms(world: World) -> list[Alarm]:
    return msgspec.json.decode(world.outside.files["alarms.json"], type=list[Alarm])


def test_a_pending_intent_of_nothing_is_not_made_and_does_nothing() -> None:
    world = World([package("a.evil")])
    evil = world.process("a.evil")
    assert "illegal" in world.say(evil, "makeSender", type=BROADCAST, flags=IMMUTABLE, intents=[])
    # One that lies on the disk.
    lasting = Alarm(package="a.evil", type=1, who=None, request=1, flags=0, intents=[], extras=[], at_ms=NOW)
    world.system.alarms.load([lasting])
    world.system.tick()
    assert alarms(world) == []


def test_an_alarm_that_fails_is_off_the_disk_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([package("a.evil"), package("b.good", component("receiver", "b.good", "Bell"))])
    evil, good = world.process("a.evil"), world.process("b.good")
    for process, target in ((evil, "a.evil/.Bell"), (good, "b.good/.Bell")):
        intent = {"component": target}
        made = world.say(process, "makeSender", type=BROADCAST, flags=IMMUTABLE, intents=[intent])
        world.say(process, "setAlarm", handles=(made["handle"],), at_ms=NOW + 60_000, operation=sender())
    fire = world.system.senders.fire
    left: list[int] = []

    def broken(what: Sender, *rest: Any) -> int:
        left.append(len(alarms(world)))
        if what.package == "a.evil":
            raise IndexError("a bug")
        return fire(what, *rest)

    monkeypatch.setattr(world.system.senders, "fire", broken)
    world.heard(good)
    world.outside.now += 60_000
    world.system.tick()
    assert left == [0, 0], "the disk has them no more when they are sent"
    assert [one["m"] for one in world.heard(good)] == ["receive"]
    assert world.system.next_ms == 0


def test_a_job_that_fails_is_tried_later_and_not_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bind = "android.permission.BIND_JOB_SERVICE"
    world = World([package("a.evil", component("service", "a.evil", "Work", permission=bind))])
    evil = world.process("a.evil")
    assert world.say(evil, "scheduleJob", id=1, component="a.evil/.Work")["result"] == 1

    def broken(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(world.system.services, "bind_own", broken)
    world.system.tick()
    assert world.system.next_ms > NOW


@pytest.mark.parametrize("how", ["press", "alarm"])
def test_a_pending_intent_for_an_activity_that_its_maker_may_not_open_does_nothing(how: str) -> None:
    world = World([package("a.app", component("activity", "a.app", "Off", enabled=False))])
    app = world.process("a.app", screen=True)
    off = {"component": "a.app/.Off"}
    made = world.say(app, "makeSender", type=ACTIVITY, flags=IMMUTABLE, intents=[off])["handle"]
    if how == "press":
        world.say(app, "notify", handles=(made,), id=1, title="x", flags=AUTO_CANCEL, opens=sender())
        assert world.system.notices.act("a.app//1", -1) is None
        assert world.outside.notices[-1] == {"key": "a.app//1", "cancelled": True}
    else:
        world.say(app, "setAlarm", handles=(made,), at_ms=NOW + 60_000, operation=sender())
        world.outside.now += 60_000
        world.system.tick()
        assert alarms(world) == []
    assert world.outside.opened == []


def test_what_was_offered_and_may_no_longer_be_opened_is_as_if_nothing_was_chosen() -> None:
    send = Filter(actions=("send",), categories=(DEFAULT,))
    offers = [component("activity", name, "Take", send) for name in ("b.one", "c.two")]
    world = World([package("a.app"), *(package(item.package, item) for item in offers)])
    app = world.process("a.app", screen=True)
    world.say(app, "takeActivities")
    world.say(app, "startActivity", intent={"action": "send"}, entry="e", request=3)
    number = world.outside.choices[-1][0]
    world.system.packages.put(package("b.one", component("activity", "b.one", "Take", exported=False)))
    world.heard(app)
    world.system.activities.chosen(number, "b.one/b.one.Take")
    assert world.outside.opened == []
    assert [(one["m"], one["code"]) for one in world.heard(app)] == [("activityResult", 0)]


def declared(*parts: axml.Element) -> axml.Element:
    """A manifest of a.evil with these parts of its application."""
    package = {"package": chunks.Value(chunks.STRING, 0, "a.evil")}
    return axml.Element("manifest", package, [axml.Element("application", {}, list(parts))])


def part(tag: str, /, *children: axml.Element, **attributes: str) -> axml.Element:
    values = {key: chunks.Value(chunks.STRING, 0, text) for key, text in attributes.items()}
    return axml.Element(tag, values, list(children))


def test_what_the_owner_chooses_from_fits_its_message() -> None:
    answers = part("intent-filter", part("action", name="send"), part("category", name=DEFAULT))
    many = [part("activity", answers, name=f".{'A' * 500}{at}", label="L" * 60_000) for at in range(200)]
    evil = packages.made(manifest.describe(declared(*many), None), Installed("a.evil", "evil", "/nowhere"))
    assert {len(item.label) for item in evil.components} == {MAX_LABEL}
    world = World([evil, package("b.good")])
    good = world.process("b.good", screen=True)
    world.say(good, "startActivity", intent={"action": "send"}, title="T" * 60_000)
    number, title, choices = world.outside.choices[-1]
    assert len(choices) > 10
    info = {"number": number, "title": title, "choices": msgspec.to_builtins(choices)}
    assert surface.encode(surface.Show({"number": 1, "choose": info}))


def test_a_page_with_an_endless_address_is_nobodys() -> None:
    world = World([package("a.app")])
    app = world.process("a.app", screen=True)
    view = {"action": "android.intent.action.VIEW", "data": "https://example.org/" + "x" * 10_000}
    assert world.say(app, "startActivity", intent=view) == {}
    assert world.outside.pages == []


def test_a_package_that_the_system_cannot_read_gets_no_process_and_no_uid() -> None:
    """It used to run as uid 0, which may use whatever there is."""
    hidden = component("service", "b.good", "Hidden", exported=False)
    world = World([package("b.good", hidden)])
    with pytest.raises(Refused, match=r"a\.evil"):
        world.system.attach(1, "a.evil", True)
    with pytest.raises(Refused, match=r"a\.evil"):
        world.system.process("a.evil")
    assert world.system.processes == {}
    assert world.outside.started == []
    # One that is removed while its process is on its way.
    world.system.process("b.good")
    world.system.forget("b.good")
    with pytest.raises(Refused):
        world.system.attach(2, "b.good", False)
    assert world.system.starting == {}


def test_an_ordered_broadcast_goes_on_after_a_receiver_that_was_removed() -> None:
    ring = Filter(actions=("ring",))
    names = ("a.one", "b.two", "c.three")
    world = World([package(name, component("receiver", name, "R", ring), target_sdk=25) for name in names])
    one, two, three = (world.process(name) for name in names)
    world.say(one, "broadcast", intent={"action": "ring"}, ordered=True)
    assert [one["m"] for one in world.heard(one)] == ["receive"]
    world.system.forget("b.two")
    world.system.ended(two)
    world.say(one, "finishReceiver")
    assert [one["m"] for one in world.heard(three)] == ["receive"]


def test_the_first_of_several_packages_keeps_its_permissions_and_authorities() -> None:
    offers = [
        component("service", "b.good", "S", permission="b.good.SECRET"),
        component("provider", "b.good", "P", authorities=("b.notes",)),
    ]
    good = package("b.good", *offers, defined={"b.good.SECRET": 2})
    taken = component("provider", "a.evil", "P", authorities=("b.notes",))
    evil = package("a.evil", taken, defined={"b.good.SECRET": 0}, requested=frozenset({"b.good.SECRET"}))
    for order in ([good, evil], [evil, good]):
        world = World([])
        world.system.packages.uids |= {"b.good": 10_001, "a.evil": 10_002}
        for item in order:
            world.system.packages.put(item)
        process = world.process("a.evil")
        refused = world.say(process, "startService", intent={"component": "b.good/.S"})
        assert "b.good.SECRET" in refused["refused"]
        first = world.system.packages.provider("b.notes")
        assert first is not None
        assert first.package == "b.good"


def test_no_app_gets_what_is_the_systems() -> None:
    bind = "android.permission.BIND_JOB_SERVICE"
    jobs = component("service", "b.good", "Work", permission=bind)
    evil = package("a.evil", defined={bind: 0, "android.permission.INTERNET": 2}, requested=frozenset({bind}))
    asks = package("c.asks", requested=frozenset({"android.permission.INTERNET"}))
    world = World([evil, package("b.good", jobs), asks])
    process = world.process("a.evil")
    assert bind in world.say(process, "startService", intent={"component": "b.good/.Work"})["refused"]
    uid = world.system.packages.uids["c.asks"]
    assert world.system.packages.granted(uid, "android.permission.INTERNET"), (
        "what another app says of it is nothing"
    )
