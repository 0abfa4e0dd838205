"""What the rules of accounts ask, as the OpenAPI document says it; `rules.py` and its neighbours refuse."""

from __future__ import annotations

from typing import Annotated

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.accounts.members import MOST_BYTES
from pileus.core import stated

_BETWEEN = "".join(f"\\{one}" if one in ".-" else one for one in rules.BETWEEN)

AccountName = Annotated[
    str, stated.text(1, rules.NAME_LENGTH, rf"[\p{{L}}\p{{N}}](?:[{_BETWEEN}]?[\p{{L}}\p{{N}}]|\p{{M}})*")
]
VisibleName = Annotated[str, stated.text(1, rules.NAME_LENGTH, r"\P{C}*[^\p{C}\p{Z}]\P{C}*")]
NewPassword = Annotated[str, stated.text(rules.PASSWORD_SHORTEST, rules.PASSWORD_LONGEST, format="password")]
QuotaBytes = Annotated[int, stated.number(0, MOST_BYTES)]
