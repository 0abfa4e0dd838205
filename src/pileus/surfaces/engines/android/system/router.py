"""Who may call whom: nodes, the handles that processes hold on them, calls on their way, deaths.

Rules without effects: what is to be sent is put into `out`, in order. A *node* is an object that takes calls; it
lives in one process (a *peer*) or in the system itself. Another process knows it by a *handle* of its own.
A node is kept as long as someone holds it; the system holds those that it keeps in its tables.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pileus.surfaces.engines.android.system import wire
from pileus.surfaces.engines.android.system.wire import Call, Dead, Drop, Item, Message, Release, Reply, WireError

MAX_WAITING = 256
"""Calls with an answer that one process may have undone."""
MAX_ONE_WAY_BYTES = 1 << 19
MAX_ONE_WAY = 2048
MAX_HANDLES = 20_000

log = logging.getLogger("pileus.android.system")

PING = 0x5F504E47
"""`_PNG`, as IBinder.PING_TRANSACTION."""


@dataclass(eq=False)
class Node:
    """Takes calls. `holders` counts handles and the system's own holds; `mentions` how often its owner sent it."""

    owner: Peer | None
    number: int
    mentions: int = 0
    holders: int = 0
    dead: bool = False
    on_dead: list[Callable[[Node], None]] = field(default_factory=list)
    """What the system wants to do when the owner ends."""
    tag: object = None
    """What a node of the system's stands for."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """An open file that travels; whoever takes the parcel closes it."""

    fd: int


Thing = Node | Descriptor


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Parcel:
    """Bytes, and the objects in them by offset. Only processes know what the bytes mean."""

    data: bytes = b""
    things: tuple[tuple[int, Thing], ...] = ()

    def part(self, at: int, size: int) -> Parcel:
        """A piece as a parcel of its own; raises `WireError`."""
        if at < 0 or size < 0 or at + size > len(self.data):
            raise WireError("a piece beyond the end of its parcel")
        things = tuple((offset - at, thing) for offset, thing in self.things if at <= offset < at + size)
        return Parcel(self.data[at : at + size], things)

    def thing(self, at: int) -> Thing | None:
        return next((thing for offset, thing in self.things if offset == at), None)

    def close(self) -> None:
        """Closes the descriptors, when the parcel goes no further."""
        for _, thing in self.things:
            if isinstance(thing, Descriptor):
                os.close(thing.fd)


@dataclass(eq=False)
class Pending:
    """A call that waits for its reply: from a process, or from the system (`done`)."""

    target: Peer | None
    source: Peer | None
    source_call: int
    within: int
    one_way: bool
    size: int
    done: Callable[[int, Parcel], None] | None = None


@dataclass(eq=False)
class _Held:
    node: Node
    count: int = 0


class Peer:
    """An app's process, as the router sees it."""

    def __init__(self, uid: int, pid: int, package: str) -> None:
        self.uid, self.pid, self.package = uid, pid, package
        self.alive = True
        self.nodes: dict[int, Node] = {}
        self.incoming: dict[int, Pending] = {}
        self.one_way = 0
        self.one_way_bytes = 0
        self.handles: dict[int, _Held] = {}
        self.by_node: dict[Node, int] = {}
        self.full = False
        """It was to get a handle more than it may hold; its connection is cut."""
        self._next_handle = 1
        self._next_call = 1

    def handle(self, node: Node) -> int:
        """The handle under which it knows a node; counts that it is told of it. `has_room` comes first."""
        number = self.by_node.get(node)
        if number is None:
            number, self._next_handle = self._next_handle, self._next_handle + 1
            self.by_node[node] = number
            self.handles[number] = _Held(node)
            node.holders += 1
        self.handles[number].count += 1
        return number

    def has_room(self, parcel: Parcel) -> bool:
        """Whether it may hold what a parcel hands it; else it is `full` from now on."""
        new = {thing for _, thing in parcel.things if isinstance(thing, Node) and thing.owner is not self}
        self.full |= len(self.handles) + len(new - self.by_node.keys()) > MAX_HANDLES
        return not self.full

    def new_call(self) -> int:
        number, self._next_call = self._next_call, self._next_call % 0xFFFFFFFF + 1
        return number


