"""Calls in the database, and what devices of both accounts hear of them. Runs inside `db.read` or `db.write`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Fields, PileusError, PushNote, ServiceContext, hear_restore
from pileus.cloud.services.calls import rules
from pileus.cloud.services.calls.rules import Call, Kind, Side
from pileus.core.errors import Conflict, Invalid, NotFound, TooLarge

LINE = "calls.line"
"""One record an account: who rings. Its devices sync it, and the doorbell says that it changed."""
LINE_ID = "line"
LOG = "messages.call"
BLOCKS = "messages.block"
MOST_BLOCKS = 5000
_COLUMNS = tuple(Call.__dataclass_fields__)
_LIST = ", ".join(_COLUMNS)


class Signal(msgspec.Struct, frozen=True):
    """What the other side says; `number` rises."""

    number: int
    kind: Kind
    body: str


def find(conn: Connection, call_id: str, account: str) -> Call:
    """By its id, or by the one that the account chose for it: whoever began it may not know the other one.
    Raises `NotFound`."""
    found = _calls(conn, "id = ?", call_id) or _calls(conn, "id = ?", rules.id_of(account, call_id))
    if not found:
        raise NotFound("no-call", "There is no such call.")
    return found[0]


def busy(conn: Connection, account_id: str) -> list[Call]:
    """Calls of an account that are not over; whom it blocked it does not hear."""
    where = "state <> 'ended' AND (caller = ? OR (callee = ? AND silent = 0))"
    return _calls(conn, where, account_id, account_id)


def blocks(conn: Connection, ctx: ServiceContext, account_id: str, name: str) -> bool:
    """Whether an account does not want to hear of one of this name."""
    listed = ctx.journal.records(conn, account_id, BLOCKS, limit=MOST_BLOCKS)
    own = rules.thread_of(name)
    return any(
        rules.thread_of(str(one.fields.get("address", "")).strip().removeprefix("@")) == own for one in listed
    )


def begin(
    conn: Connection,
    ctx: ServiceContext,
    account: str,
    device: str,
    chosen: str,
    to: str,
    offer: str,
    now_ms: int,
    admit: Callable[[str], None],
) -> Call:
    """A new call, ringing at the other's devices or over at once, since they speak with somebody else.

    Asked again it is the same one. Raises `NotFound` for whom no call can reach, `Conflict` while another device
    of the account is in a call, and what `admit` raises of an account that is to be called.
    """
    call_id = rules.id_of(account, chosen)
    known = _calls(conn, "id = ?", call_id)
    if known:
        return known[0]
    callee = ctx.directory.find(conn, to)
    if callee is None or callee.disabled:
        raise NotFound("no-account", f"There is no account {to[:80]!r}.")
    if callee.id == account:
        raise Invalid("call-self", "A call goes to somebody else.")
    admit(callee.id)
    for one in busy(conn, account):
        # Of this device, whose page is not the same any more.
        if (one.caller, one.caller_device) == (account, device):
            end(conn, ctx, one, "caller", "hung-up", now_ms)
        elif (one.callee, one.callee_device) == (account, device):
            end(conn, ctx, one, "callee", "hung-up", now_ms)
        else:
            raise Conflict("call-under-way", "You are in a call already.")
    silent = blocks(conn, ctx, callee.id, ctx.directory.name(conn, account))
    call = Call(call_id, account, callee.id, device, offer, now_ms, caller_heard_ms=now_ms, silent=int(silent))
    # Whom the caller blocked and who calls it is free for it, as one is whose call nobody hears of.
    taken = [one for one in busy(conn, callee.id) if not (one.silent and one.callee == account)]
    _save(conn, call)
    if silent:
        return call
    if taken:
        return _over(conn, ctx, replace(call, state="ended", reason="busy", ended_ms=now_ms))
    _ring(conn, ctx, call)
    return call


def hear(conn: Connection, call: Call, side: Side, now_ms: int) -> Call:
    """A side's device asked for news. That the callee's did is no news for the caller."""
    after = rules.heard(call, side, now_ms)
    if after is not call:
        _save(conn, after)
    return after


def answer(conn: Connection, ctx: ServiceContext, call: Call, device: str, description: str, now_ms: int) -> Call:
    """Taken by one of the callee's devices: the others ring no more, and the caller gets its description. Asked
    again with the same one it is the same answer; another one is another page's."""
    after = rules.answered(call, device, now_ms)
    if after is call:
        if not _said(conn, call, "callee", "answer", description):
            raise Conflict("call-elsewhere", "Another page of this device answered.")
        return call
    _save(conn, after)
    _tell(conn, call.id, "callee", [("answer", description)])
    _quiet(conn, ctx, after)
    _wake(conn, ctx, call.caller)
    return after


