"""Transactions between processes: handles, counts, deaths, order, bounds – without processes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pileus.surfaces.engines.android.system import router as rules
from pileus.surfaces.engines.android.system import wire
from pileus.surfaces.engines.android.system.router import Incoming, Node, Parcel, Peer, Router
from pileus.surfaces.engines.android.system.wire import Call, Dead, Drop, Item, Release, Reply, WireError

ONE = (1).to_bytes(8, "little")


class World:
    """Processes a, b, c and a system that remembers what it is asked, and hands out what it was given."""

    def __init__(self) -> None:
        self.asked: list[Incoming] = []
        self.router = Router(self._ask)
        self.a, self.b, self.c = (Peer(10_000 + n, n, f"app.{n}") for n in (1, 2, 3))
        for peer in (self.a, self.b, self.c):
            self.router.join(peer)

    def _ask(self, incoming: Incoming) -> None:
        self.asked.append(incoming)
        self.router.keep(incoming.parcel)

    def sent(self, peer: Peer) -> list[Any]:
        """Takes what was sent to a process."""
        found = [message for to, message, _ in self.router.out if to is peer]
        kept = [entry for entry in self.router.out if entry[0] is not peer]
        self.router.out.clear()
        self.router.out.extend(kept)
        return found

    def share(self, owner: Peer, node: int, to: Peer) -> int:
        """The owner registers a node with the system, which gives it to another; the other's handle."""
        self.router.receive(owner, Call(900, 0, 1, items=(Item(wire.OWN, 0, node),), parcel=ONE))
        incoming = self.asked.pop()
        thing = incoming.parcel.things[0][1]
        assert isinstance(thing, Node)
        incoming.answer(wire.OK, Parcel())
        self.router.receive(to, Call(901, 0, 2))
        self.asked.pop().answer(wire.OK, Parcel(ONE, ((0, thing),)))
        self.sent(owner)
        reply = next(message for message in self.sent(to) if isinstance(message, Reply))
        self.router.let_go(thing)
        return reply.items[0].value


@pytest.fixture
def world() -> World:
    return World()


