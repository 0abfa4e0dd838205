"""What a service says of its objects, as it changes, goes and comes, on a real bus."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from pileus.handset.bus import OBJECTS, PROPERTIES, Bus
from pileus.handset.mirror import Mirror
from tests.handset.worlds import run

NAME, PATH, FACE = "org.pileus.Test", "/org/pileus/Test", "org.pileus.Test.Lamp"


class Lamps:
    """An object manager with lamps by name, which may say things before it answers."""

    def __init__(self, connection: MessageBus, lamps: dict[str, int]) -> None:
        self.connection, self.lamps, self.first = connection, lamps, list[Message]()
        connection.add_message_handler(self._asked)

    @classmethod
    async def start(cls, address: str, **lamps: int) -> Lamps:
        made = cls(await MessageBus(address).connect(), lamps)
        await made.connection.request_name(NAME)
        return made

    def _asked(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        if message.member == "GetManagedObjects":
            for one in self.first:
                self.connection.send(one)
            found = {
                f"{PATH}/{name}": {FACE: {"Level": Variant("u", level)}} for name, level in self.lamps.items()
            }
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [found])
        if message.member == "GetAll":
            level = self.lamps[(message.path or "").rpartition("/")[2]]
            return Message.new_method_return(message, "a{sv}", [{"Level": Variant("u", level)}])
        return None

    def level(self, name: str, *values: Any, stale: tuple[str, ...] = ()) -> Message:
        changed = dict.fromkeys(["Level"] if values else [], Variant("u", values[0] if values else 0))
        body = [FACE, changed, list(stale)]
        return Message.new_signal(f"{PATH}/{name}", PROPERTIES, "PropertiesChanged", "sa{sv}as", body)


class Held:
    def __init__(self, bus: Bus | None, manager: str = PATH) -> None:
        self._moved = asyncio.Event()
        self.mirror = Mirror(bus, NAME, changed=self._moved.set, manager=manager)

    def levels(self) -> dict[str, Any]:
        return {path.rpartition("/")[2]: values.get("Level") for path, values in self.mirror.all(FACE).items()}

    async def until(self, levels: dict[str, Any]) -> None:
        while self.levels() != levels:
            self._moved.clear()
            await self._moved.wait()


def test_objects_are_held_as_they_come_change_and_go(address: str) -> None:
    async def story() -> None:
        bus = await Bus.connect(address)
        held = Held(bus)
        await held.mirror.start()
        assert held.mirror.why == "no-service"
        lamps = await Lamps.start(address, one=1)
        await held.until({"one": 1})
        assert (held.mirror.why, held.mirror.of(f"{PATH}/one", FACE)) == ("", {"Level": 1})
        await lamps.connection.send(lamps.level("one", 5))
        added = [f"{PATH}/two", {FACE: {"Level": Variant("u", 2)}}]
        await lamps.connection.send(Message.new_signal(PATH, OBJECTS, "InterfacesAdded", "oa{sa{sv}}", added))
        await held.until({"one": 5, "two": 2})
        gone = [f"{PATH}/one", [FACE]]
        await lamps.connection.send(Message.new_signal(PATH, OBJECTS, "InterfacesRemoved", "oas", gone))
        await held.until({"two": 2})
        lamps.lamps["two"] = 8
        await lamps.connection.send(lamps.level("two", stale=("Level",)))
        await held.until({"two": 8})
        lamps.connection.disconnect()
        await held.until({})
        assert held.mirror.why == "no-service"
        again = await Lamps.start(address, three=3)
        await held.until({"three": 3})
        await held.mirror.stop()
        await held.mirror.stop()
        again.connection.disconnect()
        await bus.close()

    run(story)


def test_news_that_overtakes_the_answer_is_not_lost(address: str) -> None:
    """A signal that is sent before the answer it belongs to, and one right after it."""

    async def story() -> None:
        bus = await Bus.connect(address)
        held = Held(bus)
        lamps = await Lamps.start(address, one=1)
        lamps.first = [lamps.level("one", 7)]
        await held.mirror.start()
        await held.until({"one": 7})
        await held.mirror.stop()
        lamps.connection.disconnect()
        await bus.close()

    run(story)


def test_words_that_mean_nothing_cost_nothing(address: str, short: Path) -> None:
    async def story() -> None:
        bus = await Bus.connect(address)
        held = Held(bus)
        lamps = await Lamps.start(address, one=1)
        await held.mirror.start()
        await held.until({"one": 1})
        odd: list[tuple[str, str, str, list[Any]]] = [
            (PROPERTIES, "PropertiesChanged", "", []),
            (PROPERTIES, "PropertiesChanged", "uu", [1, 2]),
            (PROPERTIES, "PropertiesChanged", "sss", [FACE, "Level", "Level"]),
            (OBJECTS, "InterfacesAdded", "s", ["x"]),
            (OBJECTS, "InterfacesAdded", "oa{ss}", [f"{PATH}/four", {FACE: "x"}]),
            (OBJECTS, "InterfacesRemoved", "ou", [f"{PATH}/one", 3]),
        ]
        for interface, member, signature, body in odd:
            path = PATH if interface == OBJECTS else f"{PATH}/one"
            await lamps.connection.send(Message.new_signal(path, interface, member, signature, body))
        await lamps.connection.send(lamps.level("one", 2))
        await held.until({"one": 2, "four": None})
        await held.mirror.stop()
        lamps.connection.disconnect()
        await bus.close()
        none = Held(None)
        await none.mirror.start()
        assert none.mirror.why == "no-bus"
        await none.mirror.stop()

    run(story)