def signal(
    conn: Connection, ctx: ServiceContext, call: Call, side: Side, said: Sequence[tuple[Kind, str]]
) -> None:
    """What a side's device tells the other's."""
    if call.state == "ended":
        raise Conflict("call-over", "This call is over.")
    if side == "callee" and call.state != "active":
        raise Conflict("call-not-answered", "Answer the call first.")
    _tell(conn, call.id, side, said)
    _wake(conn, ctx, call.callee if side == "caller" else call.caller)


def end(conn: Connection, ctx: ServiceContext, call: Call, side: Side, reason: rules.Reason, now_ms: int) -> Call:
    after = rules.ended(call, side, reason, now_ms)
    return after if after is call else _over(conn, ctx, after)


def signals(conn: Connection, call: Call, side: Side, after: int) -> list[Signal]:
    """What the other side said since; nothing before this one answered."""
    found = conn.exec_driver_sql(
        "SELECT number, kind, body FROM calls_signal WHERE call = ? AND side <> ? AND number > ? ORDER BY number",
        (call.id, side, after),
    )
    return [Signal(row.number, row.kind, row.body) for row in found]


def due(conn: Connection) -> int | None:
    """When the next call ends by itself, unless something is heard, or one that is over is forgotten."""
    ends = [rules.due_ms(call) for call in _calls(conn, "state <> 'ended'")]
    over = conn.exec_driver_sql("SELECT MIN(ended_ms) FROM calls_call WHERE state = 'ended'").scalar()
    return min([*ends, *([int(over) + rules.KEPT_MS] if over is not None else [])], default=None)


def resume(conn: Connection, ctx: ServiceContext, now_ms: int) -> None:
    """As the cloud begins, which could hear nobody while it was away: who speaks is given the time anew."""
    conn.exec_driver_sql(
        "UPDATE calls_call SET caller_heard_ms = ?, callee_heard_ms = ? WHERE state = 'active'", (now_ms, now_ms)
    )
    expire(conn, ctx, now_ms)


def expire(conn: Connection, ctx: ServiceContext, now_ms: int) -> None:
    """Ends what nobody answers or asks after, and forgets what ended a while ago. After the database was put back
    from an older copy no call in it goes on."""
    restored = hear_restore(conn, "calls")
    for call in _calls(conn, "state <> 'ended'"):
        after = rules.forgotten(call) if restored else rules.expired(call, now_ms)
        if after is not call:
            _over(conn, ctx, after)
    old = (now_ms - rules.KEPT_MS,)
    conn.exec_driver_sql("DELETE FROM calls_call WHERE state = 'ended' AND ended_ms <= ?", old)


def leave(conn: Connection, account_id: str) -> int:
    """Rows of an account that is being erased."""
    mine = (account_id, account_id)
    conn.exec_driver_sql(
        "DELETE FROM calls_signal WHERE call IN (SELECT id FROM calls_call WHERE caller = ? OR callee = ?)", mine
    )
    return conn.exec_driver_sql("DELETE FROM calls_call WHERE caller = ? OR callee = ?", mine).rowcount


def _over(conn: Connection, ctx: ServiceContext, call: Call) -> Call:
    _save(conn, replace(call, offer=""))
    conn.exec_driver_sql("DELETE FROM calls_signal WHERE call = ?", (call.id,))
    _quiet(conn, ctx, call)
    for logged in rules.logs(call):
        _log(conn, ctx, call, logged)
    for account in (call.caller, call.callee):
        _wake(conn, ctx, account)
    return call


