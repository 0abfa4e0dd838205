"""A handset under the shell: the real daemon; modem, network and battery are capabilities of the test's own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from pileus.core.errors import Conflict, Invalid
from pileus.handset.capabilities.network.shape import Apn
from pileus.handset.capability import Surroundings, method
from pileus.handset.daemon import Daemon, Options
from pileus.handset.shelf import SIMULATED, manifests

MODEM: dict[str, Any] = {
    "id": "/modem/0",
    "state": "registered",
    "failure": "",
    "lock": "",
    "tries": {"sim-pin": 3, "sim-puk": 10},
    "card": "8986001",
    "label": "China Mobile",
    "number": "+8613800138099",
    "operator": "China Mobile",
    "registration": "home",
    "roaming": False,
    "signal": 72,
    "technology": "4g",
    "calls": True,
    "messages": True,
}
PIN, PUK = "1234", "12345678"
PATIENCE = 20.0


class StandIn:
    """Its newest one is what the daemon holds."""

    now: ClassVar[Any]
    first: ClassVar[dict[str, Any]] = {}

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.shown: dict[str, Any] = {"present": True, **self.first}
        type(self).now = self

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def state(self) -> dict[str, Any]:
        return self.shown

    def show(self, **changed: Any) -> None:
        self.shown = {**self.shown, **changed}
        self.around.changed()


class Dial(msgspec.Struct):
    number: str
    card: str = ""


class OfCall(msgspec.Struct):
    call: str


class Tones(msgspec.Struct):
    call: str
    keys: str


class Unlock(msgspec.Struct):
    modem: str
    pin: str
    puk: str = ""


class Switch(msgspec.Struct):
    on: bool


class Block(msgspec.Struct):
    addresses: list[str]


class Code(msgspec.Struct):
    code: str
    card: str = ""


class Telephony(StandIn):
    """Calls go as a network lets them; what is asked of it is kept."""

    first: ClassVar[dict[str, Any]] = {"airplane": False, "storage_full": False, "modems": [MODEM], "calls": []}

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self.dialled: list[str] = []
        self.blocked: list[str] = []
        self.keys = ""
        self._count = 0

    def begin(self, number: str, state: str) -> str:
        self._count += 1
        call = {
            "id": f"call-{self._count}",
            "number": number,
            "card": MODEM["card"],
            "incoming": state in ("ringing-in", "waiting"),
            "state": state,
            "began_ms": self.around.clock.now_ms(),
            "answered_ms": 0,
        }
        self.show(calls=[*self.shown["calls"], call])
        return str(call["id"])

    def turn(self, call: str, state: str) -> None:
        """To another state; "" for its end."""
        calls = []
        for one in self.shown["calls"]:
            if one["id"] != call:
                calls.append(one)
            elif state:
                answered = one["answered_ms"] or (self.around.clock.now_ms() if state == "active" else 0)
                calls.append({**one, "state": state, "answered_ms": answered})
        self.show(calls=calls)

    def modem(self, **changed: Any) -> None:
        self.show(modems=[{**self.shown["modems"][0], **changed}, *self.shown["modems"][1:]])

    @method
    async def dial(self, wish: Dial) -> dict[str, str]:
        if self.shown["airplane"]:
            raise Conflict("modem-not-ready", "No modem with this card is ready.")
        self.dialled.append(wish.number)
        for one in self.shown["calls"]:
            self.turn(one["id"], "held")
        return {"call": self.begin(wish.number, "ringing-out")}

    @method
    async def answer(self, wish: OfCall) -> None:
        for one in self.shown["calls"]:
            self.turn(one["id"], "active" if one["id"] == wish.call else "held")

    @method
    async def hang_up(self, wish: OfCall) -> None:
        self.turn(wish.call, "")

    @method
    async def swap(self, wish: OfCall) -> None:
        for one in self.shown["calls"]:
            self.turn(one["id"], "held" if one["state"] == "active" else "active")

    @method
    async def tones(self, wish: Tones) -> None:
        self.keys += wish.keys

    @method
    async def unlock(self, wish: Unlock) -> None:
        modem = self.shown["modems"][0]
        lock = modem["lock"]
        if wish.pin == PIN if lock == "sim-pin" else wish.puk == PUK:
            return self.modem(lock="", tries=MODEM["tries"])
        left = modem["tries"][lock] - 1
        self.modem(tries={**modem["tries"], lock: left}, lock="sim-puk" if left == 0 else lock)
        raise Conflict("sim-wrong-pin", "The code is wrong.")

    @method
    async def airplane(self, wish: Switch) -> None:
        self.show(airplane=wish.on)

    @method
    async def block(self, wish: Block) -> None:
        self.blocked = wish.addresses

    @method
    async def ussd(self, wish: Code) -> dict[str, Any]:
        if wish.code == "*100#":
            return {"text": "1 余额\n2 流量", "asks": True}
        return {"text": f"您的余额为 42.50 元。({wish.code})", "asks": False}

    @method
    async def ussd_cancel(self) -> None: ...


class Power(StandIn):
    first: ClassVar[dict[str, Any]] = {
        "battery": {"percentage": 83, "status": "discharging", "seconds": None, "warning": "none"},
        "can": [],
    }


class Network(StandIn):
    first: ClassVar[dict[str, Any]] = {
        "kind": "wifi",
        "wifi": {
            "enabled": True,
            "status": "connected",
            "active": "Home",
            "networks": [{"id": "00", "name": "Home", "strength": 80, "active": True}],
        },
        "mobile": {
            "enabled": True,
            "connected": True,
            "roaming": False,
            "abroad": False,
            "card": MODEM["card"],
            "apn": "",
            "user": "",
            "ip": "ipv4v6",
            "bearers": [{"apn": "cmnet", "ip": "ipv4v6", "connected": True, "why": ""}],
        },
    }

    def mobile(self, **changed: Any) -> None:
        self.show(mobile={**self.shown["mobile"], **changed})

    @method
    async def mobile_data(self, wish: Switch) -> None:
        self.mobile(enabled=wish.on, connected=wish.on)

    @method
    async def roaming(self, wish: Switch) -> None:
        self.mobile(roaming=wish.on)

    @method
    async def apn(self, wish: Apn) -> None:
        known = wish.name != "nowhere"
        bearer = {"apn": wish.name, "ip": wish.ip, "connected": known, "why": "" if known else "access-point"}
        self.mobile(apn=wish.name, user=wish.user, connected=known, bearers=[bearer])
        if not known:
            raise Invalid("mobile-access-point", "The mobile network does not know this access point.")

    @method
    async def wifi(self, wish: Switch) -> None:
        status = "connected" if wish.on else "disconnected"
        self.show(wifi={**self.shown["wifi"], "enabled": wish.on, "status": status})

    @method
    async def airplane(self, wish: Switch) -> None:
        await self.wifi(Switch(not wish.on))


class Handset:
    """A daemon in a thread of its own: the test's has an event loop already."""

    def __init__(self, folder: Path, *origins: str, simulated: tuple[str, ...] = ()) -> None:
        self._folder, self._origins, self._simulated = folder, frozenset(origins), ("audio", *simulated)
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self.daemon: Daemon

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)
        self._loop.close()

    @property
    def page(self) -> str:
        """Its own, from disk."""
        return f"http://pileus.localhost:{self.daemon.port}/{self.address}"

    @property
    def address(self) -> str:
        """What the page is told at its opening."""
        return f"#handset={self.daemon.port}.{self.daemon.token}"

    @property
    def telephony(self) -> Telephony:
        found = Telephony.now
        assert isinstance(found, Telephony)
        return found

    @property
    def network(self) -> Network:
        found = Network.now
        assert isinstance(found, Network)
        return found

    def do(self, act: Callable[..., Any], *words: Any, **more: Any) -> Any:
        """In the daemon's thread."""

        async def there() -> Any:
            return act(*words, **more)

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(PATIENCE)

    def waits_for_account(self) -> str:
        """The cloud of the account that the shell signed it in to; raises `AssertionError` where it does not."""
        for _ in range(200):
            account = self.do(self.daemon.states)["account"]
            if account["present"]:
                return str(account["server"])
            time.sleep(0.05)
        raise AssertionError(account)

    def rings(self, number: str, state: str = "ringing-in") -> str:
        return str(self.do(self.telephony.begin, number, state))

    async def _run(self) -> None:
        nowhere = f"unix:path={self._folder}/none"
        shelf = self._folder / "capabilities"
        factories = {name: f"{__name__}:{name.capitalize()}" for name in ("telephony", "power", "network")}
        factories |= {name: manifests(SIMULATED)[name].factory for name in self._simulated}
        for name, factory in factories.items():
            (shelf / name).mkdir(parents=True)
            (shelf / name / "capability.toml").write_text(f'description = "A stand-in."\nfactory = "{factory}"\n')
        options = Options(self._folder / "data", nowhere, nowhere, origins=self._origins, capabilities=shelf)
        async with Daemon(options) as self.daemon:
            self._ready.set()
            await self._over.wait()


@contextmanager
def running_handset(folder: Path, *origins: str, simulated: tuple[str, ...] = ()) -> Iterator[Handset]:
    """`origins`: of pages that may use it, beside its own; `simulated`: capabilities of the simulated handset."""
    one = Handset(folder, *origins, simulated=simulated)
    one.start()
    try:
        yield one
    finally:
        one.stop()
