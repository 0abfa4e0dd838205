"""The border between the kernel and a service: everything that a service may import from the kernel.

A service is a folder `pileus/cloud/services/NAME` with a `service.toml` and a `routes.py` that has
`def operations(ctx: ServiceContext) -> list[Operation]`. See docs/design/code-borders.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.day_count import DayCount
from pileus.cloud.kernel.references import Attachments, Doubts, References
from pileus.core import durable, stated
from pileus.core.clock import Clock
from pileus.core.errors import Invalid, PileusError, TooLarge
from pileus.core.settings import Settings

T = TypeVar("T")
Fields = dict[str, Any]
"""JSON members of a record."""

BODY_LIMIT = 1 << 20
"""Bytes that `decode` takes unless told otherwise."""


Access = Literal["read", "write"]
"""What a scope of an app password is good for; who may write may read."""
BY_RECORD = "*"
"""The scope of operations on records of any service: their handlers keep to what `Caller.may`."""


@dataclass(frozen=True)
class Caller:
    """Who asks: both ids are empty in a public operation that came without a token.

    `scopes` None: a device, which may do all. Else an app password with that id, which may do only what they say.
    """

    account_id: str
    device_id: str
    scopes: Mapping[str, Access] | None = None
    locked: bool = False
    """A device that its owner locked from another one: only `while_locked` operations are answered."""
    address: str = ""
    """The network address that a device's request came from: of a proxy, where one stands before this server."""

    def may(self, scope: str, *, write: bool) -> bool:
        """Whether something of a scope may be read, or changed."""
        if self.scopes is None:
            return True
        given = self.scopes.get(scope)
        return given == "write" or (given == "read" and not write)


Costly = Literal[
    "search",
    "picture",
    "import",
    "export",
    "backup",
    "check",
    "send",
    "install",
    "look-up",
    "let-in",
    "call",
    "relay",
]
"""Kinds of operations that cost much, or tell much to who asks often; those of one kind are counted together."""
Handler = Callable[[Request, Caller], Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """One HTTP operation, served below `/api/v1`; `path` has Starlette's `{name}` parts.

    Without a valid bearer token it answers 401 unless `public`. `request` and `response` are msgspec
    types for the OpenAPI document (None: no body, or one of another format: then name its media type, `takes` of
    the request and `media_type` of the answer); handlers read the body themselves with `decode` or by streaming
    `request.stream()`. `pages`: it answers with pages for a browser, errors too.

    `scope`: the one by which an app password may ask for it, with "write" for methods other than GET, HEAD and
    OPTIONS; the kernel sets it to the service's name where its manifest lets app passwords in. `devices_only`:
    none may, for what outlasts it or cannot be undone. `while_locked`: a locked device may. `costly`: an
    account may ask for what is of this kind so often only (`kernel/http/paces.py`); beyond, 429 with Retry-After.
    """

    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    summary: str
    request: Any = None
    response: Any = None
    status: int = 200
    public: bool = False
    media_type: str | None = None
    takes: str | None = None
    pages: bool = False
    scope: str = ""
    devices_only: bool = False
    while_locked: bool = False
    costly: Costly | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    """Types of parameters by their names, for the document alone, as of `headers` and `parts` of the path (any
    text where left out). Handlers read and refuse them; `core/stated.py` says what they refuse."""
    headers: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    """Those of `query` and `headers` without which nothing goes."""


@dataclass(frozen=True)
class Mutation:
    """A wish to change one record. `base` None: on whatever is there now (a service's own change)."""

    id: str
    base: int | None
    collection: str
    record: str
    op: Literal["put", "delete"] = "put"
    fields: Fields = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """Yjs v1 updates by field name."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutation. `code` and `detail` are set when it was refused."""

    id: str
    status: Literal["applied", "merged", "refused"]
    seq: int
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Added:
    """What became of new records that came together, by id."""

    added: int
    present: frozenset[str]
    """Ids that were in use, tombstones included: nothing was done to them."""
    refused: Mapping[str, PileusError]


@dataclass(frozen=True)
class Record:
    """A record as it is now. `texts` holds the Yjs states by field name."""

    collection: str
    id: str
    seq: int
    fields: Fields
    texts: Mapping[str, bytes] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True)
