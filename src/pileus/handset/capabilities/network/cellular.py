"""What ModemManager says of the modem that NetworkManager uses for data: its card, and its bearers.

Only looked at: it is NetworkManager that has a bearer made and makes a link of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pileus.handset.bus import Bus
from pileus.handset.capabilities.network import rules
from pileus.handset.capabilities.network.shape import Bearer
from pileus.handset.mirror import Mirror
from pileus.handset.values import number, texts, words

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
MODEM, NETWORK = f"{SERVICE}.Modem", f"{SERVICE}.Modem.Modem3gpp"
SIM, BEARER = f"{SERVICE}.Sim", f"{SERVICE}.Bearer"
PPP = Path("/dev/ppp")
MOST_BEARERS = 8


class Cellular:
    """`path` is the modem's object, "" for the first there is."""

    def __init__(self, bus: Bus | None, changed: Callable[[], None], ppp: Path = PPP) -> None:
        self._changed, self._ppp = changed, ppp
        self._followed: set[tuple[str, str]] = set()
        self._mirror = Mirror(bus, SERVICE, manager=ROOT, changed=self._moved)

    async def start(self) -> None:
        await self._mirror.start()

    async def stop(self) -> None:
        await self._mirror.stop()

    def card(self, path: str) -> str:
        """The id of the card in it (ICCID); "" for none."""
        return words(self._mirror.of(words(self._modem(path), "Sim"), SIM), "SimIdentifier", 40)

    def abroad(self, path: str) -> bool:
        found = self._mirror.of(self._path(path), NETWORK)
        return number(found, "RegistrationState") in rules.ROAMING

    def bearers(self, path: str) -> list[Bearer]:
        paths = texts(self._modem(path), "Bearers", MOST_BEARERS)
        held = [self._mirror.of(one, BEARER) for one in paths]
        return [rules.bearer(one, linkable=self._ppp.exists()) for one in held if one]

    def _path(self, path: str) -> str:
        modems = self._mirror.all(MODEM)
        return path if path in modems else min(modems, default="")

    def _modem(self, path: str) -> Mapping[str, Any]:
        return self._mirror.of(self._path(path), MODEM)

    def _moved(self) -> None:
        """Cards and bearers are objects that no manager tells of: their modem names them."""
        wanted: set[tuple[str, str]] = set()
        for modem in self._mirror.all(MODEM).values():
            wanted |= {(one, BEARER) for one in texts(modem, "Bearers", MOST_BEARERS)}
            if (sim := words(modem, "Sim")) not in ("", "/"):
                wanted.add((sim, SIM))
        for path, interface in self._followed - wanted:
            self._mirror.leave(path, interface)
        new, self._followed = wanted - self._followed, wanted
        for path, interface in new:
            self._mirror.follow(path, interface)
        self._changed()
