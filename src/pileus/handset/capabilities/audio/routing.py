"""The sound of a call: which ports of PipeWire's are linked for it. Pure.

A modem whose voice goes through PipeWire has two nodes, known by their properties: `pileus.modem` is the modem's
`Device` at ModemManager, `pileus.way` is `up` (what is played there is said to the network) or `down` (what the
network says). Calls have one channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pileus.handset.capabilities.audio.rules import SINK, SOURCE, Graph, number_of, property_of, wires_of
from pileus.handset.values import of_type, words

UP, DOWN = "up", "down"
EARPIECE = "handset"
AT_THE_EAR = frozenset({"headset", "headphone", "hands-free", "car", EARPIECE})
"""`device.form-factor` of what a call may come out of where it is the default; else it is the earpiece."""
SPOKEN = ("active", "dialing", "ringing-out")
"""While it rings at the other end, the network is heard already."""
HELD = "held"
Link = tuple[int, int]
"""An output port and the input port that hears it."""


@dataclass(frozen=True)
class Wish:
    """`own`: the modems of this handset, whose links are no one else's to make. `device`: the one of these that is
    spoken by, "" for none. `output` and `input` are node names."""

    own: frozenset[str] = frozenset()
    device: str = ""
    muted: bool = False
    output: str = ""
    input: str = ""


def devices(telephony: Mapping[str, Any]) -> dict[str, str]:
    """By a modem's id, from the state of `telephony`."""
    found = {words(one, "id"): words(one, "device") for one in _objects(telephony, "modems")}
    return {number: device for number, device in found.items() if device}


def spoken(telephony: Mapping[str, Any]) -> tuple[str, str]:
    """The call that is spoken in and its modem, by their ids. Where there is none, one that is held, whose modem
    is not linked; else empty."""
    calls = {words(one, "state"): one for one in reversed(list(_objects(telephony, "calls")))}
    first: Mapping[str, Any] = next((calls[state] for state in (*SPOKEN, HELD) if state in calls), {})
    return words(first, "id"), "" if words(first, "state") == HELD else words(first, "modem")


def under_way(telephony: Mapping[str, Any]) -> frozenset[str]:
    """All calls, by their ids."""
    return frozenset(words(one, "id") for one in _objects(telephony, "calls"))


def output_of(graph: Graph, chosen: str) -> str:
    """The node that a call comes out of: the chosen one while it is there, a headset that is the default, the
    earpiece, else the default."""
    if chosen and number_of(graph, SINK, chosen) is not None:
        return chosen
    default = number_of(graph, SINK)
    if default is None:
        return ""
    ear = default
    if property_of(graph, default, "device.form-factor") not in AT_THE_EAR:
        sinks = (one for one in sorted(graph.nodes) if number_of(graph, SINK, property_of(graph, one)) == one)
        ear = next((one for one in sinks if property_of(graph, one, "device.form-factor") == EARPIECE), default)
    return property_of(graph, ear)


def input_of(graph: Graph, chosen: str) -> str:
    if chosen and number_of(graph, SOURCE, chosen) is not None:
        return chosen
    default = number_of(graph, SOURCE)
    return "" if default is None else property_of(graph, default)


def wanted(graph: Graph, wish: Wish) -> set[Link]:
    """The links that there are to be."""
    if not wish.device:
        return set()
    up, down = _of_modem(graph, wish.device, UP), _of_modem(graph, wish.device, DOWN)
    links = _joined(graph, down, number_of(graph, SINK, wish.output) if wish.output else None)
    if not wish.muted:
        links |= _joined(graph, number_of(graph, SOURCE, wish.input) if wish.input else None, up)
    return links


def _joined(graph: Graph, source: int | None, sink: int | None) -> set[Link]:
    """The first channel of the one with all of the other's: both of a pair of microphones would be too loud."""
    if source is None or sink is None:
        return set()
    outputs, inputs = wires_of(graph, source, "output"), wires_of(graph, sink, "input")
    return {(outputs[0], one) for one in inputs} if outputs else set()


def found(graph: Graph, own: frozenset[str]) -> set[Link]:
    """The links that there are, of the modems of this handset."""
    into = {wire for one in own for wire in _wires(graph, one, UP, "input")}
    out_of = {wire for one in own for wire in _wires(graph, one, DOWN, "output")}
    return {(output, heard) for output, heard in graph.links.values() if heard in into or output in out_of}


def _wires(graph: Graph, device: str, way: str, direction: str) -> list[int]:
    node = _of_modem(graph, device, way)
    return [] if node is None else wires_of(graph, node, direction)


def _of_modem(graph: Graph, device: str, way: str) -> int | None:
    return next((number for number, one in sorted(graph.voices.items()) if one == (device, way)), None)


def _objects(state: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in of_type(state.get(name), list, []) if isinstance(one, dict))
