"""How a mutation meets a record: pure functions (docs/design/journal.md, "Merge rules").

A change conflicts with another only where a *different* device changed the same field after `base`:
a device that sends several mutations made on one base does not conflict with itself. `base` None is
a service's own change, made on what is there now.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Literal

Merge = Literal["fields", "copy", "append"]
Fields = Mapping[str, Any]
COPY_IDS = uuid.UUID("6f1b3f0e-5b0f-4b7e-9d43-3f6f2f7c2a10")


@dataclass(frozen=True)
class Mark:
    """Who changed a field last, and with which sequence number."""

    seq: int
    device: str


@dataclass(frozen=True)
class State:
    """A record as the journal holds it, tombstones included."""

    seq: int
    deleted: bool = False
    fields: Fields = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    writers: Mapping[str, int] = field(default_factory=dict)
    size: int = 0
    """Bytes that it counts for in the account's quota."""


@dataclass(frozen=True)
class Lost:
    """A value that a merge set aside; it goes to the record's history."""

    field: str
    value: Any
    seq: int
    device: str


@dataclass(frozen=True)
class Decision:
    """What becomes of a mutation.

    `nothing`: the record is already so. `change`: `fields` are the record's fields now, `touched` those
    that take the new number. `copy`: the record stays and a new one gets `fields`.
    `fresh`: texts of an earlier life do not come back.
    """

    kind: Literal["nothing", "change", "copy"]
    fields: Fields = field(default_factory=dict)
    touched: Set[str] = frozenset()
    deleted: bool = False
    merged: bool = False
    fresh: bool = False
    lost: tuple[Lost, ...] = ()


def decide_put(
    merge: Merge,
    mutable: Set[str],
    state: State | None,
    device: str,
    base: int | None,
    put: Fields,
    texts: bool,
) -> Decision:
    """A put of some fields (None removes one); `texts` says whether Yjs updates come with it."""
    if state is None:
        return Decision("change", _overlaid({}, put), frozenset(put))
    if state.deleted:
        return _revive(state, device, base, put)
    changed = {name for name, value in put.items() if state.fields.get(name) != value}
    if merge == "append":
        return _append(mutable, state, device, put, changed, texts)
    conflicts = {name for name in changed if _conflicts(state, name, device, base)}
    if merge == "copy" and conflicts:
        return Decision("copy", _overlaid(state.fields, put), merged=True)
    if not changed and not texts:
        return Decision("nothing")
    lost = tuple(_lost(state, name) for name in sorted(conflicts))
    fields = _overlaid(state.fields, put)
    return Decision("change", fields, frozenset(changed), merged=bool(conflicts), lost=lost)


def decide_delete(state: State | None, device: str, base: int | None) -> Decision:
    """A deletion; one made without knowing another device's change does not win over it."""
    if state is None or state.deleted:
        return Decision("nothing")
    if base is not None and foreign_since(state, device, base):
        return Decision("nothing", merged=True)
    return Decision("change", state.fields, deleted=True)


def foreign_since(state: State, device: str, base: int) -> bool:
    """Whether another device (or a service) changed the record after `base`."""
    return any(seq > base for writer, seq in state.writers.items() if writer != device)


def advance(state: State | None, decision: Decision, seq: int, device: str) -> State:
    """The record after a `change` (or the new record of a `copy`) that took the number `seq`."""
    old = state if state is not None and decision.kind == "change" else State(0)
    touched = decision.touched if decision.kind == "change" else frozenset(decision.fields)
    marks = {} if decision.fresh else dict(old.marks)
    marks.update(dict.fromkeys(touched, Mark(seq, device)))
    writers = {**({} if decision.fresh else old.writers), device: seq}
    return State(seq, decision.deleted, decision.fields, marks, writers)


def copy_id(mutation_id: str) -> str:
    """The id of the copy that a mutation makes: the same for the same mutation."""
    return str(uuid.uuid5(COPY_IDS, mutation_id))


def _revive(state: State, device: str, base: int | None, put: Fields) -> Decision:
    knew = base is None or base >= state.seq or state.writers.get(device) == state.seq
    if knew:
        return Decision("change", _overlaid({}, put), frozenset(put), fresh=True)
    return Decision("change", _overlaid(state.fields, put), frozenset(put), merged=True)


def _append(mutable: Set[str], state: State, device: str, put: Fields, changed: Set[str], texts: bool) -> Decision:
    settled = {name: value for name, value in put.items() if name in mutable}
    # What arrives too late for a fixed field is the value that is set aside.
    late = tuple(Lost(name, put[name], state.seq, device) for name in sorted(changed - mutable))
    if not (changed & mutable) and not texts:
        return Decision("nothing", merged=bool(late), lost=late)
    fields = _overlaid(state.fields, settled)
    return Decision("change", fields, frozenset(settled), merged=bool(late), lost=late)


def _conflicts(state: State, name: str, device: str, base: int | None) -> bool:
    mark = state.marks.get(name)
    return base is not None and mark is not None and mark.seq > base and mark.device != device


def _lost(state: State, name: str) -> Lost:
    mark = state.marks[name]
    return Lost(name, state.fields.get(name), mark.seq, mark.device)


def _overlaid(fields: Fields, put: Fields) -> dict[str, Any]:
    return {name: value for name, value in {**fields, **put}.items() if value is not None}
