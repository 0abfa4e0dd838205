"""Outgoing messages in the database. Runs inside `db.read` or `db.write`, each change in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import Directory, Fields, Journal, Push, PushNote, hear_restore
from pileus.cloud.services.messages import letters, sending
from pileus.cloud.services.messages.blocks import blocked
from pileus.cloud.services.messages.rules import CLOUD, Message, Part
from pileus.cloud.services.messages.sending import Sending
from pileus.cloud.services.messages.store import COLLECTION
from pileus.core import stated
from pileus.core.errors import Conflict, Invalid, NotFound, QuotaExceeded

SHOWN = 300
"""Characters of a message that a notification has."""
ONLINE_MS = 90_000
"""A handset that was heard of so long ago is there."""
_COLUMNS = "phase, sim, device, token, until_ms, starts"


class Sim(msgspec.Struct, frozen=True):
    """A card of a handset; `id` is whatever the handset calls it, the same at each start."""

    id: Annotated[str, stated.text(1, sending.SIM_ID)]
    label: str = ""
    number: str = ""


class KnownSim(msgspec.Struct, frozen=True):
    id: str
    label: str
    number: str
    device: str
    online: bool


class Attached(msgspec.Struct, frozen=True):
    """An attachment; its place in the list is its number in `GET /messages/{message}/parts/{number}`."""

    type: str
    size: int
    sha256: str
    name: str


class Leased(msgspec.Struct, frozen=True):
    """A message that this handset may send, until `until_ms` by the cloud's clock; with all of its `parts`."""

    message: str
    token: str
    people: list[str]
    body: str
    sim: str
    until_ms: int
    parts: list[Attached] = []


def state_of(
    conn: Connection, journal: Journal, account_id: str, record: str, message: Message, now_ms: int
) -> str | None:
    """What became of a message of this id that was asked for before; None for a new one.

    Raises `Conflict` where it was deleted since. To be asked before anything that a new message alone needs, such
    as its pictures or the people's accounts, and is gone by then: a device whose answer was lost asks again, knows
    of no deletion, and would take that for a refusal.
    """
    present = journal.record(conn, account_id, COLLECTION, record)
    if present is not None and message.via:
        return str(present.fields.get("state"))
    if present is not None:
        known = _find(conn, account_id, record)
        if known is not None:
            return sending.expired(known, now_ms).state
        raise Conflict("message-known", "There is another message of this id.")
    if journal.used(conn, account_id, COLLECTION, record):
        raise Conflict("message-known", "There was a message of this id, which is deleted.")
    return None


def queue(
    conn: Connection, journal: Journal, account_id: str, record: str, message: Message, region: str, now_ms: int
) -> str:
    """A new message that waits for a handset; asked again it is the same one. Its state."""
    known = state_of(conn, journal, account_id, record, message, now_ms)
    if known is not None:
        return known
    _make(conn, journal, account_id, record, {**message.fields(region), "state": "queued"})
    _save(conn, account_id, record, Sending(sim=message.sim), now_ms)
    return "queued"


def addressed(
    conn: Connection,
    journal: Journal,
    directory: Directory,
    account_id: str,
    record: str,
    message: Message,
    now_ms: int,
) -> str | dict[str, str]:
    """Those that a new message to accounts of this cloud goes to, by id the names that they are written to by,
    once what it costs its sender is counted; its state where it was asked for before.

    Raises `Conflict` where it was and is deleted, `NotFound` for a name that no account has, `Throttled` for more
    than one may write to another in a day.
    """
    known = state_of(conn, journal, account_id, record, message, now_ms)
    if known is not None:
        return known
    names = message.people or (message.address,)
    found = [directory.find(conn, name.removeprefix("@")) for name in names]
    # Before all else: beside one's own name, nobody hears of a try whether another one is somebody's.
    if any(one is not None and one.id == account_id for one in found):
        raise Invalid("message-self", "A message goes to somebody else.")
    receivers: dict[str, str] = {}
    for name, one in zip(names, found, strict=True):
        if one is None:
            raise NotFound("no-account", f"There is no account {name[:80]!r}.")
        receivers[one.id] = "@" + one.name
    size, pictures = len(message.body.encode("utf-8", "surrogatepass")), sum(one.size for one in message.parts)
    for receiver in receivers:
        letters.spend(conn, account_id, receiver, size, now_ms, pictures)
    return receivers


