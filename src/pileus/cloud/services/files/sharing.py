"""HTTP of shares: the owner's side, and that of the account that something is shared with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, decode, reply
from pileus.cloud.services.files import contents, given, rules, shares, store
from pileus.cloud.services.files.shares import Share
from pileus.cloud.services.files.store import Upload
from pileus.cloud.services.files.uploads import Uploads
from pileus.core import stated
from pileus.core.errors import Forbidden, Invalid, NotFound, PileusError
from pileus.core.filenames import clean_name
from pileus.core.ids import new_id

LINKS = "/api/v1/files/links"
PASSWORD_LONGEST = 1000
RAW = "application/octet-stream"


class ShareWish(msgspec.Struct):
    """A link, or with `account` a share for the account of that name, with `family` for the caller's family.

    Times in milliseconds since 1970.
    """

    account: str = ""
    family: bool = False
    write: bool = False
    password: Annotated[str, stated.text(0, PASSWORD_LONGEST)] = ""
    expires_ms: int | None = None
    sealed: Annotated[str, stated.text(0, rules.MOST_SEALED, rules.BASE64, empty=True)] = ""
    """Of a file of the vault: its key and name, sealed for that account; Base64."""


class ShareTold(msgspec.Struct):
    """`url` is told once, when a link is made: the cloud keeps no more than its hash."""

    id: str
    file: str
    name: str
    account: str
    family: bool
    write: bool
    password: bool
    created_ms: int
    expires_ms: int | None
    url: str = ""


class Shares(msgspec.Struct):
    shares: list[ShareTold]


class Entry(msgspec.Struct):
    """A file or folder that others shared; `share` is the way to it, `owner` whose it is."""

    share: str
    owner: str
    file: str
    name: str
    type: str
    size: int
    modified_ms: int
    write: bool
    family: bool
    """Shared with the whole family: its owner ends it, or leaving the family does."""
    sealed: str = ""
    """Of another's vault: the file's key and name, sealed for this account."""


class Entries(msgspec.Struct):
    """A folder's list has its first thousand by name."""

    entries: list[Entry]


class Kept(msgspec.Struct):
    file: str
    name: str


