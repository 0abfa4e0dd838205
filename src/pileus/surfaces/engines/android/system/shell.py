"""Questions and orders of the operator's, as `am` and `dumpsys` take them on a device."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from pileus.surfaces.engines.android.system.intents import Intent, Kept
from pileus.surfaces.engines.android.system.processes import Rank

if TYPE_CHECKING:
    from pileus.surfaces.engines.android.system.server import System

_USAGE = """ps
dump
start-service PACKAGE/CLASS [ACTION]
stop-service PACKAGE/CLASS
broadcast ACTION [PACKAGE]"""


def answer(system: System, line: str) -> str:
    """Does what a line says, as the system itself."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        return f"{error}"
    commands: dict[str, Callable[[System, list[str]], str]] = {
        "ps": _ps,
        "rank": _rank,
        "dump": _dump,
        "start-service": _start,
        "stop-service": _stop,
        "broadcast": _broadcast,
    }
    command = commands.get(words[0]) if words else None
    if command is None:
        return _USAGE
    try:
        return command(system, words[1:])
    except (IndexError, ValueError):
        return _USAGE


def _ps(system: System, words: list[str]) -> str:
    lines = [f"{'PID':>5} {'UID':>6} {'RANK':<11} PACKAGE"]
    # One behind others has a screen, which keeps it from being ended, but its activities are stopped.
    ranks = {
        item: rank if item.shown or not item.screen else system.ranks(item)[item]
        for item, rank in system.ranks().items()
    }
    for process, rank in sorted(ranks.items(), key=lambda item: (item[1], item[0].number)):
        lines.append(f"{process.number:>5} {process.uid:>6} {Rank(rank).name.lower():<11} {process.package}")
    return "\n".join(lines)


def _rank(system: System, words: list[str]) -> str:
    """Of a process by its number; `unseen`: as if it had no screen."""
    unseen = system.processes.get(int(words[0])) if words[1:] == ["unseen"] else None
    found = {process.number: rank for process, rank in system.ranks(unseen).items()}.get(int(words[0]))
    return found.name.lower() if found else ""


def _dump(system: System, words: list[str]) -> str:
    lines = [_ps(system, words), "", "SERVICES"]
    for service in system.services.all():
        state = "foreground" if service.foreground else "started" if service.started else "bound"
        bound = sum(len(binding.connections) for binding in service.bindings.values())
        pid = service.process.number if service.process else 0
        lines.append(f"  {service.component.full} {state} start={service.start} connections={bound} pid={pid}")
    return "\n".join(
        [*lines, *system.providers.dump(), *system.broadcasts.dump(), *_waiting(system), *system.router.dump()]
    )


def _waiting(system: System) -> list[str]:
    return [*system.activities.dump(), *system.alarms.dump(), *system.jobs.dump(), *system.notices.dump()]


def _start(system: System, words: list[str]) -> str:
    component = system.packages.component("service", words[0])
    if component is None:
        return f"There is no service {words[0]}."
    action = words[1] if len(words) > 1 else None
    system.services.start(component, Kept(Intent(component=component.full, action=action)))
    return "started"


def _stop(system: System, words: list[str]) -> str:
    return "stopped" if system.services.stop(words[0]) else f"{words[0]} does not run."


def _broadcast(system: System, words: list[str]) -> str:
    intent = Intent(action=words[0], package=words[1] if len(words) > 1 else None)
    system.broadcasts.send(Kept(intent), 1000, "android")
    return "sent"
