"""What every capability of a handset keeps to, and every stand-in of the simulated one.

They are found by the shelf. A capability with a bus is tried without one, without its services, with services that
keep to `contracts/dbus`, and with ones that keep to nothing.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

from pileus.core.errors import Invalid, NotFound, PileusError
from pileus.handset import shelf
from pileus.handset.capabilities.power import power
from pileus.handset.capability import Capability, ask, methods
from tests.conformance.handset.services import Services
from tests.handset.worlds import World, run, started, world

REAL = shelf.manifests()
SIMULATED = shelf.manifests(shelf.SIMULATED)
SUBJECTS = [("real", name) for name in REAL] + [("simulated", name) for name in SIMULATED]
MOST_BYTES = 200_000
WHYS = {"no-bus", "no-service", "no-hardware"}
ONCE = {"telephony"}
"""Its ledger is closed by its stop: the daemon makes another one to begin anew."""
LIKELY = [
    "61",
    "AA:BB:CC:00:11:22",
    "phone",
    "Asia/Tokyo",
    "exact",
    "orientation",
    "full",
    "password1",
    1,
    True,
    1.5,
]

every = pytest.mark.parametrize(("kind", "name"), SUBJECTS, ids=[f"{kind}-{name}" for kind, name in SUBJECTS])
real = pytest.mark.parametrize("name", REAL)


@pytest.fixture(autouse=True)
def _own_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The machine that runs this stays as bright and as loud as it is."""
    monkeypatch.setattr(power, "BACKLIGHTS", tmp_path)
    monkeypatch.setattr(power, "CLOCKS", tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PIPEWIRE_REMOTE", "none")


def make(kind: str, name: str, here: World) -> Capability:
    return (REAL if kind == "real" else SIMULATED)[name].make(here.surroundings())


def shape(name: str) -> Any:
    """The Struct of its state."""
    return importlib.import_module(f"pileus.handset.capabilities.{name}.shape").State


def check(name: str, state: Any) -> dict[str, Any]:
    """It is JSON of the capability's shape, and no more of it than a shell can take in."""
    text = json.dumps(state, allow_nan=False)
    assert len(text) < MOST_BYTES
    msgspec.convert(json.loads(text), shape(name), strict=True)
    assert state["present"] is True or (state["present"] is False and state["why"] in WHYS)
    return dict(state)


def likely(kind: type) -> dict[str, Any]:
    """Params that a method's Struct takes."""
    found: dict[str, Any] = {}
    for field, hint in get_type_hints(kind, include_extras=True).items():
        for value in LIKELY:
            try:
                msgspec.convert(value, hint, strict=True)
            except msgspec.ValidationError:
                continue
            found[field] = value
            break
    return found


@asynccontextmanager
async def quiet(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Nothing fails where nobody sees it."""
    unseen: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: unseen.append(told))
    with caplog.at_level(logging.ERROR):
        yield
    assert not unseen
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR and "pileus" in one.name]


async def services_of(name: str, here: World) -> set[str]:
    """What a capability asks for: it is started where there is nothing."""
    assert here.bus
    async with started(make("real", name, here)):
        return set(here.bus.services)


async def try_methods(capability: Capability, patience: float) -> None:
    for method, kind in methods(capability).items():
        try:
            async with asyncio.timeout(patience):
                await ask(capability, method, likely(kind) if kind else None)
        except (PileusError, TimeoutError):
            continue


def test_there_are_capabilities_and_stand_ins() -> None:
    assert {"power", "network"} <= REAL.keys()
    assert {"power", "network"} <= SIMULATED.keys() <= REAL.keys()
    assert shelf.simulated().keys() == REAL.keys()
    assert shelf.simulated()["power"].factory.startswith("pileus.handset.simulated")


@pytest.mark.parametrize("name", SIMULATED)
def test_a_stand_in_has_the_methods_of_its_capability(name: str, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            its, those = methods(make("simulated", name, here)), methods(make("real", name, here))
            assert {method: its.get(method) for method in those} == those
            assert its.keys() - those.keys() <= {"simulate"}

    run(story)


@every
def test_it_starts_and_stops_any_number_of_times(
    kind: str, name: str, address: str, short: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        for where in ("", address):
            async with world(where, short) as here, quiet(caplog):
                capability = make(kind, name, here)
                times = 1 if name in ONCE else 2
                check(name, capability.state())
                for _turn in range(times):
                    for _time in range(times):
                        await capability.start()
                    check(name, capability.state())
                    for _time in range(times):
                        await capability.stop()
                    check(name, capability.state())

    run(story)


@every
def test_what_it_does_not_know_is_refused(kind: str, name: str, short: Path) -> None:
    async def story() -> None:
        async with world("", short) as here:
            capability = make(kind, name, here)
            async with started(capability):
                for method in ("", "start", "state", "no-such-method", "__init__"):
                    with pytest.raises(NotFound) as unknown:
                        await ask(capability, method, {})
                    assert unknown.value.code == "method-unknown"
                for method, takes in methods(capability).items():
                    for params in ([], "text", 5, {field: [[]] for field in likely(takes)} if takes else []):
                        if takes and params != {}:
                            with pytest.raises(Invalid) as wrong:
                                await ask(capability, method, params)
                            assert wrong.value.code == "method-params"

    run(story)


@every
def test_its_methods_do_or_say_why_not(
    kind: str, name: str, short: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with world("", short) as here, quiet(caplog):
            capability = make(kind, name, here)
            await try_methods(capability, 5)
            async with started(capability):
                await try_methods(capability, 5)
                check(name, capability.state())

    run(story)


@real
def test_a_service_that_is_absent_comes_and_goes(
    name: str, address: str, short: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with world(address, short) as here, quiet(caplog):
            names = await services_of(name, here)
            if not names:
                return  # it asks no service, as storage
            capability = make("real", name, here)
            present: Callable[[], bool] = lambda: check(name, capability.state())["present"]  # noqa: E731
            async with started(capability):
                assert check(name, capability.state())["why"] == "no-service"
                for _turn in range(2):
                    services = await Services.start(address, names)
                    await here.until(present)
                    await services.talk()
                    await try_methods(capability, 2)
                    assert check(name, capability.state())["present"]
                    await services.stop()
                    await here.until(lambda: not present())
        async with world("", short) as here:
            capability = make("real", name, here)
            async with started(capability):
                assert check(name, capability.state())["why"] == "no-bus"

    run(story)


@real
@pytest.mark.parametrize("seed", range(6))
def test_a_service_that_keeps_to_nothing_costs_a_value_and_no_more(
    name: str, seed: int, address: str, short: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with world(address, short) as here, quiet(caplog):
            names = await services_of(name, here)
            if not names:
                return  # it asks no service, as storage
            assert here.bus
            capability = make("real", name, here)
            async with started(capability):
                services = await Services.start(address, names, seed)
                for _turn in range(3):
                    await services.talk()
                    for service in sorted(names):
                        # an answer comes after all that was said before it
                        await here.bus.call(service, "/", "org.freedesktop.DBus.Peer", "Ping")
                    check(name, capability.state())
                    await try_methods(capability, 0.05)
                    check(name, capability.state())
                await services.stop()
                await here.until(lambda: not check(name, capability.state())["present"])

    run(story)
