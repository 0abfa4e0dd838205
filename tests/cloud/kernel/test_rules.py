"""Merge rules: properties that hold for any mutations of any devices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pileus.cloud.kernel.journal.rules import (
    State,
    advance,
    copy_id,
    decide_delete,
    decide_put,
    foreign_since,
)

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.none() | st.integers(0, 3)
PUTS = st.dictionaries(NAMES, VALUES, max_size=3)
DEVICES = st.sampled_from(["x", "y", ""])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "delete"]), DEVICES, st.integers(0, 8), PUTS), max_size=12)


def play(steps, merge="fields", mutable=frozenset()):
    """Yields (state before, step, decision, state after)."""
    state: State | None = None
    seq = 0
    for op, device, base, put in steps:
        base = None if device == "" else min(base, seq)
        if op == "put":
            decision = decide_put(merge, mutable, state, device, base, put, False)
        else:
            decision = decide_delete(state, device, base)
        before = state
        if decision.kind == "change":
            seq += 1
            state = advance(state, decision, seq, device)
        yield before, (op, device, base, put), decision, state


@given(STEPS)
def test_put_always_lands_and_touches_nothing_else(steps):
    for before, (op, _, _, put), decision, after in play(steps):
        if op != "put":
            continue
        assert after is not None
        assert not after.deleted
        for name, value in put.items():
            assert after.fields.get(name) == value
        if before is not None and not before.deleted:
            others = {name: value for name, value in before.fields.items() if name not in put}
            assert {name: after.fields[name] for name in after.fields if name not in put} == others
        assert None not in after.fields.values()
        assert decision.kind in ("change", "nothing")


@given(STEPS)
def test_a_replaced_value_that_the_device_had_not_seen_is_kept(steps):
    for before, (op, device, base, put), decision, _ in play(steps):
        if op != "put" or before is None or before.deleted or base is None:
            continue
        unseen = {
            name
            for name, value in put.items()
            if name in before.marks
            and before.marks[name].seq > base
            and before.marks[name].device != device
            and before.fields.get(name) != value
        }
        assert {lost.field for lost in decision.lost} == unseen
        assert decision.merged == bool(unseen)
        for lost in decision.lost:
            assert lost.value == before.fields.get(lost.field)


@given(STEPS)
def test_a_deletion_never_wins_over_a_change_it_did_not_know(steps):
    for before, (op, device, base, _), decision, _after in play(steps):
        if op != "delete" or before is None or before.deleted:
            continue
        unknown = base is not None and foreign_since(before, device, base)
        assert decision.deleted == (not unknown)
        assert decision.merged == unknown


@given(STEPS)
def test_an_old_put_revives_with_everything(steps):
    for before, (op, device, base, put), decision, after in play(steps):
        if op != "put" or before is None or not before.deleted:
            continue
        assert after is not None
        kept = set(after.fields) - set(put)
        knew = base is None or base >= before.seq or before.writers.get(device) == before.seq
        assert kept == (set() if knew else set(before.fields) - set(put))
        assert decision.fresh == knew


@given(STEPS, st.sets(NAMES))
def test_what_is_appended_never_changes(steps, mutable):
    for before, (op, _, _, _put), decision, after in play(steps, "append", frozenset(mutable)):
        if op != "put" or before is None or before.deleted:
            continue
        assert after is not None
        for name in {"a", "b", "c"} - mutable:
            assert after.fields.get(name) == before.fields.get(name)
        assert {lost.field for lost in decision.lost}.isdisjoint(mutable)


@given(STEPS)
def test_numbers_rise_and_a_nothing_takes_none(steps):
    for before, _, decision, after in play(steps):
        if decision.kind == "nothing":
            assert after == before
        else:
            assert after is not None
            assert after.seq == (before.seq if before else 0) + 1


def test_a_conflict_of_copies_leaves_the_first_alone():
    state = advance(
        None, decide_put("copy", frozenset(), None, "x", 0, {"name": "a.txt", "object": 1}, False), 1, "x"
    )
    decision = decide_put("copy", frozenset(), state, "y", 0, {"object": 2}, False)
    assert decision.kind == "copy"
    assert decision.fields == {"name": "a.txt", "object": 2}
    assert copy_id("m") == copy_id("m") != copy_id("n")


def test_a_device_does_not_conflict_with_itself():
    state = advance(None, decide_put("fields", frozenset(), None, "x", 0, {"a": 1}, False), 1, "x")
    decision = decide_put("fields", frozenset(), state, "x", 0, {"a": 2}, False)
    assert not decision.merged
    assert decide_delete(state, "x", 0).deleted