class AppliedChange:
    """What a service's `project` hears, inside the transaction of the change."""

    account_id: str
    device_id: str
    collection: str
    record: str
    seq: int
    deleted: bool
    before: Fields | None
    """The fields before; None where no live record was."""
    fields: Fields
    """The fields after; for a deletion the last live ones."""
    at_ms: int
    """When, by the cloud's clock."""


class Database(Protocol):
    """One database. A write runs in the one writer thread and has been committed when it returns."""

    def read(self, function: Callable[[Connection], T]) -> T:
        """Blocks; a consistent view for the length of the call."""
        ...

    def write(self, function: Callable[[Connection], T]) -> T:
        """Blocks until committed and on the disk; an exception rolls back and is raised here."""
        ...

    async def read_async(self, function: Callable[[Connection], T]) -> T: ...

    async def write_async(self, function: Callable[[Connection], T]) -> T: ...

    def snapshot(self, path: Path) -> None:
        """Writes the whole database as it is at one moment to a new file; reads and writes go on. Blocks."""
        ...

    def after_commit(self, connection: Connection, action: Callable[[], None]) -> None:
        """Runs `action` (quick, must not raise) in the writer thread once the transaction is durable."""
        ...


@dataclass(frozen=True)
class Restorable:
    """Of a collection that devices write: what a record's fields are when it comes back, which are texts, and what
    objects they name."""

    restored: Callable[[Mapping[str, Any]], Fields]
    texts: frozenset[str]
    attachments: Attachments | None


class Journal(Protocol):
    """Records of accounts. All calls run inside `db.read` or `db.write`; doorbells ring after commit."""

    def apply(
        self, conn: Connection, account_id: str, device_id: str, mutations: Sequence[Mutation]
    ) -> list[Outcome]:
        """In order, each applied or refused by itself; a repeated id gives its first outcome."""
        ...

    def add(
        self, conn: Connection, account_id: str, device_id: str, collection: str, records: Mapping[str, Fields]
    ) -> Added:
        """Many new records of a collection without texts, numbered in their order; device "" is the service.

        One statement for all of them: for imports, where `apply` costs twenty times as much. Each record is
        checked as a mutation's would be and refused by itself; raises `QuotaExceeded` where they do not all fit.
        """
        ...

    def put(self, conn: Connection, account_id: str, collection: str, record_id: str, fields: Fields) -> Outcome:
        """A service's own change on top of what is there; raises `PileusError` when refused."""
        ...

    def delete(self, conn: Connection, account_id: str, collection: str, record_id: str) -> Outcome:
        """A service's own deletion; nothing happens where no live record is."""
        ...

    def record(self, conn: Connection, account_id: str, collection: str, record_id: str) -> Record | None:
        """The live record, or None."""
        ...

    def used(self, conn: Connection, account_id: str, collection: str, record_id: str) -> bool:
        """Whether a record has this id, or one that is deleted had it."""
        ...

    def named(self, conn: Connection, account_id: str, collection: str, ids: Sequence[str]) -> dict[str, Record]:
        """The live records among these ids, in few statements."""
        ...

    def count(self, conn: Connection, account_id: str, collection: str) -> int:
        """How many live records there are."""
        ...

    def last_change(self, conn: Connection, account_id: str, collection: str) -> int:
        """The number of the last change of one of its records, deletions included; 0 where there was none."""
        ...

    def numbers(self, conn: Connection, account_id: str) -> tuple[int, int]:
        """The number up to which deletions may be forgotten, and that of the last change."""
        ...

    def changed(
        self, conn: Connection, account_id: str, collection: str, since: int, limit: int, size: int | None = None
    ) -> list[Record]:
        """What changed after the number `since`, by rising number, each record once; deleted ones too.

        `size`: of that many bytes together, but one at least where there is any; so only none is the end.
        """
        ...

    def records(
        self,
        conn: Connection,
        account_id: str,
        collection: str,
        after: str | None = None,
        limit: int | None = None,
        size: int | None = None,
    ) -> list[Record]:
        """Live records by rising id, those after the id `after`; `size` as for `changed`, beside a `limit`."""
        ...

    def declared(self) -> Mapping[str, Restorable | None]:
        """All collections in the order of a snapshot; None of those whose records are not brought back."""
        ...


