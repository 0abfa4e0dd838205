"""The border between the session supervisor and what runs apps: everything that an engine has to know.

An engine is a folder `pileus/surfaces/engines/NAME` with an `engine.toml` that says
`factory = "module:callable"`; the callable takes `Settings` and gives an `Engine`. Every engine passes
`tests/conformance/engines`. The link itself is in contracts/surface/README.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pileus.core.settings import Settings


@dataclass(frozen=True)
class Display:
    """What the app draws on: pixels, dots per inch, and the owner's taste."""

    width: int = 480
    height: int = 800
    dpi: int = 160
    locale: str = "en"
    theme: str = "light"
    font_scale: float = 1.0
    time_zone: str = "UTC"
    reduced_motion: bool = False


@dataclass(frozen=True)
class AppSpec:
    """One installed app of one account. `package_dir` is immutable; `data_dir` is the account's for this app."""

    account_id: str
    app_id: str
    engine: str
    label: str
    package_dir: Path
    data_dir: Path
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkPlace:
    """Where the host finds its supervisor: a Unix socket that already listens, and the shared frame file.

    Both lie in one folder (mode 0700) below `link_root(settings)`, on one file system: an engine with a
    spare whose mounts are fixed may hard-link both into a folder of its own below the same root.
    """

    socket_path: Path
    frames_path: Path
    slots: int
    slot_bytes: int

    def frames(self, path: str | None = None) -> dict[str, Any]:
        """The member `frames` of START; `path` is the file's name as the host sees it."""
        return {
            "path": path or str(self.frames_path),
            "slots": self.slots,
            "slot_bytes": self.slot_bytes,
        }


@dataclass(frozen=True)
class Exit:
    """How a host ended: exit status (negative: the signal); `code` and `message` where the engine knows more.

    `details` are the first lines of an error in the app's own words, bounded; `dropped`: it had taken up what an
    earlier life had kept, which may be what it fell over, and which is gone now.
    """

    status: int
    code: str = ""
    message: str = ""
    details: str = ""
    dropped: bool = False


class HostProcess(Protocol):
    """A running app's host. The supervisor kills it when its session ends."""

    @property
    def pid(self) -> int:
        """The process that `kill` ends."""
        ...

    @property
    def start(self) -> Mapping[str, Any]:
        """The engine's members of START; the session sends it when the host has connected.

        The session fills in `app`, `display` and `frames` where the engine names none of its own (a
        sandboxed host sees the frame file by another path).
        """
        ...

    async def may_freeze(self) -> bool:
        """Whether nothing but its window needs the process at the moment (no service, nothing that plays).

        Asked of hosts that offer `freeze` in READY, while nobody looks. STOP 1 follows where it is true: the host
        keeps its state where START with `restore` will find it, says STATE 2, and ends.
        """
        ...

    async def wait(self) -> Exit:
        """Returns when the process has ended; may be awaited by several."""
        ...

    async def kill(self) -> None:
        """Ends it and everything below it at once; returns when it is gone. May be repeated."""
        ...


class Engine(Protocol):
    """Starts hosts. Raises `PileusError` with a sentence for the app's window when it cannot."""

    @property
    def name(self) -> str:
        """The folder's name."""
        ...

    async def warm(self) -> None:
        """Makes a spare ready if the engine has such; may take seconds and may be repeated."""
        ...

    async def start(self, spec: AppSpec, display: Display, link: LinkPlace) -> HostProcess:
        """Starts a host that will connect to `link`; returns before the app is ready."""
        ...

    async def close(self) -> None:
        """Ends spares; hosts have been killed before."""
        ...


@runtime_checkable
class HasSystem(Protocol):
    """An engine whose apps share a system of their account's. `folder` is that of the account's apps.

    The system is started where it does not run, but for `ask`. Raises `Unavailable`.
    """

    async def press(self, account_id: str, folder: Path, key: str, action: int) -> str:
        """The owner presses a notification (`action` -1) or one of its actions; the app to show, or nothing."""
        ...

    async def dismiss(self, account_id: str, folder: Path, key: str) -> None:
        """The owner wipes a notification away."""
        ...

    async def choose(self, account_id: str, folder: Path, number: int, component: str | None) -> None:
        """The owner's answer to a choice (SHOW); None for none of it."""
        ...

    async def ask(self, account_id: str, folder: Path, what: str) -> str | None:
        """The answer to a question of the operator's; None where nothing of the account's runs."""
        ...


@runtime_checkable
class Begins(Protocol):
    """An engine whose apps may have something to do before anyone opens one.

    Its engine.toml names a folder below `data_dir` (`begins`); where that is there, the engine is made when the
    supervisor starts.
    """

    async def begin(self) -> None:
        """Plans what is due; returns at once, and starts nothing that is not."""
        ...


@runtime_checkable
class EndsApps(Protocol):
    """An engine whose processes may go on without a session: what a removal or an update has to end."""

    async def end_app(self, account_id: str, app_id: str) -> None:
        """Ends all that runs of an app and looks anew at what the account has installed; returns when it is gone.

        May be repeated. What is not installed any more, or in another version, does not start again by itself.
        """
        ...


@runtime_checkable
class HoldsApps(Protocol):
    """An engine that can let an app stand still while its folder is copied or replaced."""

    def hold(self, account_id: str, app_id: str, end: bool) -> AbstractAsyncContextManager[None]:
        """Within it no process of the app runs and none is started; with `end` those that ran are gone, else they
        go on afterwards. Whoever opens the app meanwhile waits, so keep it short."""
        ...


def link_root(settings: Settings) -> Path:
    """The folder below which sessions' links lie: in memory where the system has such, else `runtime_dir`."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own below it, mode 0700, owner checked at start
    if os.access(memory, os.W_OK):
        mark = hashlib.sha256(str(settings.runtime_dir).encode()).hexdigest()[:10]
        return memory / f"pileus-{os.getuid()}-{mark}"
    return settings.runtime_dir / "links"