class Sharing:
    """The handlers."""

    def __init__(self, ctx: ServiceContext, uploads: Uploads) -> None:
        self._ctx, self._uploads = ctx, uploads

    def operations(self) -> list[Operation]:
        one, of_file = "/files/shared/{share}", "/files/{file}/shares"
        content = f"{one}/{{file}}/content"
        return [
            Operation(
                "POST",
                of_file,
                self.share,
                "Share a file or folder",
                ShareWish,
                ShareTold,
                status=201,
                devices_only=True,
                costly="look-up",
            ),
            Operation("GET", of_file, self.of_file, "How a file is shared", response=Shares, devices_only=True),
            Operation(
                "GET",
                "/files/shares",
                self.mine,
                "All that the account shares",
                response=Shares,
                devices_only=True,
            ),
            Operation(
                "DELETE", "/files/shares/{share}", self.revoke, "End a share", status=204, devices_only=True
            ),
            Operation("GET", "/files/shared", self.given, "What others share with the account", response=Entries),
            Operation("GET", f"{one}/{{file}}", self.inside, "A shared folder's files", response=Entries),
            Operation("GET", content, self.content, "A shared file's content; Range is served"),
            Operation("PUT", content, self.write, "Give a shared file a new content", response=Kept, takes=RAW),
            Operation(
                "POST",
                f"{one}/{{file}}/files",
                self.add,
                "Put a file into a shared folder",
                response=Kept,
                status=201,
                takes=RAW,
                query={"name": str, "type": str},
            ),
        ]

    async def share(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, ShareWish, 16 * 1024)
        file, now = request.path_params["file"], self._ctx.clock.now_ms()
        if wish.expires_ms is not None and wish.expires_ms <= now:
            raise Invalid("bad-expiry", "A share ends in the future.")
        if len(wish.password) > PASSWORD_LONGEST:
            raise Invalid("password-long", f"A password has at most {PASSWORD_LONGEST} characters.")
        if wish.account and wish.family:
            raise Invalid("bad-share", "A share is for an account or for the family: make two.")
        if not _named(wish) and wish.write:
            raise Invalid("bad-share", "A link is for reading; name an account that may write.")
        if _named(wish) and wish.password:
            raise Invalid("bad-share", "An account signs in by itself: a password is for links.")
        token = "" if _named(wish) else secrets.token_urlsafe(32)
        hashed = await self._ctx.passwords.hash_async(wish.password) if wish.password else None

        def write(conn: Connection) -> Share:
            fields = store.file(conn, self._ctx.journal, caller.account_id, file)
            _check_sealed(fields, wish)
            grantee = self._grantee(conn, caller, wish.account) if wish.account else None
            family = self._family(conn, caller) if wish.family else None
            made = Share(
                new_id(now),
                caller.account_id,
                file,
                shares.token_hash(token) if token else None,
                hashed,
                grantee,
                wish.write,
                now,
                wish.expires_ms,
                family_id=family,
                sealed=wish.sealed,
            )
            known = shares.is_given(conn, made)
            shares.add(conn, made)
            if not known:
                given.tell(self._ctx, conn, made, fields)
            self._ctx.log.note(conn, caller, "share-made", self._about(conn, made))
            return made

        made = await self._ctx.db.write_async(write)
        told = (await self._ctx.db.read_async(lambda conn: self._told(conn, [made])))[0]
        if token:
            told.url = f"{self._ctx.settings.shell_origins[0]}{LINKS}/{token}"
        return reply(told, 201)

    async def of_file(self, request: Request, caller: Caller) -> Response:
        file = request.path_params["file"]

        def read(conn: Connection) -> list[ShareTold]:
            store.file(conn, self._ctx.journal, caller.account_id, file)
            return self._told(conn, shares.of_owner(conn, caller.account_id, file))

        return reply(Shares(await self._ctx.db.read_async(read)))

    async def mine(self, _request: Request, caller: Caller) -> Response:
        return reply(
            Shares(
                await self._ctx.db.read_async(
                    lambda conn: self._told(conn, shares.of_owner(conn, caller.account_id))
                )
            )
        )

    async def revoke(self, request: Request, caller: Caller) -> Response:
        share = request.path_params["share"]

        def write(conn: Connection) -> None:
            ended = shares.revoke(conn, caller.account_id, share)
            given.end(self._ctx, conn, [ended])
            if ended.account_id == caller.account_id:
                self._ctx.log.note(conn, caller, "share-ended", self._about(conn, ended))

        await self._ctx.db.write_async(write)
        return reply(status=204)

    def _about(self, conn: Connection, share: Share) -> str:
        """What is shared and with which account, for the log."""
        record = self._ctx.journal.record(conn, share.account_id, store.COLLECTION, share.file_id)
        name = str(record.fields["name"]) if record is not None else ""
        return f"{name} → {self._ctx.directory.name(conn, share.grantee_id)}" if share.grantee_id else name

    async def given(self, _request: Request, caller: Caller) -> Response:
        now = self._ctx.clock.now_ms()

        def read(conn: Connection) -> list[Entry]:
            found = []
            for share in shares.of_grantee(conn, self._ctx.directory, caller.account_id, now):
                record = self._ctx.journal.record(conn, share.account_id, store.COLLECTION, share.file_id)
                if record is not None and shares.shown(share, share.file_id, record.fields):
                    found.append(self._entry(conn, share, share.file_id, record.fields))
            return found

        return reply(Entries(await self._ctx.db.read_async(read)))

    async def inside(self, request: Request, caller: Caller) -> Response:
        file = request.path_params["file"]

        def read(conn: Connection) -> list[Entry]:
            share, fields = self._reach(conn, request, caller)
            if not rules.is_folder(fields):
                raise NotFound("not-a-folder", "This is a file, not a folder.")
            found = shares.inside(conn, self._ctx.journal, share, file)
            return [self._entry(conn, share, name, one) for name, one in found.items()]

        return reply(Entries(await self._ctx.db.read_async(read)))

    async def content(self, request: Request, caller: Caller) -> Response:
        share, fields = await self._ctx.db.read_async(lambda conn: self._reach(conn, request, caller))
        if rules.is_folder(fields):
            raise NotFound("no-content", "A folder has no content.")
        return await contents.serve(self._ctx.objects, share.account_id, request, fields)

    async def write(self, request: Request, caller: Caller) -> Response:
        """What the file had becomes an earlier version, which its owner alone sees."""
        share, fields = await self._ctx.db.read_async(lambda conn: self._reach(conn, request, caller))
        shares.may_write(share)
        if rules.is_folder(fields):
            raise NotFound("no-content", "A folder has no content.")
        replaced = {
            "replaces": request.path_params["file"],
            "seen": str(fields["object"]),
            "parent": str(fields["parent"]),
        }
        return await self._take(request, share, str(fields["name"]), str(fields["type"]), replaced)

    async def add(self, request: Request, caller: Caller) -> Response:
        share, fields = await self._ctx.db.read_async(lambda conn: self._reach(conn, request, caller))
        shares.may_write(share)
        if not rules.is_folder(fields):
            raise NotFound("not-a-folder", "This is a file, not a folder.")
        name, type_ = request.query_params.get("name", ""), request.query_params.get("type", rules.UNKNOWN)
        return await self._take(request, share, name, type_, {"parent": request.path_params["file"]}, 201)

    async def _take(
        self,
        request: Request,
        share: Share,
        name: str,
        type_: str,
        where: Mapping[str, str],
        status: int = 200,
    ) -> Response:
        """One upload, begun and ended by this request; it counts in the owner's quota."""
        declared = request.headers.get("content-length", "")
        if not declared.isdigit():
            raise Invalid("bad-size", "Content-Length says how many bytes come.", status=411)
        size, now = int(declared), self._ctx.clock.now_ms()
        rules.check_wish(where.get("parent", ""), size, type_, None)
        upload = await self._uploads.begin(
            Upload(
                new_id(now),
                share.account_id,
                clean_name(name),
                where.get("parent", ""),
                size,
                type_,
                None,
                now,
                0,
                now,
                replaces=where.get("replaces", ""),
                seen=where.get("seen", ""),
            )
        )
        try:
            if upload.file_name is None:
                upload = await self._uploads.append(share.account_id, upload.id, 0, size, request.stream())
        except PileusError:
            await self._uploads.give_up(share.account_id, upload.id)
            raise
        if upload.file_name is None:
            await self._uploads.give_up(share.account_id, upload.id)
            raise PileusError("cut-off", "The request ended before all of it came.", status=400)
        return reply(Kept(upload.file, upload.file_name), status)

    def _reach(self, conn: Connection, request: Request, caller: Caller) -> tuple[Share, dict[str, Any]]:
        now = self._ctx.clock.now_ms()
        directory, key = self._ctx.directory, request.path_params["share"]
        share = shares.for_grantee(conn, directory, caller.account_id, key, now)
        return share, shares.reach(conn, self._ctx.journal, share, request.path_params["file"])

    def _grantee(self, conn: Connection, caller: Caller, name: str) -> str:
        found = self._ctx.directory.find(conn, name)
        if found is None:
            raise NotFound("no-account", "There is no account of this name here.")
        if found.id == caller.account_id:
            raise Invalid("bad-share", "What is yours need not be shared with you.")
        return found.id

    def _family(self, conn: Connection, caller: Caller) -> str:
        found = self._ctx.directory.family(conn, caller.account_id)
        if found is None:
            raise NotFound("no-family", "This account is in no family.")
        return found

    def _told(self, conn: Connection, found: list[Share]) -> list[ShareTold]:
        told = []
        for one in found:
            record = self._ctx.journal.record(conn, one.account_id, store.COLLECTION, one.file_id)
            told.append(
                ShareTold(
                    one.id,
                    one.file_id,
                    str(record.fields["name"]) if record else "",
                    self._ctx.directory.name(conn, one.grantee_id) if one.grantee_id else "",
                    one.family_id is not None,
                    bool(one.writes),
                    one.password_hash is not None,
                    one.created_ms,
                    one.expires_ms,
                )
            )
        return told

    def _entry(self, conn: Connection, share: Share, file: str, fields: Mapping[str, Any]) -> Entry:
        return Entry(
            share.id,
            self._ctx.directory.name(conn, share.account_id),
            file,
            str(fields["name"]),
            str(fields.get("type", rules.UNKNOWN)),
            int(fields.get("size", 0)),
            int(fields.get("modified_ms", 0)),
            bool(share.writes),
            share.family_id is not None,
            share.sealed if file == share.file_id else "",
        )


def _named(wish: ShareWish) -> bool:
    """Whether it is for accounts that sign in, not for whoever has a link."""
    return bool(wish.account) or wish.family


def _check_sealed(fields: Mapping[str, Any], wish: ShareWish) -> None:
    """What is in the vault goes to one account, for reading, with its key; raises `Forbidden` or `Invalid`."""
    if len(wish.sealed) > rules.MOST_SEALED or (wish.sealed and rules.BASE64.fullmatch(wish.sealed) is None):
        raise Invalid("bad-sealed", f"What is sealed is Base64 of at most {rules.MOST_SEALED} characters.")
    keyed = bool(wish.account and wish.sealed and not wish.write and not rules.is_folder(fields))
    if keyed != bool(fields.get("sealed")) or (wish.sealed and not keyed):
        raise Forbidden("sealed-share", "A file of the vault is shared with one account, for reading, by its key.")
