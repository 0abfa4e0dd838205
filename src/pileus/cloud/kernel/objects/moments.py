"""Moments at which everything in some areas is kept; everything here runs inside `db.read` or `db.write`.

An object that is deleted after a moment at which it lived is *held*: the sweep leaves it, and it counts in the
quota, until the last such moment is dropped; then it has the grace period of any deletion. Nothing is written for
what lives on, however many moments there are. Numbers, not times, say what came first: clocks are set back.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from pileus.cloud.kernel.quota import count

HOLDS = (
    "EXISTS (SELECT 1 FROM object_moment AS m WHERE m.account_id = object.account_id AND m.area = object.area"
    " AND m.number > object.born AND m.number <= object.held)"
)


def begin(conn: Connection, account_id: str, areas: Iterable[str], name: str) -> None:
    """From here on all that lives, or comes until it ends, is at the moment `name`."""
    for area in areas:
        key = {"account": account_id, "area": area}
        highest = text(
            "SELECT COALESCE(MAX(n), 0) FROM ("
            " SELECT MAX(number) AS n FROM object_moment WHERE account_id = :account AND area = :area UNION ALL"
            " SELECT MAX(born) FROM object WHERE account_id = :account AND area = :area UNION ALL"
            " SELECT MAX(held) FROM object WHERE account_id = :account AND area = :area) AS numbers"
        )
        number = int(conn.execute(highest, key).scalar_one()) + 1
        conn.execute(
            text(
                "INSERT INTO object_moment (account_id, area, id, number) VALUES (:account, :area, :id, :number)"
            ),
            {**key, "id": name, "number": number},
        )


def end(conn: Connection, account_id: str, name: str) -> None:
    """What comes later is not at the moment."""
    conn.execute(
        text("UPDATE object_moment SET ended = 1 WHERE account_id = :account AND id = :id"),
        {"account": account_id, "id": name},
    )


def drop(conn: Connection, account_id: str, name: str, now_ms: int) -> None:
    """Lets go of what was held for it alone, as if it were deleted now; nothing happens where there is none."""
    key = {"account": account_id, "id": name}
    mine = "object_moment WHERE account_id = :account AND id = :id"
    areas = list(conn.execute(text(f"SELECT area FROM {mine}"), key).scalars())  # noqa: S608 - constants
    conn.execute(text(f"DELETE FROM {mine}"), key)  # noqa: S608
    for area in areas:
        at = {"account": account_id, "area": area, "now": now_ms}
        free = f"account_id = :account AND area = :area AND held > 0 AND NOT {HOLDS}"
        size = conn.execute(text(f"SELECT COALESCE(SUM(size), 0) FROM object WHERE {free}"), at).scalar_one()  # noqa: S608
        conn.execute(text(f"UPDATE object SET held = 0, deleted_ms = :now WHERE {free}"), at)  # noqa: S608
        if size:
            count(conn, account_id, area, -int(size))


def open_ones(conn: Connection, account_id: str) -> set[str]:
    """Those that did not end."""
    query = text("SELECT id FROM object_moment WHERE account_id = :account AND ended = 0")
    return {str(name) for name in conn.execute(query, {"account": account_id}).scalars()}


def held_bytes(conn: Connection, account_id: str) -> int:
    """What was deleted and still counts in the quota, for moments alone."""
    query = text("SELECT COALESCE(SUM(size), 0) FROM object WHERE account_id = :account AND held > 0")
    return int(conn.execute(query, {"account": account_id}).scalar_one())


def last_ended(conn: Connection, account_id: str, area: str) -> int:
    """0 where there is none."""
    query = text(
        "SELECT COALESCE(MAX(number), 0) FROM object_moment"
        " WHERE account_id = :account AND area = :area AND ended = 1"
    )
    return int(conn.execute(query, {"account": account_id, "area": area}).scalar_one())


def last_of(conn: Connection, account_id: str, area: str, born: int) -> int:
    """The last moment at which an object that lives now was there; 0 where there is none."""
    at = {"account": account_id, "area": area, "born": born}
    query = text(
        "SELECT COALESCE(MAX(number), 0) FROM object_moment"
        " WHERE account_id = :account AND area = :area AND number > :born"
    )
    return int(conn.execute(query, at).scalar_one())
