"""What `pw-dump` prints: PipeWire's objects, once all of them and then what changed.

A node is a sink or a source by `media.class`; its volume and whether it is muted are in its param `Props`; which
ones are the default stands in the metadata object `default`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pileus.handset.capabilities.audio.shape import Port, State
from pileus.handset.values import flag, of_type, within, words

MOST = 2000
SINK, SOURCE = "Audio/Sink", "Audio/Source"
_DEFAULTS = {SINK: "default.audio.sink", SOURCE: "default.audio.source"}


@dataclass
class Graph:
    """The objects by number, as far as they matter."""

    nodes: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    """Node names by the key of the metadata."""

    def take(self, objects: object) -> None:
        for one in objects if isinstance(objects, list) else []:
            number = one.get("id") if isinstance(one, dict) else None
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            if one.get("type") == "PipeWire:Interface:Metadata":
                self._metadata(one)
            elif "info" in one and one["info"] is None:
                self.nodes.pop(number, None)
            elif one.get("type") == "PipeWire:Interface:Node" and isinstance(one.get("info"), dict):
                self._node(number, one["info"])

    def _node(self, number: int, info: Mapping[str, Any]) -> None:
        media = words(of_type(info.get("props"), dict, {}), "media.class")
        if media in _DEFAULTS and (number in self.nodes or len(self.nodes) < MOST):
            self.nodes[number] = info

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


def cubic(volumes: object) -> int:
    """PipeWire multiplies samples; ears hear the cube root of that, and people set what they hear."""
    values = volumes if isinstance(volumes, Sequence) and not isinstance(volumes, str) else []
    loudest = max((float(one) for one in values if _finite(one)), default=0.0)
    return round(math.cbrt(within(loudest, 0, 1)) * 100)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


def _of(graph: Graph, media: str) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    for number, info in sorted(graph.nodes.items()):
        props = of_type(info.get("props"), dict, {})
        if words(props, "media.class") == media and words(props, "node.name"):
            params = of_type(of_type(info.get("params"), dict, {}).get("Props"), list, [])
            first = next((one for one in params if isinstance(one, dict) and "channelVolumes" in one), {})
            yield number, props, first


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