def test_a_call_reaches_the_node_with_its_callers_identity_and_the_reply_comes_back(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    world.router.receive(world.b, Call(1, handle, 42, parcel=b"ask", uid=99, pid=99))
    call = world.sent(world.a)[0]
    assert (call.target, call.code, call.parcel, call.uid, call.pid) == (5, 42, b"ask", 10_002, 2)
    world.router.receive(world.a, Reply(call.call, wire.OK, parcel=b"answer"))
    assert world.sent(world.b) == [Reply(1, wire.OK, parcel=b"answer")]


def test_an_object_sent_home_is_the_own_one(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    back = Call(1, handle, 1, items=(Item(wire.HANDLE, 0, handle),), parcel=ONE)
    world.router.receive(world.b, back)
    assert world.sent(world.a)[0].items == (Item(wire.OWN, 0, 5),)


def test_a_handle_passed_on_makes_a_third_process_hold_the_node(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    to_c = world.share(world.c, 1, world.b)
    world.router.receive(world.b, Call(1, to_c, 1, items=(Item(wire.HANDLE, 0, handle),), parcel=ONE))
    given = world.sent(world.c)[0].items[0]
    assert given.kind == wire.HANDLE
    world.router.receive(world.c, Call(2, given.value, 1))
    assert world.sent(world.a)[0].target == 5


def test_a_handle_that_was_never_given_calls_nobody_and_cannot_be_passed_on(world: World) -> None:
    world.router.receive(world.b, Call(1, 77, 1))
    assert world.sent(world.b) == [Reply(1, wire.REFUSED)]
    with pytest.raises(WireError):
        world.router.receive(world.b, Call(2, 0, 1, items=(Item(wire.HANDLE, 0, 77),), parcel=ONE))


def test_death_is_told_to_all_holders_and_ends_waiting_calls(world: World) -> None:
    to_b, to_c = world.share(world.a, 5, world.b), world.share(world.a, 5, world.c)
    world.router.receive(world.b, Call(1, to_b, 1))
    world.router.leave(world.a)
    assert world.sent(world.b) == [Reply(1, wire.GONE), Dead(to_b)]
    assert world.sent(world.c) == [Dead(to_c)]
    world.router.receive(world.c, Call(2, to_c, 1))
    assert world.sent(world.c) == [Reply(2, wire.GONE)]


def test_who_holds_too_much_is_cut_and_not_who_calls_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_HANDLES", 3)
    handle = world.share(world.a, 5, world.b)
    for node in range(5):
        world.router.receive(world.b, Call(node, handle, 1, items=(Item(wire.OWN, 0, 100 + node),), parcel=ONE))
    assert list(world.router.cut) == [world.a]
    assert [m.status for m in world.sent(world.b) if isinstance(m, Reply)] == [wire.GONE, wire.GONE]
    assert len(world.a.handles) == 3
    # An answer that hands it one more is as if it had gone.
    world.router.receive(world.a, Call(9, 0, 2))
    world.asked.pop().answer(wire.OK, Parcel(ONE, ((0, world.router.own_node(None)),)))
    assert not [m for m in world.sent(world.a) if isinstance(m, Reply)]


def test_a_one_way_call_back_is_for_no_thread_that_waits(world: World) -> None:
    """A waiting thread that was given some stopped reading, and the reply that it waited for never came."""
    to_a, to_b = world.share(world.a, 5, world.b), world.share(world.b, 6, world.a)
    world.router.receive(world.a, Call(7, to_b, 1))
    serving = world.sent(world.b)[0].call
    for number in range(3):
        world.router.receive(world.b, Call(20 + number, to_a, number, flags=wire.ONE_WAY, within=serving))
    world.router.receive(world.b, Call(30, to_a, 9, within=serving))
    assert [(call.code, call.within) for call in world.sent(world.a)] == [(0, 0), (1, 0), (2, 0), (9, 7)]


def test_nothing_larger_than_a_parcel_is_sent(world: World) -> None:
    large = Parcel(bytes(wire.MAX_PARCEL + 1))
    world.router.receive(world.a, Call(1, 0, 2))
    world.asked.pop().answer(wire.OK, large)
    assert world.sent(world.a) == [Reply(1, wire.TOO_LARGE)]
    ended: list[int] = []
    node = Node(world.b, 3, holders=1)
    world.router.call(node, 1, large, lambda status, _answer: ended.append(status))
    assert ended == [wire.TOO_LARGE]
    assert world.sent(world.b) == []


def test_a_node_is_dropped_with_its_last_holder(world: World) -> None:
    to_b, to_c = world.share(world.a, 5, world.b), world.share(world.a, 5, world.c)
    world.router.receive(world.b, Release(to_b, 1))
    assert world.sent(world.a) == []
    world.router.receive(world.c, Release(to_c, 1))
    assert world.sent(world.a) == [Drop(5, 2)]


def test_giving_back_what_one_does_not_hold_ends_the_connection(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    with pytest.raises(WireError):
        world.router.receive(world.b, Release(handle, 2))


def test_a_call_back_reaches_the_waiting_call(world: World) -> None:
    to_b, to_a = world.share(world.a, 5, world.b), world.share(world.b, 6, world.a)
    world.router.receive(world.b, Call(11, to_b, 1))
    first = world.sent(world.a)[0]
    world.router.receive(world.a, Call(21, to_a, 1, within=first.call))
    assert world.sent(world.b)[0].within == 11


def test_a_call_back_through_a_third_process_finds_the_waiting_call_too(world: World) -> None:
    to_b, to_c = world.share(world.a, 5, world.b), world.share(world.b, 6, world.c)
    to_a = world.share(world.c, 7, world.a)
    world.router.receive(world.b, Call(11, to_b, 1))
    world.router.receive(world.a, Call(21, to_a, 1, within=world.sent(world.a)[0].call))
    world.router.receive(world.c, Call(31, to_c, 1, within=world.sent(world.c)[0].call))
    assert world.sent(world.b)[-1].within == 11


def test_one_way_calls_are_accepted_at_once_and_bounded(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    big = bytes(rules.MAX_ONE_WAY_BYTES // 2)
    for call in (1, 2, 3):
        world.router.receive(world.b, Call(call, handle, 1, wire.ONE_WAY, parcel=big))
    assert [(reply.call, reply.status) for reply in world.sent(world.b)] == [(1, 0), (2, 0), (3, wire.TOO_LARGE)]
    first, second = world.sent(world.a)
    assert first.call < second.call
    world.router.receive(world.a, Reply(first.call))
    world.router.receive(world.b, Call(4, handle, 1, wire.ONE_WAY, parcel=big))
    assert world.sent(world.b) == [Reply(4)]


def test_a_process_that_does_not_answer_is_not_given_calls_without_end(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    for call in range(rules.MAX_WAITING + 1):
        world.router.receive(world.b, Call(call + 1, handle, 1))
    assert len(world.sent(world.a)) == rules.MAX_WAITING
    assert world.sent(world.b) == [Reply(rules.MAX_WAITING + 1, wire.REFUSED)]


def test_too_many_bytes_are_refused(world: World) -> None:
    handle = world.share(world.a, 5, world.b)
    world.router.receive(world.b, Call(1, handle, 1, parcel=bytes(wire.MAX_PARCEL + 1)))
    assert world.sent(world.b) == [Reply(1, wire.TOO_LARGE)]


def test_a_reply_that_nobody_asked_for_ends_the_connection(world: World) -> None:
    with pytest.raises(WireError):
        world.router.receive(world.a, Reply(5))


class Handles(RuleBasedStateMachine):
    """Whatever is sent, given back and ended: counts agree with what each side was told."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.held: dict[tuple[int, int], int] = {}

    @rule(owner=st.integers(0, 2), node=st.integers(1, 3), to=st.integers(0, 2))
    def share(self, owner: int, node: int, to: int) -> None:
        peers = (self.world.a, self.world.b, self.world.c)
        if owner != to and peers[owner].alive and peers[to].alive:
            handle = self.world.share(peers[owner], node, peers[to])
            self.held[to, handle] = self.held.get((to, handle), 0) + 1

    @rule(pick=st.randoms(use_true_random=False), some=st.booleans())
    def give_back(self, pick: Any, some: bool) -> None:
        peers = (self.world.a, self.world.b, self.world.c)
        living = [key for key in self.held if peers[key[0]].alive]
        if living:
            key = pick.choice(sorted(living))
            count = 1 if some else self.held[key]
            self.world.router.receive(peers[key[0]], Release(key[1], count))
            self.held[key] -= count
            if not self.held[key]:
                del self.held[key]

    @rule(who=st.integers(1, 2))
    def end(self, who: int) -> None:
        self.world.router.leave((self.world.a, self.world.b, self.world.c)[who])

    @invariant()
    def counts_agree(self) -> None:
        peers = (self.world.a, self.world.b, self.world.c)
        for index, peer in enumerate(peers):
            if peer.alive:
                mine = {handle: count for (owner, handle), count in self.held.items() if owner == index}
                assert {number: held.count for number, held in peer.handles.items()} == mine
                for node in peer.nodes.values():
                    holders = sum(node in other.by_node for other in peers)
                    assert node.holders == holders > 0


TestHandles = Handles.TestCase
TestHandles.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
