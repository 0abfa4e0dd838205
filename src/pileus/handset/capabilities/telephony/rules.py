"""What becomes of what a modem says: no bus, no disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from pileus.core.telephone import EMERGENCY
from pileus.handset.bus import of_type, words

MOST_BODY = 60_000
"""Characters: 255 parts of 153 are 39,015 (3GPP TS 23.040 §9.2.3.24.1)."""
DAY_MS = 24 * 3600 * 1000
UNKNOWN = "?"
"""The address of who gives none."""
MOST_EMERGENCIES = 50
_EMERGENCY = re.compile(r"[0-9]{2,6}")
_SECONDS = re.compile(r"([+-]\d\d)$")
_NOT_DIALLED = re.compile(r"[\s().\-/\u2010-\u2015]+")
_DIALLED = re.compile(r"\+?[0-9*#]{1,40}")


def text_of(sms: Mapping[str, Any]) -> str:
    """A message's text; one of data alone says how much that is."""
    text = words(sms, "Text", MOST_BODY)
    data = of_type(sms.get("Data"), (bytes, list), b"")  # type: ignore[arg-type]
    return text or (f"⟨{len(data)} B⟩" if data else "")


def sender_of(sms: Mapping[str, Any]) -> str:
    """Who wrote: a number, or a name of letters."""
    return clean(words(sms, "Number", 80)) or UNKNOWN


def clean(text: str) -> str:
    """Without what cannot be printed."""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def sent_of(sms: Mapping[str, Any]) -> int:
    """When the network says that it was sent (ISO 8601; ModemManager writes hours alone as the zone), in ms since
    1970; 0 for unknown."""
    stamp = _SECONDS.sub(r"\1:00", words(sms, "Timestamp", 40))
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return max(0, int(moment.timestamp() * 1000))
    except (OverflowError, OSError, ValueError):
        return 0


def came_of(now_ms: int, sent_ms: int) -> int:
    """When a message came: by the handset's clock, unless that is behind the network by more than a day, as the
    clock of a phone is whose battery was empty."""
    return sent_ms if sent_ms - now_ms > DAY_MS else now_ms


def key_of(sms: Mapping[str, Any], card: str) -> str:
    """What tells a message of the modem from others when ModemManager has begun anew and counts anew."""
    data = of_type(sms.get("Data"), (bytes, list), b"")  # type: ignore[arg-type]
    parts = (card, words(sms, "Number", 200), words(sms, "Timestamp", 80), words(sms, "Text", MOST_BODY))
    hashed = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    hashed.update(bytes(one & 255 for one in data if isinstance(one, int)))
    return hashed.hexdigest()


def dialled(text: str) -> str:
    """A number as the modem takes it, "" for what is none."""
    found = _NOT_DIALLED.sub("", text)
    return found if _DIALLED.fullmatch(found) else ""


def is_emergency(text: str, of_card: Iterable[str] = ()) -> bool:
    return dialled(text) in EMERGENCY | emergencies(of_card)


def emergencies(of_card: Iterable[str]) -> set[str]:
    """The emergency numbers of a card (EF_ECC: three octets each, TS 31.102 §4.2.21); what is none is left out."""
    return {one for one in list(of_card)[:MOST_EMERGENCIES] if _EMERGENCY.fullmatch(one)}


def kind_of_call(incoming: bool, answered: bool, declined: bool, blocked: bool = False) -> str:
    """As the account's records say it."""
    if not incoming:
        return "out"
    return "in" if answered else "blocked" if blocked else "rejected" if declined else "missed"


def told(wish: Mapping[str, Any], shows: str) -> Mapping[str, Any] | None:
    """What a shell hears of a message that came: `all` of it, `who` sent it, that it `came`, or `nothing`."""
    if shows == "nothing":
        return None
    hidden = {"who": {"body"}, "came": {"body", "address"}}.get(shows, set())
    return {name: value for name, value in wish.items() if name not in hidden}


def outcome_of(phases: Mapping[str, str]) -> str:
    """What is told of a message by the phases of its people: `handed` may have left."""
    found = set(phases.values())
    if "cancelled" in found:
        return "unsent"
    if "handed" in found and not found & {"leased", "started"}:
        return "unknown"
    if found & {"leased", "started"}:
        return ""
    if "failed" in found:  # of a group some got it: its owner is asked, who may not want them to get it twice
        return "failed" if found == {"failed"} else "unknown"
    if found == {"delivered"}:
        return "delivered"
    return "sent" if found and found <= {"sent", "delivered"} else ""
