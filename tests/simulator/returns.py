"""Nothing that an owner deleted, cut or emptied comes back, unless somebody who did not know changed it too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .world import Op, Violation, World

Records = dict[tuple[str, str], Any]


def check_returns(world: World, records: Records) -> None:
    """Raises `Violation` with a sentence that names what came back."""
    for (collection, record_id), record in records.items():
        if collection != "sim.note":
            continue
        ops = [op for op in world.ops.values() if (op.collection, op.id) == (collection, record_id)]
        body = _tokens(record.fields)
        _check_strangers(record.fields, body, ops)
        _check_emptied(record.fields, ops)
        if not any(op.act["kind"] == "delete" for op in ops):
            _check_cuts(body, ops)
            _check_sight(ops)
        for deletion, seq in _deaths(world, ops):
            _check_death(deletion, seq, record.fields, body, ops)


def _check_strangers(fields: dict[str, Any], body: list[str], ops: list[Op]) -> None:
    """What is there was put there, in this field of this record, and once."""
    inserted = {op.token for op in ops if op.act["kind"] == "insert"}
    if len(set(body)) != len(body) or not set(body) <= inserted:
        raise Violation(f"strange: the text of {ops[0].id if ops else '?'} is {body}")
    for name, value in fields.items():
        put = {op.act["fields"].get(name) for op in ops if op.act["kind"] == "put"}
        if name != "body" and value not in put:
            raise Violation(f"strange: nobody put {name} = {value}")


def _check_emptied(fields: dict[str, Any], ops: list[Op]) -> None:
    for op in ops:
        if op.act["kind"] != "put" or not op.acknowledged:
            continue
        for name, value in op.act["fields"].items():
            seen = _seen(op).get(name)
            if value is None and seen is not None and fields.get(name) == seen:
                raise Violation(f"came back: {name} = {seen}, which #{op.number} of {op.device} took away")


def _check_cuts(body: list[str], ops: list[Op]) -> None:
    for op in ops:
        token = op.act.get("token")
        if op.act["kind"] == "cut" and op.acknowledged and token in _tokens(_seen(op)) and token in body:
            raise Violation(f"came back: {token}, which #{op.number} of {op.device} cut")


def _check_sight(ops: list[Op]) -> None:
    """What a device showed of a record that nobody deletes it goes on showing, and never an older state."""
    shown: dict[tuple[str, int], int] = {}
    for op in ops:
        if not op.looked:
            continue
        last = shown.get((op.device, op.life))
        seq = op.seen["seq"] if op.seen else -1
        if last is not None and seq < last:
            raise Violation(f"went back: {op.device} showed {op.id} of {last}, then at #{op.number} of {seq}")
        shown[op.device, op.life] = seq


def _check_death(deletion: Op, seq: int, fields: dict[str, Any], body: list[str], ops: list[Op]) -> None:
    """A deletion takes away what its maker saw, unless somebody else's change came between."""
    seen = _seen(deletion)
    again = {token for token in _tokens(seen) if token in body}
    again |= {value for name, value in seen.items() if name != "body" and fields.get(name) == value}
    # The device's own clock may show the same value twice; a token is put once.
    again &= {op.token for op in ops}
    if again and not any(_unaware(op, deletion, seq) for op in ops):
        raise Violation(f"came back: {sorted(again)}, deleted by #{deletion.number} of {deletion.device}")


def _unaware(op: Op, deletion: Op, seq: int) -> bool:
    """Whether a change and a deletion may have been made without knowing of each other."""
    if op.act["kind"] in ("delete", "look"):
        return False
    if not op.looked or op.act.get("open"):
        return True  # an open editor holds what it once showed
    if (op.device, op.life) == (deletion.device, deletion.life):
        return False
    shown = _seen(deletion)
    known = op.token in _tokens(shown) or op.token in shown.values()
    return not known and op.told < seq


def _deaths(world: World, ops: list[Op]) -> Iterator[tuple[Op, int]]:
    """Deletions that held, with the number of each; those whose mutation cannot be told are left out."""
    for device in {op.device for op in ops}:
        made = [op for op in ops if op.device == device and op.act["kind"] == "delete"]
        sent = world.deletions.get((device, ops[0].collection, ops[0].id), {})
        # Deletions never join, and go up in the order of making; a crash may have taken some.
        for choice in (made, [op for op in made if op.acknowledged]):
            if len(choice) == len(sent):
                for op, outcome in zip(choice, sent.values(), strict=True):
                    if op.looked and outcome["status"] == "applied":
                        yield op, outcome["seq"]
                break


def _seen(op: Op) -> dict[str, Any]:
    return op.seen["fields"] if op.seen else {}


def _tokens(fields: dict[str, Any]) -> list[str]:
    return [token for token in str(fields.get("body", "")).split(";") if token]