@dataclass(frozen=True)
class AccountName:
    """An account as others may know it."""

    id: str
    name: str
    disabled: bool = False
    """An owner of the cloud shut it: none of its devices is signed in."""


class Directory(Protocol):
    """The accounts of this cloud by their names. All calls run inside `db.read` or `db.write`."""

    def find(self, conn: Connection, name: str) -> AccountName | None:
        """The account of a name, in whatever spelling; None where there is none."""
        ...

    def name(self, conn: Connection, account_id: str) -> str:
        """An account's name; raises `NotFound`."""
        ...

    def family(self, conn: Connection, account_id: str) -> str | None:
        """What the accounts of a family have in common; None for an account in none."""
        ...


class Events(Protocol):
    """Doorbells in this process: a lost one costs time, never data."""

    def ring(self, account_id: str) -> None:
        """Calls all that listen; from any thread."""
        ...

    def listen(self, heard: Callable[[str], None]) -> None:
        """`heard` gets the account at each ring, in any thread; it returns at once and raises nothing."""
        ...


@dataclass(frozen=True)
class ObjectRef:
    """A stored object; `blake3` is the plain content's hash in hex."""

    id: str
    size: int
    blake3: str


@dataclass(frozen=True)
class PackedChunk:
    """A chunk as a client brings and gets it: `zstd` says whether `data` is one zstd frame or the `plain` bytes.

    `data` None: it cannot be read where it lies (given by `bodies` only).
    """

    name: bytes
    plain: int
    zstd: bool
    data: bytes | memoryview | None


@dataclass(frozen=True)
class Checked:
    """How far a check of an area is: `done` packs `of` all to be read, plain bytes read, sentences by pack."""

    done: int
    of: int
    size: int
    problems: tuple[str, ...]


