"""Which ports are linked for a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pileus.core.errors import NotFound
from pileus.handset.capabilities.audio.calls import Calls
from pileus.handset.capabilities.audio.routing import Link, Wish, found, output_of, wanted
from pileus.handset.capabilities.audio.rules import Graph
from pileus.handset.capabilities.audio.shape import OfCall

MINE, OTHER = "/virtual/mine", "/virtual/other"
OWN = frozenset({MINE})


def node(number: int, name: str, media: str, props: Mapping[str, str] = {}) -> dict[str, Any]:
    held = {"node.name": name, "media.class": media, **props}
    return {"id": number, "type": "PipeWire:Interface:Node", "info": {"props": held}}


def port(number: int, of: int, direction: str) -> dict[str, Any]:
    info = {"direction": direction, "props": {"node.id": of}}
    return {"id": number, "type": "PipeWire:Interface:Port", "info": info}


def link(number: int, output: int, into: int) -> dict[str, Any]:
    info = {"output-port-id": output, "input-port-id": into}
    return {"id": number, "type": "PipeWire:Interface:Link", "info": info}


def modem(first: int, device: str) -> list[dict[str, Any]]:
    """Two sinks: playback is `first + 1` and monitor `first + 2`, and ten more for what comes."""
    found = []
    for at, way in ((first, "up"), (first + 10, "down")):
        found += [node(at, f"{device}.{way}", "Audio/Sink/Internal", {"pileus.modem": device, "pileus.way": way})]
        found += [port(at + 1, at, "input"), port(at + 2, at, "output")]
    return found


def graph(*more: dict[str, Any]) -> Graph:
    """A speaker with two channels (11, 12; what it plays 13, 14), a pair of microphones (21, 22)."""
    made = Graph()
    made.take(
        [
            node(10, "speaker", "Audio/Sink"),
            *(port(at, 10, "input") for at in (11, 12)),
            *(port(at, 10, "output") for at in (13, 14)),
            node(20, "mic", "Audio/Source"),
            *(port(at, 20, "output") for at in (21, 22)),
            *modem(100, MINE),
            *modem(200, OTHER),
            *more,
        ]
    )
    return made


def wish(**more: Any) -> Wish:
    return Wish(**{"own": OWN, "device": MINE, "output": "speaker", "input": "mic", **more})


def changes(there: Graph, wished: Wish) -> tuple[set[Link], set[Link]]:
    """What is to be made, and taken away."""
    made, meant = found(there, wished.own), wanted(there, wished)
    return meant - made, made - meant


IN, OUT = (21, 101), {(112, 11), (112, 12)}


def test_a_call_is_linked_and_no_more_than_once() -> None:
    assert changes(graph(), wish()) == ({IN, *OUT}, set())
    assert changes(graph(link(900, *IN), link(901, 112, 11)), wish()) == ({(112, 12)}, set())
    assert changes(graph(), wish(muted=True)) == (OUT, set())
    assert changes(graph(link(900, *IN)), wish(muted=True)) == (OUT, {IN})
    assert changes(graph(), wish(output="", input="gone")) == (set(), set())


def test_after_a_call_its_links_go_and_no_others() -> None:
    there = graph(link(900, *IN), link(901, 112, 11), link(902, 212, 11), link(903, 21, 201), link(904, 102, 211))
    assert changes(there, wish(device="")) == (set(), {IN, (112, 11)})
    there.take([{"id": 900, "info": None}])
    assert changes(there, wish(device="")) == (set(), {(112, 11)})


def test_a_call_comes_out_of_what_is_at_the_ear() -> None:
    there = graph()
    assert output_of(there, "") == "speaker"
    there.take(
        [
            node(number, name, "Audio/Sink", {"device.form-factor": form})
            for number, name, form in ((30, "ear", "handset"), (31, "cans", "headset"))
        ]
    )
    assert output_of(there, "") == "ear"
    assert output_of(there, "speaker") == "speaker"
    assert output_of(there, "gone") == "ear"
    default = {"key": "default.audio.sink", "value": {"name": "cans"}}
    there.take([{"id": 5, "type": "PipeWire:Interface:Metadata", "metadata": [default]}])
    assert output_of(there, "") == "cans"
    assert output_of(Graph(), "") == ""


def telephony(*calls: tuple[str, str]) -> dict[str, Any]:
    shown = [{"id": name, "state": state, "modem": "/m/0"} for name, state in calls]
    return {"present": True, "modems": [{"id": "/m/0", "device": MINE}, {"id": "/m/1"}, 7], "calls": shown}


def test_mute_is_of_one_call_and_the_output_of_all_that_there_are() -> None:
    calls = Calls()
    for nothing in ({}, {"calls": "x", "modems": None}, telephony(("a", "ringing-in"))):
        calls.take(nothing)
        assert (calls.spoken, calls.device) == ("", "")
    with pytest.raises(NotFound):
        calls.wish(OfCall(call="b", muted=True))
    calls.take(telephony(("a", "active")))
    assert (calls.spoken, calls.device, calls.own) == ("a", MINE, {MINE})
    calls.wish(OfCall(call="a", muted=True, output="speaker"))
    calls.take(telephony(("a", "held"), ("b", "dialing")))
    assert (calls.spoken, calls.muted, calls.output) == ("b", {"a"}, "speaker")
    calls.wish(OfCall(call="a", muted=False))
    assert (calls.muted, calls.output) == (set(), "speaker")
    calls.wish(OfCall(call="a", muted=True))
    calls.take(telephony(("a", "held")))
    assert (calls.spoken, calls.device) == ("a", "")
    calls.wish(OfCall(call="a", muted=True))
    calls.take(telephony(("b", "active")))
    assert (calls.muted, calls.output) == (set(), "speaker")
    calls.take(telephony())
    assert (calls.spoken, calls.output) == ("", "")


def test_the_links_of_a_modem_that_goes_in_a_call_are_taken_away() -> None:
    there, calls = graph(link(900, *IN), link(901, 112, 11), link(902, 21, 201)), Calls()
    for gone in ({"present": False}, {"present": True, "modems": [], "calls": []}):
        calls.take(telephony(("a", "active")))
        calls.take(gone)
        left = Wish(frozenset(calls.own), calls.device, False, "speaker", "mic")
        assert changes(there, left) == (set(), {IN, (112, 11)})
