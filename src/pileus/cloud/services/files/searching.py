"""HTTP of the search by names and by what is in text files; taking words in."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, reply
from pileus.cloud.services.files import index, rules, store
from pileus.core.errors import Invalid, PileusError
from pileus.core.words import search_expression, tokens

MOST = 100
AT_ONCE = 20
"""Files whose words one search takes in before it looks."""
ROUNDS = 5000
"""Of `AT_ONCE` files: 100,000 a day."""
QUERY = 1000
COUNTED = 1000

log = logging.getLogger(__name__)


class Hit(msgspec.Struct):
    """`by`: name or text."""

    file: str
    name: str
    parent: str
    type: str
    size: int
    modified_ms: int
    by: str


class Hits(msgspec.Struct):
    """At most a hundred, those by name first; `waiting`: so many files' texts are not looked through yet."""

    files: list[Hit]
    more: bool
    waiting: int


class Searching:
    """The handler."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        ctx.jobs.daily(self.take_all)

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "GET",
                "/files/search",
                self.search,
                "Find files by name and text",
                response=Hits,
                query={"q": str},
                costly="search",
            )
        ]

    async def search(self, request: Request, caller: Caller) -> Response:
        query = request.query_params.get("q", "")
        if len(query) > QUERY:
            raise Invalid("query-too-long", "The search has too many words: try fewer.")
        words = search_expression(query)
        if not words:
            return reply(Hits([], False, 0))
        await self._take(caller.account_id, AT_ONCE)

        def read(conn: Connection) -> Hits:
            account = caller.account_id
            by = dict.fromkeys(index.search(conn, account, words, ("name",), MOST + 1), "name")
            # Words of one search may stand in both, as the name of a list and what is on it.
            for file in index.search(conn, account, words, ("name", "body"), MOST + 1):
                by.setdefault(file, "text")
            found = self._ctx.journal.named(conn, account, store.COLLECTION, list(by)[:MOST])
            hits = [_hit(file, found[file].fields, how) for file, how in by.items() if file in found]
            return Hits(hits, len(by) > MOST, index.waiting(conn, account, COUNTED))

        return reply(await self._ctx.db.read_async(read))

    async def take_all(self) -> None:
        """The words of all accounts' files that nobody looked for yet."""
        for _ in range(ROUNDS):
            if not await self._take(None, AT_ONCE):
                return

    async def _take(self, account_id: str | None, limit: int) -> int:
        """Takes words in; says how many files. One that cannot be read is found by its name alone."""
        some = await self._ctx.db.read_async(lambda conn: index.due(conn, account_id, limit))
        for one in some:
            fields = await self._ctx.db.read_async(
                lambda conn, one=one: self._fields(conn, one)  # type: ignore[misc]
            )
            body = await self._words(one.account_id, fields) if fields and rules.has_words(fields) else ""

            def write(conn: Connection, one: index.Due = one, body: str = body, read: Any = fields) -> None:
                now = self._fields(conn, one)
                if now is None or now.get("object") != (read or {}).get("object"):
                    return  # it changed meanwhile, and is due again
                index.write(conn, one.row, one.account_id, str(now["name"]), body)
                index.done(conn, one)

            await self._ctx.db.write_async(write)
        return len(some)

    def _fields(self, conn: Connection, one: index.Due) -> dict[str, Any] | None:
        record = self._ctx.journal.record(conn, one.account_id, store.COLLECTION, one.file_id)
        return None if record is None else record.fields

    async def _words(self, account_id: str, fields: dict[str, Any]) -> str:
        data = bytearray()
        try:
            async for piece in self._ctx.objects.get(account_id, store.AREA, fields["object"]):
                data += piece
        except PileusError as error:
            log.warning("the words of a file could not be read: %s", error)
            return ""
        return await asyncio.to_thread(lambda: " ".join(tokens(rules.text_of(bytes(data)))))


def _hit(file: str, fields: dict[str, Any], by: str) -> Hit:
    return Hit(
        file,
        str(fields["name"]),
        str(fields.get("parent", "")),
        str(fields.get("type", rules.UNKNOWN)),
        int(fields.get("size", 0)),
        int(fields.get("modified_ms", 0)),
        by,
    )
