"""A message bus (D-Bus specification 0.38+) as capabilities need it: calls, properties, signals, owners of names.

Whatever a service says is looked at before it is used (`pileus.handset.values`). Signals are only taken from the
process that owns the service's name.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError, InvalidMemberNameError, InvalidObjectPathError
from dbus_fast.unpack import unpack_variants

from pileus.core.errors import Invalid, PileusError, Unavailable
from pileus.handset.values import number as number
from pileus.handset.values import of_type as of_type
from pileus.handset.values import words as words

DAEMON = "org.freedesktop.DBus"
DAEMON_PATH = "/org/freedesktop/DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
PATIENCE = 25.0
"""Seconds that a service has for an answer, as libdbus gives them."""
_SILENT = frozenset({f"{DAEMON}.Error.NoReply", f"{DAEMON}.Error.Timeout", f"{DAEMON}.Error.TimedOut"})
"""What the bus says for a service that ended, or said nothing, while it was asked: it may have done it."""
_GONE = frozenset(
    {f"{DAEMON}.Error.ServiceUnknown", f"{DAEMON}.Error.NameHasNoOwner", f"{DAEMON}.Error.Disconnected"}
)

log = logging.getLogger("pileus.handset.bus")
T = TypeVar("T")
Undo = Callable[[], None]


class BusError(PileusError):
    """A service refused; `name` is the D-Bus error's, such as `org.freedesktop.DBus.Error.AccessDenied`."""

    status = 502
    code = "service-refused"

    def __init__(self, name: str, text: str) -> None:
        super().__init__(detail=text[:500] or name, error=name)
        self.name = name


@dataclass(frozen=True)
class Signal:
    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


@dataclass(frozen=True)
class _Listener:
    service: str
    rule: str
    under: str
    interface: str
    member: str
    heard: Callable[[Signal], None]


