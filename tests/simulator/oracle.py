"""What must hold when everything has come to rest."""

from __future__ import annotations

import json
from typing import Any

from .returns import check_returns
from .world import Op, Violation, World


def check(world: World) -> None:
    """Raises `Violation` with a sentence that names the edit."""
    records = {(r.collection, r.id): r for r in world.cloud.records()}
    _check_devices(world.dumps, records)
    kept = _Kept(world, records)
    for op in world.ops.values():
        if op.acknowledged:
            _check_op(op, kept)
    _check_repeats(world, records)
    check_returns(world, records)


def _check_devices(dumps: dict[str, dict[str, Any]], records: dict[tuple[str, str], Any]) -> None:
    cloud = {key: (record.seq, record.fields) for key, record in records.items()}
    for name, dump in dumps.items():
        device = {(r["collection"], r["id"]): (r["seq"], r["fields"]) for r in dump["records"]}
        if device != cloud:
            different = {key for key in device.keys() | cloud.keys() if device.get(key) != cloud.get(key)}
            shown = {key: (device.get(key), cloud.get(key)) for key in different}
            raise Violation(f"{name} and the cloud hold different records (device, cloud): {shown}")
        if dump["status"]["unsafe"] or dump["status"].get("problem") or dump["ledger"] or dump["refused"]:
            raise Violation(f"{name} is at rest with {json.dumps(dump)}")


class _Kept:
    """Where values can be found at the end, and who knew what."""

    def __init__(self, world: World, records: dict[tuple[str, str], Any]) -> None:
        self.world = world
        self.records = records
        self.tokens = {value for record in records.values() for value in record.fields.values()}
        self.bodies = {key: record.fields.get("body", "") for key, record in records.items()}
        # A text set aside is kept in the history as a Yjs state, not to be searched here.
        self.history = {value for *_, value in world.cloud.history() if isinstance(value, str)}

    def holds(self, op: Op) -> bool:
        return op.token in self.tokens or op.token in self.history or op.token in self._body(op)

    def effective(self, op: Op) -> bool:
        """A crash may come between the commit and its word to the owner; another edit may be made on top of it."""
        return op.acknowledged or self.holds(op) or any(self._on_top(other, op) for other in self.later(op))

    def _on_top(self, other: Op, op: Op) -> bool:
        return op.token in _fields(other).values() and (other.acknowledged or self.holds(other))

    def later(self, op: Op) -> list[Op]:
        """Edits of the same record."""
        ops = self.world.ops.values()
        return [o for o in ops if o is not op and (o.collection, o.id) == (op.collection, op.id) and o.looked]

    def _body(self, op: Op) -> list[str]:
        return str(self.bodies.get((op.collection, op.id), "")).split(";")


def _check_op(op: Op, kept: _Kept) -> None:
    if op.act["kind"] == "put":
        for field, value in op.act["fields"].items():
            if value == op.token:
                _check_field(op, field, kept)
    elif op.act["kind"] == "insert":
        _check_text(op, kept)
    elif op.act["kind"] == "delete":
        _check_delete(op, kept)


def _check_field(op: Op, field: str, kept: _Kept) -> None:
    # Of a file both versions stay where people see them; of other records one may be in the history.
    if op.token in kept.tokens or (op.token in kept.history and op.collection != "sim.file"):
        return
    for other in kept.later(op):
        replaces = other.act["kind"] == "delete" or field in other.act.get("fields", {})
        if replaces and _fields(other).get(field) == op.token and kept.effective(other):
            return
    raise Violation(f"lost: #{op.number} of {op.device}, {op.collection}/{op.id} {field} = {op.token}")


def _check_text(op: Op, kept: _Kept) -> None:
    found = kept._body(op).count(op.token)
    if found == 1:
        return
    if found > 1:
        raise Violation(f"twice: #{op.number} of {op.device} in the text of {op.collection}/{op.id}")
    for other in kept.later(op):
        cut = other.act["kind"] == "cut" and other.act["token"] == op.token
        gone = other.act["kind"] == "delete" and op.token in str(_fields(other).get("body", "")).split(";")
        if (cut or gone) and kept.effective(other):
            return
    raise Violation(f"lost: #{op.number} of {op.device}, {op.token} in the text of {op.collection}/{op.id}")


def _check_delete(op: Op, kept: _Kept) -> None:
    """A deletion holds unless somebody changed the record without its maker knowing."""
    if (op.collection, op.id) not in kept.records or op.seen is None:
        return
    for other in kept.later(op):
        # A new device of the same name knows nothing of what the one before it did.
        known = (other.device, other.life) == (op.device, op.life) and other.number < op.number
        visible = other.token in _fields(op).values() or other.token in str(_fields(op).get("body", ""))
        if other.act["kind"] not in ("delete", "look") and not (known or visible):
            return
    raise Violation(f"lives: {op.collection}/{op.id}, deleted by #{op.number} of {op.device}, who knew all of it")


def _check_repeats(world: World, records: dict[tuple[str, str], Any]) -> None:
    head, mutations = world.cloud.head(), world.cloud.mutations()
    if head > mutations:
        raise Violation(f"{head} numbers were given to {mutations} mutations")
    seqs = [record.seq for record in records.values()]
    if len(set(seqs)) != len(seqs) or any(not 0 < seq <= head for seq in seqs):
        raise Violation(f"the records' numbers are not their own: {sorted(seqs)}")
    for op in world.made:
        record = records.get((op.collection, op.id))
        if op.acknowledged and (record is None or record.fields.get("what") != world.entries.get(op.id)):
            raise Violation(f"the entry of #{op.number} of {op.device} is not as it was made: {record}")


def _fields(op: Op) -> dict[str, Any]:
    return op.seen["fields"] if op.seen else {}
