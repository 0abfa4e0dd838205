"""What a modem and its network refuse, by the numbers of 3GPP TS 27.007 §9.2 and TS 27.005 §3.2.5."""

from __future__ import annotations

from pileus.core.errors import Invalid


class PduError(Invalid):
    """A protocol data unit that breaks TS 23.040; `code` says how."""

    code = "pdu"


class AtError(Exception):
    """A command is refused; the modem says so in the form that its terminal asked for (+CMEE)."""

    def __init__(self, code: int, text: str, *, prefix: str = "+CME ERROR") -> None:
        self.code, self.text, self.prefix = code, text, prefix
        super().__init__(f"{prefix}: {code} ({text})")


class PlainError(AtError):
    """ERROR without a number: the command or its form is not known."""

    def __init__(self) -> None:
        super().__init__(-1, "ERROR")


CME = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    16: "incorrect password",
    20: "memory full",
    21: "invalid index",
    22: "not found",
    30: "no network service",
    32: "network not allowed - emergency calls only",
    50: "incorrect parameters",
    100: "unknown",
    132: "service option not supported",
    133: "requested service option not subscribed",
    148: "unspecified GPRS error",
}
CMS = {
    1: "unassigned number",
    28: "unidentified subscriber",
    38: "network out of order",
    96: "invalid mandatory information",
    300: "ME failure",
    302: "operation not allowed",
    304: "invalid PDU mode parameter",
    305: "invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    316: "SIM PUK required",
    321: "invalid memory index",
    322: "memory full",
    331: "no network service",
    500: "unknown error",
}


def cme(code: int) -> AtError:
    return AtError(code, CME[code])


def cms(code: int) -> AtError:
    return AtError(code, CMS[code], prefix="+CMS ERROR")
