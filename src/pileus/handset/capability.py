"""What a capability of the handset is, and how the shell asks for it.

A capability is a folder of `pileus.handset.capabilities` with a `capability.toml` (`description`, `factory`). It
has a *state*, a JSON object that the shell shows, with `present` in it: false where the service behind it is not
there, and then `why`, a stable word. It has *methods*, coroutines marked with `method`, which take one msgspec
Struct or nothing; and it may tell *events*, which are news that no state holds.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, get_type_hints, runtime_checkable

import msgspec

from pileus.core.clock import Clock
from pileus.core.errors import Invalid, NotFound, Unavailable
from pileus.handset.bus import Bus

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])
State = Mapping[str, Any]


async def _nobody(_sleeps: bool) -> None:
    """Where there are no others."""


@dataclass(frozen=True)
class Surroundings:
    """What the daemon hands a capability.

    `system` and `session` are the buses, None where there is none. `folder` is the capability's own, made and
    private. `changed()` says that the state is another one, `tell(event, data)` gives news to the shell: both
    return at once. `sleep(True)` has the others settle before the device sleeps, and returns when they did, or had
    time enough; `sleep(False)` says that it woke.
    """

    system: Bus | None
    session: Bus | None
    folder: Path
    clock: Clock
    changed: Callable[[], None]
    tell: Callable[[str, State], None]
    sleep: Callable[[bool], Awaitable[None]] = _nobody

    def bus(self) -> Bus:
        """The system's bus; raises `Unavailable` (`bus-absent`)."""
        if self.system is None:
            raise Unavailable("bus-absent", "There is no message bus on this device.")
        return self.system


class Capability(Protocol):
    async def start(self) -> None:
        """Begins to watch its service. Returns soon whether that is there or not; a service that comes later is
        taken up then. Raises nothing."""

    async def stop(self) -> None:
        """Ends what it began; the service is left as it is."""

    def state(self) -> State:
        """As of now, from memory."""


@runtime_checkable
class Sleeps(Protocol):
    """A capability that has something to do when the device sleeps or wakes."""

    async def sleep(self, sleeps: bool) -> None:
        """True: puts in order what would be cut, within a few seconds. False: it woke, and looks for what came."""


def absent(why: str) -> dict[str, Any]:
    """The state of a capability without its service: `no-bus`, `no-service`, `no-hardware`."""
    return {"present": False, "why": why}


def method(function: F) -> F:
    """Marks a coroutine that the shell may call by its name, with `-` for `_`."""
    function.__capability_method__ = True  # type: ignore[attr-defined]
    return function


def methods(capability: Capability) -> dict[str, type | None]:
    """The methods that the shell may call, with the Struct that each takes."""
    found: dict[str, type | None] = {}
    for name, function in inspect.getmembers(type(capability), inspect.isfunction):
        if getattr(function, "__capability_method__", False):
            kinds = [kind for key, kind in get_type_hints(function).items() if key != "return"]
            found[name.replace("_", "-")] = kinds[0] if kinds else None
    return found


async def ask(capability: Capability, name: str, params: Any) -> Any:
    """Calls a method with what came as JSON. Raises `NotFound`, `Invalid`, and what the method raises."""
    known = methods(capability)
    if name not in known:
        raise NotFound("method-unknown", f"This capability has no method {name[:60]!r}.")
    call, kind = getattr(capability, name.replace("-", "_")), known[name]
    if kind is None:
        return await call()
    try:
        wish: Any = msgspec.convert(params if params is not None else {}, kind, strict=True)
    except msgspec.ValidationError as error:
        raise Invalid("method-params", f"{name}: {error}") from None
    return await call(wish)
