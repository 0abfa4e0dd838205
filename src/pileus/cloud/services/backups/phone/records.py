"""An account's records in files, one a collection. What did not change is taken over from the last backup. Blocks.

Each file has every record as it was at some moment since the journal's number `as_of`: what changes meanwhile may
be in it or not, and is among the changes that the next backup asks for.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from pileus.cloud.kernel.service import Record, ServiceContext
from pileus.cloud.services.backups.phone.last import Last
from pileus.cloud.services.backups.phone.local import LocalCloud
from pileus.cloud.services.backups.phone.rules import Line, file_of, path_of

PAGE, PAGE_BYTES = 1000, 4 << 20
"""Records, and about their bytes, that are read at once: each may have 1 MiB."""
MOST_NEWS = 32 << 20
"""Bytes of one collection's changes that are held; of more, all of it is read."""
NEWS = 200
"""Bytes that a change takes beside its line."""

News = dict[str, bytes | None]
"""Lines of what changed by their ids; None of what was deleted."""


class Records:
    """`counts`: of each collection that has any; `carried`: paths of files that are to be the last backup's."""

    def __init__(
        self, ctx: ServiceContext, cloud: LocalCloud, account_id: str, folder: Path, last: Last | None
    ) -> None:
        self._ctx, self._cloud, self._account_id = ctx, cloud, account_id
        self._folder, self._last = folder, last
        self.as_of = ctx.db.read(lambda conn: ctx.journal.numbers(conn, account_id))[1]
        self.counts: dict[str, int] = {}
        self.carried: set[bytes] = set()

    def write(self, collection: str) -> None:
        """Raises `PileusError` where the last backup cannot be read."""
        count = None
        if self._last is not None and collection in self._last.counts:
            count = self._taken_over(self._last, collection)
        if count is None:
            count = self._read(collection)
        if count:
            self.counts[collection] = count

    def _taken_over(self, last: Last, collection: str) -> int | None:
        """None where what changed is too much, or not known to its end."""
        news = self._news(collection, last.before.as_of)
        if news is None:
            return None
        if not news and last.may_carry(collection):
            self._place(collection).touch()
            self.carried.add(path_of(collection).encode())
            return last.counts[collection]
        return self._merged(last, collection, news)

    def _news(self, collection: str, since: int) -> News | None:
        news: News = {}
        size, after = 0, since
        while size < MOST_NEWS:
            self._cloud.check()
            page = self._ctx.db.read(partial(self._changed, collection, since, after))
            if page is None:
                return None
            for one in page:
                line = None if one.deleted else _line(one)
                news[one.id] = line
                size += NEWS + len(line or b"")
            if not page:
                return news
            after = page[-1].seq
        return None

    def _changed(self, collection: str, since: int, after: int, conn: Connection) -> list[Record] | None:
        """None where deletions after `since` may be forgotten, or the journal is another one's."""
        floor, head = self._ctx.journal.numbers(conn, self._account_id)
        if not floor <= since <= head:
            return None
        return self._ctx.journal.changed(conn, self._account_id, collection, after, PAGE, PAGE_BYTES)

    def _merged(self, last: Last, collection: str, news: News) -> int:
        waiting = sorted((name for name, line in news.items() if line is not None), reverse=True)
        lines = [news[name] or b"" for name in waiting]
        count = len(lines)
        with self._place(collection).open("wb") as out:
            for name, line in last.lines(collection):
                while waiting and waiting[-1] < name:
                    waiting.pop()
                    out.write(lines.pop())
                if name not in news:
                    out.write(line + b"\n")
                    count += 1
            out.writelines(reversed(lines))
        return self._kept(collection, count)

    def _read(self, collection: str) -> int:
        count, after = 0, None
        with self._place(collection).open("wb") as out:
            while True:
                self._cloud.check()
                page = self._ctx.db.read(partial(self._page, collection, after))
                if not page:
                    return self._kept(collection, count)
                out.writelines(map(_line, page))
                count += len(page)
                after = page[-1].id

    def _page(self, collection: str, after: str | None, conn: Connection) -> list[Record]:
        return self._ctx.journal.records(conn, self._account_id, collection, after, PAGE, PAGE_BYTES)

    def _kept(self, collection: str, count: int) -> int:
        """A collection without records has no file."""
        if not count:
            self._place(collection).unlink()
        return count

    def _place(self, collection: str) -> Path:
        return self._folder / file_of(collection)


def _line(record: Record) -> bytes:
    return msgspec.json.encode(Line(record.id, dict(record.fields))) + b"\n"
