"""PostgreSQL as the account store, through psycopg 3: the same border and the same order of writes as SQLite's.

A write begins by taking one lock of the whole database (`pg_advisory_xact_lock`), as BEGIN IMMEDIATE does, and
has been flushed by the server when `write` returns. A read sees one moment (REPEATABLE READ, READ ONLY).
Parameters are put into the statements by the client, so that SQL without types means the same on both databases.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from pileus.cloud.kernel.db.migrations import migrate
from pileus.cloud.kernel.db.moving import move_rows
from pileus.cloud.kernel.db.sqlite import SqliteDatabase
from pileus.cloud.kernel.db.writer import BUSY_SECONDS, READERS, DatabaseUnusable, OneWriter
from pileus.core.errors import Invalid, Unavailable

WRITER = 0x50494C45
"""The advisory lock of whoever writes; no other program has business in this database."""
OLDEST = 130000
SESSION = f"-c synchronous_commit=on -c lock_timeout={BUSY_SECONDS}s"

log = logging.getLogger(__name__)


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer: what was acknowledged is safe, what was asked just now may be or not be."""

    code = "database-unavailable"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(detail="The cloud's database does not answer. Try again in a few seconds.")


class PostgresDatabase(OneWriter):
    """One PostgreSQL database, named by a URL (libpq's form). Raises `DatabaseUnusable`."""

    def __init__(self, url: str) -> None:
        place = _place(url)
        readers = _engine(
            place,
            {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 8, "pool_pre_ping": True},
            isolation_level="REPEATABLE READ",
            postgresql_readonly=True,
        )
        writers = _engine(place, {"poolclass": NullPool}, isolation_level="READ COMMITTED")
        super().__init__(readers, writers, _opened(place, writers))

    def snapshot(self, path: Path) -> None:
        """A SQLite file, as the other database's is: so a copy is restored without PostgreSQL, and into either."""
        with closing(SqliteDatabase(path)) as target:
            path.chmod(0o600)
            migrate(target, self.owners)
            move_rows(self, target)

    def _begin(self, connection: Connection) -> AbstractContextManager[object]:
        return _locked(connection)


@contextmanager
def _locked(connection: Connection) -> Iterator[None]:
    """A transaction that holds the lock of writers. Where the server was away, it is looked for once again."""
    transaction = connection.begin()
    try:
        _lock(connection)
    except DatabaseUnavailable:
        transaction.close()
        transaction = connection.begin()
        try:
            _lock(connection)
        except BaseException:
            transaction.close()
            raise
    except BaseException:
        transaction.close()
        raise
    with transaction:
        yield


def _lock(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(?)", (WRITER,))


def _place(url: str) -> URL:
    try:
        return make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        # Without the URL itself, which may hold a password.
        raise Invalid("settings", "PILEUS_DATABASE is no address of a PostgreSQL database.") from None


def _opened(place: URL, engine: Engine) -> Connection:
    try:
        connection = engine.connect()
        with connection.begin():
            version, encoding, collation, fsync = connection.exec_driver_sql(
                "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), datcollate,"
                " current_setting('fsync') FROM pg_database WHERE datname = current_database()"
            ).one()
    except DatabaseUnavailable as error:
        engine.dispose()
        raise DatabaseUnusable(
            detail=f"The database {place.render_as_string()} cannot be used ({str(error.__cause__).strip()}):"
            " look at PILEUS_DATABASE, or start PostgreSQL."
        ) from None
    if version < OLDEST or encoding != "UTF8" or collation not in ("C", "POSIX", "C.UTF-8", "C.utf8"):
        connection.close()
        raise DatabaseUnusable(
            detail=f"The database {place.render_as_string()} has version {version // 10000}, encoding {encoding}"
            f" and collation {collation}; version {OLDEST // 10000} or newer, UTF8 and C are needed: make it by"
            " `createdb --template=template0 --encoding=UTF8 --locale=C NAME`."
        )
    if fsync != "on":
        log.warning("PostgreSQL has fsync = %s: what this cloud acknowledges does not outlive a power cut", fsync)
    return connection


def _is_away(error: BaseException | None) -> bool:
    """No connection, a server that starts or ends, or a writer that holds the lock for too long (appendix A)."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    state = error.sqlstate
    return state is None or state.startswith(("08", "57P")) or state == "55P03"


def _engine(place: URL, options: dict[str, Any], **execution: Any) -> Engine:
    engine = create_engine(
        place,
        connect_args={
            "cursor_factory": psycopg.ClientCursor,
            "options": SESSION,
            "application_name": "pileus",
            "connect_timeout": BUSY_SECONDS,
        },
        execution_options=execution,
        **options,
    )

    @event.listens_for(engine, "connect")
    def _connected(dbapi: psycopg.Connection[Any], _record: Any) -> None:
        dbapi.adapters.register_loader("numeric", _Whole)

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _places(
        _conn: Connection, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool
    ) -> tuple[str, Any]:
        if context.compiled is None:  # SQL for the driver, in SQLite's form
            statement = statement.replace("%", "%%").replace("?", "%s")
        return statement, parameters

    @event.listens_for(engine, "handle_error")
    def _told(context: ExceptionContext) -> None:
        error = context.original_exception
        if context.is_disconnect or _is_away(error):
            raise DatabaseUnavailable from error
        if isinstance(error, psycopg.DataError) and "NUL" in str(error):
            raise Invalid("malformed-text", "A text must not hold the character U+0000.") from error

    return engine


class _Whole(Loader):
    """A `numeric` as the int that SQLite gives: no column is one, only sums of BIGINT are."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))