def hand_over(
    conn: Connection,
    journal: Journal,
    directory: Directory,
    push: Push,
    account_id: str,
    record: str,
    message: Message,
    receivers: Mapping[str, str],
    copies: Mapping[str, tuple[Part, ...]],
) -> str:
    """A new message to the accounts that `addressed` told, delivered in this transaction, where push is told, too;
    asked again it is the same one. `copies`: its parts as those have them that had room for them.

    One whose storage is full gets nothing, and its sender the state `failed`.
    """
    present = journal.record(conn, account_id, COLLECTION, record)
    if present is not None:
        return str(present.fields.get("state"))
    letter = _Letter(account_id, record, message, "@" + directory.name(conn, account_id), receivers, copies)
    full = [name for one, name in receivers.items() if not _arrived(conn, journal, push, letter, one)]
    people = tuple(receivers.values())
    sent = msgspec.structs.replace(message, address=people[0], people=people if len(people) > 1 else ())
    failed = {"state": "failed", "error": f"recipient-full {', '.join(full)}"} if full else {"state": "delivered"}
    _make(conn, journal, account_id, record, {**sent.fields(), **failed})
    return failed["state"]


def announce(conn: Connection, account_id: str, device: str, sims: Sequence[Sim], now_ms: int) -> None:
    """A handset's cards as they are now."""
    sending.check_sims([one.id for one in sims])
    conn.exec_driver_sql("DELETE FROM messages_sim WHERE account_id = ? AND device = ?", (account_id, device))
    for one in sims:
        conn.exec_driver_sql(
            "INSERT INTO messages_sim (account_id, device, sim, label, number, seen_ms) VALUES (?, ?, ?, ?, ?, ?)",
            (account_id, device, one.id, one.label[:100], one.number[:40], now_ms),
        )


def sims(conn: Connection, account_id: str, now_ms: int) -> list[KnownSim]:
    """The cards of the account's handsets, those that are there first."""
    found = conn.exec_driver_sql(
        "SELECT sim, label, number, device, seen_ms FROM messages_sim WHERE account_id = ?"
        " ORDER BY seen_ms DESC, device, sim",
        (account_id,),
    )
    return [
        KnownSim(row.sim, row.label, row.number, row.device, now_ms - row.seen_ms < ONLINE_MS) for row in found
    ]


def lease(
    conn: Connection, journal: Journal, account_id: str, device: str, tokens: Sequence[str], now_ms: int
) -> list[Leased]:
    """The oldest messages that this handset may send, at most one a token."""
    doubt_restored(conn, journal, now_ms)
    expire(conn, journal, now_ms, account_id)
    seen = conn.exec_driver_sql(
        "UPDATE messages_sim SET seen_ms = ? WHERE account_id = ? AND device = ? RETURNING sim",
        (now_ms, account_id, device),
    )
    cards = frozenset(str(row.sim) for row in seen)
    waiting = conn.exec_driver_sql(
        f"SELECT record, {_COLUMNS} FROM messages_sending WHERE account_id = ?"  # noqa: S608
        " AND (phase = 'queued' OR (phase = 'leased' AND device = ?)) ORDER BY made_ms, record",
        (account_id, device),
    ).all()
    given: list[Leased] = []
    for record, *columns in waiting:
        if len(given) == len(tokens):
            break
        after = sending.leased(Sending(*columns), device, cards, tokens[len(given)], now_ms)
        message = journal.record(conn, account_id, COLLECTION, record)
        if after is None:
            continue
        if message is None:  # deleted meanwhile: it is not sent
            _drop(conn, account_id, record)
            continue
        fields = message.fields
        parts = [msgspec.convert(one, Part) for one in fields.get("parts") or ()]
        if not all(one.object for one in parts):
            _keep(conn, journal, account_id, record, sending.unsendable(after), now_ms, {"error": "content-gone"})
            continue
        _save(conn, account_id, record, after, now_ms)
        people = list(fields.get("people") or [fields["address"]])
        attached = [Attached(one.type, one.size, one.sha256, one.name) for one in parts]
        given.append(Leased(record, after.token, people, fields["body"], after.sim, after.until_ms, attached))
    return given