class Objects(Protocol):
    """Byte objects, encrypted and chunked, one key an account and area. See docs/design/objects.md."""

    async def put(
        self, account_id: str, area: str, data: AsyncIterator[bytes], object_id: str | None = None
    ) -> ObjectRef:
        """Stores a stream; durable when it returns. Charges the account's quota.

        With an `object_id` it is stored once: repeated (after a crash), it answers without reading `data`.
        """
        ...

    async def put_many(self, account_id: str, area: str, contents: Mapping[str, bytes]) -> dict[str, ObjectRef]:
        """Stores objects by their ids, all or none; durable when it returns. For many small ones.

        They share packs and one transaction: a thousand cost little more than one. Stored once, as by `put`.
        """
        ...

    def get(
        self, account_id: str, area: str, object_id: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Bytes `start` (included) to `end` (excluded); raises `NotFound`."""
        ...

    async def delete(self, account_id: str, area: str, object_id: str, keep_ms: int = 0) -> None:
        """Frees its bytes; nothing happens where it is gone already.

        It can be restored for the grace period, or for `keep_ms` where that is longer (a trash, old versions);
        told again, the longer time holds.
        """
        ...

    async def restore(self, account_id: str, area: str, object_id: str) -> bool:
        """Takes a deletion back while it is kept, whatever the limit; False where nothing is left."""
        ...

    async def settle(
        self, account_id: str, area: str, object_id: str, wanted: Callable[[Connection], bool]
    ) -> None:
        """The object lives or is deleted as `wanted` says, in the transaction in which that is asked.

        So whatever names it later finds it deleted and takes that back, and nothing that does is missed.
        """
        ...

    async def naming_key(self, account_id: str, area: str) -> bytes:
        """What names the area's chunks (32 bytes, keyed BLAKE3): for the owner's own devices."""
        ...

    async def is_empty(self, account_id: str, area: str) -> bool:
        """Whether no chunk is stored there."""
        ...

    async def known(self, account_id: str, area: str, names: Sequence[bytes]) -> set[bytes]:
        """Which chunks are stored; they stay for the grace period, whatever else is deleted."""
        ...

    async def bring(self, account_id: str, area: str, chunks: Sequence[PackedChunk]) -> int:
        """Stores chunks that a client cut and packed; durable when it returns how many plain bytes were new.

        Raises `Invalid` where one is not what its name and sizes say (nothing is kept then), `QuotaExceeded`
        where they do not fit beside what is used and what was brought before.
        """
        ...

    async def compose(
        self,
        account_id: str,
        area: str,
        object_id: str,
        names: Sequence[bytes],
        chunks: Sequence[PackedChunk],
        within: Callable[[Connection, ObjectRef], T],
    ) -> T:
        """Brings the last chunks and makes an object of chunks by their names, in the transaction of `within`.

        It counts in the quota those of its chunks that no other living object names. Its `blake3` is that of
        the names, one after the other. Repeated with the same id, it is the object that was made first.
        Raises `Unavailable` ("object-swept") where a chunk is not stored.
        """
        ...

    def bodies(self, account_id: str, area: str, names: Sequence[bytes]) -> AsyncIterator[list[PackedChunk]]:
        """Chunks in the order of their names, some megabytes at a time; raises `NotFound` before the first."""
        ...

    def check(self, account_id: str, area: str, since_ms: int) -> AsyncIterator[Checked]:
        """Reads back the packs of an area that were not read since then: seals, hashes, index against table."""
        ...


def take_back(conn: Connection, account_id: str, area: str, object_id: str) -> bool:
    """`Objects.restore` inside a write: for a `project` that must not let a record live without its object."""
    from pileus.cloud.kernel.objects import index  # which needs this border itself

    return index.take_back(conn, account_id, area, object_id)


def all_live(conn: Connection, account_id: str, area: str, object_ids: Sequence[str]) -> bool:
    """Whether none of the objects is deleted or gone: for a `project_many` of records that name them."""
    from pileus.cloud.kernel.objects import index  # which needs this border itself

    return index.all_live(conn, account_id, area, object_ids)


def let_go(conn: Connection, account_id: str, area: str, object_id: str, now_ms: int) -> None:
    """`Objects.delete` inside a write: for a `project` whose record was the last to name the object."""
    from pileus.cloud.kernel.objects import index  # which needs this border itself

    index.let_go(conn, account_id, area, object_id, now_ms)


def begin_moment(conn: Connection, account_id: str, areas: Iterable[str], name: str) -> None:
    """From here on all objects of these areas that are there, or come until `end_moment`, are kept and counted,
    also when they are deleted, until `drop_moment`: for backups of records that name them. Inside a write.
    """
    from pileus.cloud.kernel.objects import moments  # which needs this border itself

    moments.begin(conn, account_id, areas, name)


def end_moment(conn: Connection, account_id: str, name: str) -> None:
    from pileus.cloud.kernel.objects import moments  # which needs this border itself

    moments.end(conn, account_id, name)


def drop_moment(conn: Connection, account_id: str, name: str, now_ms: int) -> None:
    """What was kept for it alone is deleted now; nothing happens where there is none."""
    from pileus.cloud.kernel.objects import moments  # which needs this border itself

    moments.drop(conn, account_id, name, now_ms)


def open_moments(conn: Connection, account_id: str) -> set[str]:
    """Those that were begun and neither ended nor dropped."""
    from pileus.cloud.kernel.objects import moments  # which needs this border itself

    return moments.open_ones(conn, account_id)


def held_bytes(conn: Connection, account_id: str) -> int:
    """Bytes that count in the account's quota for moments alone: what they stand for was deleted."""
    from pileus.cloud.kernel.objects import moments  # which needs this border itself

    return moments.held_bytes(conn, account_id)


def hear_restore(conn: Connection, service: str) -> bool:
    """Whether the database was put back from an older copy since this service asked last. Inside a write.

    For what a service did outside of the database (a message that left): it may have happened and be forgotten.
    """
    from pileus.cloud.kernel.objects import restored  # which needs this border itself

    return restored.hear(conn, service)


def problem(error: PileusError) -> Response:
    """The answer for an error, for a handler that has to add to it."""
    from pileus.cloud.kernel.http import problems  # which needs this border itself

    return problems.problem(error)


class JobRun(Protocol):
    """One run of a job, as its handler sees it. After a crash the same job is run again from its start."""

    id: str
    account_id: str
    payload: Mapping[str, Any]

    async def progress(self, phase: str, fraction: float | None = None, **fields: Any) -> None:
        """Shows how far it is (0..1) in the record `jobs.job` of this id."""
        ...


JobHandler = Callable[[JobRun], Awaitable[Mapping[str, Any] | None]]
JobFailed = Callable[[JobRun, PileusError], Awaitable[None]]


class Jobs(Protocol):
    """Durable work. Handlers are idempotent; a `PileusError` ends a job as failed with its code."""

    def handler(self, name: str, handler: JobHandler, failed: JobFailed | None = None) -> None:
        """Registers a job's handler; call it in `operations(ctx)`. The result is kept in the record.

        `failed` is told once whatever ends the job without a result, also where it was cut off too often.
        """
        ...

    def daily(self, work: Callable[[], Awaitable[object]]) -> None:
        """Registers work that nobody waits for, done once a day; call it in `operations(ctx)`."""
        ...

    def always(self, work: Callable[[], Awaitable[None]]) -> None:
        """Registers work for the life of the server, begun anew 30 s after a failure; call it in
        `operations(ctx)`."""
        ...

    async def submit(self, name: str, account_id: str, payload: Mapping[str, Any]) -> str:
        """Durable when it returns the job's id; the work starts soon after."""
        ...


class Quota(Protocol):
    """Bytes of an account, by area."""

    async def used(self, account_id: str) -> int: ...

    async def limit(self, account_id: str) -> int: ...

    async def reserve(self, account_id: str, size: int) -> None:
        """Raises `QuotaExceeded` where `size` more would not fit; holds nothing."""
        ...

    def check(self, conn: Connection, account_id: str, size: int) -> None:
        """`reserve` inside a read or write."""
        ...

    def charge(self, conn: Connection, account_id: str, area: str, delta: int) -> None:
        """Counts bytes within a write; raises `QuotaExceeded` where a rise would not fit."""
        ...

    def count(self, conn: Connection, account_id: str, area: str, delta: int) -> None:
        """Counts bytes within a write, whatever the limit: what is there already is never refused."""
        ...


Outside = Callable[[str], Awaitable[None]]
"""Removes what a service keeps of an account outside of the database; may be repeated."""
OwnRows = Callable[[Connection, str], int]
"""Removes some rows that belong to an account by another way than a column `account_id`, inside a write: how many;
called until there are none."""


class Departures(Protocol):
    """What a service has to do when an account is erased. Rows with an `account_id`, records, objects and keys go
    without it; register what else there is in `operations(ctx)`."""

    def outside(self, work: Outside) -> None: ...

    def own_rows(self, work: OwnRows) -> None: ...


async def pages(
    db: Database, journal: Journal, account_id: str, collection: str, most: int
) -> AsyncIterator[list[Record]]:
    """An account's records of a collection by their ids, at most so many at once. What changes while they are read
    may be among them or not."""
    after: str | None = None
    while True:
        read = partial(journal.records, account_id=account_id, collection=collection, after=after, limit=most)
        page = await db.read_async(read)
        if page:
            yield page
        if len(page) < most:
            return
        after = page[-1].id


@dataclass(frozen=True)
class ExportedFile:
    """A file of an account's export: `path` with "/" between its parts, in UTF-8, as people named them.

    `text`: worth being compressed. An object that cannot be read raises, at its start or where it breaks off.
    `problems`: sentences for its owner, which `data` adds as it is read: what of it could not be read.
    """

    path: str
    data: AsyncIterator[bytes]
    modified_ms: int = 0
    text: bool = False
    problems: list[str] = field(default_factory=list)


Offered = Callable[[str], AsyncIterator[ExportedFile]]
"""The files that a service gives of an account, by the account's id."""


class Exports(Protocol):
    """What a service adds to the export of an account, beside its records as JSON lines: in formats that other
    programs read. Register it in `operations(ctx)`."""

    def offer(self, offered: Offered) -> None: ...


NamedObjects = Callable[[Connection, str, Sequence[str]], Mapping[str, str]]
"""How the owner knows objects: words such as a file's path by the objects' ids, of an account; inside a read."""


class DamageNames(Protocol):
    """What a service's objects are called, for telling their owner that one cannot be read. Register it in
    `operations(ctx)`; without it the owner hears of the area alone."""

    def offer(self, area: str, named: NamedObjects) -> None: ...


Deed = Literal[
    "share-made",
    "share-ended",
    "trash-emptied",
    "version-deleted",
    "backups-forgotten",
    "phone-restored",
    "app-installed",
    "app-removed",
    "vault-made",
    "vault-opened",
    "vault-code-made",
    "vault-begun-anew",
]
"""What a device of the account did that its owner wants to find again: it let others in, or cannot be undone."""


class ActivityLog(Protocol):
    """The account's own log of what happened to it (docs/design/accounts.md). For operations that are
    `devices_only`, or of services that let no app password in."""

    def note(self, conn: Connection, caller: Caller, deed: Deed, about: str = "") -> None:
        """Writes an entry, in the transaction of what it tells; `about`: to what, as its owner says."""
        ...

    async def write(self, caller: Caller, deed: Deed, about: str = "") -> None:
        """`note` in a transaction of its own, for what has none."""
        ...


class Passwords(Protocol):
    """Hashing of passwords (Argon2id) that are not an account's; in threads, few at a time."""

    async def hash_async(self, password: str) -> str: ...

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """False where there is no hash, after the same work."""
        ...


Proof = Callable[[Caller, str], Awaitable[object]]
"""Whether this is the present password of the caller's account, for what cannot be undone: raises `Forbidden`
("present-password"), which the account's log tells, or `Throttled` by device."""


@dataclass(frozen=True)
class PushNote:
    """What a device is to show though nobody looks at the phone.

    `kind` and `data` (JSON) are for the shell's service worker, which makes words of them; what is not meant to be
    shown does not belong in them. A later note of the same `tag` takes the place of an earlier one.
    """

    kind: str
    tag: str
    data: Mapping[str, Any]
    ttl_seconds: int = 24 * 3600
    """For so long it is worth being told."""
    urgency: Literal["very-low", "low", "normal", "high"] = "normal"


@dataclass(frozen=True)
class Subscriber:
    """A device that hears of what happens, since when (ms); `zone` is its time zone's name."""

    account_id: str
    device_id: str
    zone: str
    since_ms: int


class Push(Protocol):
    """Notes to devices by Web Push, encrypted to each of them. All calls run inside `db.read` or `db.write`."""

    def subscribers(self, conn: Connection) -> list[Subscriber]:
        """All devices of all accounts that are subscribed, those of an account together."""
        ...

    def tell(self, conn: Connection, account_id: str, note: PushNote, device_id: str | None = None) -> int:
        """Sends a note to an account's devices (or to one) once the write is committed: how many those are.

        Durable, tried again until its time is over; a device may get it twice after a crash. Raises `TooLarge`
        where it has more than 3,900 bytes of JSON.
        """
        ...


@dataclass(frozen=True)
class AppFolder:
    """An app that keeps files of its own beside the records; `label` is how its owner knows it, `package` the
    SHA-256 of what it was installed from."""

    app: str
    label: str
    package: str = ""


class AppFolders(Protocol):
    """What an account's apps keep in folders, for the phone's backup."""

    @property
    def areas(self) -> Sequence[str]:
        """Of objects that `install` needs: kept while a backup may ask for them."""
        ...

    async def listed(self, account_id: str) -> list[AppFolder]:
        """By the apps' ids."""
        ...

    async def copy(self, account_id: str, app: str, to: Path, check: Callable[[], None]) -> list[str]:
        """Fills `to` with what the app keeps at one moment, whether it runs or not: the paths that are not in it.

        An app that runs stands still for a moment. `check` is asked often, and may raise to end it. Raises
        `NotFound` for an app that is not installed, `Unavailable` ("app-busy") where it would not hold still.
        """
        ...

    async def install(self, account_id: str, app: str, package: str) -> None:
        """Installs an app that was removed from the account's own package; nothing happens where it is installed.

        May take minutes. Raises `NotFound` (`app-package-gone`) where that is not kept, `QuotaExceeded`, and what
        speaks against any package.
        """
        ...

    async def replace(self, account_id: str, app: str, folder: Path) -> None:
        """Ends the app and gives it `folder`, on the same file system, as what it keeps: whole or not at all, and
        on the disk when it returns. Raises `NotFound`, and `QuotaExceeded` where it does not fit."""
        ...


class OfferedAppFolders(AppFolders, Protocol):
    """None until a service offers them, in `operations(ctx)`."""

    def offer(self, folders: AppFolders) -> None: ...


@dataclass(frozen=True)
class ServiceContext:
    """What the kernel hands to a service."""

    settings: Settings
    clock: Clock
    db: Database
    journal: Journal
    objects: Objects
    events: Events
    jobs: Jobs
    quota: Quota
    sessions: Any
    """`pileus.surfaces.client.SupervisorClient`; None where this cloud runs without a supervisor."""
    app_origin: Callable[[str], str | None]
    """The origin of a packaged web app by its id, in whatever form this cloud's origins have."""
    directory: Directory
    passwords: Passwords
    departures: Departures
    exports: Exports
    push: Push
    app_folders: OfferedAppFolders
    damage: DamageNames
    log: ActivityLog
    prove: Proof

    def folder(self, service: str) -> Path:
        """The service's own folder in the data folder (made with 0700)."""
        path = self.settings.data_dir / "services" / service
        durable.make_folder(path)
        return path


async def read_limited(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The whole body; raises `TooLarge` as soon as more than `limit` bytes came."""
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise TooLarge("body-too-large", f"The request has {declared} bytes; at most {limit} are taken.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise TooLarge("body-too-large", f"The request has more than {limit} bytes.")
    return bytes(body)


async def decode(request: Request, type_: type[T], limit: int = BODY_LIMIT) -> T:
    """The JSON body as a msgspec type; raises `Invalid` or `TooLarge`."""
    body = await read_limited(request, limit)
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("malformed-body", f"The request's JSON is not as expected: {error}") from None


def number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query; raises `Invalid`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
        raise Invalid("malformed-query", f"{name} is a whole number from {low} to {high}.")
    return int(text)


def number_of(low: int, high: int) -> Any:
    """The type of what `number` reads, for the document."""
    return Annotated[int, stated.number(low, high)]


def reply(value: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer of a msgspec type or plain value; None with status 204 has no body."""
    if status == 204:
        return Response(status_code=204, headers=headers)
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


__all__ = [
    "BODY_LIMIT",
    "BY_RECORD",
    "Access",
    "AccountName",
    "ActivityLog",
    "Added",
    "AppFolder",
    "AppFolders",
    "AppliedChange",
    "Attachments",
    "Caller",
    "Checked",
    "DamageNames",
    "Database",
    "DayCount",
    "Deed",
    "Departures",
    "Directory",
    "Doubts",
    "Events",
    "ExportedFile",
    "Exports",
    "Fields",
    "Handler",
    "JobFailed",
    "JobHandler",
    "JobRun",
    "Jobs",
    "Journal",
    "Mutation",
    "NamedObjects",
    "ObjectRef",
    "Objects",
    "Offered",
    "Operation",
    "Outcome",
    "Outside",
    "OwnRows",
    "PackedChunk",
    "PileusError",
    "Proof",
    "Push",
    "PushNote",
    "Quota",
    "Record",
    "References",
    "ServiceContext",
    "Subscriber",
    "begin_moment",
    "decode",
    "drop_moment",
    "end_moment",
    "hear_restore",
    "held_bytes",
    "let_go",
    "number",
    "number_of",
    "open_moments",
    "pages",
    "read_limited",
    "reply",
    "take_back",
]
