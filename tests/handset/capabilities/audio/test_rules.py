"""Rules of `audio`."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pileus.handset.capabilities.audio.rules import MOST, SINK, Graph, cubic, number_of, shown

KIND = "PipeWire:Interface:Metadata"


@pytest.mark.parametrize(
    ("volumes", "percent"),
    [([0.064, 0.064], 40), ([1.0], 100), ([8.0], 100), ([0.0], 0), ([], 0), ("x", 0), ([math.nan, True, "1"], 0)],
)
def test_volume_is_what_is_heard(volumes: Any, percent: int) -> None:
    assert cubic(volumes) == percent


def sink(number: Any, **props: Any) -> dict[str, Any]:
    held = {"media.class": SINK, "node.name": "a", **props}
    return {"id": number, "type": "PipeWire:Interface:Node", "info": {"props": held}}


def test_nonsense_is_no_output() -> None:
    graph = Graph()
    for objects in (None, {}, [3], [{"id": "x"}], [sink(True)], [sink(1, **{"node.name": 5})], [sink(2), 4]):
        graph.take(objects)
    assert [one.id for one in shown(graph).outputs] == ["a"]
    assert number_of(graph, SINK, "b") is None
    graph.take([{"id": 2, "type": "PipeWire:Interface:Node", "info": {"props": 7, "params": []}}])
    graph.take([{"id": 3, "type": KIND, "metadata": [{"key": "default.audio.sink"}, 4]}])
    graph.take([sink(4, **{"node.name": "b"})])
    assert [(one.id, one.active) for one in shown(graph).outputs] == [("a", True), ("b", False)]
    graph.take([{"id": 3, "type": KIND, "metadata": [{"key": "default.audio.sink", "value": {"name": "b"}}]}])
    assert [one.active for one in shown(graph).outputs] == [False, True]
    assert number_of(graph, SINK) == 4


def test_a_name_stays_in_its_line_and_a_crowd_has_bounds() -> None:
    graph = Graph()
    graph.take([sink(1, **{"node.description": "Ears\u202e\n"})])
    assert shown(graph).outputs[0].name == "Ears"
    graph.take([sink(one, **{"node.name": str(one)}) for one in range(MOST + 50)])
    assert len(graph.nodes) == MOST
    assert len(shown(graph).outputs) == 100
