"""What `pw-dump` prints: PipeWire's objects, once all of them and then what changed.

A node is a sink or a source by `media.class`; its volume and whether it is muted are in its param `Props`; which
ones are the default stands in the metadata object `default`. A node has ports, one a channel and direction; a link
leads from an output port to an input port. The nodes of modems are nobody's outputs: see `routing`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pileus.handset.capabilities.audio.shape import Port, State
from pileus.handset.values import flag, of_type, within, words
from pileus.handset.values import number as whole

T = TypeVar("T")
MOST = 2000
SINK, SOURCE = "Audio/Sink", "Audio/Source"
_DEFAULTS = {SINK: "default.audio.sink", SOURCE: "default.audio.source"}


@dataclass
class Graph:
    """The objects by number, as far as they matter."""

    nodes: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    """Node names by the key of the metadata."""
    voices: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Nodes of modems: which modem, and which way."""
    ports: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Of any node: which node, and `input` or `output`."""
    links: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Output ports and input ports."""

    def take(self, objects: object) -> None:
        for one in objects if isinstance(objects, list) else []:
            number = one.get("id") if isinstance(one, dict) else None
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            if one.get("type") == "PipeWire:Interface:Metadata":
                self._metadata(one)
            elif "info" in one and one["info"] is None:
                for held in (self.nodes, self.voices, self.ports, self.links):
                    held.pop(number, None)
            elif isinstance(one.get("info"), dict):
                self._object(number, words(one, "type"), one["info"])

    def _object(self, number: int, kind: str, info: Mapping[str, Any]) -> None:
        props = of_type(info.get("props"), dict, {})
        if kind == "PipeWire:Interface:Node" and words(props, "pileus.modem"):
            _put(self.voices, number, (words(props, "pileus.modem", 200), words(props, "pileus.way")))
        elif kind == "PipeWire:Interface:Node" and _media(props) in _DEFAULTS:
            _put(self.nodes, number, info)
        elif kind == "PipeWire:Interface:Port":
            _put(self.ports, number, (whole(props, "node.id", -1), words(info, "direction")))
        elif kind == "PipeWire:Interface:Link":
            _put(self.links, number, (whole(info, "output-port-id", -1), whole(info, "input-port-id", -1)))

    def _metadata(self, one: Mapping[str, Any]) -> None:
        for entry in of_type(one.get("metadata"), list, []):
            if isinstance(entry, dict) and entry.get("key") in _DEFAULTS.values():
                self.defaults[entry["key"]] = words(of_type(entry.get("value"), dict, {}), "name")


def shown(graph: Graph) -> State:
    return State(outputs=_ports(graph, SINK), inputs=_ports(graph, SOURCE))


def number_of(graph: Graph, media: str, name: str = "") -> int | None:
    """The node of a name, or the active one."""
    wanted = name or _active(graph, media)
    return next(
        (number for number, props, _params in _of(graph, media) if words(props, "node.name") == wanted), None
    )


def property_of(graph: Graph, number: int, name: str = "node.name") -> str:
    return words(of_type(graph.nodes.get(number, {}).get("props"), dict, {}), name, 200)


def wires_of(graph: Graph, node: int, direction: str) -> list[int]:
    """The ports of a node, its first channel first."""
    return sorted(number for number, one in graph.ports.items() if one == (node, direction))


def cubic(volumes: object) -> int:
    """PipeWire multiplies samples; ears hear the cube root of that, and people set what they hear."""
    values = volumes if isinstance(volumes, Sequence) and not isinstance(volumes, str) else []
    loudest = max((float(one) for one in values if _finite(one)), default=0.0)
    return round(math.cbrt(within(loudest, 0, 1)) * 100)


def _put(held: dict[int, T], number: int, value: T) -> None:
    if number in held or len(held) < MOST:
        held[number] = value


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


def _of(graph: Graph, media: str) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    for number, info in sorted(graph.nodes.items()):
        props = of_type(info.get("props"), dict, {})
        if _media(props) == media and words(props, "node.name"):
            params = of_type(of_type(info.get("params"), dict, {}).get("Props"), list, [])
            first = next((one for one in params if isinstance(one, dict) and "channelVolumes" in one), {})
            yield number, props, first


def _media(props: Mapping[str, Any]) -> str:
    """A source that a program makes is one, too."""
    return words(props, "media.class").removesuffix("/Virtual")


def _active(graph: Graph, media: str) -> str:
    """The default one. Where that is none of these, as an input that is what an output plays, the first."""
    names = [words(props, "node.name") for _number, props, _params in _of(graph, media)]
    chosen = graph.defaults.get(_DEFAULTS[media], "")
    return chosen if chosen in names else next(iter(names), "")


def _ports(graph: Graph, media: str) -> list[Port]:
    active = _active(graph, media)
    found = {
        words(props, "node.name", 200): Port(
            id=words(props, "node.name", 200),
            name=_line(words(props, "node.description", 200) or words(props, "node.name", 200)),
            kind=words(props, "device.form-factor", 40),
            active=words(props, "node.name") == active,
            volume=cubic(params.get("channelVolumes")),
            muted=flag(params, "mute"),
        )
        for _number, props, params in _of(graph, media)
    }
    return list(found.values())[:100]


def _line(text: str) -> str:
    """A headset chooses its name itself."""
    return "".join(one for one in text if one.isprintable()).strip()
