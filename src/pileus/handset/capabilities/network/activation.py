"""Bringing a connection up, and hearing what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from pileus.core.errors import Conflict, PileusError, Unavailable
from pileus.handset.bus import BusError, Signal
from pileus.handset.capabilities.network import rules
from pileus.handset.capabilities.network.saved import wrapped
from pileus.handset.mirror import Mirror
from pileus.handset.values import number

PATH, MANAGER = "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager"
DEVICE = "org.freedesktop.NetworkManager.Device"
ACTIVE = "org.freedesktop.NetworkManager.Connection.Active"
PATIENCE = 45.0
"""Seconds for a network: NetworkManager itself gives one 25 to let the device in, and then 45 for an address."""


class Activation:
    """One at a time for a device: who asks for another network does not wait for the first."""

    def __init__(self, mirror: Mirror, patience: float = PATIENCE) -> None:
        self._mirror, self._patience = mirror, patience
        self._waits: dict[str, asyncio.Future[int]] = {}

    async def known(self, connection: str, device: str) -> int:
        """The reason that it failed for, 0 for none (NMDeviceStateReason). Raises `Unavailable`, `Conflict`."""
        return await self._outcome(device, "ActivateConnection", "ooo", connection, device, "/")

    async def new(self, settings: Mapping[str, Mapping[str, Any]], device: str, point: str) -> tuple[int, str]:
        """As `known`, and the path of the new connection: it is kept where it came up, else removed."""
        made: list[str] = []
        try:
            reason = await self._outcome(
                device, "AddAndActivateConnection", "a{sa{sv}}oo", wrapped(settings), device, point, made=made
            )
        except BaseException:
            await asyncio.shield(self._remove(made))
            raise
        if reason:
            await self._remove(made)
        return reason, made[0] if made else ""

    def heard(self, signal: Signal) -> None:
        wait = self._waits.get(signal.path)
        if not wait or wait.done() or signal.interface != DEVICE or signal.member != "StateChanged":
            return
        state, _before, reason = (*signal.body, 0, 0, 0)[:3]
        if state == rules.ACTIVATED:
            wait.set_result(0)
        elif state == rules.FAILED:
            wait.set_result(reason if isinstance(reason, int) and reason > 0 else 1)

    def lost(self) -> None:
        """The service is gone."""
        for wait in self._waits.values():
            if not wait.done():
                wait.set_exception(Unavailable("service-absent", "The network's service is gone."))

    async def _outcome(
        self, device: str, member: str, signature: str, *body: Any, made: list[str] | None = None
    ) -> int:
        if (before := self._waits.get(device)) and not before.done():
            before.set_exception(Conflict("wifi-other", "Another network was chosen meanwhile."))
        wait = self._waits[device] = asyncio.get_running_loop().create_future()
        try:
            try:
                answer = await self._mirror.call(PATH, MANAGER, member, signature, *body)
            except BusError as error:
                # its text is NetworkManager's about our settings, the password among them
                raise Conflict("wifi-failed", "The network could not be joined.", error=error.name) from None
            paths = [one for one in answer if isinstance(one, str)]
            if made is not None:
                made += paths[:1]
            if paths and await self._up(paths[-1]):
                return 0
            return await asyncio.wait_for(asyncio.shield(wait), self._patience)
        except TimeoutError:
            raise Unavailable("wifi-slow", "The network does not answer. Try again near it.") from None
        finally:
            if self._waits.get(device) is wait:
                del self._waits[device]
            wait.cancel()

    async def _up(self, active: str) -> bool:
        """Whether it came up before its device could be heard saying so."""
        with contextlib.suppress(PileusError):
            await self._mirror.read(active, ACTIVE)
        return number(self._mirror.of(active, ACTIVE), "State") == rules.UP

    async def _remove(self, made: list[str]) -> None:
        for path in made:
            with contextlib.suppress(PileusError):
                await self._mirror.call(path, MANAGER + ".Settings.Connection", "Delete")
