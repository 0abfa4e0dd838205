"""Failed tries in the database: they outlast a restart. All of it runs inside `db.read` or `db.write`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select, update

from pileus.cloud.kernel.accounts import rules
from pileus.cloud.kernel.db import tables
from pileus.cloud.kernel.db.dialect import upsert
from pileus.core.errors import Throttled


def keys(kind: str, name_key: str, address: str) -> dict[str, rules.Allowance]:
    """Of a try with an account's name from an address; `kind` tells such tries from those of sign-in ("")."""
    name = hashlib.sha256(name_key.encode()).hexdigest()
    return {
        f"{kind}pair:{name}:{address}": rules.PAIR,
        f"{kind}address:{address}": rules.ADDRESS,
        f"{kind}name:{name}": rules.NAME,
    }


def begin(conn: Connection, keys: Mapping[str, rules.Allowance], now_ms: int) -> None:
    """Counts a try as failed before anything is looked at; raises `Throttled` where one of its keys has to wait.

    Counted first, many at once do not get more of them than one after the other; `forgive` takes it back.
    """
    table = tables.sign_in_try
    conn.execute(delete(table).where(table.c.last_ms < now_ms - 2 * rules.WINDOW_MS))
    found = {
        row.key: rules.Tries(row.failures, row.last_ms, row.blocked_until_ms)
        for row in conn.execute(select(table).where(table.c.key.in_(keys)))
    }
    wait = max((rules.wait_ms(tries, now_ms) for tries in found.values()), default=0)
    if wait:
        seconds = math.ceil(wait / 1000)
        raise Throttled("sign-in-throttled", f"Too many tries: wait {seconds} seconds.", retry_after=seconds)
    for key, allowance in keys.items():
        tries = rules.failed(found.get(key, rules.Tries()), allowance, now_ms)
        values = {
            "failures": tries.failures,
            "last_ms": tries.last_ms,
            "blocked_until_ms": tries.blocked_until_ms,
        }
        conn.execute(
            upsert(conn, table)
            .values(key=key, **values)
            .on_conflict_do_update(index_elements=["key"], set_=values)
        )


def forgive(conn: Connection, keys: Iterable[str]) -> None:
    """Forgets the failures of keys: the right one was given."""
    conn.execute(delete(tables.sign_in_try).where(tables.sign_in_try.c.key.in_(list(keys))))


def touch(conn: Connection, keys: Iterable[str], now_ms: int) -> None:
    """A failure is known to be one now."""
    table = tables.sign_in_try
    conn.execute(update(table).where(table.c.key.in_(list(keys))).values(last_ms=now_ms))
