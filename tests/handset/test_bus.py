"""Calls, signals and owners of names on a real message bus, with services that keep to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from pileus.core.errors import Invalid, Unavailable
from pileus.handset.bus import Bus, BusError, Signal
from pileus.handset.values import number, words

NAME, PATH, FACE = "org.pileus.Test", "/org/pileus/Test", "org.pileus.Test.Lamp"


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(30):
            await story()

    asyncio.run(whole())


async def service(address: str, answers: dict[str, Any]) -> MessageBus:
    """A process of some name: by member a body with its signature, or an error's name."""
    connection = await MessageBus(address).connect()

    def asked(message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
            return None
        answer = answers.get(message.member or "")
        if answer is None:
            return True  # never answered
        if isinstance(answer, str):
            return Message.new_error(message, answer, "not today")
        return Message.new_method_return(message, *answer)

    connection.add_message_handler(asked)
    await connection.request_name(NAME)
    return connection


def lit(member: str, level: int) -> Message:
    return Message.new_signal(PATH, FACE, member, "u", [level])


class Heard(list[Any]):
    """What was told, and a wait for more of it."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def __call__(self, what: Any) -> None:
        self.append(what)
        self._more.set()

    async def count(self, wanted: int) -> None:
        while len(self) < wanted:
            self._more.clear()
            await self._more.wait()


def test_answers_refusals_and_silence_are_told_apart(address: str) -> None:
    async def story() -> None:
        values = {"Level": Variant("u", 7), "Name": Variant("s", "灯"), "Odd": Variant("b", True)}
        lamp = await service(address, {"GetAll": ("a{sv}", [values]), "Break": "org.pileus.Error.Broken"})
        bus = await Bus.connect(address)
        found = await bus.properties(NAME, PATH, FACE)
        assert (number(found, "Level"), words(found, "Name")) == (7, "灯")
        assert (number(found, "Odd", 3), words(found, "Level"), number(found, "None", 4)) == (3, "", 4)
        with pytest.raises(BusError) as refused:
            await bus.call(NAME, PATH, FACE, "Break")
        assert (refused.value.name, refused.value.code) == ("org.pileus.Error.Broken", "service-refused")
        with pytest.raises(Unavailable) as silent:
            await bus.call(NAME, PATH, FACE, "Nothing", patience=0.1)
        assert silent.value.code == "service-silent"
        asking = asyncio.create_task(bus.call(NAME, PATH, FACE, "Nothing"))
        await bus.properties(NAME, PATH, FACE)
        lamp.disconnect()  # while it is asked: it may have done it
        with pytest.raises(Unavailable) as ended:
            await asking
        assert ended.value.code == "service-silent"
        with pytest.raises(Unavailable) as missing:
            await bus.call("org.pileus.Nobody", PATH, FACE, "Break")
        assert missing.value.code == "service-absent"
        assert not await bus.startable("org.pileus.Nobody")
        await bus.close()

    run(story)


def test_a_service_that_goes_and_comes_is_told_and_heard_again(address: str) -> None:
    async def story() -> None:
        bus = await Bus.connect(address)
        owners = Heard()
        signals = Heard()
        await bus.watch(NAME, owners)
        undo = await bus.listen(NAME, signals, interface=FACE, under="/org/pileus")
        for turn in (1, 2):
            lamp = await service(address, {})
            await owners.count(turn * 2)
            await lamp.send(lit("Lit", turn))
            await signals.count(turn)
            lamp.disconnect()
            await owners.count(turn * 2 + 1)
        assert owners[0] == owners[2] == owners[4] == ""
        assert [one.body for one in signals] == [(1,), (2,)]
        undo()
        await bus.close()

    run(story)


def test_another_process_cannot_speak_in_a_services_name(address: str) -> None:
    async def story() -> None:
        bus = await Bus.connect(address)
        signals = Heard()
        lamp = await service(address, {})
        await bus.watch(NAME, lambda _owner: None)
        await bus.listen(NAME, signals, interface=FACE)
        stranger = await MessageBus(address).connect()
        for one in (Message.new_signal(PATH, FACE, "Lit", "u", [9]), lit("Lit", 9)):
            one.destination = bus._connection.unique_name  # sent to it alone: no match rule keeps it away
            await stranger.send(one)
        await stranger.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus.Peer", "Ping"))
        await lamp.send(lit("Lit", 1))
        await signals.count(1)
        assert [one.body for one in signals] == [(1,)]
        lamp.disconnect()
        stranger.disconnect()
        await bus.close()

    run(story)


def test_a_listener_that_fails_costs_the_others_nothing_and_a_lost_bus_is_told(address: str) -> None:
    async def story() -> None:
        bus = await Bus.connect(address)
        signals = Heard()

        def broken(_signal: Signal) -> None:
            raise RuntimeError("made up")

        lamp = await service(address, {})
        await bus.listen(NAME, broken, interface=FACE)
        await bus.listen(NAME, signals, interface=FACE)
        await lamp.send(lit("Lit", 1))
        await signals.count(1)
        assert not bus.lost.is_set()
        lamp.disconnect()
        bus._connection.disconnect()
        await bus.lost.wait()
        with pytest.raises(Unavailable):
            await bus.call(NAME, PATH, FACE, "Break")

    run(story)


def test_where_no_bus_is_that_is_said(short: Any) -> None:
    async def story() -> None:
        with pytest.raises(Unavailable) as missing:
            await Bus.connect(f"unix:path={short}/none")
        assert missing.value.code == "bus-absent"

    run(story)


def test_a_text_that_would_cut_the_connection_is_refused(address: str) -> None:
    async def story() -> None:
        lamp = await service(address, {"Say": ("", [])})
        bus = await Bus.connect(address)
        for text in ("a\0b", "\ud800"):
            with pytest.raises(Invalid) as refused:
                await bus.call(NAME, PATH, FACE, "Say", "a{sv}", {"text": Variant("as", [text])})
            assert refused.value.code == "malformed-text"
        await bus.call(NAME, PATH, FACE, "Say", "s", "灯")
        lamp.disconnect()
        await bus.close()

    run(story)
