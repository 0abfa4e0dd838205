"""How an outgoing message goes through a handset at most once: pure rules, no framework, no I/O.

A handset takes a *lease*, says that it *starts*, hands the message to its modem, and *reports*. Until the start
nothing has left: a lease that ends makes the message wait again. From the start on it may have left: a message
whose start ends without a report is `unknown`, and only its owner's word lets it go again. A handset may hand over
for `HAND_OVER_MS` after it asked to start, by its own clock; the start ends `SEND_MS` after it was granted, so
that no handset hands over what its owner was asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pileus.core.errors import Conflict, Invalid

MOST_SIMS = 8
SIM_ID = 100
"""Characters of a card's id."""
LEASE_MS = 60_000
HAND_OVER_MS = 30_000
SEND_MS = 120_000
"""From the start to the report; sending over the air takes seconds."""

Phase = Literal["queued", "leased", "sending", "sent", "delivered", "failed", "unknown", "cancelled"]
Outcome = Literal["released", "sent", "delivered", "failed", "unknown"]
Decision = Literal["again", "sent", "cancel"]

STATES: dict[Phase, str] = {
    "queued": "queued",
    "leased": "queued",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
    "unknown": "unknown",
    "cancelled": "unsent",
}
"""What the message's record says."""

# What a handset may report in which phase; a repetition of what is known already is no mistake.
_REPORTS: dict[Outcome, tuple[frozenset[Phase], Phase]] = {
    "released": (frozenset({"leased"}), "queued"),
    "sent": (frozenset({"sending", "unknown"}), "sent"),
    "delivered": (frozenset({"sending", "unknown", "sent"}), "delivered"),
    "failed": (frozenset({"leased", "sending", "unknown", "sent"}), "failed"),
    "unknown": (frozenset({"sending"}), "unknown"),
}
_LATER: dict[Outcome, frozenset[Phase]] = {
    "sent": frozenset({"sent", "delivered"}),
    "delivered": frozenset({"delivered"}),
    "failed": frozenset({"failed"}),
    "unknown": frozenset({"unknown", "sent", "delivered"}),
    "released": frozenset(),
}
_DECISIONS: dict[Decision, tuple[frozenset[Phase], Phase]] = {
    "again": (frozenset({"unknown", "failed", "cancelled"}), "queued"),
    "sent": (frozenset({"unknown"}), "sent"),
    "cancel": (frozenset({"queued", "leased", "unknown", "failed"}), "cancelled"),
}


@dataclass(frozen=True)
class Sending:
    """One outgoing message. `sim` "" lets any card send it; `starts` counts how often a modem may have got it."""

    phase: Phase = "queued"
    sim: str = ""
    device: str = ""
    token: str = ""
    until_ms: int = 0
    starts: int = 0

    @property
    def state(self) -> str:
        return STATES[self.phase]


def expired(one: Sending, now_ms: int) -> Sending:
    """The message once what has ended by now has ended. The token of a start stays: a late report is welcome."""
    if one.phase == "leased" and one.until_ms <= now_ms:
        return replace(one, phase="queued", device="", token="", until_ms=0)
    if one.phase == "sending" and one.until_ms <= now_ms:
        return replace(one, phase="unknown", until_ms=0)
    return one


def forgotten(one: Sending) -> Sending:
    """The message after the database was put back from an older copy: what was to leave may have left since."""
    if one.phase in ("queued", "leased", "sending"):
        return replace(one, phase="unknown", until_ms=0)
    return one


def leased(one: Sending, device: str, sims: frozenset[str], token: str, now_ms: int) -> Sending | None:
    """The message in the hands of a handset; None where it does not wait, or for another card.

    A handset that asks again has lost what it was given: it gets it anew, and the token of before counts no more.
    """
    now = expired(one, now_ms)
    waits = now.phase == "queued" or (now.phase == "leased" and now.device == device)
    if not waits or not sims or (now.sim and now.sim not in sims):
        return None
    return replace(now, phase="leased", device=device, token=token, until_ms=now_ms + LEASE_MS)


def started(one: Sending, token: str, now_ms: int) -> Sending:
    """The message just before it goes to the modem; asked again it is the same start. Raises `Conflict`."""
    now = expired(one, now_ms)
    if not token or now.token != token or now.phase not in ("leased", "sending"):
        raise Conflict("lease-lost", "This message is not this handset's to send any more.")
    if now.phase == "sending":
        return now
    return replace(now, phase="sending", until_ms=now_ms + SEND_MS, starts=now.starts + 1)


def reported(one: Sending, token: str, outcome: Outcome, now_ms: int) -> Sending:
    """The message after what its handset says; late news of the last start count too. Raises `Conflict`."""
    now = expired(one, now_ms)
    if not token or now.token != token:
        raise Conflict("lease-lost", "This message is not this handset's to send any more.")
    if now.phase in _LATER[outcome]:
        return now
    before, after = _REPORTS[outcome]
    if now.phase not in before:
        raise Conflict("report-late", f"The message is {now.phase}: it cannot be {outcome} now.")
    if after == "queued":
        return replace(now, phase="queued", device="", token="", until_ms=0)
    return replace(now, phase=after, until_ms=0)


def decided(one: Sending, decision: Decision, now_ms: int) -> Sending:
    """The message after its owner's word. Raises `Conflict` where there is nothing to decide."""
    now = expired(one, now_ms)
    before, after = _DECISIONS[decision]
    if now.phase not in before:
        raise Conflict("nothing-to-decide", f"The message is {now.phase}: that cannot be decided now.")
    if decision == "sent":
        return replace(now, phase=after)
    return replace(now, phase=after, device="", token="", until_ms=0)


def unsendable(one: Sending) -> Sending:
    """The message where an attachment of its own is kept no more: without it it does not leave."""
    return replace(one, phase="failed", device="", token="", until_ms=0)


def check_sims(sims: list[str]) -> None:
    """A handset has a few cards, each with a name of its own."""
    unlike = len(set(sims)) == len(sims)
    if len(sims) > MOST_SIMS or not unlike or any(not 1 <= len(one) <= SIM_ID for one in sims):
        raise Invalid(
            "handset-sims",
            f"A handset has at most {MOST_SIMS} cards, each with an id of 1 to {SIM_ID} characters.",
        )