def change(
    conn: Connection,
    journal: Journal,
    account_id: str,
    record: str,
    rule: Callable[[Sending], Sending],
    now_ms: int,
    more: Fields | None = None,
) -> str:
    """One step of a message by a rule; its state. Raises `NotFound`, and what the rule raises."""
    doubt_restored(conn, journal, now_ms)
    before = _find(conn, account_id, record)
    if before is None:
        raise NotFound("no-message", "There is no such outgoing message.")
    if journal.record(conn, account_id, COLLECTION, record) is None:
        _drop(conn, account_id, record)
        raise Conflict("lease-lost", "The message was deleted.")
    after = rule(before)
    _keep(conn, journal, account_id, record, after, now_ms, more)
    return after.state


@dataclass(frozen=True)
class SentAlone:
    """A message that a handset sent without its cloud. `state`: of the record; `error`: why it failed."""

    account_id: str
    device_id: str
    record: str
    token: str
    state: str
    sim: str
    error: str


def adopt(conn: Connection, journal: Journal, one: SentAlone, fields: Fields, now_ms: int) -> None:
    """Takes it in as if this cloud had had it sent: from now on it is reported of and decided about as any other.

    Asked again it is the same one, and what is newer of it counts; one that was deleted meanwhile stays so. Raises
    `Conflict` (`message-known`) where this cloud has another message of that id, or its owner had it sent anew.
    """
    account, record = one.account_id, one.record
    phase: sending.Phase = next(name for name, state in sending.STATES.items() if state == one.state)
    known = _find(conn, account, record)
    if journal.record(conn, account, COLLECTION, record) is None:
        if journal.used(conn, account, COLLECTION, record):
            return
        _make(conn, journal, account, record, fields)
        sent = Sending(phase, one.sim, one.device_id, one.token, starts=1)
        _save(conn, account, record, sent, now_ms)
        return
    if known is None or known.token != one.token:
        raise Conflict("message-known", "There is another message of this id.")
    if known.state != one.state:  # by its owner's word at the handset; one that was given here takes the token
        more: dict[str, Any] = {"error": one.error[:200] or None}
        _keep(conn, journal, account, record, replace(known, phase=phase), now_ms, more)


def expire(conn: Connection, journal: Journal, now_ms: int, account_id: str | None = None) -> int:
    """Ends leases and starts whose time is over, of one account or all; how many."""
    found = conn.execute(
        text(
            f"SELECT account_id, record, {_COLUMNS} FROM messages_sending"  # noqa: S608 - constants
            " WHERE (behind = 1 OR (phase IN ('leased', 'sending') AND until_ms <= :now))"
            " AND (:account IS NULL OR account_id = :account)"
        ),
        {"now": now_ms, "account": account_id},
    ).all()
    _turn_all(conn, journal, found, lambda one: sending.expired(one, now_ms), now_ms)
    return len(found)


def doubt_restored(conn: Connection, journal: Journal, now_ms: int) -> None:
    """Once after the database was put back: of all that waits or is on its way, the owners are asked."""
    if not hear_restore(conn, "messages"):
        return
    found = conn.exec_driver_sql(
        f"SELECT account_id, record, {_COLUMNS} FROM messages_sending"  # noqa: S608 - constants
        " WHERE phase IN ('queued', 'leased', 'sending')"
    ).all()
    _turn_all(conn, journal, found, sending.forgotten, now_ms)


@dataclass(frozen=True)
class _Letter:
    """A message on its way to accounts: by id the names that they are written to by."""

    account_id: str
    record: str
    message: Message
    sender: str
    receivers: Mapping[str, str]
    copies: Mapping[str, tuple[Part, ...]]