def _log(conn: Connection, ctx: ServiceContext, call: Call, logged: rules.Logged) -> None:
    """Into the account's list of calls, once; an account without room has no list of this one."""
    name = ctx.directory.name(conn, logged.other)
    missed = logged.kind == "missed"
    fields: Fields = {
        "address": "@" + name,
        "thread": rules.thread_of(name),
        "date_ms": call.began_ms,
        "kind": logged.kind,
        "duration_s": logged.duration_s,
        "seen": not missed,
    }
    try:
        with conn.begin_nested():
            ctx.journal.add(conn, logged.account, "", LOG, {f"call-{call.id}": fields})
    except PileusError:
        pass
    if missed:
        told = {"from": "@" + name, "date_ms": call.began_ms}
        ctx.push.tell(conn, logged.account, PushNote("missed-call", _tag(name), told, urgency="high"))


def _ring(conn: Connection, ctx: ServiceContext, call: Call) -> None:
    name = ctx.directory.name(conn, call.caller)
    told = {"call": call.id, "from": "@" + name, "began_ms": call.began_ms}
    ctx.journal.put(conn, call.callee, LINE, LINE_ID, told)
    note = PushNote("call", _tag(name), told, ttl_seconds=rules.RING_MS // 1000, urgency="high")
    ctx.push.tell(conn, call.callee, note)


def _quiet(conn: Connection, ctx: ServiceContext, call: Call) -> None:
    """Nobody rings at the callee's, as far as it was this call that did."""
    line = ctx.journal.record(conn, call.callee, LINE, LINE_ID)
    if line is None or line.fields.get("call") != call.id:
        return
    ctx.journal.put(conn, call.callee, LINE, LINE_ID, {"call": "", "from": "", "began_ms": 0})
    if call.answered_ms or call.reason == "declined":
        name = ctx.directory.name(conn, call.caller)
        told = {"call": call.id, "from": "@" + name, "answered": bool(call.answered_ms)}
        note = PushNote("call-over", _tag(name), told, ttl_seconds=rules.RING_MS // 1000)
        ctx.push.tell(conn, call.callee, note)


def _tag(name: str) -> str:
    return f"missed-{rules.thread_of(name)}"


def _tell(conn: Connection, call_id: str, side: Side, said: Sequence[tuple[Kind, str]]) -> None:
    last, own = conn.exec_driver_sql(
        "SELECT COALESCE(MAX(number), 0), COALESCE(SUM(CASE WHEN side = ? THEN 1 ELSE 0 END), 0)"
        " FROM calls_signal WHERE call = ?",
        (side, call_id),
    ).one()
    if int(own) + len(said) > rules.MOST_SIGNALS:
        raise TooLarge("call-signals", f"One side of a call says at most {rules.MOST_SIGNALS} things.")
    for number, (kind, body) in enumerate(said, int(last) + 1):
        conn.exec_driver_sql(
            "INSERT INTO calls_signal (call, number, side, kind, body) VALUES (?, ?, ?, ?, ?)",
            (call_id, number, side, kind, body),
        )


def _said(conn: Connection, call: Call, side: Side, kind: Kind, body: str) -> bool:
    query = "SELECT 1 FROM calls_signal WHERE call = ? AND side = ? AND kind = ? AND body = ?"
    return conn.exec_driver_sql(query, (call.id, side, kind, body)).first() is not None


def _wake(conn: Connection, ctx: ServiceContext, account: str) -> None:
    ctx.db.after_commit(conn, lambda: ctx.events.ring(account))


def _calls(conn: Connection, where: str, *values: str) -> list[Call]:
    query = f"SELECT {_LIST} FROM calls_call WHERE {where}"  # noqa: S608 - constants
    return [Call(*row) for row in conn.exec_driver_sql(query, values)]


def _save(conn: Connection, call: Call) -> None:
    values = asdict(call)
    marks = ", ".join("?" for _ in _COLUMNS)
    kept: Iterable[str] = (one for one in _COLUMNS if one != "id")
    conn.exec_driver_sql(
        f"INSERT INTO calls_call ({_LIST}) VALUES ({marks})"  # noqa: S608 - constants
        f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{one} = excluded.{one}' for one in kept)}",
        tuple(values[one] for one in _COLUMNS),
    )
