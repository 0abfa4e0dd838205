"""How often one account did something to another in a day (UTC), for what is bounded so. Inside `db.write`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

DAY_MS = 86_400_000


@dataclass(frozen=True)
class DayCount:
    """`table` (day, account_id, `other`, count) of a service; `other`: the column of whom it is done to."""

    table: str
    other: str

    def add(self, conn: Connection, account_id: str, other_id: str, now_ms: int) -> int:
        """Counts one more, and forgets the days before; how many there were today."""
        day = now_ms // DAY_MS
        conn.execute(text(f"DELETE FROM {self.table} WHERE day < :day"), {"day": day})  # noqa: S608 - constants
        counted = conn.execute(
            text(
                f"INSERT INTO {self.table} (day, account_id, {self.other}, count)"  # noqa: S608 - constants
                " VALUES (:day, :account, :other, 1)"
                f" ON CONFLICT (day, account_id, {self.other}) DO UPDATE SET count = {self.table}.count + 1"
                " RETURNING count"
            ),
            {"day": day, "account": account_id, "other": other_id},
        )
        return int(counted.scalar_one())