@dataclass(eq=False)
class Incoming:
    """A call to the system itself."""

    peer: Peer
    node: Node | None
    code: int
    parcel: Parcel
    one_way: bool
    answer: Callable[[int, Parcel], None]


class Router:
    """One account's processes. `system` answers the calls to the system itself."""

    def __init__(self, system: Callable[[Incoming], None]) -> None:
        self.out: deque[tuple[Peer, Message, tuple[int, ...]]] = deque()
        self.cut: deque[Peer] = deque()
        """Those whose connections have to end: they let go of nothing that they are given."""
        self.peers: set[Peer] = set()
        self._system = system
        self._next_node = 1
        self._mentioned: list[Node] = []

    def join(self, peer: Peer) -> None:
        self.peers.add(peer)

    def leave(self, peer: Peer) -> None:
        """The process has ended: its callers hear of it, its nodes are dead, what it held is let go."""
        if not peer.alive:
            return
        peer.alive = False
        self.peers.discard(peer)
        for pending in list(peer.incoming.values()):
            if pending.source is None or not pending.one_way:  # the sender of a one-way call was answered before
                self._finish(pending, wire.GONE, Parcel())
        peer.incoming.clear()
        for node in list(peer.nodes.values()):
            node.dead = True
            for other in self.peers:
                number = other.by_node.get(node)
                if number is not None:
                    self.out.append((other, Dead(number), ()))
            wanted, node.on_dead = node.on_dead, []
            for tell in wanted:
                tell(node)
        peer.nodes.clear()
        for held in list(peer.handles.values()):
            self.let_go(held.node)
        peer.handles.clear()
        peer.by_node.clear()

    def dump(self) -> list[str]:
        """How many nodes and handles each process has, for whoever looks for what is not let go."""
        lines = [
            f"  {peer.package} pid={peer.pid} nodes={len(peer.nodes)} handles={len(peer.handles)}"
            f" incoming={len(peer.incoming)}"
            for peer in self.peers
        ]
        return ["BINDER", *sorted(lines)]

    def own_node(self, tag: object) -> Node:
        """A node of the system's."""
        node = Node(None, self._next_node, tag=tag)
        self._next_node += 1
        return node

    def hold(self, node: Node) -> Node:
        """The system keeps a node in a table."""
        node.holders += 1
        return node

    def let_go(self, node: Node) -> None:
        node.holders -= 1
        self._drop_unheld(node)

    def keep(self, parcel: Parcel) -> Parcel:
        """Holds all nodes of a parcel that is sent later; `free` ends it."""
        for _, thing in parcel.things:
            if isinstance(thing, Node):
                self.hold(thing)
        return parcel

    def free(self, parcel: Parcel) -> None:
        """Lets go of a kept parcel's nodes; its descriptors are whoever's took it."""
        for _, thing in parcel.things:
            if isinstance(thing, Node):
                self.let_go(thing)

    def keep_all(self, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self.keep(parcel)

    def free_all(self, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self.free(parcel)

    def receive(self, peer: Peer, message: Message, fds: tuple[int, ...] = ()) -> None:
        """Takes a process's message; raises `WireError` for one that ends the connection."""
        match message:
            case Call():
                self._call(peer, message, fds)
            case Reply():
                self._reply(peer, message, fds)
            case Release(handle, count):
                self._release(peer, handle, count)
            case _:
                raise WireError(f"a process sent {type(message).__name__}")
        mentioned, self._mentioned = self._mentioned, []
        for node in mentioned:
            self._drop_unheld(node)

    def call(
        self,
        node: Node,
        code: int,
        parcel: Parcel,
        done: Callable[[int, Parcel], None] | None = None,
        one_way: bool = False,
    ) -> None:
        """A call of the system's own; `done` hears the status and the answer, at once where the node is dead."""
        pending = Pending(node.owner, None, 0, 0, one_way, len(parcel.data), done)
        self._deliver(pending, node, code, parcel, 0)

    def _drop_unheld(self, node: Node) -> None:
        owner = node.owner
        if node.holders <= 0 and owner is not None and owner.nodes.get(node.number) is node:
            del owner.nodes[node.number]
            self.out.append((owner, Drop(node.number, node.mentions), ()))

    def _call(self, peer: Peer, call: Call, fds: tuple[int, ...]) -> None:
        parcel = self._inward(peer, call.items, call.parcel, fds)
        if len(parcel.data) > wire.MAX_PARCEL:
            self._refuse(peer, call.call, wire.TOO_LARGE, parcel)
            return
        one_way = bool(call.flags & wire.ONE_WAY)
        held = peer.handles.get(call.target)
        if call.target and held is None:
            self._refuse(peer, call.call, wire.REFUSED, parcel)
            return
        node = held.node if held else None
        if node is None or node.owner is None:
            self._ask_system(peer, node, call, parcel, one_way)
            return
        pending = Pending(node.owner, peer, call.call, call.within, one_way, len(parcel.data))
        # Nobody waits for one that is one-way: no waiting thread may get it, and it keeps its order.
        within = 0 if one_way else self._waiting(node.owner, peer, call.within)
        self._deliver(pending, node, call.code, parcel, within)

    def _ask_system(self, peer: Peer, node: Node | None, call: Call, parcel: Parcel, one_way: bool) -> None:
        if node is not None and call.code == PING:
            self._answer(peer, call.call, wire.OK, Parcel())
            return
        asked = [True]

        def answer(status: int, reply: Parcel) -> None:
            if asked and asked.pop() and not one_way:
                self._answer(peer, call.call, status, reply)
            else:
                reply.close()

        if one_way:
            self._answer(peer, call.call, wire.OK, Parcel())
        self._system(Incoming(peer, node, call.code, parcel, one_way, answer))

    def _deliver(self, pending: Pending, node: Node, code: int, parcel: Parcel, within: int) -> None:
        target = pending.target
        if target is None or node.dead or not target.alive or not self._has_room(target, parcel):
            self._finish(pending, wire.GONE, Parcel())
            parcel.close()
            return
        if pending.size > wire.MAX_PARCEL:
            log.warning("a call of %s bytes to %s is left out", pending.size, target.package)
            self._finish(pending, wire.TOO_LARGE, Parcel())
            parcel.close()
            return
        if pending.one_way:
            full = target.one_way >= MAX_ONE_WAY or target.one_way_bytes + pending.size > MAX_ONE_WAY_BYTES
        else:
            full = len(target.incoming) - target.one_way >= MAX_WAITING
        if full:
            if pending.source is None:
                log.warning("%s has too much undone: a call of the system's is left out", target.package)
            self._finish(pending, wire.TOO_LARGE if pending.one_way else wire.REFUSED, Parcel())
            parcel.close()
            return
        number = target.new_call()
        target.incoming[number] = pending
        if pending.one_way:
            target.one_way += 1
            target.one_way_bytes += pending.size
            if pending.source is not None:
                self._answer(pending.source, pending.source_call, wire.OK, Parcel())
        items, fds = self._outward(target, parcel)
        flags = wire.ONE_WAY if pending.one_way else 0
        uid, pid = (pending.source.uid, pending.source.pid) if pending.source else (1000, 1)
        message = Call(number, node.number, code, flags, within, uid, pid, len(fds), items, parcel.data)
        self.out.append((target, message, fds))

    def _reply(self, peer: Peer, reply: Reply, fds: tuple[int, ...]) -> None:
        parcel = self._inward(peer, reply.items, reply.parcel, fds)
        pending = peer.incoming.pop(reply.call, None)
        if pending is None:
            parcel.close()
            raise WireError("a reply to no call")
        if pending.one_way:
            peer.one_way -= 1
            peer.one_way_bytes -= pending.size
            parcel.close()
            if pending.done is not None:
                pending.done(reply.status, Parcel())
            return
        if len(parcel.data) > wire.MAX_PARCEL:
            parcel.close()
            parcel, status = Parcel(), wire.TOO_LARGE
        else:
            status = reply.status if reply.status in (wire.OK, wire.TOO_LARGE) else wire.FAILED
        self._finish(pending, status, parcel)

    def _finish(self, pending: Pending, status: int, parcel: Parcel) -> None:
        if pending.source is not None:
            self._answer(pending.source, pending.source_call, status, parcel)
        elif pending.done is not None:
            pending.done(status, parcel)
        else:
            parcel.close()

    def _answer(self, peer: Peer, call: int, status: int, parcel: Parcel) -> None:
        if not peer.alive or not self._has_room(peer, parcel):
            parcel.close()
            return
        if len(parcel.data) > wire.MAX_PARCEL:
            log.warning("an answer of %s bytes to %s is left out", len(parcel.data), peer.package)
            parcel.close()
            parcel, status = Parcel(), wire.TOO_LARGE
        items, fds = self._outward(peer, parcel)
        self.out.append((peer, Reply(call, status, len(fds), items, parcel.data), fds))

    def _has_room(self, peer: Peer, parcel: Parcel) -> bool:
        if peer.has_room(parcel):
            return True
        if peer not in self.cut:
            self.cut.append(peer)
        return False

    def _refuse(self, peer: Peer, call: int, status: int, parcel: Parcel) -> None:
        parcel.close()
        self._answer(peer, call, status, Parcel())

    def _release(self, peer: Peer, handle: int, count: int) -> None:
        held = peer.handles.get(handle)
        if held is None or count > held.count or count == 0:
            raise WireError("a handle given back that was not held")
        held.count -= count
        if held.count == 0:
            del peer.handles[handle]
            del peer.by_node[held.node]
            self.let_go(held.node)

    def _inward(self, peer: Peer, items: Iterable[Item], data: bytes, fds: tuple[int, ...]) -> Parcel:
        things: list[tuple[int, Thing]] = []
        for item in items:
            if item.kind == wire.FD:
                things.append((item.offset, Descriptor(fds[item.value])))
            elif item.kind == wire.OWN:
                node = peer.nodes.get(item.value)
                if node is None:
                    node = peer.nodes[item.value] = Node(peer, item.value)
                node.mentions += 1
                self._mentioned.append(node)
                things.append((item.offset, node))
            else:
                held = peer.handles.get(item.value)
                if held is None:
                    raise WireError("a handle that the sender does not hold")
                things.append((item.offset, held.node))
        return Parcel(data, tuple(things))

    def _outward(self, peer: Peer, parcel: Parcel) -> tuple[tuple[Item, ...], tuple[int, ...]]:
        items: list[Item] = []
        fds: list[int] = []
        for offset, thing in parcel.things:
            if isinstance(thing, Descriptor):
                items.append(Item(wire.FD, offset, len(fds)))
                fds.append(thing.fd)
            elif thing.owner is peer:
                items.append(Item(wire.OWN, offset, thing.number))
            else:
                items.append(Item(wire.HANDLE, offset, peer.handle(thing)))
        return tuple(items), tuple(fds)

    def _waiting(self, target: Peer, sender: Peer, within: int) -> int:
        """The call of `target` that waits, through others, for what `sender` is doing; 0 for none."""
        peer: Peer | None = sender
        while peer is not None and within:
            pending = peer.incoming.get(within)
            if pending is None or pending.one_way:
                return 0
            if pending.source is target:
                return pending.source_call
            peer, within = pending.source, pending.within
        return 0
