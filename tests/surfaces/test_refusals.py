"""Whatever `pileus.surfaces` refuses has a code, and each code a sentence in English and Chinese wherever an owner
meets it: on the phone, in a terminal, in the window of an app that does not start."""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pileus.surfaces
from pileus.cli.problems import TEXTS
from pileus.core import errors
from pileus.core.errors import PileusError, Unavailable
from pileus.surfaces import refusals, texts, wire
from pileus.surfaces.engine import AppSpec

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(pileus.surfaces.__file__).parent

DEVICES = {"ticket-unknown", "ticket-used", "ticket-expired", "ticket-wrong-device", "signed-out"}
"""Told to a device by the door, from `texts` (so is every `WireError`, as `protocol-error`)."""
TERMINALS = {"activity-unknown"}
"""Of `pileus android probe`: no phone asks for it."""
UNTOLD = {
    "links": "the supervisor does not start at all",
    "busy": "the answer to a program, not to its owner",
    "frame": "the judgement of `pileus android probe` about a host",
    "jar-unavailable": "said by `make setup`, which speaks English",
    "android-not-prepared": "said by `make setup`, which speaks English",
}
RELAYED = {("client.py", "problem['code']"), ("engines/android/reading.py", "answer.code")}
"""Codes that come from another process, which raised them by name."""


def raised() -> Iterator[tuple[str, str, str]]:
    """Each error that is made: the file, the class, and the code – or, where it is no constant, its source."""
    for path in sorted(SOURCES.rglob("*.py")):
        file = str(path.relative_to(SOURCES))
        name = "pileus.surfaces." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        module = importlib.import_module(name.removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (made := _error(node.func, module)) is not None:
                # A class of surfaces' own that is made in its own way has its code within.
                own = "__init__" in vars(made) and made.__module__ != errors.__name__
                for code in _codes(node.args[0]) if node.args and not own else [made("it").code]:
                    yield file, made.__name__, code


def _error(called: ast.expr, module: ModuleType) -> type[PileusError] | None:
    """The class of errors that is called, whatever it is called in its module."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        found = getattr(getattr(module, called.value.id, None), called.attr, None)
    else:
        found = getattr(module, called.id, None) if isinstance(called, ast.Name) else None
    return found if isinstance(found, type) and issubclass(found, PileusError) else None


def _codes(code: ast.expr) -> list[str]:
    if isinstance(code, ast.IfExp):
        return [*_codes(code.body), *_codes(code.orelse)]
    return [code.value if isinstance(code, ast.Constant) else ast.unparse(code)]


def phone(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"web/kit/src/i18n/{language}.json").read_text(encoding="utf-8"))
    return found


def test_every_code_has_a_sentence_where_it_is_met() -> None:
    found = [item for item in raised() if (item[0], item[2]) not in RELAYED]
    assert {(file, code) for file, _, code in raised()} >= RELAYED
    codes = {code for _, name, code in found if name != "WireError"}
    assert len(codes) > 40
    assert {"sandbox-no-filter", "apk-signer-changed", "host-failed", "not-a-package"} <= codes
    assert DEVICES | TERMINALS | UNTOLD.keys() <= codes  # none is let off that is raised no more
    owners = codes - DEVICES - UNTOLD.keys()
    assert {code for code in owners if code not in TEXTS} == set()
    for language in ("en", "zh"):
        assert codes & DEVICES <= texts.TEXTS[language].keys()
        assert {code for code in owners - TERMINALS if f"problem.{code}" not in phone(language)} == set()
    assert any(name == "WireError" for _, name, _ in found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_phone_says_what_the_window_says(language: str) -> None:
    own = {"en": refusals.EN, "zh": refusals.ZH}[language]
    assert {code: phone(language).get(f"problem.{code}") for code in own} == own


def test_the_window_speaks_the_language_of_its_device() -> None:
    error = Unavailable("app-changed", "Tea was removed or updated while it started.")
    assert refusals.sentence(error, "en-GB", "Tea") == "Tea was removed or updated while it started."
    assert refusals.sentence(error, "zh-CN", "Tea") == refusals.ZH["app-changed"]
    assert refusals.sentence(Unavailable("app-changed"), "en", "Tea") == refusals.EN["app-changed"]
    assert refusals.sentence(PileusError("made-up", "English words."), "zh", "Tea") == "无法启动 Tea。"


@pytest.mark.parametrize(
    ("locale", "words"), [("zh-CN", refusals.ZH["sandbox-no-bubblewrap"]), ("en", "bwrap is not installed.")]
)
def test_an_app_on_a_machine_without_bubblewrap_says_so(
    world: ModuleType, tmp_path: Path, locale: str, words: str
) -> None:
    (tmp_path / "bin").mkdir()
    spec = AppSpec("a", "org.example.tea", "android", "Tea", tmp_path, tmp_path / "tea", {"package": "tea"})

    async def story() -> None:
        await here.ready()
        session = await here.client.open(spec, replace(world.DISPLAY, locale=locale))
        async with await here.device(session, locale=locale) as device:
            state = await device.message(wire.State, lambda message: message.state == 4)
        assert state.info["code"] == "sandbox-no-bubblewrap"
        assert state.info["message"].endswith(words)

    with world.supervisor(tmp_path, {"PATH": str(tmp_path / "bin")}) as here:
        asyncio.run(story())
