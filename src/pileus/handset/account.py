"""Whose handset it is, which cloud that account has, and what capabilities do for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import msgspec

from pileus.core import durable
from pileus.core.errors import Conflict, Invalid, PileusError
from pileus.handset.capability import method
from pileus.handset.cloud import Cloud, whose_of
from pileus.sdk.config import Config, address_of, read_config, write_config

AGAIN = 5.0
"""Seconds before what failed begins anew."""

log = logging.getLogger("pileus.handset")


@runtime_checkable
class Carries(Protocol):
    """A capability that has something to do with the account."""

    def belongs(self, whose: str) -> None:
        """To which account what comes from now on belongs; "" for whoever signs in next. Before `start`, and at
        each change."""

    async def carry(self, cloud: Cloud, rung: asyncio.Event) -> None:
        """Until it is cancelled; `rung` is set when something changed in the account."""


class UseServer(msgspec.Struct):
    server: str


class SignIn(msgspec.Struct):
    server: str
    token: str
    account: str = ""


class Account:
    """Whose handset it is: asked for as a capability is, under the name `account`."""

    def __init__(
        self, folder: Path, server: str, is_own: Callable[[str], bool], changed: Callable[[], None]
    ) -> None:
        """`server`: the cloud as long as the owner named none; `is_own` tells this gateway's own address."""
        self._path, self._named, self._is_own, self._changed = (
            folder / "account.json",
            folder / "server",
            is_own,
            changed,
        )
        self._server = server
        self._carriers: list[Carries] = []
        self._config: Config | None = None
        self._work: asyncio.Task[None] | None = None
        self._reached = False
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, carriers: list[Carries]) -> None:
        """Reads who is signed in, so that what the carriers find at their start is known to be theirs."""
        self._carriers = carriers
        with contextlib.suppress(OSError, UnicodeDecodeError):
            self._server = self._named.read_text(encoding="ascii").strip() or self._server
        with contextlib.suppress(PileusError):
            self._config = read_config(self._path)
        self._belongs()

    def begin(self) -> None:
        if self._config is not None:
            self._work = asyncio.create_task(self._carry(self._config))

    async def end(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
            self._work = None
        self._reached = False

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def state(self) -> Mapping[str, Any]:
        name = self._config.account if self._config else ""
        present = self._config is not None
        return {"present": present, "account": name, "reached": self._reached, "server": self.server}

    @property
    def server(self) -> str:
        """The cloud of the account, or the one that is to be signed in to; "" for none."""
        return self._config.server if self._config is not None else self._server

    @method
    async def use_server(self, wish: UseServer) -> None:
        """Names the cloud that this handset's shell speaks to, while nobody is signed in; kept."""
        server = wish.server.strip().rstrip("/")
        address_of(server)
        if self._is_own(server) or urlsplit(server).path or not server.isascii():
            raise Invalid("server-url", f"{server[:80]!r} is not the address of a cloud.")
        if self._config is not None:
            raise Conflict("handset-signed-in", "Sign out before another cloud is used.")
        await asyncio.to_thread(durable.write, self._named, server.encode())
        self._server = server
        self._changed()

    @method
    async def sign_in(self, wish: SignIn) -> None:
        """The shell's own session: the handset and its shell are one device of the account."""
        server = self.server if self._is_own(wish.server) else wish.server
        address_of(server)  # one that is none is refused here
        await self._alone(self._sign_in(Config(server, wish.token, wish.account)))

    @method
    async def sign_out(self) -> None:
        """What the account is owed stays on the handset until it signs in again."""
        await self._alone(self._sign_out())

    async def _sign_in(self, config: Config) -> None:
        async with self._turn:
            if config == self._config and self._work is not None and not self._work.done():
                return
            await asyncio.to_thread(write_config, config, self._path)
            await self.end()
            self._config = config
            self._belongs()
            self.begin()
            self._changed()

    async def _sign_out(self) -> None:
        async with self._turn:
            await asyncio.to_thread(self._path.unlink, missing_ok=True)
            await self.end()
            self._config = None
            self._belongs()
            self._changed()

    async def _alone(self, work: Coroutine[Any, Any, None]) -> None:
        """To its end, also where the page that asked is closed meanwhile."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    def _belongs(self) -> None:
        whose = whose_of(self._config) if self._config is not None else ""
        for one in self._carriers:
            one.belongs(whose)

    async def _carry(self, config: Config) -> None:
        cloud = Cloud(config)
        bells = [asyncio.Event() for _ in self._carriers]

        def rang() -> None:
            for bell in bells:
                bell.set()

        def heard(reached: bool) -> None:
            if reached != self._reached:
                self._reached = reached
                self._changed()

        works: list[Callable[[], Awaitable[None]]] = [lambda: cloud.listen(rang, heard)]
        works += [partial(one.carry, cloud, bell) for one, bell in zip(self._carriers, bells, strict=True)]
        try:
            await asyncio.gather(*(_lasting(work) for work in works))
        finally:
            await cloud.close()


async def _lasting(work: Callable[[], Awaitable[None]]) -> None:
    """Begins anew what fails: nothing that is not foreseen ends what a phone does for its account."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("something between handset and account failed, and begins anew")
        await asyncio.sleep(AGAIN)
