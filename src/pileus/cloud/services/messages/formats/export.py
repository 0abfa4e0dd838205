"""Messages as a file of "SMS Backup & Restore" (see `xml`): what other programs read. No framework, no I/O."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from pileus.cloud.services.messages.formats.xml import CALL_TYPES, FROM, SELF

_STATES = {"received": "1", "sent": "2", "delivered": "2", "failed": "5", "unknown": "5"}
_CALLS = {kind: number for number, kind in CALL_TYPES.items()}
_TO = "151"
LOST = "\ufffd"
# What no XML 1.0 file may hold (§2.2): it becomes the sign for a lost character.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def head(root: str, count: int) -> str:
    return f"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<{root} count=\"{count}\">\n"


def foot(root: str) -> str:
    return f"</{root}>\n"


def message(fields: Mapping[str, Any], blobs: Sequence[bytes | None]) -> str:
    """One message; `blobs` are the bytes of its parts, None for one that is not there."""
    if fields.get("parts") or fields.get("people") or fields.get("subject"):
        return _mms(fields, blobs)
    direction, state = fields.get("direction"), fields.get("state", "")
    kind = "1" if direction == "in" else _STATES.get(state, "4")
    return _element(
        "sms",
        protocol="0",
        address=fields.get("address", ""),
        date=fields.get("date_ms", 0),
        type=kind,
        subject="null",
        body=fields.get("body", ""),
        read=int(fields.get("read", True)),
        status="0" if state == "delivered" else "-1",
        date_sent=fields.get("sent_ms", 0) if direction == "in" else 0,
        sub_id=fields.get("sim") or "-1",
        contact_name=fields.get("contact") or "(Unknown)",
    )


def draft(fields: Mapping[str, Any]) -> str:
    """One draft, to the first of its people: the format has none for groups."""
    people = fields.get("people") or [""]
    return _element(
        "sms",
        protocol="0",
        address=people[0],
        date=fields.get("changed_ms", 0),
        type="3",
        subject="null",
        body=fields.get("body", ""),
        read="1",
        status="-1",
        contact_name=fields.get("contact") or "(Unknown)",
    )


def call(fields: Mapping[str, Any]) -> str:
    return _element(
        "call",
        number=fields.get("address", ""),
        presentation="1" if fields.get("address") else "2",
        duration=fields.get("duration_s", 0),
        date=fields.get("date_ms", 0),
        type=_CALLS.get(fields.get("kind", ""), "1"),
        subscription_id=fields.get("sim") or "-1",
        contact_name=fields.get("contact") or "(Unknown)",
    )


def _mms(fields: Mapping[str, Any], blobs: Sequence[bytes | None]) -> str:
    came = fields.get("direction") == "in"
    people = [str(one) for one in fields.get("people") or [fields.get("address", "")]]
    start = _element(
        "mms",
        ">",
        date=fields.get("date_ms", 0),
        msg_box="1" if came else _STATES.get(fields.get("state", ""), "4"),
        address="~".join(people),
        sub=fields.get("subject") or "null",
        read=int(fields.get("read", True)),
        m_type="132" if came else "128",
        sub_id=fields.get("sim") or "-1",
        contact_name=fields.get("contact") or "(Unknown)",
    )
    parts = []
    if fields.get("body"):
        parts.append(_element("part", seq="0", ct="text/plain", name="null", cl="null", text=fields["body"]))
    for number, (part, data) in enumerate(zip(fields.get("parts") or (), blobs, strict=True), 1):
        if data is not None:
            name, encoded = part.get("name") or "null", base64.b64encode(data).decode()
            shown = {"seq": number, "ct": part["type"], "name": name, "cl": name, "text": "null"}
            parts.append(_element("part", **shown, data=encoded))
        elif part.get("object"):
            parts.append("  <!-- An attachment is not here: it could not be read. -->\n")
    sender = str(fields.get("address", "")) if came else SELF
    addresses = [_element("addr", address=sender, type=FROM, charset="106")]
    addresses += [_element("addr", address=one, type=_TO, charset="106") for one in people if one != sender]
    inner = "".join(["    <parts>\n", *parts, "    </parts>\n    <addrs>\n", *addresses, "    </addrs>\n"])
    return f"{start}{inner}  </mms>\n"


def _element(_tag: str, _end: str = " />", **attributes: object) -> str:
    written = [f"{name}={quoteattr(_FORBIDDEN.sub(LOST, str(value)))}" for name, value in attributes.items()]
    return f"  <{_tag} {' '.join(written)}{_end}\n"
