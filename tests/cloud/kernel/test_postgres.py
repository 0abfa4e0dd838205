"""What PostgreSQL alone can do wrong: a server that goes away, another form of database, another's words."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from pileus.cloud.app import build
from pileus.cloud.kernel.db import DatabaseUnusable
from pileus.cloud.kernel.db.dialect import TextIndex, translated
from pileus.cloud.kernel.db.migrations import statements
from pileus.cloud.kernel.db.postgres import DatabaseUnavailable, PostgresDatabase
from pileus.cloud.kernel.room import storage_failure
from pileus.core.errors import Invalid, StorageFull
from pileus.core.settings import Settings
from pileus.core.words import search_expression, tokens
from tests.postgres import PostgresServer, on_sqlite, postgres

database = on_sqlite  # each test chooses its own

WORDS = TextIndex("words_search", ("scope", "name", "body"))


@pytest.fixture
def name(postgres_server: PostgresServer) -> Iterator[str]:
    made = postgres_server.make()
    yield made
    postgres_server.drop(made)


@pytest.fixture
def db(postgres_server: PostgresServer, name: str) -> Iterator[PostgresDatabase]:
    one = PostgresDatabase(postgres_server.url(name))
    yield one
    one.close()


def add_one(conn: Connection) -> None:
    """A change that is lost where two see the same number."""
    number = conn.exec_driver_sql("SELECT number FROM counter").scalar_one()
    conn.exec_driver_sql("UPDATE counter SET number = ?", (number + 1,))


def test_two_processes_write_in_turn(postgres_server: PostgresServer, name: str) -> None:
    """Each `PostgresDatabase` stands for a process: they share nothing but the server."""
    both = [PostgresDatabase(postgres_server.url(name)) for _ in range(2)]
    try:
        both[0].write(lambda conn: conn.exec_driver_sql("CREATE TABLE counter (number BIGINT)") and None)
        both[0].write(lambda conn: conn.exec_driver_sql("INSERT INTO counter VALUES (0)") and None)
        threads = [
            threading.Thread(target=lambda one=one: [one.write(add_one) for _ in range(100)]) for one in both
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert both[1].read(lambda conn: conn.exec_driver_sql("SELECT number FROM counter").scalar_one()) == 200
    finally:
        for one in both:
            one.close()


def test_a_read_sees_one_moment_and_writes_nothing(db: PostgresDatabase) -> None:
    db.write(lambda conn: conn.exec_driver_sql("CREATE TABLE counter (number BIGINT)") and None)
    db.write(lambda conn: conn.exec_driver_sql("INSERT INTO counter VALUES (0)") and None)

    def look(conn: Connection) -> tuple[int, int]:
        number = text("SELECT number FROM counter")
        first = conn.execute(number).scalar_one()
        db.write(add_one)
        return first, conn.execute(number).scalar_one()

    assert db.read(look) == (0, 0)
    with pytest.raises(Exception, match="read-only transaction"):
        db.read(add_one)


def test_what_was_acknowledged_outlives_a_kill_of_all_its_processes() -> None:
    with postgres() as server:
        db = PostgresDatabase(server.url(server.make()))
        try:
            db.write(lambda conn: conn.exec_driver_sql("CREATE TABLE entry (number BIGINT)") and None)
            for life in range(3):
                acknowledged = life * 1000
                stopped = threading.Event()
                kept: list[int] = []

                def write(first: int = acknowledged, kept: list[int] = kept, stopped: Any = stopped) -> None:
                    for number in range(first, first + 1000):
                        try:
                            db.write(insert(number))
                        except DatabaseUnavailable:
                            stopped.set()
                            return
                        kept.append(number)

                writer = threading.Thread(target=write)
                writer.start()
                wait(lambda kept=kept: len(kept) > 20)
                server.kill()
                writer.join(60)
                assert stopped.is_set()
                with pytest.raises(DatabaseUnavailable):
                    db.read(lambda conn: conn.exec_driver_sql("SELECT 1"))
                server.start()
                db.write(insert(-1 - life))  # the writer comes back by itself
                there = db.read(lambda conn: set(conn.exec_driver_sql("SELECT number FROM entry").scalars()))
                assert set(kept) <= there
        finally:
            db.close()


def insert(number: int) -> Callable[[Connection], None]:
    return lambda conn: conn.exec_driver_sql("INSERT INTO entry VALUES (?)", (number,)) and None


def wait(condition: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(6000):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("it did not come true")


def test_a_database_of_another_form_is_refused_with_what_to_do(postgres_server: PostgresServer) -> None:
    postgres_server.ask("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    try:
        with pytest.raises(DatabaseUnusable, match=r"encoding LATIN1 and collation C;.*createdb --template"):
            PostgresDatabase(postgres_server.url("latin"))
    finally:
        postgres_server.drop("latin")


def test_a_server_that_is_away_is_named_without_the_password(settings: Settings) -> None:
    with pytest.raises(DatabaseUnusable, match="look at PILEUS_DATABASE") as refused:
        PostgresDatabase("postgresql://mei:very-secret@127.0.0.1:1/pileus")
    assert "very-secret" not in str(refused.value)
    with pytest.raises(Invalid) as strange:
        PostgresDatabase("postgresql://mei:very-secret@[127.0.0.1:x/pileus")
    assert "very-secret" not in str(strange.value)
    with pytest.raises(Invalid, match="PILEUS_DATABASE must begin with"):
        Settings.from_env({"PILEUS_DATABASE": "mysql://here"})


def test_a_character_that_postgresql_has_not_is_told(
    postgres_server: PostgresServer, name: str, serve: Any
) -> None:
    from tests.conftest import temporary_settings

    folder = postgres_server.folder / f"data-{name}"
    with (
        temporary_settings(folder) as chosen,
        serve(chosen.changed(database=postgres_server.url(name))) as server,
        server.client(server.account("anna")["token"]) as client,
    ):
        one = {
            "id": "m\0",
            "base": 0,
            "collection": "shell.setting",
            "record": "r",
            "op": "put",
            "fields": {"v": "\0"},
        }
        answer = client.post("/journal/mutations", json={"mutations": [one]})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-text")
        answer = client.post("/journal/mutations", json={"mutations": [{**one, "id": "m"}]})
        assert answer.json()["outcomes"][0]["status"] == "applied"
        [kept] = client.get("/journal/changes?since=0").json()["changes"]
        assert kept["fields"] == {"v": "\0"}


def test_a_full_disk_of_the_server_is_told_as_one() -> None:
    assert isinstance(storage_failure(psycopg.errors.DiskFull("could not extend file")), StorageFull)
    assert storage_failure(psycopg.errors.UniqueViolation()) is None


@pytest.fixture
def index(db: PostgresDatabase) -> PostgresDatabase:
    script = "-- Words?\nCREATE VIRTUAL TABLE words_search USING fts5(scope, name, body, tokenize = 'ascii');"

    def make(conn: Connection) -> None:
        for statement in statements(script):
            for one in translated(statement):
                conn.exec_driver_sql(one)

    db.write(make)
    return db


def put(db: PostgresDatabase, row: int, scope: str, name: str, body: str) -> None:
    values = {"row": row, "scope": scope, "name": " ".join(tokens(name)), "body": " ".join(tokens(body))}
    query = text("INSERT INTO words_search (rowid, scope, name, body) VALUES (:row, :scope, :name, :body)")
    db.write(lambda conn: conn.execute(query, values) and None)


def found(db: PostgresDatabase, query: str, *columns: str, scope: str = "a1") -> list[int]:
    def look(conn: Connection) -> list[int]:
        wanted = {("scope",): f'"{scope}"', columns or ("name", "body"): search_expression(query)}
        condition, value = WORDS.matching(conn, wanted)
        query_text = text(f"SELECT rowid FROM words_search WHERE {condition} ORDER BY rowid")
        return list(conn.execute(query_text, {"expression": value}).scalars())

    return db.read(look)


def test_words_are_found_as_sqlite_finds_them(index: PostgresDatabase) -> None:
    put(index, 1, "a1", "去西湖的船票.pdf", "The boat leaves at nine.")
    put(index, 2, "a1", "List", "tea 西湖 umbrella")
    put(index, 3, "a2", "西湖", "of another account")
    assert found(index, "西湖") == [1, 2]
    assert found(index, "西湖", "name") == [1]
    assert found(index, "湖") == [1, 2]
    assert found(index, "umb") == [2]
    assert found(index, '"boat leaves"') == [1]
    assert found(index, '"leaves boat"') == []
    assert found(index, "list umbrella") == [2]
    assert found(index, "西湖", scope="a2") == [3]
    assert found(index, "a2") == []


def test_texts_beyond_the_bounds_of_a_tsvector_are_kept_and_found_by_their_beginning(
    index: PostgresDatabase,
) -> None:
    long = " ".join(f"w{number}" for number in range(300_000))
    put(index, 1, "a1", "long", "first " + "x" * 5000 + " " + long)
    assert found(index, "first w7") == [1]
    assert found(index, "w299999") == []


def test_an_account_lives_through_a_restart(postgres_server: PostgresServer, name: str, settings: Any) -> None:
    chosen = settings.changed(database=postgres_server.url(name))
    cloud = build(chosen)
    anna = cloud.accounts.create_blocking("anna", "correct horse")
    cloud.close()
    cloud = build(chosen)
    try:
        assert asyncio.run(cloud.accounts.account(anna.id)).name == "anna"
        assert not (chosen.data_dir / "pileus.db").exists()
    finally:
        cloud.close()
