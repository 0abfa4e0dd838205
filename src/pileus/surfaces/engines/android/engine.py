"""The `Engine` for Android apps: keeps one host ready, and gives it the next app that is opened."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from weakref import WeakValueDictionary

from pileus.core.errors import PileusError, Unavailable
from pileus.core.ids import new_id
from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, LinkPlace, link_root
from pileus.surfaces.engines.android import java
from pileus.surfaces.engines.android.accounts import any_installed
from pileus.surfaces.engines.android.bounds import Bounds
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.engines.android.running import Accounts, Running
from pileus.surfaces.engines.android.shown import Shown
from pileus.surfaces.engines.android.system import control

WARM_AFTER = 1.0
"""Seconds after a launch at which the next spare is started, so that it does not slow the launch."""

SPARE_AFTER = 15.0
"""Seconds after the server's start at which the first spare is started: it is to slow neither that nor an app that
is opened at once."""

log = logging.getLogger("pileus.surfaces.android")


class AndroidEngine:
    """Made by `make`; all methods run in one loop."""

    name = "android"

    def __init__(self, settings: Settings, keep_spare: bool = True, bounds: Bounds | None = None) -> None:
        self._settings = settings
        self._keep_spare = keep_spare
        self._bounds = bounds or Bounds()
        self._spare: AndroidHost | None = None
        self._lock = asyncio.Lock()
        self._refill: asyncio.Task[None] | None = None
        self._closed = False
        self._running = Accounts(self.background)
        self._held: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @property
    def settings(self) -> Settings:
        return self._settings

    async def account(self, account_id: str, folder: Path) -> Running:
        """An account's processes, its system started; `folder` is that of its apps."""
        return await self._running.at(account_id, folder)

    async def press(self, account_id: str, folder: Path, key: str, action: int) -> str:
        """The owner presses a notification (-1) or one of its actions; the app to show. Raises `Unavailable`."""
        return await (await self._running.at(account_id, folder)).act(key, action)

    async def dismiss(self, account_id: str, folder: Path, key: str) -> None:
        (await self._running.at(account_id, folder)).account.say(control.Dismissed(key))

    async def choose(self, account_id: str, folder: Path, number: int, component: str | None) -> None:
        (await self._running.at(account_id, folder)).account.say(control.Chosen(number, component))

    async def ask(self, account_id: str, folder: Path, what: str) -> str | None:
        running = self._running.find(account_id, folder)
        return await running.account.ask(what) if running is not None else None

    async def begin(self) -> None:
        """Wakes accounts when their alarms and jobs are due. A spare follows where an account has an app."""
        accounts = self._settings.data_dir / "android" / "accounts"
        self._running.plan(accounts)
        if self._keep_spare and await asyncio.to_thread(any_installed, accounts):
            self._refill = asyncio.create_task(self._warm_later(SPARE_AFTER))

    async def warm(self) -> None:
        """Starts a spare where there is none, and returns when it is ready."""
        async with self._lock:
            if self._closed:
                return
            if self._spare is not None and self._spare.ended:
                await self._spare.kill()
                self._spare = None
            if self._spare is None:
                self._spare = await self._launch(rehearse=True)
            spare = self._spare
        await spare.ready()

    @property
    def spare(self) -> AndroidHost | None:
        """The host that the next app gets."""
        return self._spare

    async def start(self, spec: AppSpec, display: Display, link: LinkPlace) -> Shown:
        """Gives the app's process a screen: the one that runs without, the spare (ready or still on its way), or
        one that starts cold. Raises `Unavailable`."""
        running = await self._running.of(spec)
        async with self._still(spec.account_id, spec.app_id), running.alone(spec):
            host = await running.process_of(spec)
            if host is not None:
                try:
                    await self._show(running, host, link)
                except Unavailable as error:
                    log.info("%s ended as it was shown again: %s", host.app_id, error)
                    host = None
            if host is None:
                host = self._take() or await self._launch(rehearse=False)
                await running.adopt(host, spec, True)
                await self._show(running, host, link)
        self._refill_soon(host)
        return Shown(host, lambda: running.screen(host, False), host.needed)

    async def _show(self, running: Running, host: AndroidHost, link: LinkPlace) -> None:
        """Gives a process its screen; one that cannot have it is ended. Raises `Unavailable`."""
        running.screen(host, True)
        try:
            await host.show(link)
        except BaseException:
            await host.kill()
            raise

    async def background(self, spec: AppSpec) -> AndroidHost:
        """A process of an app without a screen, the one that runs or a new one; raises `Unavailable`."""
        running = await self._running.of(spec)
        async with self._still(spec.account_id, spec.app_id), running.alone(spec):
            host = await running.process_of(spec)
            if host is None:
                host = self._take() or await self._launch(rehearse=False)
                await running.adopt(host, spec, False)
                await host.run(Display())
                self._refill_soon(host)
            return host

    async def end_app(self, account_id: str, app_id: str) -> None:
        """Ends an app's process, whatever needs it."""
        await self._running.end_app(account_id, app_id)

    @contextlib.asynccontextmanager
    async def hold(self, account_id: str, app_id: str, end: bool) -> AsyncIterator[None]:
        """Within it the app's processes stand still, or are gone; none is started."""
        async with self._still(account_id, app_id):
            if end:
                await self._running.end_app(account_id, app_id)
            hosts = self._running.hosts_of(account_id, app_id)
            standing = asyncio.gather(*(asyncio.to_thread(host.stand_still) for host in hosts))
            try:
                await asyncio.shield(standing)
                yield
            finally:
                try:
                    await asyncio.wait([standing])  # what is still to be stopped would be stopped for good
                finally:
                    for host in hosts:
                        host.go_on()

    def _still(self, account_id: str, app_id: str) -> asyncio.Lock:
        """Held while an app's process is looked for or started, and while its folder has to stand still."""
        return self._held.setdefault((account_id, app_id), asyncio.Lock())

    def _refill_soon(self, host: AndroidHost) -> None:
        if self._keep_spare and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._warm_soon(host))

    async def close(self) -> None:
        self._closed = True
        if self._refill is not None:
            self._refill.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refill
        if self._spare is not None:
            await self._spare.kill()
            self._spare = None
        await self._running.close()

    def _take(self) -> AndroidHost | None:
        host, self._spare = self._spare, None
        return host if host is not None and not host.ended else None

    async def _launch(self, rehearse: bool) -> AndroidHost:
        runtime = java.runtime(self._settings)
        domain = self._settings.domain
        host = AndroidHost(link_root(self._settings) / f"android-{new_id()[-12:]}", runtime, self._bounds, domain)
        try:
            await host.launch(rehearse)
        except BaseException:
            await host.kill()
            raise
        return host

    async def _warm_soon(self, host: AndroidHost) -> None:
        with contextlib.suppress(PileusError):
            await host.ready()
        await self._warm_later(WARM_AFTER)

    async def _warm_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self.warm()
        except PileusError as error:
            log.warning("no spare: %s", error)


def make(settings: Settings) -> AndroidEngine:
    """The factory that engine.toml names."""
    return AndroidEngine(settings)