def _arrived(conn: Connection, journal: Journal, push: Push, letter: _Letter, receiver: str) -> bool:
    """Puts a message into another account; False where that has no room."""
    if letter.message.parts and receiver not in letter.copies:
        return False
    unwanted = blocked(conn, journal, receiver).has(letter.sender)
    others = [letter.sender, *(name for account, name in letter.receivers.items() if account != receiver)]
    name = blake2b(f"{letter.account_id}\x1f{letter.record}".encode(), digest_size=16).hexdigest()
    came = msgspec.structs.replace(
        letter.message,
        address=letter.sender,
        direction="in",
        read=unwanted,
        blocked=unwanted,
        people=tuple(others) if len(others) > 1 else (),
        contact=letter.sender.removeprefix("@"),
        parts=letter.copies.get(receiver, ()),
        sim="",
        via=CLOUD,
    )
    try:
        with conn.begin_nested():
            journal.put(conn, receiver, COLLECTION, f"from-{name}", came.fields())
    except QuotaExceeded:
        return False
    if not unwanted:  # of which the sender learns nothing
        push.tell(conn, receiver, note(came, came.fields()))
    return True


def note(came: Message, fields: Fields) -> PushNote:
    """What is told of a message that came, with its record's fields: the last one of a conversation takes the
    place of those before."""
    text = came.body[:SHOWN].encode("utf-8", "replace").decode()
    told: dict[str, Any] = {"from": came.contact or came.address, "text": text, "date_ms": came.date_ms}
    if came.parts:
        told["pictures"] = len(came.parts)
    return PushNote("message", f"message-{fields['thread']}", told, urgency="high")


def _make(conn: Connection, journal: Journal, account_id: str, record: str, fields: Fields) -> None:
    """The record of a new message; raises `Conflict` where it was there and was deleted since."""
    made = journal.add(conn, account_id, "", COLLECTION, {record: fields})
    for error in made.refused.values():
        raise error
    if made.present:
        raise Conflict("message-known", "There was a message of this id, which is deleted.")


def _turn_all(
    conn: Connection,
    journal: Journal,
    found: Iterable[Sequence[Any]],
    rule: Callable[[Sending], Sending],
    now_ms: int,
) -> None:
    for account, record, *columns in found:
        if journal.record(conn, account, COLLECTION, record) is None:
            _drop(conn, account, record)
        else:
            _keep(conn, journal, account, record, rule(Sending(*columns)), now_ms)


def _keep(
    conn: Connection,
    journal: Journal,
    account_id: str,
    record: str,
    after: Sending,
    now_ms: int,
    more: Fields | None = None,
) -> None:
    fields: dict[str, Any] = {**(more or {}), "state": after.state}
    behind = False
    try:
        with conn.begin_nested():
            journal.put(conn, account_id, COLLECTION, record, fields)
    except QuotaExceeded:
        behind = True  # what happened is known all the same; the record follows once there is room
    _save(conn, account_id, record, after, now_ms, behind=behind)


def _find(conn: Connection, account_id: str, record: str) -> Sending | None:
    row = conn.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM messages_sending WHERE account_id = ? AND record = ?",  # noqa: S608
        (account_id, record),
    ).first()
    return Sending(*row) if row is not None else None


def _save(
    conn: Connection, account_id: str, record: str, one: Sending, now_ms: int, *, behind: bool = False
) -> None:
    conn.exec_driver_sql(
        "INSERT INTO messages_sending (account_id, record, phase, sim, device, token, until_ms, starts, made_ms,"
        " behind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, record) DO UPDATE SET phase = excluded.phase,"
        " sim = excluded.sim, device = excluded.device, token = excluded.token, until_ms = excluded.until_ms,"
        " starts = excluded.starts, behind = excluded.behind",
        (
            account_id,
            record,
            one.phase,
            one.sim,
            one.device,
            one.token,
            one.until_ms,
            one.starts,
            now_ms,
            int(behind),
        ),
    )


def _drop(conn: Connection, account_id: str, record: str) -> None:
    conn.exec_driver_sql("DELETE FROM messages_sending WHERE account_id = ? AND record = ?", (account_id, record))
