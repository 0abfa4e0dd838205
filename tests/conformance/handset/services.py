"""Services that keep to their contracts, or to nothing: made of the contracts, on a real bus."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from typing import Any

from dbus_fast import ErrorType, Message, MessageType, SignatureTree, Variant
from dbus_fast.aio import MessageBus

from pileus.handset.bus import OBJECTS, PROPERTIES
from tests.handset.contracts import Interface, contract

ROOT = "/x"
PATHS = ("/x/0", "/x/1", "/x/2")
GOOD: dict[str, Any] = {
    "b": True,
    "y": 50,
    "n": -50,
    "u": 2,
    "i": 2,
    "x": 60,
    "t": 60,
    "d": 1.5,
    "s": "text",
    "o": PATHS[0],
    "ay": b"net",
    "ao": [PATHS[0]],
    "a{sv}": {},
    "a{uv}": {},
    "a{sa{sv}}": {},
    "a{uu}": {2: 3},
    "as": ["text"],
    "(ub)": [60, True],
    "(ss)": ["", ""],
    "(tt)": [1, 1],
}
ODD: list[Variant] = [
    Variant("s", "x" * 10_000),
    Variant("s", ""),
    Variant("s", "a\u202e\n\t\x1b[31m灯"),
    Variant("d", float("nan")),
    Variant("d", float("-inf")),
    Variant("d", 1e308),
    Variant("d", -1e308),
    Variant("i", -(2**31)),
    Variant("u", 2**32 - 1),
    Variant("x", -(2**63)),
    Variant("t", 2**64 - 1),
    Variant("y", 255),
    Variant("n", -(2**15)),
    Variant("b", True),
    Variant("ay", b"\xff\x00" * 2_000),
    Variant("ay", b""),
    Variant("as", ["x" * 1000] * 10),
    Variant("ao", ["/"] * 1500),
    Variant("ao", list(PATHS)),
    Variant("o", "/"),
    Variant("a{sv}", {"ssid": Variant("v", Variant("s", "x"))}),
    Variant(
        "a{sa{sv}}", {"connection": {"type": Variant("u", 3)}, "802-11-wireless": {"ssid": Variant("s", "x")}}
    ),
    Variant("(tt)", [2**64 - 1, 2**64 - 1]),
    Variant("(sb)", ["x", False]),
    Variant("v", Variant("v", Variant("d", float("nan")))),
]
"""What a broken or hostile service may say in place of anything."""


class Services:
    """Answers for all services of some names. `seed` None: as the contracts say; else at random as they do not."""

    def __init__(self, connection: MessageBus, names: Iterable[str], seed: int | None) -> None:
        self._connection, self._names, self._random = connection, sorted(names), random.Random(seed)
        self._odd = seed is not None
        self._null = os.open("/dev/null", os.O_RDONLY)
        connection.add_message_handler(self._asked)

    @classmethod
    async def start(cls, address: str, names: Iterable[str], seed: int | None = None) -> Services:
        made = cls(await MessageBus(address, negotiate_unix_fd=True).connect(), names, seed)
        for name in made._names:
            await made._connection.request_name(name)
        return made

    async def stop(self) -> None:
        self._connection.disconnect()
        await self._connection.wait_for_disconnect()  # type: ignore[no-untyped-call]
        os.close(self._null)

    async def talk(self) -> None:
        """Signals of all kinds, right ones in form and wrong ones in what they say."""
        for name in self._names:
            for face, members in contract(name).items():
                for path in (*PATHS, "/"):
                    body: list[Any] = [face, self._values(members), self._some(sorted(members.properties))]
                    await self._send(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", body)
                    for signal, signature in members.signals.items():
                        await self._send(path, face, signal, *self._body(signature))
            for manager in ("/", ROOT, "/org/freedesktop"):
                added = {face: self._values(members) for face, members in contract(name).items()}
                await self._send(manager, OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [f"{ROOT}/9", added])
                await self._send(manager, OBJECTS, "InterfacesRemoved", "oas", [f"{ROOT}/9", self._some([*added])])

    async def _send(self, path: str, face: str, member: str, signature: str, body: list[Any]) -> None:
        if self._odd and self._random.random() < 0.3:
            odd = self._random.choices(ODD, k=self._random.randrange(4))
            signature, body = "".join(one.signature for one in odd), [one.value for one in odd]
        await self._connection.send(Message.new_signal(path, face, member, signature, body))
        # dbus-fast gives up a connection whose socket is full for a moment: the bus reads before there is more
        await self._connection.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus.Peer", "Ping"))

    def _asked(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.destination not in self._names:
            return None
        service, face, member = message.destination, message.interface or "", message.member or ""
        if face == "org.freedesktop.DBus.Peer":
            return Message.new_method_return(message)
        if self._odd and self._random.random() < 0.15:
            return Message.new_error(message, ErrorType.FAILED, "x" * 10_000)
        if self._odd and self._random.random() < 0.15:
            odd = self._random.choices(ODD, k=self._random.randrange(3))
            return Message.new_method_return(
                message, "".join(one.signature for one in odd), [one.value for one in odd]
            )
        if (face, member) == (PROPERTIES, "GetAll"):
            members = contract(service).get(message.body[0], Interface())
            return Message.new_method_return(message, "a{sv}", [self._values(members)])
        if (face, member) == (PROPERTIES, "Set"):
            return Message.new_method_return(message)
        if member == "GetManagedObjects":
            objects = {
                path: {face: self._values(members) for face, members in contract(service).items()}
                for path in PATHS
            }
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])
        signature = contract(service)[face].methods[member][1]
        if signature == "h":
            return Message.new_method_return(message, "h", [0], [self._null])
        return Message.new_method_return(message, *self._body(signature))

    def _values(self, members: Interface) -> dict[str, Variant]:
        values = {name: Variant(kind, GOOD[kind]) for name, (kind, _access) in members.properties.items()}
        if not self._odd:
            return values
        changed = {
            name: self._random.choice(self._like(value.signature))
            for name, value in values.items()
            if self._random.random() < (0.1 if value.signature == "b" else 0.5)
        }
        return {name: value for name, value in {**values, **changed}.items() if self._random.random() < 0.95}

    def _like(self, signature: str) -> list[Variant]:
        """Of the right type and too large, or of any other."""
        return self._random.choice([[one for one in ODD if one.signature == signature] or ODD, ODD])

    def _body(self, signature: str) -> tuple[str, list[Any]]:
        return signature, [GOOD[kind.signature] for kind in SignatureTree(signature).types]

    def _some(self, names: list[str]) -> list[str]:
        return [name for name in names if self._odd and self._random.random() < 0.2]
