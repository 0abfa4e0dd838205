"""What a call between two accounts is, and what each side may do with it: no framework, no I/O.

The cloud carries words only: session descriptions (RFC 8866), candidates (RFC 8839, RFC 8838) and holding. Sound
goes between the two devices (WebRTC, RFC 8825), by a relay where there is no straight way.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

from pileus.core.errors import Conflict, Invalid, NotFound

State = Literal["calling", "ringing", "active", "ended"]
"""`calling`: no device of the other account has heard of it yet. `ringing`: one has."""
Side = Literal["caller", "callee"]
Reason = Literal["", "busy", "declined", "cancelled", "no-answer", "hung-up", "lost", "failed"]
"""Why it ended; `failed`: a device could not, for want of a microphone say."""
Kind = Literal["offer", "answer", "candidate", "hold"]

RING_MS = 45_000
"""For so long a call rings."""
LOST_MS = 40_000
"""A device that asked for nothing for so long has left its call."""
NOTED_MS = 5_000
"""That a device was heard is written down as often as this."""
KEPT_MS = 300_000
"""For so long it is known how a call ended."""
DESCRIPTION_LONGEST = 16 * 1024
"""Characters of a session description: one with sound alone has 1,000 to 4,000."""
CANDIDATE_LONGEST = 1024
MOST_AT_ONCE = 30
MOST_SIGNALS = 200
"""Of one side in a call."""
DESCRIPTION = re.compile(r"v=0\r?\n[\s\S]*")
HOLD = frozenset({"on", "off"})
ENDED_BY: frozenset[str] = frozenset({"hung-up", "lost", "failed"})


@dataclass(frozen=True)
class Call:
    """One call; `callee_device` is "" until one answered. Times are milliseconds since 1970, 0 for never."""

    id: str
    caller: str
    callee: str
    caller_device: str
    offer: str
    began_ms: int
    callee_device: str = ""
    state: State = "calling"
    reason: Reason = ""
    answered_ms: int = 0
    ended_ms: int = 0
    caller_heard_ms: int = 0
    callee_heard_ms: int = 0
    silent: int = 0
    """1 where the callee blocked the caller: it rings nowhere, and the caller hears what anybody does whom nobody
    answers."""


@dataclass(frozen=True)
class Logged:
    """What an account's list of calls says of it: `kind` and `duration_s` of a record `messages.call`."""

    account: str
    other: str
    kind: str
    duration_s: int


def id_of(account: str, chosen: str) -> str:
    """A call's id, of the one that its caller's device chose: nobody can take another account's."""
    return blake2b(f"{account}\0{chosen}".encode(), digest_size=16).hexdigest()


def thread_of(name: str) -> str:
    """The conversation with an account, as messages call it."""
    return "@" + " ".join(unicodedata.normalize("NFKC", name).strip().casefold().split())


def side_of(call: Call, account: str, device: str) -> Side:
    """Whose device asks; raises `NotFound` for anybody else, `Conflict` for one that another device stands for."""
    if account == call.caller:
        if device != call.caller_device:
            raise Conflict("call-elsewhere", "Another device of yours is in this call.")
        return "caller"
    if account != call.callee or call.silent:
        raise NotFound("no-call", "There is no such call.")
    if call.callee_device not in ("", device):
        raise Conflict("call-elsewhere", "Another device of yours answered.")
    return "callee"


def told(call: Call, side: Side) -> State:
    """How a side hears that it is. Whether a device of the callee's heard of it is not the caller's to know: one
    that is blocked would tell by it."""
    return "ringing" if side == "caller" and call.state == "calling" else call.state


def heard(call: Call, side: Side, now_ms: int) -> Call:
    """A device of a side asked for news. The first one of the callee's makes it ring at the caller's."""
    if call.state == "ended":
        return call
    if side == "caller":
        return replace(call, caller_heard_ms=now_ms) if now_ms >= call.caller_heard_ms + NOTED_MS else call
    if call.state == "calling":
        return replace(call, state="ringing", callee_heard_ms=now_ms)
    return replace(call, callee_heard_ms=now_ms) if now_ms >= call.callee_heard_ms + NOTED_MS else call


def answered(call: Call, device: str, now_ms: int) -> Call:
    """The callee's device takes it; the first one does. Asked again by that one it is the same answer."""
    if call.state == "ended":
        raise Conflict("call-over", "This call is over.")
    if call.state == "active":
        return call
    return replace(call, state="active", callee_device=device, answered_ms=now_ms, callee_heard_ms=now_ms)


def ended(call: Call, side: Side, wish: Reason, now_ms: int) -> Call:
    """A side is done with it; one that is over stays as it ended."""
    if call.state == "ended":
        return call
    reason: Reason = wish
    if call.state != "active" and wish == "hung-up":
        reason = "cancelled" if side == "caller" else "declined"
    return replace(call, state="ended", reason=reason, ended_ms=now_ms)


def due_ms(call: Call) -> int:
    """When it ends by itself unless something is heard; 0 for one that is over."""
    caller_gone = call.caller_heard_ms + LOST_MS
    if call.state == "ended":
        return 0
    if call.state == "active":
        return min(caller_gone, call.callee_heard_ms + LOST_MS)
    return min(caller_gone, call.began_ms + RING_MS)


def expired(call: Call, now_ms: int) -> Call:
    """As it is by now."""
    if call.state == "ended" or now_ms < due_ms(call):
        return call
    if call.state == "active":
        return replace(call, state="ended", reason="lost", ended_ms=now_ms)
    rang = now_ms >= call.began_ms + RING_MS
    return replace(call, state="ended", reason="no-answer" if rang else "cancelled", ended_ms=now_ms)


def forgotten(call: Call) -> Call:
    """As it is after the database was put back from an older copy: whatever came of it, it is over."""
    return replace(call, state="ended", reason="lost", ended_ms=call.answered_ms or call.began_ms)


def logs(call: Call) -> tuple[Logged, Logged]:
    """What the two accounts keep of a call that is over."""
    if call.answered_ms:
        spoken = max(0, call.ended_ms - call.answered_ms) // 1000
        return Logged(call.caller, call.callee, "out", spoken), Logged(call.callee, call.caller, "in", spoken)
    kind = "blocked" if call.silent else "rejected" if call.reason == "declined" else "missed"
    return Logged(call.caller, call.callee, "out", 0), Logged(call.callee, call.caller, kind, 0)


def check_description(text: str) -> None:
    """Refuses what is no session description, or one that is too long."""
    if len(text) > DESCRIPTION_LONGEST:
        raise Invalid("call-description", f"A session description has at most {DESCRIPTION_LONGEST} characters.")
    if not DESCRIPTION.fullmatch(text):
        raise Invalid("call-description", "A session description begins with v=0.")


def check_signal(kind: Kind, body: str) -> None:
    """Refuses what the other side's device should not have to look at."""
    if kind in ("offer", "answer"):
        check_description(body)
    elif kind == "hold" and body not in HOLD:
        raise Invalid("call-signal", "Holding is on or off.")
    elif len(body) > CANDIDATE_LONGEST:
        raise Invalid("call-signal", f"A candidate has at most {CANDIDATE_LONGEST} characters.")
    elif kind == "candidate" and body and not _is_object(body):
        raise Invalid("call-signal", "A candidate is a JSON object, or nothing for the last one.")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