class Bus:
    """One connection. `lost` is set when it is over: the daemon then begins anew."""

    def __init__(self, connection: MessageBus) -> None:
        self._connection = connection
        self._listeners: list[_Listener] = []
        self._owners: dict[str, str] = {}
        self._watchers: dict[str, list[Callable[[str], None]]] = {}
        self._rules: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.lost = asyncio.Event()

    @classmethod
    async def connect(cls, address: str = "", *, system: bool = True) -> Self:
        """The system's bus, or the session's; `address` names another one. Raises `Unavailable`."""
        kind = BusType.SYSTEM if system else BusType.SESSION
        try:
            connection = await MessageBus(address or None, kind, negotiate_unix_fd=True).connect()
        except Exception as error:  # sockets, authentication and addresses each fail in ways of their own
            raise Unavailable("bus-absent", f"The message bus cannot be reached: {error}") from error
        bus = cls(connection)
        connection.add_message_handler(bus._heard)
        watch = asyncio.create_task(bus._watch())
        bus._tasks.add(watch)
        rule = f"type='signal',sender='{DAEMON}',member='NameOwnerChanged'"
        await bus._daemon("AddMatch", "s", rule)
        return bus

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._connection.disconnect()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._connection.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def call(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *body: Any,
        patience: float = PATIENCE,
    ) -> list[Any]:
        """What a method returns, variants unwrapped. Raises `BusError` where the service refuses, `Unavailable`
        where it is not there or says nothing for `patience` seconds (`service-absent`, `service-silent`)."""
        answer = await self._reply(service, path, interface, member, signature, body, patience)
        return list(unpack_variants(list(answer.body)))

    async def files(
        self, service: str, path: str, interface: str, member: str, signature: str, *body: Any
    ) -> list[int]:
        """The file descriptors that a method returns; the caller closes them. Raises as `call` does."""
        answer = await self._reply(service, path, interface, member, signature, body, PATIENCE)
        return list(answer.unix_fds)

    async def properties(self, service: str, path: str, interface: str) -> dict[str, Any]:
        """All properties of one interface of an object. Raises as `call` does."""
        found = [*await self.call(service, path, PROPERTIES, "GetAll", "s", interface), {}]
        return {str(name): value for name, value in of_type(found[0], dict, {}).items()}

    async def objects(self, service: str, path: str) -> dict[str, dict[str, dict[str, Any]]]:
        """What an object manager manages: properties by interface by path. Raises as `call` does."""
        found = [*await self.call(service, path, OBJECTS, "GetManagedObjects"), {}]
        return {
            str(at): {str(name): of_type(values, dict, {}) for name, values in of_type(parts, dict, {}).items()}
            for at, parts in of_type(found[0], dict, {}).items()
        }

    async def set(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        """Sets a property to a `dbus_fast.Variant`. Raises as `call` does."""
        await self.call(service, path, PROPERTIES, "Set", "ssv", interface, name, value)

    async def owner(self, service: str) -> str:
        """The unique name of the process that has this name now, "" for none; it is not started."""
        try:
            [found] = await self._daemon("GetNameOwner", "s", service)
        except (BusError, Unavailable):
            return ""
        return str(found)

    async def startable(self, service: str) -> bool:
        """Whether a call to this name would be answered or start who answers."""
        [names] = await self._daemon("ListActivatableNames")
        return service in names or bool(await self.owner(service))

    async def watch(self, service: str, changed: Callable[[str], None]) -> Undo:
        """Tells who owns a name ("" for nobody): now, and whenever that changes."""
        self._watchers.setdefault(service, []).append(changed)
        self._owners[service] = owner = await self.owner(service)
        changed(owner)
        return lambda: self._watchers[service].remove(changed)

    async def listen(
        self,
        service: str,
        heard: Callable[[Signal], None],
        *,
        interface: str = "",
        member: str = "",
        under: str = "/",
    ) -> Undo:
        """Hears signals of a service's objects at or below a path."""
        parts = ["type='signal'", f"sender='{service}'"]
        parts += [f"interface='{interface}'"] if interface else []
        parts += [f"member='{member}'"] if member else []
        parts += [f"path_namespace='{under}'"] if under != "/" else []
        rule = ",".join(parts)
        if service not in self._owners:
            self._owners[service] = await self.owner(service)
        listener = _Listener(service, rule, under.rstrip("/"), interface, member, heard)
        self._listeners.append(listener)
        self._rules[rule] = self._rules.get(rule, 0) + 1
        if self._rules[rule] == 1:
            await self._daemon("AddMatch", "s", rule)
        return lambda: self._unlisten(listener)

    def _unlisten(self, listener: _Listener) -> None:
        self._listeners.remove(listener)
        self._rules[listener.rule] -= 1
        if self._rules[listener.rule] == 0 and not self.lost.is_set():
            task = asyncio.create_task(self._forget(listener.rule))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forget(self, rule: str) -> None:
        with contextlib.suppress(PileusError):
            await self._daemon("RemoveMatch", "s", rule)

    async def _daemon(self, member: str, signature: str = "", *body: Any) -> list[Any]:
        return await self.call(DAEMON, DAEMON_PATH, DAEMON, member, signature, *body)

    async def _reply(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        signature: str,
        body: tuple[Any, ...],
        patience: float,
    ) -> Message:
        if self.lost.is_set():
            raise Unavailable("bus-absent", "The message bus is gone.")
        if not _sendable(body):
            raise Invalid("malformed-text", "A text must be Unicode without the character U+0000.")
        try:
            message = Message(service, path, interface, member, signature=signature, body=list(body))
            answer = await asyncio.wait_for(self._connection.call(message), patience)
        except TimeoutError:
            raise Unavailable("service-silent", f"{service} does not answer.") from None
        except (DBusError, InvalidMemberNameError, InvalidObjectPathError, EOFError, OSError) as error:
            raise Unavailable("service-absent", f"{service} cannot be asked: {error}") from error
        if answer is None:
            raise Unavailable("service-absent", f"{service} is gone.")
        if answer.message_type is MessageType.ERROR:
            name, text = answer.error_name or "", str(answer.body[0]) if answer.body else ""
            if name in _SILENT:
                raise Unavailable("service-silent", f"{service} does not answer.")
            if name in _GONE:
                raise Unavailable("service-absent", f"{service} is not there.")
            raise BusError(name, text)
        return answer

    def _heard(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.sender == DAEMON and message.member == "NameOwnerChanged" and len(message.body) == 3:
            self._owned(str(message.body[0]), str(message.body[2]))
        for one in list(self._listeners):
            if one.interface not in ("", message.interface) or one.member not in ("", message.member):
                continue
            if not (message.path == one.under or (message.path or "").startswith(one.under + "/")):
                continue
            if message.sender != (self._owners.get(one.service) or one.service):
                continue
            body = tuple(unpack_variants(list(message.body)))
            self._safely(
                one.heard, Signal(message.path or "", message.interface or "", message.member or "", body)
            )

    def _owned(self, service: str, owner: str) -> None:
        if service in self._owners or service in self._watchers:
            self._owners[service] = owner
        for changed in list(self._watchers.get(service, ())):
            self._safely(changed, owner)

    @staticmethod
    def _safely(heard: Callable[[T], None], what: T) -> None:
        """What one listener makes of it costs no other one its news."""
        try:
            heard(what)
        except Exception:
            log.exception("what a service said could not be taken")

    async def _watch(self) -> None:
        with contextlib.suppress(Exception):
            await self._connection.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self.lost.set()


def _sendable(value: Any) -> bool:
    """Whether the bus takes the texts in it: it cuts off who sends U+0000 or half of a surrogate pair."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)
    if isinstance(value, Variant):
        return _sendable(value.value)
    if isinstance(value, dict):
        return all(_sendable(key) and _sendable(one) for key, one in value.items())
    return all(map(_sendable, value)) if isinstance(value, list | tuple) else True
