"""Scenes: what is to happen at the carrier, step by step, in a TOML file. No effects.

[numbers]
ann = "+447700900001"

[[step]]
do = "sms"
from = "+447700900100"
to = "ann"
text = "你好"

[[step]]
do = "wait-for"
what = "sms-delivered"
who = "ann"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pileus.carrier import gsm7
from pileus.carrier.events import Happening
from pileus.carrier.scripted import Manner
from pileus.core.errors import Invalid

MOST_STEPS = 10_000
LONGEST_TEXT = 10_000
LONGEST_WAIT = 3600.0
WAIT_FOR = 30.0
"""Seconds that `wait-for` waits where its step does not say."""
_NUMBER = re.compile(r"\+?[0-9*#]{1,20}")
_OCTETS = re.compile(r"([0-9A-Fa-f]{2}){1,300}")


class SceneError(Invalid):
    """A scene cannot be read or played; `extra` has the `step` (from 1; 0 is the file) and the `field`."""

    code = "scene"


@dataclass(frozen=True)
class Step:
    """One step that was found right. `fields` are complete, with numbers for names."""

    at: int
    do: str
    fields: Mapping[str, Any]

    def text(self, field: str) -> str:
        return str(self.fields[field])

    def seconds(self, field: str) -> float:
        return float(self.fields[field])

    def as_json(self) -> dict[str, Any]:
        """As it stands in a file, for `step_of`."""
        return {"do": self.do, **{name: value for name, value in self.fields.items() if value is not None}}


@dataclass(frozen=True)
class _Field:
    """`default` is None where it may be left out; `...` where it must be there."""

    kind: str
    default: Any = ...


_WHO = {"number": _Field("number")}
STEPS: dict[str, dict[str, _Field]] = {
    "sms": {"from": _Field("sender"), "to": _Field("number"), "text": _Field("text")},
    "pdu": {"to": _Field("number"), "octets": _Field("octets")},
    "call": {"from": _Field("number", ""), "to": _Field("number")},
    "answer": _WHO,
    "hangup": _WHO,
    "tones": {**_WHO, "digits": _Field("digits")},
    "signal": {**_WHO, "strength": _Field("strength", None)},
    "roam": {**_WHO, "on": _Field("truth", True)},
    "switch": {**_WHO, "on": _Field("truth")},
    "fill-sim": _WHO,
    "empty-sim": _WHO,
    "report": {"after": _Field("seconds", 0), "never": _Field("truth", False)},
    "script": {**_WHO, "manner": _Field("manner", Manner.ANSWERS.value), "echo": _Field("truth", False)},
    "wait": {"seconds": _Field("seconds")},
    "wait-for": {
        "what": _Field("happening"),
        "who": _Field("number", None),
        "within": _Field("seconds", WAIT_FOR),
    },
}
"""What may be done, and the fields of each."""


def read(text: str) -> list[Step]:
    """The steps of a file; raises SceneError that names the first wrong one."""
    try:
        scene = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise SceneError("scene-toml", f"The scene is no TOML: {wrong}.", step=0, field=str(wrong)) from None
    for name in scene.keys() - {"numbers", "step"}:
        raise _wrong("scene-field", 0, name)
    numbers = scene.get("numbers", {})
    if not isinstance(numbers, dict):
        raise _wrong("scene-value", 0, "numbers")
    for name, number in numbers.items():
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            raise _wrong("scene-value", 0, name)
    steps = scene.get("step", [])
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise _wrong("scene-value", 0, "step")
    return [step_of(step, at, numbers) for at, step in enumerate(steps, 1)]


def step_of(step: object, at: int = 1, numbers: Mapping[str, str] | None = None) -> Step:
    """One step from its table; raises SceneError."""
    if not isinstance(step, dict):
        raise _wrong("scene-value", at, "step")
    do = step.get("do")
    if not isinstance(do, str) or do not in STEPS:
        raise _wrong("scene-step", at, str(do))
    known = STEPS[do]
    for name in step:
        if name != "do" and name not in known:
            raise _wrong("scene-field", at, str(name))
    fields = {name: _value(step, name, field, at, numbers or {}) for name, field in known.items()}
    return Step(at, do, fields)


def _value(step: Mapping[str, Any], name: str, field: _Field, at: int, numbers: Mapping[str, str]) -> Any:
    if name not in step:
        if field.default is ...:
            raise _wrong("scene-missing", at, name)
        return field.default
    value = step[name]
    if field.kind in ("number", "sender") and isinstance(value, str):
        value = numbers.get(value, value)
    if not _fits(field.kind, value):
        raise _wrong("scene-value", at, name)
    return value


def _fits(kind: str, value: object) -> bool:
    if kind == "truth":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "seconds":
        return isinstance(value, int | float) and 0 <= value <= LONGEST_WAIT
    if kind == "strength":
        return isinstance(value, int) and 0 <= value <= 31
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and _TEXTS[kind](value)


_TEXTS: dict[str, Callable[[str], bool]] = {
    "number": lambda text: text == "" or _NUMBER.fullmatch(text) is not None,
    "sender": lambda text: _NUMBER.fullmatch(text) is not None or (1 <= len(text) <= 11 and gsm7.fits(text)),
    "text": lambda text: True,
    "digits": lambda text: re.fullmatch(r"[0-9A-D*#]{1,100}", text) is not None,
    "octets": lambda text: _OCTETS.fullmatch(text) is not None,
    "manner": lambda text: text in {one.value for one in Manner},
    "happening": lambda text: text in {one.value for one in Happening},
}
_SENTENCES = {
    "scene-step": "Step {step}: nothing is done by the name of {field}.",
    "scene-field": "Step {step} has no field {field}.",
    "scene-missing": "Step {step} needs the field {field}.",
    "scene-value": "Step {step}: the field {field} cannot be what it is.",
}


def _wrong(code: str, step: int, field: str) -> SceneError:
    field = field[:60]
    return SceneError(code, _SENTENCES[code].format(step=step, field=field), step=step, field=field)
